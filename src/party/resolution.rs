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
pub struct Addressee {
    /// Whom it stands for; `None` is unresolved.
    pub record: Option<RecordId>,
    /// Where it goes.
    pub address: Option<EmailAddress>,
}

/// A mail cannot be sent as it is: the recipient that is in the way, by its place,
/// which counts from 0; `Display` counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendRefused {
    /// It has no address.
    #[error("recipient {}: expected an address, found none", .0.saturating_add(1))]
    NoAddress(usize),
    /// It is unresolved, and the organization does not allow that.
    #[error("recipient {}: expected a record that the address stands for, found none", .0.saturating_add(1))]
    Unresolved(usize),
}

/// Can a mail to these recipients be sent? `allow_unresolved` is the column
/// `organization.allowunresolvedpartiesonemailsend`. With it too, each recipient needs an address.
///
/// # Errors
///
/// The first recipient that is in the way.
pub fn check_recipients(
    recipients: &[Addressee],
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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn candidate(kind: PartyKind, id: u128) -> Candidate {
        Candidate {
            kind,
            id: RecordId::new(id),
            active: true,
            created: DateTime::UNIX_EPOCH,
            owner: None,
        }
    }

    const KINDS: [PartyKind; 8] = [
        PartyKind::User,
        PartyKind::Contact,
        PartyKind::Account,
        PartyKind::Lead,
        PartyKind::Equipment,
        PartyKind::Team,
        PartyKind::BusinessUnit,
        PartyKind::Other,
    ];

    fn sender(candidates: &[Candidate], rules: ResolutionRules) -> Result<u128, Unresolved> {
        match resolve(Role::From, candidates, Some(RecordId::new(0xa)), rules) {
            Resolution::Resolved(one) => Ok(one.id.get()),
            Resolution::Unresolved(why) => Err(why),
            Resolution::All(all) => panic!("a sender is one: {all:?}"),
        }
    }

    fn recipient(
        candidates: &[Candidate],
        rules: ResolutionRules,
    ) -> Result<Vec<u128>, Unresolved> {
        match resolve(Role::To, candidates, Some(RecordId::new(0xa)), rules) {
            Resolution::Resolved(one) => Ok(vec![one.id.get()]),
            Resolution::All(all) => {
                assert!(all.len() > 1, "one is resolved");
                Ok(all.iter().map(|it| it.id.get()).collect())
            }
            Resolution::Unresolved(why) => Err(why),
        }
    }

    /// Facts 3.8: user, contact, account, lead, equipment, team, business unit, others.
    #[test]
    fn a_sender_resolves_in_the_order_of_kinds() {
        let rules = ResolutionRules::default();
        let all: Vec<_> = (1..).zip(KINDS).map(|(id, kind)| candidate(kind, id)).collect();
        for first in 0..all.len() {
            let mut some = all[first..].to_vec();
            some.reverse();
            assert_eq!(sender(&some, rules), Ok(first as u128 + 1));
        }
        // The older rule where the kind is the same: the first that was made, then the smallest id.
        let mut older = candidate(PartyKind::Contact, 9);
        older.created -= TimeDelta::seconds(1);
        let twins = [candidate(PartyKind::Contact, 3), candidate(PartyKind::Contact, 2), older];
        assert_eq!(sender(&twins, rules), Ok(9));
        assert_eq!(sender(&twins[..2], rules), Ok(2));
    }

    /// Facts 3.8: a row owned by the mailbox's owner is preferred over the order.
    #[test]
    fn a_sender_that_the_owner_of_the_mailbox_owns_comes_first() {
        let rules = ResolutionRules::default();
        let contact = candidate(PartyKind::Contact, 1);
        let own = Candidate { owner: Some(RecordId::new(0xa)), ..candidate(PartyKind::Account, 2) };
        let foreign = Candidate { owner: Some(RecordId::new(0xb)), ..own };
        assert_eq!(sender(&[contact, own], rules), Ok(2));
        assert_eq!(sender(&[contact, foreign], rules), Ok(1));
        let nobody = resolve_sender(&[own, contact], None, rules);
        assert_eq!(nobody, Resolution::Resolved(contact));
        let own_lead = Candidate { kind: PartyKind::Lead, id: RecordId::new(3), ..own };
        assert_eq!(sender(&[own_lead, own, contact], rules), Ok(2), "by kind among one's own");
        let asleep = Candidate { active: false, ..own };
        assert_eq!(sender(&[contact, asleep], rules), Ok(1), "an inactive one is nobody's choice");
    }

    /// Facts 3.8, 3.10: one row whatever its state, several among the active ones;
    /// `ResolveForInactiveEntities`.
    #[test]
    fn inactive_records_count_where_the_switch_says_so() {
        let rules = ResolutionRules::default();
        let all = ResolutionRules { resolve_inactive: true, ..rules };
        let active = candidate(PartyKind::Lead, 2);
        let asleep = Candidate { active: false, ..candidate(PartyKind::Contact, 1) };
        assert_eq!(sender(&[asleep], rules), Ok(1));
        assert_eq!(sender(&[asleep, active], rules), Ok(2));
        assert_eq!(sender(&[asleep, active], all), Ok(1));
        assert_eq!(sender(&[asleep, asleep], rules), Err(Unresolved::Inactive));
        assert_eq!(recipient(&[asleep], rules), Err(Unresolved::Inactive));
        assert_eq!(recipient(&[asleep], all), Ok(vec![1]));
        assert_eq!(recipient(&[active, asleep], rules), Ok(vec![2]));
        assert_eq!(recipient(&[active, asleep], all), Ok(vec![1, 2]));
    }

    /// Facts 3.8, 3.10: `UnresolveSenderInCaseOfMultipleMatch`,
    /// `OverrideV5SenderConflictResolution`.
    #[test]
    fn two_switches_leave_a_sender_of_several_records_unresolved() {
        let rules = ResolutionRules::default();
        let unresolve = ResolutionRules { unresolve_sender: true, ..rules };
        let refuse = ResolutionRules { refuse_sender_conflict: true, ..rules };
        let two = [candidate(PartyKind::Contact, 1), candidate(PartyKind::Lead, 2)];
        assert_eq!(sender(&two, rules), Ok(1));
        assert_eq!(sender(&two, unresolve), Err(Unresolved::Several));
        assert_eq!(sender(&two, refuse), Err(Unresolved::Conflict));
        let both = ResolutionRules { unresolve_sender: true, ..refuse };
        assert_eq!(sender(&two, both), Err(Unresolved::Conflict));
        for rules in [unresolve, refuse] {
            assert_eq!(sender(&two[..1], rules), Ok(1));
            assert_eq!(recipient(&two, rules), Ok(vec![1, 2]), "recipients have their own switch");
        }
        assert!(Unresolved::Several.allows_tracking() && !Unresolved::Conflict.allows_tracking());
    }

    /// Facts 3.8: fewer than 100 are resolved.
    #[test]
    fn a_hundred_records_are_too_many() {
        let many: Vec<_> = (0..100).map(|id| candidate(PartyKind::Contact, id)).collect();
        for rules in [
            ResolutionRules::default(),
            ResolutionRules { unresolve_sender: true, ..ResolutionRules::default() },
        ] {
            assert_eq!(sender(&many, rules), Err(Unresolved::TooMany));
            assert_eq!(recipient(&many, rules), Err(Unresolved::TooMany));
        }
        let rules = ResolutionRules::default();
        assert_eq!(sender(&many[1..], rules), Ok(1));
        assert_eq!(recipient(&many[1..], rules).map(|all| all.len()), Ok(99));
        assert_eq!(sender(&[], rules), Err(Unresolved::NoMatch));
        assert_eq!(recipient(&[], rules), Err(Unresolved::NoMatch));
        let said = [
            (Unresolved::NoMatch, "expected a record with the address, found none"),
            (
                Unresolved::Inactive,
                "expected an active record with the address, found inactive ones alone",
            ),
            (Unresolved::Several, "expected one record with the address, found several"),
            (
                Unresolved::Conflict,
                "expected one record with the sender's address, as mail of others is not tracked",
            ),
            (
                Unresolved::TooMany,
                "expected fewer than 100 records with the address, found that many",
            ),
        ];
        for (why, text) in said {
            assert_eq!(why.to_string(), text);
        }
    }

    /// System Settings, Email tab; B051 to B055.
    #[test]
    fn recipients_of_several_records_resolve_to_all_or_stay_unresolved() {
        let rules = ResolutionRules::default();
        assert!(!rules.unresolve_recipients, "B052");
        let unresolve = ResolutionRules { unresolve_recipients: true, ..rules };
        let two = [candidate(PartyKind::Lead, 2), candidate(PartyKind::Contact, 1)];
        let both = Resolution::All(vec![two[1], two[0]]);
        let several = Resolution::Unresolved(Unresolved::Several);
        for role in [Role::To, Role::Cc, Role::Bcc] {
            assert_eq!(resolve(role, &two, None, rules), both, "{role}");
            assert_eq!(resolve(role, &two, None, unresolve), several, "{role}");
            let one = resolve(role, &two[..1], None, unresolve);
            assert_eq!(one, Resolution::Resolved(two[0]), "{role}");
        }
        for role in [Role::From, Role::Sender, Role::ReplyTo] {
            let first = resolve(role, &two, None, unresolve);
            assert_eq!(first, Resolution::Resolved(two[1]), "{role}: its own switch");
        }
    }

    fn party(mail: u128, role: Role, address: &str) -> UnresolvedParty {
        UnresolvedParty { mail: RecordId::new(mail), role, address: address.parse().unwrap() }
    }

    /// System Settings, Email tab; B056 to B061.
    #[test]
    fn an_address_resolved_by_hand_reaches_other_mails_where_it_applies_to_all() {
        let choice = ByHand {
            mail: RecordId::new(1),
            address: "info@x.example".parse().unwrap(),
            record: RecordId::new(7),
        };
        let parties = [
            party(1, Role::To, "info@x.example"),
            party(1, Role::Cc, "Info@X.example"),
            party(1, Role::To, "sales@x.example"),
            party(2, Role::Bcc, "INFO@x.example"),
            party(2, Role::To, "sales@x.example"),
        ];
        let resolved = |unresolve_recipients, apply_to_all| {
            let rules = ResolutionRules {
                unresolve_recipients,
                apply_to_all,
                ..ResolutionRules::default()
            };
            parties.each_ref().map(|party| choice.resolves(party, rules))
        };
        let at_hand = [true, true, false, false, false];
        assert_eq!(resolved(true, true), [true, true, false, true, false], "B060");
        assert_eq!(resolved(true, false), at_hand, "B061");
        // B059: stored as it is, inert until the other switch is on.
        assert_eq!(resolved(false, true), at_hand);
        assert_eq!(resolved(false, false), at_hand);
        let rules = ResolutionRules::default();
        assert!(rules.apply_to_all, "B058");
        assert!(!rules.offers_apply_to_all() && !rules.applies_to_all(), "B059");
    }

    /// System Settings, Email tab; facts 1.1; B048 to B050.
    #[test]
    fn mail_with_unresolved_recipients_is_sent_where_that_is_allowed() {
        let address = || "info@x.example".parse().ok();
        let resolved = Addressee { record: Some(RecordId::new(1)), address: address() };
        let unresolved = Addressee { record: None, address: address() };
        let nowhere = Addressee { record: Some(RecordId::new(1)), address: None };
        let check = |last: &Addressee, allowed| {
            check_recipients(&[resolved.clone(), last.clone()], allowed)
        };
        assert_eq!(check(&resolved, false), Ok(()));
        assert_eq!(check(&unresolved, true), Ok(()));
        let refused = check(&unresolved, false).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "recipient 2: expected a record that the address stands for, found none"
        );
        for allowed in [false, true] {
            let refused = check(&nowhere, allowed).unwrap_err();
            assert_eq!(refused.to_string(), "recipient 2: expected an address, found none");
            let neither = Addressee { record: None, ..nowhere.clone() };
            assert_eq!(check(&neither, allowed), Err(SendRefused::NoAddress(1)));
        }
    }

    fn any_candidates() -> impl Strategy<Value = Vec<Candidate>> {
        let one = (0..KINDS.len(), any::<bool>(), 0_i64..3, 0_u128..3);
        prop::collection::vec(one, 0..8).prop_map(|rows| {
            let rows = (0..).zip(rows);
            rows.map(|(id, (kind, active, second, owner))| Candidate {
                active,
                created: DateTime::UNIX_EPOCH + TimeDelta::seconds(second),
                owner: Some(RecordId::new(9 + owner)),
                ..candidate(KINDS[kind], id)
            })
            .collect()
        })
    }

    proptest! {
        /// Facts 3.8: what is found does not hang on the order in which it is found, and nothing
        /// inactive is taken beside others.
        #[test]
        fn resolution_does_not_depend_on_the_order_of_candidates(
            candidates in any_candidates(),
            turn in 0_usize..8,
            (unresolve_recipients, unresolve_sender, resolve_inactive) in any::<(bool, bool, bool)>(),
        ) {
            let rules = ResolutionRules {
                unresolve_recipients,
                unresolve_sender,
                resolve_inactive,
                ..ResolutionRules::default()
            };
            let mut turned = candidates.clone();
            turned.rotate_left(turn.min(candidates.len()));
            turned.reverse();
            prop_assert_eq!(sender(&candidates, rules), sender(&turned, rules));
            let found = recipient(&candidates, rules);
            prop_assert_eq!(&found, &recipient(&turned, rules));
            let counted = candidates.iter().filter(|it| it.active || resolve_inactive).count();
            match found {
                Ok(all) => prop_assert_eq!(all.len(), counted),
                Err(Unresolved::Several) => prop_assert!(counted > 1 && unresolve_recipients),
                Err(_) => prop_assert_eq!(counted, 0),
            }
        }
    }
}
