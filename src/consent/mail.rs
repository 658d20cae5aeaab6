//! Is this marketing email one that can ask for a confirmation?

use std::fmt;

use crate::id::RecordId;
use crate::sender::expression::inside;

/// What kind of message it is in law (`msdyncrm_marketingemail.msdyncrm_messagedesignation`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the choice is closed")]
pub enum Designation {
    /// Commercial.
    #[default]
    Commercial = 0,
    /// Transactional: about existing business, or a question for consent.
    Transactional = 1,
}

impl Designation {
    /// The code of the choice.
    #[must_use]
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The designation with this code.
    #[must_use]
    pub const fn from_code(code: i32) -> Option<Self> {
        match code {
            0 => Some(Self::Commercial),
            1 => Some(Self::Transactional),
            _ => None,
        }
    }
}

/// What a marketing email is for (`msdyncrm_marketingemail.msdyncrm_email_contenttype`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentType {
    /// Anything.
    #[default]
    Default = 0,
    /// A confirmation request.
    ConfirmationRequest = 1,
}

impl ContentType {
    /// The code of the choice.
    #[must_use]
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The content type with this code.
    #[must_use]
    pub const fn from_code(code: i32) -> Option<Self> {
        match code {
            0 => Some(Self::Default),
            1 => Some(Self::ConfirmationRequest),
            _ => None,
        }
    }
}

/// A marketing email, as far as double opt-in looks at it. Starts as a draft without text.
///
/// ```
/// use correspond::consent::{ContentType, Designation, OptInMail};
/// use correspond::id::RecordId;
///
/// let mail = OptInMail::new(RecordId::new(7))
///     .live()
///     .with_content_type(ContentType::ConfirmationRequest)
///     .with_designation(Designation::Transactional);
/// let flaws = mail.flaws();
/// assert_eq!(flaws.to_string(), "expected a link to {{Message.ConfirmationRedirectURL}}, found none");
/// let text = r#"<a href="{{Message.ConfirmationRedirectURL}}">Yes</a>"#;
/// assert!(mail.with_text(text).flaws().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptInMail {
    id: RecordId,
    live: bool,
    content_type: ContentType,
    designation: Designation,
    redirect_url: bool,
    list_names: bool,
    confirmation_url: bool,
}

impl OptInMail {
    /// The link of a mail of the global double opt-in.
    pub const REDIRECT_URL: &str = "Message.ConfirmationRedirectURL";
    /// The names of the lists, in a mail of a form's own double opt-in.
    pub const LIST_NAMES: &str = "SubscriptionListNames";
    /// The link of a mail of a form's own double opt-in.
    pub const CONFIRMATION_URL: &str = "ConfirmationUrl";

    /// The email with this id: a draft, commercial, of no special content type, empty.
    #[must_use]
    pub const fn new(id: RecordId) -> Self {
        Self {
            id,
            live: false,
            content_type: ContentType::Default,
            designation: Designation::Commercial,
            redirect_url: false,
            list_names: false,
            confirmation_url: false,
        }
    }

    /// The same, live (`statuscode` 192350001 Live or 192350003 Live, editable: what is live is sent
    /// while somebody edits it).
    #[must_use]
    pub const fn live(mut self) -> Self {
        self.live = true;
        self
    }

    /// The same with this content type.
    #[must_use]
    pub const fn with_content_type(mut self, content_type: ContentType) -> Self {
        self.content_type = content_type;
        self
    }

    /// The same with this designation.
    #[must_use]
    pub const fn with_designation(mut self, designation: Designation) -> Self {
        self.designation = designation;
        self
    }

    /// The same with this text, HTML mostly; each expression that is asked for is looked for in one pass.
    /// How many braces there are from two on, and blanks inside them, do not matter, capitals do.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        let shows = |name: &str| inside(text).any(|inside| inside == name);
        self.redirect_url = shows(Self::REDIRECT_URL);
        self.list_names = shows(Self::LIST_NAMES);
        self.confirmation_url = shows(Self::CONFIRMATION_URL);
        self
    }

    /// Which email.
    #[must_use]
    pub const fn id(&self) -> RecordId {
        self.id
    }

    /// What keeps it from being a mail of the global double opt-in: it must be live, of content type
    /// 1 and designation 1, and link to `{{Message.ConfirmationRedirectURL}}`.
    #[must_use]
    pub fn flaws(&self) -> MailFlaws {
        let confirms = self.content_type == ContentType::ConfirmationRequest;
        self.common_flaws()
            .chain((!confirms).then_some(MailFlaw::ContentType))
            .chain((!self.redirect_url).then_some(MailFlaw::RedirectUrl))
            .collect()
    }

    /// What keeps it from being the mail of a form's own double opt-in: it must be live and
    /// transactional, as a commercial one would not reach who objected to those, and hold
    /// `{{SubscriptionListNames}}` and `{{ConfirmationUrl}}`. Its content type is not asked for: the
    /// product names none.
    #[must_use]
    pub fn form_flaws(&self) -> MailFlaws {
        self.common_flaws()
            .chain((!self.list_names).then_some(MailFlaw::ListNames))
            .chain((!self.confirmation_url).then_some(MailFlaw::ConfirmationUrl))
            .collect()
    }

    fn common_flaws(&self) -> impl Iterator<Item = MailFlaw> {
        let live = (!self.live).then_some(MailFlaw::NotLive);
        let commercial = self.designation == Designation::Commercial;
        live.into_iter().chain(commercial.then_some(MailFlaw::Designation))
    }
}

