//! Who does a message say that it is from?

use std::borrow::Cow;
use std::fmt::{self, Write};

use super::error::{HeaderError, HeaderPart, Problem};
use super::expression::{CLOSE, OPEN, unclosed};
use crate::address::{Domain, EmailAddressRef, Mailbox};
use crate::text;

/// Name and address in the From field of a message. The address is fixed, or an expression that is
/// resolved for each recipient (`{{contact.owner.emailaddress}}`).
///
/// Neither holds a control character or a line end, so that no value can write a field of its own into
/// the header. `Display` writes the field as a header has it, the name in quotes where it needs them, and
/// where it would be read as an encoded word (RFC 2047), which can hide anything, and the domain as
/// A-labels; words beyond ASCII are left for whoever writes the header to encode.
///
/// ```
/// use correspond::sender::FromField;
///
/// let from = FromField::new("Lamar F.", "l@x.example")?;
/// assert_eq!(from.to_string(), "\"Lamar F.\" <l@x.example>");
/// assert_eq!((from.local(), from.domain()), (Some("l"), Some("x.example")));
///
/// let owner = FromField::new("", "{{contact.owner.emailaddress}}")?;
/// assert!(owner.is_dynamic() && owner.address().is_none());
/// # Ok::<(), correspond::sender::HeaderError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FromField<'a> {
    name: Option<Cow<'a, str>>,
    address: Written<'a>,
}

/// An address as a header has it.
#[derive(Clone, Debug)]
pub(super) enum Written<'a> {
    /// As somebody wrote it.
    Fixed(EmailAddressRef<'a>),
    /// The text of an address, made here or copied.
    Owned(Box<str>),
    /// An expression.
    Dynamic(Cow<'a, str>),
}

impl<'a> Written<'a> {
    pub(super) fn read(part: HeaderPart, text: &'a str) -> Result<Self, HeaderError> {
        bounded(part, text)?;
        let error = |problem| Err(HeaderError::new(part, problem));
        let trimmed = trimmed(text);
        if trimmed.is_empty() {
            return error(Problem::Blank);
        }
        if may_be_dynamic(trimmed) {
            return match unclosed(text) {
                Some(at) => error(Problem::OpenExpression { at }),
                None => Ok(Self::Dynamic(Cow::Borrowed(trimmed))),
            };
        }
        EmailAddressRef::parse(text)
            .map(Self::Fixed)
            .map_err(|error| HeaderError::new(part, Problem::Address(error)))
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Fixed(address) => address.as_str(),
            Self::Owned(text) => text,
            Self::Dynamic(text) => text,
        }
    }

    pub(super) fn address(&self) -> Option<EmailAddressRef<'_>> {
        match self {
            Self::Fixed(address) => Some(*address),
            Self::Owned(text) => EmailAddressRef::parse(text).ok(),
            Self::Dynamic(_) => None,
        }
    }

    /// With the domain as A-labels, which every server takes (RFC 5890 section 2.3.2.1).
    fn in_header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address().filter(|address| !address.domain().is_ascii()) {
            Some(address) => match address.to_domain() {
                Some(domain) => write!(f, "{}@{}", address.local(), domain.as_str()),
                None => f.write_str(address.as_str()),
            },
            None => f.write_str(self.text()),
        }
    }

    fn into_owned(self) -> Written<'static> {
        match self {
            Self::Fixed(address) => Written::Owned(address.as_str().into()),
            Self::Owned(text) => Written::Owned(text),
            Self::Dynamic(text) => Written::Dynamic(Cow::Owned(text.into_owned())),
        }
    }
}

/// [`text::trim`], which is not asked where both ends are letters or the like.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text::trim(text),
    }
}

/// Does an expression open here? Most addresses have not even one brace.
fn may_be_dynamic(text: &str) -> bool {
    text.as_bytes().contains(&b'{') && text.contains(OPEN)
}

/// What begins an encoded word (RFC 2047 section 2).
pub(super) const ENCODED: &str = "=?";

