//! What is a matter of taste in an address.

/// Which valid addresses are welcome here?
///
/// [`RFC`](Self::RFC), the default, takes what a mail header may hold; [`PUBLIC`](Self::PUBLIC) what
/// a form on the Internet should accept. Each rule can be set on its own.
///
/// ```
/// use correspond::address::{AddressRules, EmailAddressRef};
///
/// let local = "admin@mailserver1";
/// assert!(EmailAddressRef::parse(local).is_ok());
/// assert!(EmailAddressRef::parse_with(local, &AddressRules::PUBLIC).is_err());
/// let rules = AddressRules::PUBLIC.dotless_domain(true);
/// assert!(EmailAddressRef::parse_with(local, &rules).is_ok());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressRules {
    pub(super) domain_literal: bool,
    pub(super) dotless_domain: bool,
    pub(super) trailing_dot: bool,
    pub(super) quoted_local: bool,
    pub(super) non_ascii_local: bool,
    pub(super) surrounding_space: bool,
}

impl AddressRules {
    /// Everything that RFC 5321 and RFC 6531 allow, and white space around it.
    pub const RFC: Self = Self {
        domain_literal: true,
        dotless_domain: true,
        trailing_dot: false,
        quoted_local: true,
        non_ascii_local: true,
        surrounding_space: true,
    };

    /// What a marketing mail can be sent to: no address literal, no domain without a dot.
    pub const PUBLIC: Self = Self { domain_literal: false, dotless_domain: false, ..Self::RFC };

    /// Is `jsmith@[192.0.2.1]` (RFC 5321 section 4.1.3) welcome?
    #[must_use]
    pub const fn domain_literal(self, allowed: bool) -> Self {
        Self { domain_literal: allowed, ..self }
    }

    /// Is `admin@mailserver1` welcome, and `admin@192.0.2.1`? Refused, the domain needs two labels and
    /// a last one that is not a number (RFC 3696 section 2).
    #[must_use]
    pub const fn dotless_domain(self, allowed: bool) -> Self {
        Self { dotless_domain: allowed, ..self }
    }

    /// Is `john@example.com.` welcome? RFC 5321 has no such form; allowed, the dot is in no key and
    /// is not sent.
    #[must_use]
    pub const fn trailing_dot(self, allowed: bool) -> Self {
        Self { trailing_dot: allowed, ..self }
    }

    /// Is `"jo hn"@example.com` welcome? Needless quotes count too.
    #[must_use]
    pub const fn quoted_local(self, allowed: bool) -> Self {
        Self { quoted_local: allowed, ..self }
    }

    /// Is `jörg@example.com` welcome? It reaches only servers that speak SMTPUTF8 (RFC 6531).
    #[must_use]
    pub const fn non_ascii_local(self, allowed: bool) -> Self {
        Self { non_ascii_local: allowed, ..self }
    }

    /// Are white space and invisible characters around the address passed over? Refused, a text
    /// with any is no address.
    #[must_use]
    pub const fn surrounding_space(self, allowed: bool) -> Self {
        Self { surrounding_space: allowed, ..self }
    }
}

impl Default for AddressRules {
    fn default() -> Self {
        Self::RFC
    }
}
