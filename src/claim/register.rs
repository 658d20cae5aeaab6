//! Which tenant has this name?

use std::fmt;

use chrono::{DateTime, Utc};

use super::{ClaimKeyError, Problem, checked};
use crate::id::TenantId;
use crate::index::to_microsecond;

/// What a name is a name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum RegisterSpace {
    /// A sending domain, as its A-label.
    Domain = 1,
}

impl RegisterSpace {
    /// The number that a store keeps; it never changes.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The space with this number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Domain),
            _ => None,
        }
    }
}

/// A name that one tenant of all can have. It is kept as it is, so that whoever runs the store can
/// read who has which.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisterName {
    space: RegisterSpace,
    name: Box<str>,
}

impl RegisterName {
    /// The most octets of a name.
    pub const MAX_LEN: usize = 512;

    /// A name in its comparison form.
    ///
    /// # Errors
    ///
    /// No octets, or more than [`MAX_LEN`](Self::MAX_LEN), or U+0000 among them.
    pub fn new(space: RegisterSpace, name: &str) -> Result<Self, ClaimKeyError> {
        checked("registered name", Self::MAX_LEN, name.as_bytes())?;
        if let Some(at) = memchr::memchr(0, name.as_bytes()) {
            return Err(Problem::Nul { at }.into());
        }
        Ok(Self { space, name: name.into() })
    }

    /// What it is a name of.
    #[must_use]
    pub const fn space(&self) -> RegisterSpace {
        self.space
    }

    /// The name.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for RegisterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Who has a name, and for how long.
///
/// A name is registered in a commit of its own, for a while; then the tenant's own record is
/// written; then the registration is made lasting. What a crash leaves between the steps expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    tenant: TenantId,
    until: Option<DateTime<Utc>>,
}

impl Registration {
    /// The name is `tenant`'s, until then (inclusive, to the microsecond), or for good.
    #[must_use]
    pub fn new(tenant: TenantId, until: Option<DateTime<Utc>>) -> Self {
        Self { tenant, until: until.map(to_microsecond) }
    }

    /// Whose it is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Its last moment; `None` when it lasts.
    #[must_use]
    pub const fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// Does it hold at `now`?
    #[must_use]
    pub fn holds_at(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_wrong_with_them() {
        let error = |name| RegisterName::new(RegisterSpace::Domain, name).unwrap_err().to_string();
        assert_eq!(error("a\0b"), "registered name: expected no U+0000, found one at octet 1");
        assert_eq!(error(""), "registered name: expected 1 to 512 octets, found 0");
    }
}
