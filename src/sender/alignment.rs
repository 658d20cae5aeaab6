//! Does DMARC accept the signature of this domain for that From address?

use std::fmt;

use crate::address::Domain;

/// How the domain that signs a message with DKIM stands to the domain of its From address. DMARC accepts
/// the signature where they are the same, and in its relaxed mode, which is the default, where they
/// belong to one organization (RFC 7489 section 3.1.1). It is advice: no mail is refused here.
///
/// Which domains belong to one organization says the Public Suffix List, which the feature `psl` brings.
/// Without it, domains that are not equal are undecided.
///
/// ```
/// use correspond::sender::DkimAlignment;
///
/// let of = |from: &str, signing: &str| -> Result<_, correspond::address::AddressError> {
///     Ok(DkimAlignment::of(&from.parse()?, &signing.parse()?))
/// };
/// assert_eq!(of("Contoso.com", "contoso.com")?, DkimAlignment::Same);
/// let subdomain = of("news.contoso.co.uk", "mail.contoso.co.uk")?;
/// let neighbour = of("contoso.co.uk", "fabrikam.co.uk")?;
/// if cfg!(feature = "psl") {
///     assert_eq!(subdomain, DkimAlignment::SameOrganization);
///     assert_eq!(neighbour, DkimAlignment::OtherOrganization);
/// }
/// # Ok::<(), correspond::address::AddressError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DkimAlignment {
    /// They are the same: accepted in strict mode too.
    Same,
    /// They have one organizational domain, which is the public suffix and one label: accepted in
    /// relaxed mode.
    SameOrganization,
    /// They belong to different organizations: not accepted.
    OtherOrganization,
    /// They differ, and the Public Suffix List knows no suffix of one of them.
    SuffixUnknown,
    /// They differ, and the feature `psl` is off.
    NeedsPublicSuffixes,
}

impl DkimAlignment {
    /// How these two stand to each other. The order matters to nothing but the reading.
    #[must_use]
    pub fn of(from: &Domain, signing: &Domain) -> Self {
        if from == signing { Self::Same } else { of_different(from, signing) }
    }

    /// Is the signature accepted in relaxed mode? `None` where that is not known.
    #[must_use]
    pub const fn is_aligned(self) -> Option<bool> {
        match self {
            Self::Same | Self::SameOrganization => Some(true),
            Self::OtherOrganization => Some(false),
            Self::SuffixUnknown | Self::NeedsPublicSuffixes => None,
        }
    }
}

#[cfg(not(feature = "psl"))]
const fn of_different(_: &Domain, _: &Domain) -> DkimAlignment {
    DkimAlignment::NeedsPublicSuffixes
}

#[cfg(feature = "psl")]
fn of_different(from: &Domain, signing: &Domain) -> DkimAlignment {
    match (organization(from.as_str()), organization(signing.as_str())) {
        (Suffix::Unknown, _) | (_, Suffix::Unknown) => DkimAlignment::SuffixUnknown,
        (Suffix::Below(one), Suffix::Below(other)) if one == other => {
            DkimAlignment::SameOrganization
        }
        _ => DkimAlignment::OtherOrganization,
    }
}

/// Where a domain stands to the public suffixes.
#[cfg(feature = "psl")]
enum Suffix<'a> {
    /// Below one, with this organizational domain.
    Below(&'a str),
    /// It is one, and shares an organization with nobody.
    Itself,
    /// The list knows none.
    Unknown,
}

#[cfg(feature = "psl")]
fn organization(name: &str) -> Suffix<'_> {
    match psl::suffix(name.as_bytes()) {
        Some(suffix) if suffix.is_known() => {
            psl::domain_str(name).map_or(Suffix::Itself, Suffix::Below)
        }
        _ => Suffix::Unknown,
    }
}

impl fmt::Display for DkimAlignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Same => "DMARC accepts the signature: the domains are the same",
            Self::SameOrganization => {
                "DMARC accepts the signature in relaxed mode: both domains are of one organization"
            }
            Self::OtherOrganization => {
                "DMARC does not accept the signature: the domains are of different organizations"
            }
            Self::SuffixUnknown => {
                "the domains differ, and whether they are of one organization is not known: the \
                 Public Suffix List has no suffix of them"
            }
            Self::NeedsPublicSuffixes => {
                "the domains differ, and whether they are of one organization takes the feature psl"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(from: &str, signing: &str) -> DkimAlignment {
        let domain = |text: &str| text.parse::<Domain>().unwrap();
        let there = DkimAlignment::of(&domain(from), &domain(signing));
        assert_eq!(there, DkimAlignment::of(&domain(signing), &domain(from)));
        there
    }

    #[test]
    fn equal_domains_are_aligned_whatever_is_built_in() {
        assert_eq!(of("Contoso.com", "contoso.COM"), DkimAlignment::Same);
        assert_eq!(of("bücher.de", "xn--bcher-kva.de"), DkimAlignment::Same);
        assert_eq!(DkimAlignment::Same.is_aligned(), Some(true));
    }

    /// RFC 7489 section 3.2: the organizational domain is the public suffix and one label.
    #[cfg(feature = "psl")]
    #[test]
    fn domains_below_one_public_suffix_and_label_are_of_one_organization() {
        use DkimAlignment::{OtherOrganization, SameOrganization, SuffixUnknown};
        for (from, signing, expected) in [
            ("news.contoso.com", "contoso.com", SameOrganization),
            ("news.contoso.com", "a.b.contoso.com", SameOrganization),
            ("contoso.com", "fabrikam.com", OtherOrganization),
            ("badcontoso.com", "contoso.com", OtherOrganization),
            ("a.contoso.co.uk", "b.contoso.co.uk", SameOrganization),
            ("contoso.co.uk", "fabrikam.co.uk", OtherOrganization),
            ("co.uk", "contoso.co.uk", OtherOrganization),
            ("ann.github.io", "bob.github.io", OtherOrganization),
            ("a.bücher.de", "bücher.de", SameOrganization),
            ("a.食狮.公司.cn", "b.食狮.公司.cn", SameOrganization),
            ("食狮.公司.cn", "狮.公司.cn", OtherOrganization),
            ("a.contoso.example", "b.contoso.example", SuffixUnknown),
            ("localhost", "contoso.com", SuffixUnknown),
        ] {
            assert_eq!(of(from, signing), expected, "{from} and {signing}");
            let known = expected != SuffixUnknown;
            assert_eq!(expected.is_aligned(), known.then_some(expected == SameOrganization));
        }
    }
}
