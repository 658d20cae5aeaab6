//! May this file be attached?

use std::fmt;

use serde::{Deserialize, Serialize};

use super::EmailSettings;
use crate::party::Value;
use crate::settings::error::ValueError;
use crate::settings::field::{FieldType, FieldValue, IntoField};
use crate::text::fold;

/// How large a file may be that is attached, in bytes: 0 to 134,217,728 (column
/// `organization.maxuploadfilesize`, which holds bytes; the product's screen shows kilobytes of
/// 1,024). Made of a number of bytes or of kilobytes.
///
/// ```
/// use correspond::settings::AttachmentSize;
///
/// assert_eq!(AttachmentSize::from_kilobytes(5_120)?, AttachmentSize::DEFAULT);
/// assert_eq!(AttachmentSize::DEFAULT.bytes(), 5_242_880);
/// assert_eq!(
///     AttachmentSize::from_kilobytes(131_073).unwrap_err().to_string(),
///     "expected a size of at most 131072 KB, found 131073 KB"
/// );
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct AttachmentSize(u32);

impl AttachmentSize {
    /// The default, 5 MB: 5,120 KB.
    pub const DEFAULT: Self = Self(5_120 * 1_024);

    /// The greatest before CRM Online 2016 Update 1 and CRM 2016 Service Pack 1, 32 MB: 32,768 KB.
    /// Still the greatest that is advised.
    pub const CAP_BEFORE_2016_UPDATE: Self = Self(32_768 * 1_024);

    /// The greatest since, 128 MB: 131,072 KB.
    pub const CAP: Self = Self(131_072 * 1_024);

    /// A size in bytes.
    ///
    /// # Errors
    ///
    /// More than [`CAP`](Self::CAP).
    pub fn from_bytes(bytes: u64) -> Result<Self, ValueError> {
        u32::try_from(bytes).ok().map(Self).filter(|size| *size <= Self::CAP).ok_or_else(|| {
            let cap = Self::CAP.bytes();
            ValueError::range(format!("a size of at most {cap} bytes"), format!("{bytes} bytes"))
        })
    }

    /// A size in kilobytes of 1,024 bytes.
    ///
    /// # Errors
    ///
    /// More than [`CAP`](Self::CAP).
    pub fn from_kilobytes(kilobytes: u64) -> Result<Self, ValueError> {
        Self::from_bytes(kilobytes.saturating_mul(1_024)).map_err(|_| {
            let cap = Self::CAP.kilobytes();
            let found = format!("{kilobytes} KB");
            ValueError::range(format!("a size of at most {cap} KB"), found)
        })
    }

    /// In bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0 as u64
    }

    /// In whole kilobytes of 1,024 bytes, as the product's screen shows it; what is left over is
    /// not shown.
    #[must_use]
    pub const fn kilobytes(self) -> u64 {
        self.bytes() / 1_024
    }
}

impl Default for AttachmentSize {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// In kilobytes where they are whole, else in bytes.
impl fmt::Display for AttachmentSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1_024) {
            write!(f, "{} KB", self.kilobytes())
        } else {
            write!(f, "{} bytes", self.0)
        }
    }
}

impl fmt::Debug for AttachmentSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<u64> for AttachmentSize {
    type Error = ValueError;

    fn try_from(bytes: u64) -> Result<Self, ValueError> {
        Self::from_bytes(bytes)
    }
}

impl From<AttachmentSize> for u64 {
    fn from(size: AttachmentSize) -> Self {
        size.bytes()
    }
}

impl FieldValue for AttachmentSize {
    const TYPE: FieldType = FieldType::Whole { min: 0, max: Self::CAP.0 as i64 };

    fn to_value(&self) -> Option<Value> {
        Some(Value::Whole(self.0.into()))
    }
}

/// File extensions, without their points and in lower case: at most 1,024 of at most 64 characters
/// (column `organization.blockedattachments`, where `;` stands between them). The serde form is a
/// list.
///
/// ```
/// use correspond::settings::BlockedExtensions;
///
/// let blocked = BlockedExtensions::from_column("exe;JS;")?;
/// assert_eq!(blocked.of("Invoice.PDF.Js"), Some("js"));
/// assert_eq!(blocked.of("exe"), None, "a name without an extension");
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct BlockedExtensions(Vec<String>);

impl BlockedExtensions {
    /// The most extensions.
    pub const MAX: usize = 1_024;

    /// The most characters of one.
    pub const MAX_CHARACTERS: usize = 64;