/// Does a header line take this character? None that ends a line or steers a device.
pub(super) fn is_plain(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// At most the characters of the widest column, and none that a header line does not take.
pub(super) fn bounded(part: HeaderPart, text: &str) -> Result<(), HeaderError> {
    let most = FromField::MAX;
    // No text has more characters than octets.
    if text.len() > most && text.encode_utf16().take(most + 1).count() > most {
        return Err(HeaderError::new(part, Problem::TooLong { most }));
    }
    one_line(part, text)
}

fn one_line(part: HeaderPart, text: &str) -> Result<(), HeaderError> {
    // What is not plain has one of these octets. To look at all of them is faster than to stop at one.
    let doubtful = |b: u8| b < b' ' || matches!(b, 0x7f | 0xc2 | 0xe2);
    if !text.bytes().fold(false, |found, b| found | doubtful(b)) {
        return Ok(());
    }
    match text.char_indices().find(|(_, c)| !is_plain(*c)) {
        Some((at, found)) => Err(HeaderError::new(part, Problem::Control { found, at })),
        None => Ok(()),
    }
}

impl<'a> FromField<'a> {
    /// The most characters of a name, and of an expression, counted in UTF-16 code units: as many as
    /// the widest columns have (`msdyncrm_defaultmarketingsetting.msdyncrm_defaultemailfromname`,
    /// `msdyncrm_defaultemailfromemail`; those of `msdyncrm_marketingemail` have 500). An address has
    /// 254 octets at most.
    pub const MAX: usize = 1024;

    /// Of the two columns (`msdyncrm_marketingemail.msdyncrm_fromname`, `msdyncrm_fromemail`). White
    /// space and invisible characters around either are passed over; a name of nothing else is none.
    ///
    /// # Errors
    ///
    /// Either is longer than [`MAX`](Self::MAX) characters, or holds a control character or a line
    /// end (U+2028 and U+2029 too); the address is blank, or neither an address nor an expression; a
    /// `{{` in it does not end.
    pub fn new(name: &'a str, address: &'a str) -> Result<Self, HeaderError> {
        bounded(HeaderPart::FromName, name)?;
        let address = Written::read(HeaderPart::FromAddress, address)?;
        Ok(Self { name: named(Cow::Borrowed(trimmed(name))), address })
    }

    /// Of one text, as a header has it: `"Lamar F." <l@x.org>`. An expression has a column of its own
    /// and is read by [`new`](Self::new). Encoded words (RFC 2047) stay as they are: whoever has a raw
    /// header decodes the name first.
    ///
    /// ```
    /// use correspond::sender::FromField;
    ///
    /// let from = FromField::parse("\"Doe, John\" <jd@x.example>")?;
    /// assert_eq!(from.name(), Some("Doe, John"));
    /// # Ok::<(), correspond::sender::HeaderError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), for more than one address, and for more than
    /// [`MAX_MAILBOX`](crate::address::MAX_MAILBOX) octets.
    pub fn parse(text: &'a str) -> Result<Self, HeaderError> {
        one_line(HeaderPart::FromAddress, text)?;
        if text::trim(text).is_empty() {
            return Err(HeaderError::new(HeaderPart::FromAddress, Problem::Blank));
        }
        let mailbox = Mailbox::parse(text)
            .map_err(|error| HeaderError::new(HeaderPart::FromAddress, Problem::Address(error)))?;
        let name = mailbox.name().unwrap_or_default();
        bounded(HeaderPart::FromName, name)?;
        let address = Written::Fixed(mailbox.address());
        Ok(Self { name: named(Cow::Owned(name.to_owned())), address })
    }

    /// The name; `None` rather than an empty one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address, or the expression, as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.address.text()
    }

    /// The address; `None` of an expression.
    #[must_use]
    pub fn address(&self) -> Option<EmailAddressRef<'_>> {
        self.address.address()
    }

    /// The account name, which is what stands before the `@`, with its quotes; `None` of an
    /// expression.
    #[must_use]
    pub fn local(&self) -> Option<&str> {
        Some(self.address()?.local())
    }

    /// What stands behind the `@`, as written; `None` of an expression.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        Some(self.address()?.domain())
    }

    /// Is the address an expression, resolved for each recipient?
    #[must_use]
    pub const fn is_dynamic(&self) -> bool {
        matches!(self.address, Written::Dynamic(_))
    }

    /// Has the account name characters beyond ASCII? Such an address reaches, and is accepted by,
    /// servers with SMTPUTF8 (RFC 6531) alone; another domain does not change that. A domain beyond
    /// ASCII goes out as its A-labels and needs nothing.
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        self.local().is_some_and(|local| !local.is_ascii())
    }

    /// The same, which borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> FromField<'static> {
        let name = self.name.map(|name| Cow::Owned(name.into_owned()));
        FromField { name, address: self.address.into_owned() }
    }

    /// The domain that every recipient sees, whatever an expression before it comes to.
    pub(super) fn fixed_domain(&self) -> Option<Domain> {
        match &self.address {
            Written::Dynamic(text) => {
                let (_, rest) = text.rsplit_once(CLOSE)?;
                let (_, domain) = rest.rsplit_once('@')?;
                Domain::parse(domain).ok()
            }
            _ => self.address()?.to_domain(),
        }
    }

    /// The same with another name.
    pub(super) fn named(self, name: String) -> Result<Self, HeaderError> {
        let name = if text::trim(&name).is_empty() { String::new() } else { name };
        bounded(HeaderPart::FromName, &name)?;
        Ok(Self { name: named(Cow::Owned(trimmed(&name).to_owned())), ..self })
    }

    /// The address, with another in its place.
    pub(super) fn replace(&mut self, address: Written<'a>) -> Written<'a> {
        std::mem::replace(&mut self.address, address)
    }
}

