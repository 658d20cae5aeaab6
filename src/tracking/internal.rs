//! Is mail within the house one activity, or two?

use std::fmt;

use crate::settings::{EmailSettings, OrganizationProperties};

/// Who sent a mail within the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InternalSender {
    /// A user.
    User,
    /// A workflow, in the name of a user.
    Workflow,
    /// A queue.
    Queue,
}

/// Who received it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InternalRecipient {
    /// A user.
    User,
    /// A queue.
    Queue,
}

/// A mail within the house, as it arrives in the mailbox of one of its recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "what the switches ask for")]
pub struct InternalMail {
    /// Who sent it.
    pub from: InternalSender,
    /// Whose mailbox it arrived in.
    pub to: InternalRecipient,
    /// Is an outgoing mail with the same Message-ID stored? It is where the mail was sent from
    /// within the product, and not from a mail program.
    pub sent_copy_stored: bool,
}

/// What becomes of the received copy of a mail within the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReceivedCopy {
    /// It goes on as any mail does: the recipient's filter, then correlation. Where the sent copy is
    /// stored, that makes two activities, one for each.
    Evaluated,
    /// It is dropped: the sent copy stands for both.
    SentCopyStands,
    /// It is dropped since a user sent it, whether the sent copy is stored or not.
    Ignored,
}

impl ReceivedCopy {
    /// Is it dropped?
    #[must_use]
    pub const fn is_dropped(self) -> bool {
        !matches!(self, Self::Evaluated)
    }
}

impl fmt::Display for ReceivedCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Evaluated => "the received copy is evaluated as any mail",
            Self::SentCopyStands => "the received copy is dropped: the sent one is stored",
            Self::Ignored => "the received copy is dropped: a user sent it",
        })
    }
}

