//! May a page show a visitor what is known of him, as far as its place goes?

use std::fmt;

use crate::address::Domain;
use crate::id::RecordId;
use crate::settings::{AuthenticatedDomain, DomainStatus, Profile, Stored, Url, ValueError};

/// Where a page stands: the scheme and the host of its URL. User, port, path and query are not kept:
/// no decision asks for them, and a query may say who the visitor is.
///
/// ```
/// use correspond::page::PageUrl;
///
/// let url = PageUrl::parse("https://BÜCHER.example.:8443/spring?who=ann")?;
/// assert_eq!(url.to_string(), "https://xn--bcher-kva.example");
/// // What stands before an `@` is a user.
/// let evil = PageUrl::parse("https://contoso.com@evil.example/")?;
/// assert_eq!(evil.host().as_str(), "evil.example");
/// // A browser reads a backslash as a slash.
/// assert!(PageUrl::parse(r"https://evil.example\@contoso.com/").is_err());
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageUrl {
    https: bool,
    host: Domain,
}

impl PageUrl {
    /// A URL has at most this many octets.
    pub const MAX: usize = 2_000;

    /// The most characters of a URL that an error quotes.
    const QUOTED: usize = 60;

    /// Reads an absolute `http` or `https` URL, as a browser sends it.
    ///
    /// # Errors
    ///
    /// It is longer than [`MAX`](Self::MAX), not absolute or of another scheme; it holds white space,
    /// control characters or a backslash; its host is no domain name (such as `[::1]`), or its port no
    /// number.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        if text.len() > Self::MAX {
            let expected = format!("a URL of at most {} octets", Self::MAX);
            return Err(ValueError::length(expected, text.len()));
        }
        if let Some(at) = text.find('\\') {
            let found = format!("a backslash at octet {at}");
            return Err(ValueError::form("a URL without backslashes", found));
        }
        let refused = |expected| ValueError::form(expected, quoted(text));
        let url = Url::<{ Self::MAX }>::new(text)
            .map_err(|_| refused("an absolute http or https URL without white space"))?;
        if !has_port_or_none(&url) {
            return Err(refused("a URL with a number as port, or without"));
        }
        let host = Domain::parse(url.host()).map_err(|_| {
            refused("a URL with a domain name as host, such as https://contoso.com/")
        })?;
        Ok(Self { https: url.is_https(), host })
    }

    /// Its host.
    #[must_use]
    pub const fn host(&self) -> &Domain {
        &self.host
    }

    /// Is the page served over HTTPS?
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.https
    }
}

/// The beginning of a URL, without user and query: these may be secrets.
fn quoted(text: &str) -> String {
    let shown = text.split(['?', '#']).next().unwrap_or_default();
    let shown = shown.rsplit('@').next().unwrap_or_default();
    format!("{:?}", shown.chars().take(PageUrl::QUOTED).collect::<String>())
}

/// Does nothing but digits stand between the host and the path?
fn has_port_or_none<const MAX: usize>(url: &Url<MAX>) -> bool {
    let rest = url.as_str().split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    match authority.strip_prefix(url.host()) {
        Some("") => true,
        Some(port) => port.strip_prefix(':').is_some_and(|port| {
            port.len() <= 5 && port.bytes().all(|octet| octet.is_ascii_digit())
        }),
        None => false,
    }
}

impl fmt::Display for PageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)
    }
}

/// A page that a visitor has open, and whether its domain is good for showing him his own data: forms
/// are prefilled, and pages personalized, only over HTTPS, and only on a domain that is authenticated
/// for forms, each subdomain by itself.
///
/// ```
/// use chrono::DateTime;
/// use correspond::id::RecordId;
/// use correspond::page::{PageUrl, Site};
/// use correspond::record::Version;
/// use correspond::settings::{AuthenticatedDomain, DomainRequest, Profile, Stored};
///
/// let contoso = AuthenticatedDomain::new("contoso.com", DomainRequest::FORMS)?;
/// let id = RecordId::new(1);
/// let domains = [Stored::new(id, Version::new(1), DateTime::UNIX_EPOCH, contoso)];
///
/// let site = Site::external(PageUrl::parse("http://www.contoso.com/")?, &domains, Profile::Documents);
/// let refusals: Vec<_> = site.prefill_refusals().map(ToString::to_string).collect();
/// assert_eq!(
///     refusals,
///     [
///         "page: expected one served over HTTPS, found http://www.contoso.com",
///         "authenticated domains: expected www.contoso.com itself, found contoso.com, which covers no \
///          other"
///     ]
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    url: PageUrl,
    insecure: Option<SiteRefusal>,
    prefill: Option<SiteRefusal>,
    personalization: Option<SiteRefusal>,
}

