//! Which folders of a mailbox are tracked?

use serde::{Deserialize, Serialize};

use super::correlation::{FolderTracking, TrackedFolder};
use super::error::ValueError;
use super::field::{IntoField, structure};

/// The tracked folders of one user: at most [`FolderTracking::MAX_FOLDERS`], each once, each under
/// the Inbox.
///
/// A folder is written as a path from the root of the mailbox, with `/` or `\` between its parts. The
/// Inbox is written `Inbox`, in any case of its letters, whatever language the mailbox shows it in;
/// the Inbox itself is no tracked folder. `Inbox/Fair`, `INBOX/Fair` and `Inbox\Fair` are one folder;
/// below the Inbox, letter case counts. A path has at most
/// [`MAX_PATH`](Self::MAX_PATH) characters.
///
/// ```
/// use correspond::id::RecordId;
/// use correspond::settings::{TrackedFolder, TrackedFolders};
///
/// let regarding = RecordId::new(1);
/// let under = |folder: &str| TrackedFolders::new([TrackedFolder { folder: folder.into(), regarding }]);
/// assert!(under("Inbox/Fair").is_ok());
/// assert_eq!(
///     under("Archive/Fair").unwrap_err().to_string(),
///     "expected folders under the Inbox (\"Inbox/...\"), found \"Archive/Fair\""
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<TrackedFolder>", into = "Vec<TrackedFolder>")]
pub struct TrackedFolders(Vec<TrackedFolder>);

impl TrackedFolders {
    /// The longest path, in UTF-16 code units.
    pub const MAX_PATH: usize = 1_024;

    /// The folders, checked.
    ///
    /// # Errors
    ///
    /// There are more than [`FolderTracking::MAX_FOLDERS`], a path is too long or does not lie under
    /// the Inbox, or two of them are the same.
    pub fn new(folders: impl IntoIterator<Item = TrackedFolder>) -> Result<Self, ValueError> {
        const MAX: usize = FolderTracking::MAX_FOLDERS;
        // One more than there may be tells that there are too many, however many there are.
        let folders: Vec<_> = folders.into_iter().take(MAX + 1).collect();
        if folders.len() > MAX {
            return Err(ValueError::length(format!("at most {MAX} tracked folders"), "more"));
        }
        for (at, TrackedFolder { folder, .. }) in folders.iter().enumerate() {
            if folder.encode_utf16().take(Self::MAX_PATH + 1).count() > Self::MAX_PATH {
                let expected = format!("paths of at most {} characters", Self::MAX_PATH);
                return Err(ValueError::length(expected, "a longer one"));
            }
            if !is_under_inbox(folder) {
                let expected = "folders under the Inbox (\"Inbox/...\")";
                return Err(ValueError::form(expected, format_args!("{folder:?}")));
            }
            if folders.iter().take(at).any(|other| parts(&other.folder).eq(parts(folder))) {
                let found = format_args!("{folder:?} twice");
                return Err(ValueError::form("each tracked folder once", found));
            }
        }
        Ok(Self(folders))
    }

    /// The folders.
    #[must_use]
    pub fn as_slice(&self) -> &[TrackedFolder] {
        &self.0
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Is there none?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The parts of a path under the Inbox, however that and what stands between them is written.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\\']).skip(1)
}

fn is_under_inbox(path: &str) -> bool {
    let mut parts = path.split(['/', '\\']);
    let inbox = parts.next().is_some_and(|root| root.eq_ignore_ascii_case("inbox"));
    let mut below = parts.peekable();
    inbox && below.peek().is_some() && below.all(|part| !part.trim().is_empty())
}

impl TryFrom<Vec<TrackedFolder>> for TrackedFolders {
    type Error = ValueError;

    fn try_from(folders: Vec<TrackedFolder>) -> Result<Self, ValueError> {
        Self::new(folders)
    }
}

impl From<TrackedFolders> for Vec<TrackedFolder> {
    fn from(folders: TrackedFolders) -> Self {
        folders.0
    }
}

impl IntoField<TrackedFolders> for Vec<TrackedFolder> {
    fn into_field(self) -> Result<TrackedFolders, ValueError> {
        TrackedFolders::new(self)
    }
}

impl<const N: usize> IntoField<TrackedFolders> for [TrackedFolder; N] {
    fn into_field(self) -> Result<TrackedFolders, ValueError> {
        TrackedFolders::new(self)
    }
}

structure!(TrackedFolders);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;

    fn folders(paths: &[&str]) -> Result<TrackedFolders, String> {
        let folder =
            |path: &&str| TrackedFolder { folder: (*path).to_owned(), regarding: RecordId::new(1) };
        TrackedFolders::new(paths.iter().map(folder)).map_err(|error| error.to_string())
    }

    /// Facts 3.11: under the Inbox, at most 25.
    #[test]
    fn tracked_folders_lie_under_the_inbox_and_are_25_at_most() {
        assert_eq!(folders(&[]).map(|none| none.len()), Ok(0));
        assert!(folders(&["Inbox/Fair", "INBOX\\Fair\\2024"]).is_ok());
        for wrong in ["", "Inbox", "Inbox/", "Inbox//a", "inbox/ /b", "Fair/Inbox", "Inboxes/a"] {
            let found = folders(&[wrong]);
            let expected =
                format!("expected folders under the Inbox (\"Inbox/...\"), found {wrong:?}");
            assert_eq!(found, Err(expected));
        }
        let many: Vec<String> = (0..26).map(|n| format!("Inbox/{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(folders(&many[..25]).map(|most| most.len()), Ok(25));
        assert_eq!(
            folders(&many),
            Err("expected at most 25 tracked folders, found more".to_owned())
        );
        assert_eq!(
            folders(&["Inbox/a", "Inbox/b", "Inbox/a"]),
            Err("expected each tracked folder once, found \"Inbox/a\" twice".to_owned())
        );
        for same in ["INBOX/a/b", r"Inbox\a/b", r"inbox\a\b"] {
            let twice = format!("expected each tracked folder once, found {same:?} twice");
            assert_eq!(folders(&["Inbox/a/b", same]), Err(twice));
        }
        assert!(folders(&["Inbox/a/b", "Inbox/a", "Inbox/a/B"]).is_ok());
        let most = format!("Inbox/{}", "x".repeat(TrackedFolders::MAX_PATH - 6));
        assert!(folders(&[&most]).is_ok());
        assert_eq!(
            folders(&[&format!("{most}x")]),
            Err("expected paths of at most 1024 characters, found a longer one".to_owned())
        );
    }
}
