//! What advice depends on and no setting holds.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use crate::id::RecordId;
use crate::settings::{EmailSettings, TableCatalogue};
use crate::token::Prefix;

/// What is known of an organization beside its settings. Nothing needs to be: what is not known
/// raises no advice.
///
/// ```
/// use std::num::NonZeroU32;
/// use correspond::settings::{Document, EmailSettings, Facts};
///
/// let mut document = Document::default();
/// document.email_settings = Some(EmailSettings::default());
/// let mut facts = Facts::default();
/// facts.mails_per_day = NonZeroU32::new(250);
/// let advice = document.advice(&facts);
/// assert_eq!(
///     advice[0].reason(),
///     "the busiest sender uses a token again after 4 days, and conversations live 90: answers \
///      reach the newer one"
/// );
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Facts {
    /// What time it is: signatures, sign-ins and registrations have their dates.
    pub now: Option<DateTime<Utc>>,
    /// The highest number that a user has in tokens, without the deployment base.
    pub highest_user: Option<u32>,
    /// How many mails a day the busiest sender sends: mostly a workflow or the owner of a queue.
    pub mails_per_day: Option<NonZeroU32>,
    /// For how many days answers come to a conversation; 90, the window of smart matching, where
    /// nothing else is known.
    pub conversation_days: u32,
    /// How many conversations of the busiest sender are open.
    pub open_conversations: Option<u32>,
    /// How many internal addresses are regularly on one mail.
    pub internal_addresses: Option<u32>,
    /// The mailboxes whose Outlook is connected to an SMTP server.
    pub smtp_mailboxes: BTreeSet<RecordId>,
    /// The prefix that is to be used next.
    pub next_prefix: Option<Prefix>,
    /// Other deployments with which mail is exchanged, test systems among them: what they are
    /// called, and their settings.
    pub others: Vec<(String, EmailSettings)>,
    /// The tables that there are.
    pub catalogue: Option<TableCatalogue>,
    /// How many journeys and models have a minimum consent.
    pub minimum_consents: u32,
}

impl Default for Facts {
    /// Nothing is known.
    fn default() -> Self {
        Self {
            now: None,
            highest_user: None,
            mails_per_day: None,
            conversation_days: 90,
            open_conversations: None,
            internal_addresses: None,
            smtp_mailboxes: BTreeSet::new(),
            next_prefix: None,
            others: Vec::new(),
            catalogue: None,
            minimum_consents: 0,
        }
    }
}