impl Site {
    /// A page of an external site, among all authenticated domains of the organization.
    #[must_use]
    pub fn external(
        url: PageUrl,
        domains: &[Stored<AuthenticatedDomain>],
        profile: Profile,
    ) -> Self {
        let asked = |allows| blocker(&url.host, domains, profile, allows);
        let prefill = asked(AuthenticatedDomain::can_prefill);
        let personalization = asked(AuthenticatedDomain::can_personalize);
        Self { prefill, personalization, ..Self::portal(url) }
    }

    /// A marketing page on a portal of the organization, whose domain is always authenticated. Only
    /// who serves the page may say that it is one; a URL does not show it.
    #[must_use]
    pub fn portal(url: PageUrl) -> Self {
        let insecure = (!url.https).then(|| SiteRefusal::NotHttps { host: url.host.clone() });
        Self { url, insecure, prefill: None, personalization: None }
    }

    /// Where the page stands.
    #[must_use]
    pub const fn url(&self) -> &PageUrl {
        &self.url
    }

    /// Why no form on it is prefilled; two at most.
    pub fn prefill_refusals(&self) -> impl Iterator<Item = &SiteRefusal> {
        self.insecure.iter().chain(&self.prefill)
    }

    /// Why it is not personalized; two at most.
    pub fn personalization_refusals(&self) -> impl Iterator<Item = &SiteRefusal> {
        self.insecure.iter().chain(&self.personalization)
    }
}

/// Why no record allows it; of several that cover the host, what the one says that is nearest to
/// allowing it.
fn blocker(
    host: &Domain,
    domains: &[Stored<AuthenticatedDomain>],
    profile: Profile,
    allows: fn(&AuthenticatedDomain, Profile) -> bool,
) -> Option<SiteRefusal> {
    let judged = domains.iter().filter(|stored| stored.value.covers(host)).map(|stored| {
        let status = stored.value.ownership_status();
        if !stored.active {
            (3, stored.id, Some(SiteRefusal::Inactive { domain: host.clone() }))
        } else if allows(&stored.value, profile) {
            (0, stored.id, None)
        } else if stored.value.prefilled_forms() {
            (1, stored.id, Some(SiteRefusal::NotConfirmed { domain: host.clone(), status }))
        } else {
            (2, stored.id, Some(SiteRefusal::NotRequested { domain: host.clone() }))
        }
    });
    let nearest = judged.min_by_key(|(rank, id, _): &(u8, RecordId, _)| (*rank, *id));
    nearest.map_or_else(|| Some(not_registered(host, domains)), |(_, _, refusal)| refusal)
}

fn not_registered(host: &Domain, domains: &[Stored<AuthenticatedDomain>]) -> SiteRefusal {
    let active = domains.iter().filter(|stored| stored.active);
    let near = active
        .map(|stored| stored.value.name().domain())
        .filter(|domain| host.is_subdomain_of(domain) || domain.is_subdomain_of(host));
    // The longest name is the nearest; of several the first by name.
    let near = near.min_by_key(|domain| (std::cmp::Reverse(domain.labels().count()), *domain));
    SiteRefusal::NotRegistered { host: host.clone(), near: near.cloned() }
}

/// Why the place of a page is not good for showing a visitor his own data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SiteRefusal {
    /// It is served over HTTP: everybody on the way could read along.
    NotHttps {
        /// Its host.
        host: Domain,
    },
    /// No authenticated domain is this very host.
    NotRegistered {
        /// The host.
        host: Domain,
        /// A registered domain above or below it, which does not cover it.
        near: Option<Domain>,
    },
    /// The record of the domain is inactive.
    Inactive {
        /// The domain.
        domain: Domain,
    },
    /// The domain is registered, but not for forms and pages.
    NotRequested {
        /// The domain.
        domain: Domain,
    },
    /// The ownership of the domain is not confirmed.
    NotConfirmed {
        /// The domain.
        domain: Domain,
        /// The status of the ownership.
        status: DomainStatus,
    },
}