/// What a mail lacks to ask for a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum MailFlaw {
    /// It is not live.
    #[error("expected a live message, found one that is not")]
    NotLive,
    /// It is commercial.
    #[error("expected designation 1 (Transactional), found 0 (Commercial)")]
    Designation,
    /// It is of another content type.
    #[error("expected content type 1 (Confirmation request), found another")]
    ContentType,
    /// It does not link to the confirmation.
    #[error("expected a link to {{{{Message.ConfirmationRedirectURL}}}}, found none")]
    RedirectUrl,
    /// It does not name the lists.
    #[error("expected the expression {{{{SubscriptionListNames}}}}, found none")]
    ListNames,
    /// It does not link to the confirmation.
    #[error("expected a link to {{{{ConfirmationUrl}}}}, found none")]
    ConfirmationUrl,
}

/// What a mail lacks, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailFlaws(Vec<MailFlaw>);

impl MailFlaws {
    /// Is nothing wrong?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The flaws.
    #[must_use]
    pub const fn as_slice(&self) -> &[MailFlaw] {
        self.0.as_slice()
    }
}

impl FromIterator<MailFlaw> for MailFlaws {
    fn from_iter<I: IntoIterator<Item = MailFlaw>>(flaws: I) -> Self {
        Self(flaws.into_iter().collect())
    }
}

impl fmt::Display for MailFlaws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, flaw) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{flaw}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designations_and_content_types_have_codes() {
        for designation in [Designation::Commercial, Designation::Transactional] {
            assert_eq!(Designation::from_code(designation.code()), Some(designation));
        }
        for content_type in [ContentType::Default, ContentType::ConfirmationRequest] {
            assert_eq!(ContentType::from_code(content_type.code()), Some(content_type));
        }
        assert_eq!((Designation::from_code(2), ContentType::from_code(2)), (None, None));
    }

    /// facts 7.6: content type 1, designation 1, live, the link is mandatory.
    #[test]
    fn a_confirmation_mail_says_what_it_lacks() {
        let draft = OptInMail::new(RecordId::new(1));
        assert_eq!(
            draft.flaws().to_string(),
            "expected a live message, found one that is not, expected designation 1 \
             (Transactional), found 0 (Commercial), expected content type 1 (Confirmation request), \
             found another, expected a link to {{Message.ConfirmationRedirectURL}}, found none"
        );
        assert_eq!(
            draft.form_flaws().to_string(),
            "expected a live message, found one that is not, expected designation 1 \
             (Transactional), found 0 (Commercial), expected the expression \
             {{SubscriptionListNames}}, found none, expected a link to {{ConfirmationUrl}}, found none"
        );
        let ready = draft.live().with_designation(Designation::Transactional);
        let text = "{{ SubscriptionListNames }} {{ConfirmationUrl}}";
        assert!(ready.clone().with_text(text).form_flaws().is_empty());
        let request = ready.with_content_type(ContentType::ConfirmationRequest);
        for alike in [
            "{{ Message.ConfirmationRedirectURL }}",
            "{{{Message.ConfirmationRedirectURL}}}",
            "{{~Message.ConfirmationRedirectURL~}}",
            "{{x {{Message.ConfirmationRedirectURL}}",
        ] {
            assert!(request.clone().with_text(alike).flaws().is_empty(), "{alike}");
        }
        for unlike in [
            "Message.ConfirmationRedirectURL",
            "{{message.confirmationredirecturl}}",
            "{{Message.ConfirmationRedirectURL",
            "{{Message.ConfirmationRedirectURLs}}",
        ] {
            let flaws = request.clone().with_text(unlike).flaws();
            assert_eq!(flaws.as_slice(), [MailFlaw::RedirectUrl], "{unlike}");
        }
    }
}
