//! What a shared access signature permits.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::party::Value;
use crate::settings::field::{FieldType, FieldValue};

/// Something that the export needs to be permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(clippy::exhaustive_enums, reason = "the six that the export needs")]
pub enum SasPermission {
    /// Read: `r`.
    Read = 0,
    /// Add: `a`.
    Add = 1,
    /// Create: `c`.
    Create = 2,
    /// Write: `w`.
    Write = 3,
    /// Delete: `d`.
    Delete = 4,
    /// List: `l`.
    List = 5,
}

impl SasPermission {
    /// All six, in the order of a signature.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Add, Self::Create, Self::Write, Self::Delete, Self::List];

    /// Its letter in the field `sp` of a signature.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Read => 'r',
            Self::Add => 'a',
            Self::Create => 'c',
            Self::Write => 'w',
            Self::Delete => 'd',
            Self::List => 'l',
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Add => "add",
            Self::Create => "create",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::List => "list",
        }
    }
}

/// Which of the permissions that the export needs are there? Others, of which Azure adds one from
/// time to time, do not count. Its serde form is the letters: `"racwdl"`.
///
/// ```
/// use correspond::settings::SasPermissions;
///
/// let read_only = SasPermissions::from_letters("rl");
/// assert_eq!(read_only.missing().to_string(), "add, create, write, delete");
/// assert_eq!(SasPermissions::from_letters("racwdlt"), SasPermissions::ALL);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SasPermissions(u8);

impl SasPermissions {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// All that the export needs.
    pub const ALL: Self = Self(0b11_1111);

    /// Those among the letters of the field `sp`, in any order.
    #[must_use]
    pub fn from_letters(letters: &str) -> Self {
        let among = |permission: &SasPermission| letters.contains(permission.letter());
        let found = SasPermission::ALL.into_iter().filter(among);
        Self(found.fold(0, |set, permission| set | 1 << permission as u8))
    }

    /// Is it among them?
    #[must_use]
    pub const fn contains(self, permission: SasPermission) -> bool {
        self.0 >> permission as u8 & 1 == 1
    }

    /// Those that the export needs and that are not among them.
    #[must_use]
    pub const fn missing(self) -> Self {
        Self(Self::ALL.0 & !self.0)
    }

    fn letters(self) -> String {
        self.iter().map(SasPermission::letter).collect()
    }

    /// In the order of a signature.
    pub fn iter(self) -> impl Iterator<Item = SasPermission> {
        SasPermission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }
}

impl fmt::Display for SasPermissions {
    /// Their names: `read, list`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, permission) in self.iter().enumerate() {
            f.write_str(if number > 0 { ", " } else { "" })?;
            f.write_str(permission.name())?;
        }
        Ok(())
    }
}

impl Serialize for SasPermissions {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.letters())
    }
}

impl<'de> Deserialize<'de> for SasPermissions {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let letters = std::borrow::Cow::<'de, str>::deserialize(from)?;
        // Not a place to hide a signature in: a letter of no permission is not kept, nor told.
        let known = |c| SasPermission::ALL.iter().any(|permission| permission.letter() == c);
        if letters.chars().all(known) {
            Ok(Self::from_letters(&letters))
        } else {
            Err(serde::de::Error::custom("expected letters of racwdl, found others"))
        }
    }
}

impl FieldValue for SasPermissions {
    const TYPE: FieldType = FieldType::Structure;

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.letters()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts 7.9: read, add, create, write, delete, list.
    #[test]
    fn the_six_permissions_of_the_export() {
        assert_eq!(SasPermissions::ALL.to_string(), "read, add, create, write, delete, list");
        assert_eq!(serde_json::to_string(&SasPermissions::ALL).unwrap(), r#""racwdl""#);
        let some = SasPermissions::from_letters("lxr");
        assert_eq!(serde_json::to_string(&some).unwrap(), r#""rl""#);
        assert_eq!(serde_json::from_str::<SasPermissions>(r#""lr""#).unwrap(), some);
        assert!(some.contains(SasPermission::List) && !some.contains(SasPermission::Add));
        assert_eq!(some.missing().missing(), some);
        let error = serde_json::from_str::<SasPermissions>(r#""rx""#).unwrap_err();
        assert!(error.to_string().starts_with("expected letters of racwdl, found others"));
    }
}