    /// These extensions, with their points or without. One that is there already is passed over.
    ///
    /// # Errors
    ///
    /// There are too many, or one is empty, too long, or holds a point, a `;`, white space or a
    /// control character: each as it is kept, [folded](crate::text::fold).
    pub fn new(extensions: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, ValueError> {
        let mut blocked = Vec::new();
        for extension in extensions {
            // Folding makes points, semicolons and nothing at all of other characters: what is kept
            // must be read again.
            let folded = fold(extension.as_ref());
            let name = folded.strip_prefix('.').unwrap_or(&folded);
            let found = name.chars().take(Self::MAX_CHARACTERS + 1).count();
            if !(1..=Self::MAX_CHARACTERS).contains(&found) {
                let expected = format!("extensions of 1 to {} characters", Self::MAX_CHARACTERS);
                return Err(ValueError::length(expected, found));
            }
            let foreign = |c: char| matches!(c, '.' | ';') || c.is_whitespace() || c.is_control();
            if name.contains(foreign) {
                let expected = "extensions without point, semicolon and white space";
                return Err(ValueError::form(expected, format!("{name:?}")));
            }
            if blocked.len() >= Self::MAX {
                return Err(ValueError::length(
                    format!("at most {} extensions", Self::MAX),
                    "more",
                ));
            }
            if !blocked.iter().any(|kept| kept == name) {
                blocked.push(name.to_owned());
            }
        }
        Ok(Self(blocked))
    }

    /// Reads the column; empty entries are passed over.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn from_column(text: &str) -> Result<Self, ValueError> {
        Self::new(text.split(';').map(str::trim).filter(|entry| !entry.is_empty()))
    }

    /// What the column holds.
    #[must_use]
    pub fn to_column(&self) -> String {
        self.0.join(";")
    }

    /// The extensions, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The extension of a file of this name, where it is blocked. Letter case does not matter, nor
    /// do points and blanks at the end, which file systems drop.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<&str> {
        let name = name.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
        let (_, extension) = name.rsplit_once('.')?;
        let extension = fold(extension);
        self.iter().find(|blocked| *blocked == extension)
    }
}

impl TryFrom<Vec<String>> for BlockedExtensions {
    type Error = ValueError;

    fn try_from(extensions: Vec<String>) -> Result<Self, ValueError> {
        Self::new(extensions)
    }
}

impl From<BlockedExtensions> for Vec<String> {
    fn from(extensions: BlockedExtensions) -> Self {
        extensions.0
    }
}

impl FieldValue for BlockedExtensions {
    const TYPE: FieldType = FieldType::Structure;

    fn to_value(&self) -> Option<Value> {
        (!self.0.is_empty()).then(|| Value::Text(self.to_column()))
    }
}

impl IntoField<BlockedExtensions> for &str {
    fn into_field(self) -> Result<BlockedExtensions, ValueError> {
        BlockedExtensions::from_column(self)
    }
}

impl EmailSettings {
    /// May a file of this name and so many bytes be attached? Every file is asked for by itself; the
    /// files of a mail together have no limit here.
    ///
    /// ```
    /// use correspond::settings::EmailSettings;
    ///
    /// let settings = EmailSettings::default();
    /// assert!(settings.accepts_attachment("plan.pdf", 5_242_880).is_ok());
    /// let refused = settings.accepts_attachment("plan.pdf", 5_242_881).unwrap_err();
    /// assert_eq!(
    ///     refused.to_string(),
    ///     "attachment: expected at most 5120 KB, found 5242881 bytes: 1 byte more"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// It is larger than [`max_attachment_size`](Self::max_attachment_size), or its extension is one
    /// of [`blocked_extensions`](Self::blocked_extensions).
    pub fn accepts_attachment(&self, name: &str, bytes: u64) -> Result<(), AttachmentRefused> {
        if let Some(extension) = self.blocked_extensions.of(name) {
            return Err(AttachmentRefused::Blocked { extension: extension.to_owned() });
        }
        let limit = self.max_attachment_size;
        if bytes > limit.bytes() {
            return Err(AttachmentRefused::TooLarge { limit, bytes });
        }
        Ok(())
    }
}

/// A file that is not attached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttachmentRefused {
    /// It is too large.
    #[error(
        "attachment: expected at most {limit}, found {bytes} bytes: {} byte{} more",
        self.excess(), if self.excess() == 1 { "" } else { "s" }
    )]
    TooLarge {
        /// The limit.
        limit: AttachmentSize,
        /// What it has.
        bytes: u64,
    },
    /// Files with its extension are not attached.
    #[error("attachment: expected another extension than {extension:?}, which is blocked")]
    Blocked {
        /// The extension.
        extension: String,
    },
}