impl fmt::Display for SiteRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttps { host } => {
                write!(f, "page: expected one served over HTTPS, found http://{host}")
            }
            Self::NotRegistered { host, near } => {
                write!(f, "authenticated domains: expected {host} itself, found ")?;
                match near {
                    Some(near) => write!(f, "{near}, which covers no other"),
                    None => f.write_str("none"),
                }
            }
            Self::Inactive { domain } => write!(
                f,
                "authenticated domain {domain}: expected an active record, found an inactive one"
            ),
            Self::NotRequested { domain } => write!(
                f,
                "authenticated domain {domain}: expected \"Enable prefilled forms\" to be on, found \
                 it off"
            ),
            Self::NotConfirmed { domain, status } => write!(
                f,
                "authenticated domain {domain}: expected its ownership to be \"{}\", found \
                 \"{status}\"",
                DomainStatus::Confirmed
            ),
        }
    }
}

impl std::error::Error for SiteRefusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Version;
    use crate::settings::{CheckOutcome, DomainPart, DomainRequest};
    use chrono::{DateTime, NaiveDate};
    use proptest::prelude::*;

    fn url(text: &str) -> PageUrl {
        PageUrl::parse(text).unwrap()
    }

    #[test]
    fn a_page_url_is_its_scheme_and_host() {
        for (text, shown) in [
            ("https://contoso.com", "https://contoso.com"),
            ("HTTPS://WWW.Contoso.COM/a/b?c#d", "https://www.contoso.com"),
            ("http://contoso.com:8080/", "http://contoso.com"),
            ("https://contoso.com:/", "https://contoso.com"),
            ("https://contoso.com./", "https://contoso.com"),
            ("https://bücher.de/", "https://xn--bcher-kva.de"),
            ("https://XN--BCHER-KVA.de/", "https://xn--bcher-kva.de"),
            ("https://contoso.com@evil.example/", "https://evil.example"),
            ("https://a:b@contoso.com:443@evil.example:1/", "https://evil.example"),
            ("https://evil.example/@contoso.com", "https://evil.example"),
            ("https://evil.example?@contoso.com", "https://evil.example"),
            ("https://evil.example#@contoso.com", "https://evil.example"),
            ("https://contoso.com.evil.example/", "https://contoso.com.evil.example"),
            ("https://localhost/", "https://localhost"),
        ] {
            assert_eq!(url(text).to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_page_is_refused() {
        let wrong = |text: &str| PageUrl::parse(text).unwrap_err().to_string();
        let absolute = "expected an absolute http or https URL without white space, found ";
        for text in [
            "",
            "contoso.com",
            "//contoso.com",
            "ftp://contoso.com",
            "javascript:alert(1)",
            "https:contoso.com",
            "https:///contoso.com",
            "https://a b.com",
            "https://a\n.com",
            "data:text/html,https://contoso.com",
        ] {
            assert_eq!(wrong(text), format!("{absolute}{text:?}"));
        }
        assert_eq!(
            wrong(r"https://evil.example\@contoso.com"),
            "expected a URL without backslashes, found a backslash at octet 20"
        );
        for text in ["https://a.com:x/", "https://a.com:443:b/", "https://a.com:123456/"] {
            assert!(wrong(text).starts_with("expected a URL with a number as port"), "{text}");
        }
        for text in ["https://[::1]/", "https://a%2ecom/", "https://a_b.com/", "https://a..com/"] {
            assert!(wrong(text).starts_with("expected a URL with a domain name as host"), "{text}");
        }
        let secret = wrong("https://ann:secret@a_b.com/?token=secret");
        assert!(secret.ends_with("found \"a_b.com/\""), "{secret}");
        let long = format!("https://a.com/{}", "a".repeat(PageUrl::MAX - 14));
        assert!(PageUrl::parse(&long).is_ok());
        assert_eq!(wrong(&(long + "a")), "expected a URL of at most 2000 octets, found 2001");
    }

    proptest! {
        /// Whatever stands around the host, it is the host.
        #[test]
        fn nothing_hides_the_host(
            user in "[a-z0-9.:@]{0,20}",
            port in prop::option::of(0_u16..),
            tail in "([/?#][a-z0-9.:@/?#]{0,20})?",
        ) {
            let user = if user.is_empty() { user } else { user + "@" };
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            let text = format!("https://{user}evil.example{port}{tail}");
            let read = url(&text);
            prop_assert_eq!(read.host().as_str(), "evil.example");
        }

        #[test]
        fn no_text_breaks_it(text in "(https?://)?\\PC{0,60}") {
            if let Ok(read) = PageUrl::parse(&text) {
                prop_assert_eq!(url(&read.to_string()), read);
            }
        }
    }

    fn stored(id: u128, name: &str, request: DomainRequest) -> Stored<AuthenticatedDomain> {
        let domain = AuthenticatedDomain::new(name, request).unwrap();
        Stored::new(RecordId::new(id), Version::new(1), DateTime::UNIX_EPOCH, domain)
    }

    fn confirmed(mut domain: Stored<AuthenticatedDomain>) -> Stored<AuthenticatedDomain> {
        let day = NaiveDate::from_ymd_opt(2020, 4, 1).unwrap();
        let confirming = domain.value.begin_confirmation().unwrap();
        let outcome = CheckOutcome::Confirmed(day);
        domain.value = confirming.answered(DomainPart::Ownership, outcome).unwrap();
        domain
    }

    fn refusals(url: &PageUrl, domains: &[Stored<AuthenticatedDomain>]) -> Vec<String> {
        let site = Site::external(url.clone(), domains, Profile::Documents);
        assert!(site.prefill_refusals().eq(site.personalization_refusals()));
        site.prefill_refusals().map(ToString::to_string).collect()
    }

    #[test]
    fn of_several_records_of_a_domain_the_nearest_to_allowing_it_counts() {
        let here = url("https://contoso.com/");
        let waiting = stored(1, "contoso.com", DomainRequest::FORMS);
        let mail = stored(2, "contoso.com", DomainRequest::EMAIL);
        let good = confirmed(stored(3, "contoso.com", DomainRequest::FORMS));
        let mut off = good.clone();
        (off.active, off.id) = (false, RecordId::new(4));

        assert_eq!(
            refusals(&here, &[off.clone(), mail.clone(), waiting.clone(), good.clone()]),
            [""; 0]
        );
        let mut rest = vec![off, mail, waiting];
        for expected in [
            "authenticated domain contoso.com: expected its ownership to be \"Confirmed\", found \
             \"Waiting to confirm\"",
            "authenticated domain contoso.com: expected \"Enable prefilled forms\" to be on, found it \
             off",
            "authenticated domain contoso.com: expected an active record, found an inactive one",
            "authenticated domains: expected contoso.com itself, found none",
        ] {
            assert_eq!(refusals(&here, &rest), [expected]);
            rest.reverse();
            assert_eq!(refusals(&here, &rest), [expected], "in any order");
            rest.reverse();
            rest.pop();
        }
    }

    #[test]
    fn the_nearest_domain_that_does_not_cover_the_page_is_named() {
        let names =
            ["com.example", "contoso.com", "b.www.contoso.com", "a.www.contoso.com", "x.com"];
        let mut domains: Vec<_> =
            (1..).zip(names).map(|(id, name)| stored(id, name, DomainRequest::FORMS)).collect();
        let found =
            |domains: &[_]| refusals(&url("https://www.contoso.com"), domains).pop().unwrap();
        let expected = "authenticated domains: expected www.contoso.com itself, found ";
        let near = |name| format!("{expected}{name}, which covers no other");
        assert_eq!(found(&domains), near("a.www.contoso.com"));
        domains.reverse();
        assert_eq!(found(&domains), near("a.www.contoso.com"));
        domains.retain(|stored| !stored.value.name().as_str().contains(".www."));
        assert_eq!(found(&domains), near("contoso.com"));
        domains.retain(|stored| stored.value.name().as_str() != "contoso.com");
        assert_eq!(found(&domains), format!("{expected}none"));
    }
}
