//! Which records does an address of a mail stand for?

use chrono::{DateTime, Utc};

use crate::address::EmailAddress;
use crate::id::RecordId;
use crate::message::Role;

/// So many records with one address are too many: none of them is taken. (The product resolves an
/// address of fewer than 100 records, and leaves one of more than 100 unresolved; what it does with
/// exactly 100 is not documented.) Whoever looks candidates up needs no more than this many.
pub const TOO_MANY: usize = 100;

/// What kind of record has an address, in the order in which senders resolve to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PartyKind {
    /// A user (table `systemuser`).
    User,
    /// A contact.
    Contact,
    /// An account.
    Account,
    /// A lead.
    Lead,
    /// A facility or piece of equipment (table `equipment`).
    Equipment,
    /// A team.
    Team,
    /// A business unit.
    BusinessUnit,
    /// Any other email-enabled table: queues, custom ones.
    Other,
}

/// A record that has the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what the rules ask of a record")]
pub struct Candidate {
    /// What it is.
    pub kind: PartyKind,
    /// Which one.
    pub id: RecordId,
    /// Is it active?
    pub active: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Who owns it.
    pub owner: Option<RecordId>,
}

/// The organization's switches for addresses that several records have. The default is that of the
/// product's documents: all off but `apply_to_all`, which has no effect alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResolutionRules {
    /// Set To, cc, bcc as unresolved on multiple matches (column
    /// `organization.unresolveemailaddressifmultiplematch`).
    pub unresolve_recipients: bool,
    /// Apply same address to all unresolved matches (column
    /// `organization.resolvesimilarunresolvedemailaddress`). Effective only while
    /// [`unresolve_recipients`](Self::unresolve_recipients) is on:
    /// [`applies_to_all`](Self::applies_to_all).
    pub apply_to_all: bool,
    /// `UnresolveSenderInCaseOfMultipleMatch`: a sender that several records fit is left unresolved.
    pub unresolve_sender: bool,
    /// `OverrideV5SenderConflictResolution`: mail from a sender that several records fit is not
    /// tracked automatically.
    pub refuse_sender_conflict: bool,
    /// `ResolveForInactiveEntities`: inactive records count like active ones.
    pub resolve_inactive: bool,
}

impl Default for ResolutionRules {
    fn default() -> Self {
        Self {
            unresolve_recipients: false,
            apply_to_all: true,
            unresolve_sender: false,
            refuse_sender_conflict: false,
            resolve_inactive: false,
        }
    }
}

impl ResolutionRules {
    /// Is "apply to all" offered, and in force where it is on? Only while recipients are left
    /// unresolved on multiple matches.
    #[must_use]
    pub const fn offers_apply_to_all(self) -> bool {
        self.unresolve_recipients
    }

    /// Does a resolution by hand reach other mails too?
    #[must_use]
    pub const fn applies_to_all(self) -> bool {
        self.offers_apply_to_all() && self.apply_to_all
    }
}

/// What an address stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one, several or none")]
pub enum Resolution {
    /// This record.
    Resolved(Candidate),
    /// All of these: two or more, in the order of their kinds, of one kind the older first.
    All(Vec<Candidate>),
    /// None, and why.
    Unresolved(Unresolved),
}

/// Why an address stands for no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unresolved {
    /// Nobody has it.
    #[error("expected a record with the address, found none")]
    NoMatch,
    /// Only inactive records have it.
    #[error("expected an active record with the address, found inactive ones alone")]
    Inactive,
    /// Several records have it, and a switch leaves such addresses to people.
    #[error("expected one record with the address, found several")]
    Several,
    /// Several records have the sender's address, and a switch forbids to track such mail
    /// automatically.
    #[error("expected one record with the sender's address, as mail of others is not tracked")]
    Conflict,
    /// [`TOO_MANY`] records have it, or more.
    #[error("expected fewer than {TOO_MANY} records with the address, found that many")]
    TooMany,
}

impl Unresolved {
    /// May the mail be tracked automatically in spite of it?
    #[must_use]
    pub const fn allows_tracking(self) -> bool {
        !matches!(self, Self::Conflict)
    }
}

/// Whom an address of a mail stands for: as [`resolve_sender`] decides for `From`, `Sender` and
/// `Reply-To`, as [`resolve_recipient`] decides for `To`, `Cc` and `Bcc` (which received mail seldom
/// has).
///
/// ```
/// use chrono::DateTime;
/// use correspond::id::RecordId;
/// use correspond::message::Role;
/// use correspond::party::{Candidate, PartyKind, Resolution, ResolutionRules, resolve};
///
/// let of = |kind, id| Candidate {
///     kind,
///     id: RecordId::new(id),
///     active: true,
///     created: DateTime::UNIX_EPOCH,
///     owner: None,
/// };
/// let (lead, contact) = (of(PartyKind::Lead, 1), of(PartyKind::Contact, 2));
/// let found = |role| resolve(role, &[lead, contact], None, ResolutionRules::default());
/// assert_eq!(found(Role::From), Resolution::Resolved(contact));
/// assert_eq!(found(Role::Cc), Resolution::All(vec![contact, lead]));
/// ```
#[must_use]
pub fn resolve(
    role: Role,
    candidates: &[Candidate],
    mailbox_owner: Option<RecordId>,
    rules: ResolutionRules,
) -> Resolution {
    match role {
        Role::From | Role::Sender | Role::ReplyTo => {
            resolve_sender(candidates, mailbox_owner, rules)
        }
        Role::To | Role::Cc | Role::Bcc => resolve_recipient(candidates, rules),
    }
}