impl InternalMail {
    /// What becomes of the received copy?
    ///
    /// With [`two_activities`](EmailSettings::two_activities) on (column
    /// `organization.ignoreinternalemail` false) it is evaluated. Off, three properties of the
    /// organization say more:
    ///
    /// | sender, recipient | rule |
    /// |---|---|
    /// | user or workflow to a queue | evaluated if `DoNotIgnoreInternalEmailToQueues`; else as to a user |
    /// | user or workflow to a user | dropped; if `IgnoreInternalEmailDetectionEnhancement` only where the sent copy is stored |
    /// | queue to a user or queue | evaluated; if `IgnoreInternalEmailFromQueues` dropped where the sent copy is stored |
    ///
    /// ```
    /// use correspond::settings::{EmailSettings, OrganizationProperties};
    /// use correspond::tracking::{InternalMail, InternalRecipient, InternalSender, ReceivedCopy};
    ///
    /// let mail = InternalMail {
    ///     from: InternalSender::User,
    ///     to: InternalRecipient::User,
    ///     sent_copy_stored: true,
    /// };
    /// let properties = OrganizationProperties::default();
    /// let two = EmailSettings::default();
    /// assert_eq!(mail.received_copy(&two, &properties), ReceivedCopy::Evaluated);
    /// let one = EmailSettings::builder().two_activities(false).build()?;
    /// assert_eq!(mail.received_copy(&one, &properties), ReceivedCopy::SentCopyStands);
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    #[must_use]
    pub const fn received_copy(
        self,
        settings: &EmailSettings,
        properties: &OrganizationProperties,
    ) -> ReceivedCopy {
        if settings.two_activities() {
            return ReceivedCopy::Evaluated;
        }
        if matches!(self.from, InternalSender::Queue) {
            return if properties.ignore_internal_email_from_queues() && self.sent_copy_stored {
                ReceivedCopy::SentCopyStands
            } else {
                ReceivedCopy::Evaluated
            };
        }
        if matches!(self.to, InternalRecipient::Queue)
            && properties.do_not_ignore_internal_email_to_queues()
        {
            return ReceivedCopy::Evaluated;
        }
        match (properties.ignore_internal_email_detection_enhancement(), self.sent_copy_stored) {
            (true, false) => ReceivedCopy::Evaluated,
            (true, true) => ReceivedCopy::SentCopyStands,
            (false, _) => ReceivedCopy::Ignored,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use InternalSender::{Queue, User, Workflow};
    use ReceivedCopy::{Evaluated, Ignored, SentCopyStands};

    fn mail(from: InternalSender, to: InternalRecipient) -> [InternalMail; 2] {
        [false, true].map(|sent_copy_stored| InternalMail { from, to, sent_copy_stored })
    }

    fn one_activity() -> EmailSettings {
        EmailSettings::builder().two_activities(false).build().unwrap()
    }

    /// B043, B044: on, nothing is dropped, whatever the properties say.
    #[test]
    fn mail_between_two_users_is_two_activities() {
        let settings = EmailSettings::default();
        assert!(settings.two_activities());
        let properties = OrganizationProperties::builder()
            .ignore_internal_email_detection_enhancement(false)
            .ignore_internal_email_from_queues(true)
            .build()
            .unwrap();
        for from in [User, Workflow, Queue] {
            for to in [InternalRecipient::User, InternalRecipient::Queue] {
                for mail in mail(from, to) {
                    assert_eq!(mail.received_copy(&settings, &properties), Evaluated);
                }
            }
        }
    }

    /// B045; facts 3.9: `IgnoreInternalEmailDetectionEnhancement`.
    #[test]
    fn mail_between_two_users_is_one_activity_where_that_is_chosen() {
        let of = |looks: bool| {
            let properties = OrganizationProperties::builder()
                .ignore_internal_email_detection_enhancement(looks)
                .build()
                .unwrap();
            mail(User, InternalRecipient::User)
                .map(|mail| mail.received_copy(&one_activity(), &properties))
        };
        assert_eq!(of(true), [Evaluated, SentCopyStands]);
        assert_eq!(of(false), [Ignored, Ignored]);
        assert_eq!(
            [Evaluated, Ignored, SentCopyStands].map(ReceivedCopy::is_dropped),
            [false, true, true]
        );
    }

    /// Facts 3.9: `DoNotIgnoreInternalEmailToQueues`.
    #[test]
    fn internal_mail_to_a_queue_can_be_delivered_still() {
        let of = |from: InternalSender, delivered: bool| {
            let properties = OrganizationProperties::builder()
                .do_not_ignore_internal_email_to_queues(delivered)
                .build()
                .unwrap();
            mail(from, InternalRecipient::Queue)
                .map(|mail| mail.received_copy(&one_activity(), &properties))
        };
        for from in [User, Workflow] {
            assert_eq!(of(from, true), [Evaluated, Evaluated]);
            assert_eq!(of(from, false), [Evaluated, SentCopyStands]);
        }
    }

    /// Facts 3.9: `IgnoreInternalEmailFromQueues`.
    #[test]
    fn internal_mail_from_a_queue_is_evaluated_unless_that_is_chosen() {
        let of = |dropped: bool| {
            let properties = OrganizationProperties::builder()
                .ignore_internal_email_from_queues(dropped)
                .ignore_internal_email_detection_enhancement(false)
                .build()
                .unwrap();
            [InternalRecipient::User, InternalRecipient::Queue].map(|to| {
                mail(Queue, to).map(|mail| mail.received_copy(&one_activity(), &properties))
            })
        };
        assert_eq!(of(false), [[Evaluated, Evaluated]; 2]);
        assert_eq!(of(true), [[Evaluated, SentCopyStands]; 2]);
    }

    #[test]
    fn received_copies_say_what_becomes_of_them() {
        assert_eq!(Evaluated.to_string(), "the received copy is evaluated as any mail");
        assert_eq!(
            SentCopyStands.to_string(),
            "the received copy is dropped: the sent one is stored"
        );
        assert_eq!(Ignored.to_string(), "the received copy is dropped: a user sent it");
    }
}