fn named(name: Cow<'_, str>) -> Option<Cow<'_, str>> {
    (!name.is_empty()).then_some(name)
}

impl PartialEq for FromField<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.as_str() == other.as_str()
    }
}

impl Eq for FromField<'_> {}

impl fmt::Display for FromField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = self.name() else { return self.address.in_header(f) };
        // RFC 5322 section 3.2.3: `specials`, which no phrase holds outside quotes.
        if name.contains(|c| "()<>[]:;@\\,.\"".contains(c)) || name.contains(ENCODED) {
            f.write_char('"')?;
            for c in name.chars() {
                if matches!(c, '"' | '\\') {
                    f.write_char('\\')?;
                }
                f.write_char(c)?;
            }
            f.write_char('"')?;
        } else {
            f.write_str(name)?;
        }
        f.write_str(" <")?;
        self.address.in_header(f)?;
        f.write_char('>')
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::HeaderErrorKind as Kind;
    use super::*;

    #[test]
    fn what_could_write_a_field_of_its_own_is_refused_at_the_door() {
        for c in ['\r', '\n', '\0', '\t', '\u{b}', '\u{7f}', '\u{85}', '\u{2028}', '\u{2029}'] {
            let name = format!("Ann{c}Bcc: x@y.example");
            let error = FromField::new(&name, "ann@x.example").unwrap_err();
            assert_eq!((error.part(), error.kind()), (HeaderPart::FromName, Kind::Control));
            for address in
                [format!("ann{c}@x.example"), format!("ann@x.example{c}"), format!("{{{{a{c}}}}}")]
            {
                let error = FromField::new("", &address).unwrap_err();
                assert_eq!((error.part(), error.kind()), (HeaderPart::FromAddress, Kind::Control));
            }
            let header = format!("\"Ann{c}\" <ann@x.example>");
            assert_eq!(FromField::parse(&header).unwrap_err().kind(), Kind::Control);
        }
    }

    #[test]
    fn errors_say_what_was_expected_and_found() {
        let long = "n".repeat(FromField::MAX + 1);
        let said =
            |name: &str, address: &str| FromField::new(name, address).unwrap_err().to_string();
        assert_eq!(
            said("Ann", " \u{a0}"),
            "from address: expected an address or an expression, found nothing"
        );
        assert_eq!(
            said(&long, "a@x.example"),
            "from name: expected text of at most 1024 characters, found more"
        );
        assert_eq!(
            said("", &format!("{{{{{long}}}}}")),
            "from address: expected text of at most 1024 characters, found more"
        );
        assert_eq!(
            said("", "{{contact.owner"),
            "from address: expected \"}}\" behind the \"{{\" at octet 0, found none"
        );
        let error = FromField::new("", "ann").unwrap_err();
        assert_eq!(error.kind(), Kind::Address);
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(error.to_string(), format!("from address: {source}"));
        assert_eq!(FromField::parse(" ").unwrap_err().kind(), Kind::Blank);
        assert_eq!(FromField::parse("a@x.example, b@x.example").unwrap_err().kind(), Kind::Address);
    }

    #[test]
    fn a_name_of_as_many_characters_as_the_column_is_taken() {
        let most = "\u{1f600}".repeat(FromField::MAX / 2);
        assert_eq!(FromField::new(&most, "a@x.example").unwrap().name(), Some(most.as_str()));
        let header = format!("{most} <a@x.example>");
        assert_eq!(FromField::parse(&header).unwrap().name(), Some(most.as_str()));
        let longer = header.replace(" <", "x <");
        assert_eq!(FromField::parse(&longer).unwrap_err().kind(), Kind::TooLong);
        let more = format!("{most}x");
        assert_eq!(FromField::new(&more, "a@x.example").unwrap_err().kind(), Kind::TooLong);
    }

    #[test]
    fn a_field_is_written_as_a_header_has_it() {
        for (name, written) in [
            ("", "a@x.example"),
            (" Ann ", "Ann <a@x.example>"),
            ("Ann \"A\" \\", "\"Ann \\\"A\\\" \\\\\" <a@x.example>"),
            ("Jörg", "Jörg <a@x.example>"),
            ("=?utf-8?q?Ann?=", "\"=?utf-8?q?Ann?=\" <a@x.example>"),
        ] {
            let from = FromField::new(name, " a@x.example ").unwrap();
            assert_eq!(from.to_string(), written);
            assert_eq!(FromField::parse(written).unwrap(), from);
        }
    }

    /// RFC 6532 needs SMTPUTF8; A-labels go everywhere.
    #[test]
    fn a_header_has_a_domain_beyond_ascii_as_a_labels() {
        let header = |name, address| FromField::new(name, address).unwrap().to_string();
        assert_eq!(header("Ann", "ann@b\u{fc}cher.de"), "Ann <ann@xn--bcher-kva.de>");
        assert_eq!(header("", "j\u{f6}rg@B\u{fc}cher.de"), "j\u{f6}rg@xn--bcher-kva.de");
        assert_eq!(header("", "ann@X.example"), "ann@X.example");
        let from = FromField::new("", "ann@b\u{fc}cher.de").unwrap();
        assert_eq!(from.as_str(), "ann@b\u{fc}cher.de");
        assert_eq!(from.into_owned().to_string(), "ann@xn--bcher-kva.de");
    }

    #[test]
    fn the_domain_behind_an_expression_is_known() {
        let of = |text| FromField::new("", text).unwrap().fixed_domain();
        assert_eq!(of("{{a.b}}@X.example").unwrap().as_str(), "x.example");
        assert_eq!(of("{{a.b}}.sales@x.example").unwrap().as_str(), "x.example");
        for unknown in ["{{a.b}}", "a@{{b.c}}", "{{a}}@{{b}}", "{{a}}@x y"] {
            assert_eq!(of(unknown), None, "{unknown}");
        }
        assert_eq!(of("a@[192.0.2.1]"), None);
        for text in ["{{a.b}}@x.example", "ann@x.example"] {
            let from = FromField::new("Ann", text).unwrap();
            assert_eq!(from.clone().into_owned(), from);
        }
    }
}