/// Whom the sender of a mail is.
///
/// The only record that has the address, in whatever state. Of several the first active one by
/// [kind](PartyKind); but those come first that the owner of the mailbox owns, which tracks the mail
/// (for a queue's mailbox: the owner of the queue). Within one kind the record that was made first,
/// then the one with the smallest id: the older rule of the product, which had no order of kinds.
/// Two switches leave a sender unresolved that several records fit, inactive ones included; where
/// both are on, the one that forbids tracking tells the reason.
#[must_use]
pub fn resolve_sender(
    candidates: &[Candidate],
    mailbox_owner: Option<RecordId>,
    rules: ResolutionRules,
) -> Resolution {
    if candidates.len() >= TOO_MANY {
        return Resolution::Unresolved(Unresolved::TooMany);
    }
    match candidates {
        [] => return Resolution::Unresolved(Unresolved::NoMatch),
        [one] => return Resolution::Resolved(*one),
        _ if rules.refuse_sender_conflict => {
            return Resolution::Unresolved(Unresolved::Conflict);
        }
        _ if rules.unresolve_sender => return Resolution::Unresolved(Unresolved::Several),
        _ => {}
    }
    let foreign = |it: &Candidate| mailbox_owner.is_none() || it.owner != mailbox_owner;
    candidates
        .iter()
        .filter(|it| it.active || rules.resolve_inactive)
        .min_by_key(|it| (foreign(it), order(it)))
        .map_or(Resolution::Unresolved(Unresolved::Inactive), |first| Resolution::Resolved(*first))
}

/// Whom a recipient of a mail is: every active record that has the address. Several leave it
/// unresolved where [`unresolve_recipients`](ResolutionRules::unresolve_recipients) is on.
#[must_use]
pub fn resolve_recipient(candidates: &[Candidate], rules: ResolutionRules) -> Resolution {
    if candidates.len() >= TOO_MANY {
        return Resolution::Unresolved(Unresolved::TooMany);
    }
    let counts = |it: &&Candidate| it.active || rules.resolve_inactive;
    let mut counted: Vec<Candidate> = candidates.iter().filter(counts).copied().collect();
    counted.sort_unstable_by_key(order);
    match counted.as_slice() {
        [] if candidates.is_empty() => Resolution::Unresolved(Unresolved::NoMatch),
        [] => Resolution::Unresolved(Unresolved::Inactive),
        [one] => Resolution::Resolved(*one),
        _ if rules.unresolve_recipients => Resolution::Unresolved(Unresolved::Several),
        _ => Resolution::All(counted),
    }
}

const fn order(it: &Candidate) -> (PartyKind, DateTime<Utc>, RecordId) {
    (it.kind, it.created, it.id)
}

/// An address of a mail that stands for nobody yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "where an address stands")]
pub struct UnresolvedParty {
    /// The email activity.
    pub mail: RecordId,
    /// In which field of it.
    pub role: Role,
    /// The address.
    pub address: EmailAddress,
}

/// Somebody chose, in one mail, the record that one address stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "one choice")]
pub struct ByHand {
    /// The email activity at hand.
    pub mail: RecordId,
    /// The address.
    pub address: EmailAddress,
    /// The record chosen.
    pub record: RecordId,
}

impl ByHand {
    /// Does this choice resolve `party` too? In the mail at hand wherever the same address
    /// ([`EmailAddress::key`]) is unresolved; in other mails only where the rules
    /// [apply it to all](ResolutionRules::applies_to_all). Other addresses, and addresses that stand
    /// for somebody already, stay as they are.
    ///
    /// One party at a time, so that a host can walk through its unresolved parties in pages.
    #[must_use]
    pub fn resolves(&self, party: &UnresolvedParty, rules: ResolutionRules) -> bool {
        (party.mail == self.mail || rules.applies_to_all())
            && party.address.key() == self.address.key()
    }
}

/// A recipient of a mail that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a row of the list of parties")]
pub struct Outgoing {
    /// Whom it stands for; `None` is unresolved.
    pub record: Option<RecordId>,
    /// Where it goes.
    pub address: Option<EmailAddress>,
}

/// A mail cannot be sent as it is: the recipient, counted from 0, that is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendRefused {
    /// It has no address.
    #[error("recipient {0}: expected an address, found none")]
    NoAddress(usize),
    /// It is unresolved, and the organization does not allow that.
    #[error("recipient {0}: expected a record that the address stands for, found none")]
    Unresolved(usize),
}

/// Can a mail to these recipients be sent? `allow_unresolved` is the column
/// `organization.allowunresolvedpartiesonemailsend`. With it too, each recipient needs an address.
///
/// # Errors
///
/// The first recipient that is in the way.
pub fn check_recipients(
    recipients: &[Outgoing],
    allow_unresolved: bool,
) -> Result<(), SendRefused> {
    for (at, recipient) in recipients.iter().enumerate() {
        if recipient.address.is_none() {
            return Err(SendRefused::NoAddress(at));
        }
        if recipient.record.is_none() && !allow_unresolved {
            return Err(SendRefused::Unresolved(at));
        }
    }
    Ok(())
}