impl AttachmentRefused {
    /// By how many bytes it is too large; 0 where that is not the reason.
    #[must_use]
    pub const fn excess(&self) -> u64 {
        match self {
            Self::TooLarge { limit, bytes } => bytes.saturating_sub(limit.bytes()),
            Self::Blocked { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// B062, B063; facts 1.1: the column holds bytes, the screen shows kilobytes.
    #[test]
    fn sizes_are_bytes_behind_and_kilobytes_in_front() {
        let default = EmailSettings::default().max_attachment_size();
        assert_eq!((default.bytes(), default.kilobytes()), (5_242_880, 5_120));
        assert_eq!(default.to_value(), Some(Value::Whole(5_242_880)));
        assert_eq!(serde_json::to_string(&default).unwrap(), "5242880");
        let odd = AttachmentSize::from_bytes(1_500).unwrap();
        assert_eq!((odd.kilobytes(), odd.to_string().as_str()), (1, "1500 bytes"));
        assert_eq!(
            AttachmentSize::from_bytes(134_217_729).unwrap_err().to_string(),
            "expected a size of at most 134217728 bytes, found 134217729 bytes"
        );
        assert!(AttachmentSize::from_kilobytes(u64::MAX).is_err());
    }

    /// B062; facts 1.1: each file is tested for itself, and the answer says by how much.
    #[test]
    fn an_attachment_is_refused_by_the_byte() {
        let limit = AttachmentSize::from_kilobytes(32_768).unwrap();
        let settings = EmailSettings::builder().max_attachment_size(limit).build().unwrap();
        assert_eq!(settings.accepts_attachment("a.mov", 33_554_432), Ok(()));
        let refused = settings.accepts_attachment("a.mov", 33_554_500).unwrap_err();
        assert_eq!(refused.excess(), 68);
        assert_eq!(
            refused.to_string(),
            "attachment: expected at most 32768 KB, found 33554500 bytes: 68 bytes more"
        );
    }

    /// Facts 1.3: `blockedattachments`.
    #[test]
    fn blocked_extensions_are_refused_in_any_spelling() {
        let settings =
            EmailSettings::builder().blocked_extensions("exe; .Js ;;exe").build().unwrap();
        assert_eq!(settings.blocked_extensions().iter().collect::<Vec<_>>(), ["exe", "js"]);
        for name in ["run.EXE", "run.pdf.exe", "run.exe. .", "x.ＥＸＥ"] {
            let refused = settings.accepts_attachment(name, 1).unwrap_err();
            assert_eq!(
                refused.to_string(),
                "attachment: expected another extension than \"exe\", which is blocked",
                "{name}"
            );
            assert_eq!(refused.excess(), 0);
        }
        for name in ["exe", "run.exe.pdf", ""] {
            assert_eq!(settings.accepts_attachment(name, 1), Ok(()), "{name}");
        }
    }

    #[test]
    fn extensions_that_are_none() {
        let message = |list: &[&str]| BlockedExtensions::new(list).unwrap_err().to_string();
        assert_eq!(message(&["."]), "expected extensions of 1 to 64 characters, found 0");
        assert_eq!(
            message(&["a b"]),
            "expected extensions without point, semicolon and white space, found \"a b\""
        );
        let many = (0..1_025).map(|number| format!("x{number}"));
        assert_eq!(
            BlockedExtensions::new(many).unwrap_err().to_string(),
            "expected at most 1024 extensions, found more"
        );
    }

    #[test]
    fn extensions_are_checked_as_they_are_kept() {
        for wrong in ["a\u{2026}", "a\u{ff1b}b", "\u{200b}", ".\u{ff0e}", "a\u{2007}b"] {
            assert!(BlockedExtensions::new([wrong]).is_err(), "{wrong:?}");
        }
        let wide = BlockedExtensions::new(["\u{ff0e}\u{ff25}xe\u{200b}"]).unwrap();
        assert_eq!(wide.iter().collect::<Vec<_>>(), ["exe"]);
    }

    proptest! {
        #[test]
        fn accepted_extensions_are_read_again(
            list in proptest::collection::vec(
                "[.;A\u{2026}\u{ff1b}\u{200b}\u{fb01}\u{df}\u{307}\u{130} ]{0,3}\\PC{0,3}",
                0..4,
            ),
        ) {
            if let Ok(blocked) = BlockedExtensions::new(&list) {
                let json = serde_json::to_string(&blocked).unwrap();
                let again = serde_json::from_str::<BlockedExtensions>(&json).unwrap();
                prop_assert_eq!(&again, &blocked);
                let again = BlockedExtensions::from_column(&blocked.to_column());
                prop_assert_eq!(again, Ok(blocked));
            }
        }
    }
}
