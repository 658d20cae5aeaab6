//! What does a reader see of the body of a mail?

use std::fmt;

use super::EmailSettings;

/// What a reader sees of the body of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "it is shown or it is not")]
pub enum BodyShown {
    /// The body.
    Body,
    /// In its place: "This content cannot be displayed in a frame". The body itself is unharmed.
    CannotBeDisplayedInFrame,
}

impl fmt::Display for BodyShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Body => "the body is shown",
            Self::CannotBeDisplayedInFrame => "This content cannot be displayed in a frame",
        })
    }
}

impl EmailSettings {
    /// What does a reader see of a body? `refuses_frames` says whether the reader's browser refuses
    /// to show this content in a secure frame.
    ///
    /// Without [`secure_frames`](Self::secure_frames) the error does not come up; sensitive content
    /// is then less protected, since the body may do in its frame what it likes.
    ///
    /// ```
    /// use correspond::settings::{BodyShown, EmailSettings};
    ///
    /// let secure = EmailSettings::builder().secure_frames(true).build()?;
    /// assert_eq!(secure.body_shown(true), BodyShown::CannotBeDisplayedInFrame);
    /// assert_eq!(EmailSettings::default().body_shown(true), BodyShown::Body);
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    #[must_use]
    pub const fn body_shown(&self, refuses_frames: bool) -> BodyShown {
        if self.secure_frames && refuses_frames {
            BodyShown::CannotBeDisplayedInFrame
        } else {
            BodyShown::Body
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B046, B047.
    #[test]
    fn secure_frames_may_keep_a_body_from_being_shown() {
        let plain = EmailSettings::default();
        let secure = plain.to_builder().secure_frames(true).build().unwrap();
        assert!(!plain.secure_frames());
        assert_eq!([true, false].map(|refuses| plain.body_shown(refuses)), [BodyShown::Body; 2]);
        assert_eq!(secure.body_shown(false), BodyShown::Body);
        assert_eq!(
            secure.body_shown(true).to_string(),
            "This content cannot be displayed in a frame"
        );
        assert_eq!(BodyShown::Body.to_string(), "the body is shown");
    }
}
