//! What waits for a click.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::change::{Origin, related_key};
use super::error::{ConsentError, Problem};
use super::level::Level;
use super::link::LinkLife;
use super::lists::Memberships;
use super::person::Person;
use super::setup::Mailing;
use super::thank_you::ThankYou;
use super::wanted::{Ask, Wanted};
use crate::id::RecordId;
use crate::index::{Keyer, to_microsecond};
use crate::party::Attributes;
use crate::record::{Record, RecordError, RecordKind, Space, UniqueKey};

/// A double opt-in request: what waits for a click, and where the click leads. A record of kind
/// [`OptInRequest`](RecordKind::OptInRequest).
///
/// Of one contact at most one request waits for the same thing (a list, a level): asked for again, it
/// is renewed, and the links of both mails lead to it. The store keeps keyed hashes of the links,
/// never the tokens.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use correspond::consent::{Ask, LinkLife, OptInRequest, Origin, Standing, ThankYou};
/// use correspond::id::RecordId;
///
/// let (ann, news, page) = (RecordId::new(7), RecordId::new(1), RecordId::new(9));
/// let (now, life) = (DateTime::UNIX_EPOCH, LinkLife::default());
/// let request =
///     OptInRequest::new(ann, Ask::List(news), ThankYou::Page(page), Origin::default(), now, life);
/// assert_eq!(request.standing(now + TimeDelta::days(30)), Standing::Open);
/// let late = now + TimeDelta::days(31);
/// assert_eq!(request.standing(late), Standing::Expired { at: now + TimeDelta::days(30) });
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptInRequest {
    asked: Asked,
    thank_you: ThankYou,
    origin: Origin,
    expires: DateTime<Utc>,
    state: RequestState,
}

/// What is to be confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Asked {
    /// One thing, of a contact that is there (the organization's double opt-in).
    Contact {
        /// Whose consent.
        contact: RecordId,
        /// A level or a list.
        ask: Ask,
    },
    /// A whole submission (a form's own double opt-in).
    Held(Held),
    /// A submission that was held back until it was confirmed: what it held is this contact's now.
    Released {
        /// The contact.
        contact: RecordId,
    },
}

impl Asked {
    /// The same as a wish.
    pub(crate) fn wanted(&self) -> Wanted {
        match self {
            Self::Contact { ask, .. } => ask.wanted(),
            Self::Held(held) => held.wanted.clone(),
            Self::Released { .. } => Wanted::new(),
        }
    }
}

/// A submission that is held back: what it would set, and what it wants of level and lists. It is the
/// only trace of its sender until it is confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "HeldWire")]
pub struct Held {
    attributes: Attributes,
    wanted: Wanted,
}

/// What is read goes through [`Held::new`] like everything else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldWire {
    attributes: Attributes,
    wanted: Wanted,
}

impl TryFrom<HeldWire> for Held {
    type Error = ConsentError;

    fn try_from(wire: HeldWire) -> Result<Self, ConsentError> {
        Self::new(wire.attributes, wire.wanted)
    }
}

impl Held {
    /// A submission with these values, which wants this.
    ///
    /// # Errors
    ///
    /// The level or the memberships are among the values: they belong into `wanted`, or they would
    /// change past the log. Or a value cannot be one of the columns that [`Person`] reads: every click
    /// would fail.
    pub fn new(attributes: Attributes, wanted: Wanted) -> Result<Self, ConsentError> {
        for column in [Level::COLUMN, Memberships::ATTRIBUTE] {
            if attributes.get(column).is_some() {
                return Err(Problem::Held { column }.into());
            }
        }
        Person::from_attributes(&attributes)?;
        Ok(Self { attributes, wanted })
    }

    /// The values to set.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// What it wants of level and lists.
    #[must_use]
    pub const fn wanted(&self) -> &Wanted {
        &self.wanted
    }
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RequestState {
    /// Nobody has answered it.
    Open,
    /// It was confirmed.
    Spent {
        /// When.
        at: DateTime<Utc>,
    },
    /// The person has asked for the opposite since.
    Withdrawn {
        /// When.
        at: DateTime<Utc>,
    },
}

/// What a click on a link of the request comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a caller has to answer each")]
pub enum Standing {
    /// It confirms.
    Open,
    /// It was confirmed before.
    Spent {
        /// When.
        at: DateTime<Utc>,
    },
    /// It was withdrawn before.
    Withdrawn {
        /// When.
        at: DateTime<Utc>,
    },
    /// It comes too late.
    Expired {
        /// The last moment in which it would have confirmed.
        at: DateTime<Utc>,
    },
}

impl OptInRequest {
    /// At most this many links lead to one request. One more, and those before it are unknown.
    pub const MAX_LINKS: usize = 16;

    /// A request of a contact for one thing, made at `now`.
    #[must_use]
    pub fn new(
        contact: RecordId,
        ask: Ask,
        thank_you: ThankYou,
        origin: Origin,
        now: DateTime<Utc>,
        life: LinkLife,
    ) -> Self {
        Self::open(Asked::Contact { contact, ask }, thank_you, origin, life.ends(now))
    }

    /// A request of whoever sent this submission, made at `now`.
    #[must_use]
    pub fn hold(
        held: Held,
        mailing: &Mailing,
        origin: Origin,
        now: DateTime<Utc>,
        life: LinkLife,
    ) -> Self {
        Self::open(Asked::Held(held), mailing.thank_you().clone(), origin, life.ends(now))
    }

    fn open(asked: Asked, thank_you: ThankYou, origin: Origin, expires: DateTime<Utc>) -> Self {
        let expires = to_microsecond(expires);
        Self { asked, thank_you, origin, expires, state: RequestState::Open }
    }

    /// What is to be confirmed.
    #[must_use]
    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Where a click leads.
    #[must_use]
    pub const fn thank_you(&self) -> &ThankYou {
        &self.thank_you
    }

    /// Where the request came from: that is where the change comes from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The last moment in which a click confirms.
    #[must_use]
    pub const fn expires(&self) -> DateTime<Utc> {
        self.expires
    }

    /// What a click at `now` comes to. A second click is one, however late.
    #[must_use]
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match self.state {
            RequestState::Spent { at } => Standing::Spent { at },
            RequestState::Withdrawn { at } => Standing::Withdrawn { at },
            RequestState::Open if now > self.expires => Standing::Expired { at: self.expires },
            RequestState::Open => Standing::Open,
        }
    }

    /// The same, confirmed at `now` for this contact. What it held is let go.
    #[must_use]
    pub fn spent(mut self, contact: RecordId, now: DateTime<Utc>) -> Self {
        if let Asked::Held(_) = self.asked {
            self.asked = Asked::Released { contact };
        }
        self.state = RequestState::Spent { at: to_microsecond(now) };
        self
    }

    /// The same, withdrawn at `now`.
    #[must_use]
    pub fn withdrawn(mut self, now: DateTime<Utc>) -> Self {
        self.state = RequestState::Withdrawn { at: to_microsecond(now) };
        self
    }

    /// What the one request has that waits for this of this contact.
    #[must_use]
    pub fn pending_key(keyer: &Keyer, contact: RecordId, ask: Ask) -> UniqueKey {
        let mut text = contact.get().to_be_bytes().to_vec();
        match ask {
            Ask::Level(level) => text.push(level as u8),
            Ask::List(list) => text.extend(list.get().to_be_bytes()),
        }
        UniqueKey::new(keyer, Space::Pending, &text)
    }

    /// The record that keeps it, written at `now`, found by these links (keys of other spaces are
    /// passed over). While it waits it has its [`pending_key`](Self::pending_key) too.
    ///
    /// # Errors
    ///
    /// A submission that is too long to be kept; or more than 63 links.
    pub fn to_record(
        &self,
        id: RecordId,
        links: impl IntoIterator<Item = UniqueKey>,
        keyer: &Keyer,
        now: DateTime<Utc>,
    ) -> Result<Record, RecordError> {
        let links = links.into_iter().filter(|key| key.space() == Space::Link);
        let (contact, pending) = match self.asked {
            Asked::Contact { contact, ask } => {
                let open = self.standing(now) == Standing::Open;
                (Some(contact), open.then(|| Self::pending_key(keyer, contact, ask)))
            }
            Asked::Released { contact } => (Some(contact), None),
            Asked::Held(_) => (None, None),
        };
        // Text, ids, times and levels: what it is made of can be written.
        let body = serde_json::to_string(self).unwrap_or_default();
        Record::new(RecordKind::OptInRequest.of(id), now, body)?
            .with_unique(links.chain(pending))?
            .with_keys(contact.map(|contact| related_key(keyer, RecordKind::Contact.of(contact))))
    }

    /// Reads what [`to_record`](Self::to_record) wrote.
    ///
    /// # Errors
    ///
    /// The record is of another kind, or its body is no request.
    pub fn from_record(record: &Record) -> Result<Self, ConsentError> {
        let wrong = |why| {
            let record = record.reference();
            ConsentError::from(Problem::Body { record, expected: "a double opt-in request", why })
        };
        if record.reference().kind() != RecordKind::OptInRequest {
            return Err(wrong("a record of another kind".to_owned()));
        }
        serde_json::from_str(record.body()).map_err(|error| wrong(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{LinkToken, ThankYouUrl};
    use crate::party::Value;
    use chrono::TimeDelta;

    fn keyer() -> Keyer {
        Keyer::from_secret([3; 16])
    }

    fn link(n: u8) -> UniqueKey {
        LinkToken::from_entropy(&[n; 16]).unwrap().key(&keyer())
    }

    fn request() -> OptInRequest {
        let (ask, page) = (Ask::Level(Level::Marketing), ThankYou::Page(RecordId::new(9)));
        let now = DateTime::UNIX_EPOCH;
        OptInRequest::new(RecordId::new(7), ask, page, Origin::default(), now, LinkLife::default())
    }

    /// facts 7.6: 30 days; the last moment counts, the next does not.
    #[test]
    fn a_request_stands_open_until_it_is_answered_or_over() {
        let (now, request) = (DateTime::UNIX_EPOCH, request());
        let end = now + TimeDelta::days(30);
        assert_eq!(request.expires(), end);
        assert_eq!(request.standing(end), Standing::Open);
        let late = end + TimeDelta::microseconds(1);
        assert_eq!(request.standing(late), Standing::Expired { at: end });
        let spent = request.clone().spent(RecordId::new(7), now);
        assert_eq!(spent.standing(late), Standing::Spent { at: now });
        let withdrawn = request.withdrawn(now);
        assert_eq!(withdrawn.standing(late), Standing::Withdrawn { at: now });
    }

    #[test]
    fn requests_come_back_from_their_records() {
        let (now, keyer, id) = (DateTime::UNIX_EPOCH, keyer(), RecordId::new(1));
        let mut values = Attributes::default();
        values.set("firstname", Value::Text("A\0nn".into())).unwrap();
        let wanted = Wanted::new().with_level(Level::Consent).joining([RecordId::new(3)]).unwrap();
        let held = Held::new(values, wanted).unwrap();
        assert_eq!(held.wanted().max_confirmations(), 2);
        let url = ThankYou::Url(ThankYouUrl::new("https://a.example/x").unwrap());
        let mailing = Mailing::new(RecordId::new(1), RecordId::new(2), url);
        let life = LinkLife::default();
        let held = OptInRequest::hold(held, &mailing, Origin::default(), now, life);
        for request in [request(), held] {
            for state in [
                request.clone(),
                request.clone().spent(RecordId::new(7), now),
                request.withdrawn(now),
            ] {
                let record = state.to_record(id, [link(1), link(2)], &keyer, now).unwrap();
                assert_eq!(OptInRequest::from_record(&record), Ok(state.clone()));
                let waits = matches!(state.asked(), Asked::Contact { .. })
                    && state.standing(now) == Standing::Open;
                assert_eq!(record.unique().len(), 2 + usize::from(waits));
                // The links that a record has are carried on, its other keys are not doubled.
                let links = record.unique().iter().copied();
                let again = state.to_record(id, links, &keyer, now).unwrap();
                assert_eq!(again, record);
                // Nothing of a link can be read.
                assert!(!record.body().contains(&"01".repeat(16)));
            }
        }
    }

    /// facts 7.6: what was held back is the contact's once it is confirmed, and not kept twice.
    #[test]
    fn a_released_submission_lets_go_of_its_values() {
        let mut values = Attributes::default();
        values.set("firstname", Value::Text("Ann".into())).unwrap();
        let held = Held::new(values, Wanted::new()).unwrap();
        assert_eq!(held.attributes().len(), 1);
        let mailing =
            Mailing::new(RecordId::new(1), RecordId::new(2), ThankYou::Page(RecordId::new(3)));
        let now = DateTime::UNIX_EPOCH;
        let held = OptInRequest::hold(held, &mailing, Origin::default(), now, LinkLife::default());
        let record = |request: &OptInRequest| {
            request.to_record(RecordId::new(1), [link(1)], &keyer(), now).unwrap()
        };
        assert!(record(&held).body().contains("Ann") && record(&held).keys().is_empty());
        let spent = held.spent(RecordId::new(7), now);
        assert_eq!(spent.asked(), &Asked::Released { contact: RecordId::new(7) });
        assert!(!record(&spent).body().contains("Ann"));
    }

    #[test]
    fn a_submission_does_not_carry_consent_past_the_log() {
        for column in [Level::COLUMN, Memberships::ATTRIBUTE] {
            let mut values = Attributes::default();
            values.set(column, Value::Whole(1)).unwrap();
            assert_eq!(
                Held::new(values, Wanted::new()).unwrap_err().to_string(),
                format!("held submission: expected values without {column}, found one")
            );
            // Nor does one that is read from outside.
            let value = serde_json::json!({ "whole": 1 });
            let mut json = serde_json::json!({ "attributes": {}, "wanted": {} });
            assert!(serde_json::from_value::<Held>(json.clone()).is_ok());
            json["attributes"][column] = value;
            let error = serde_json::from_value::<Held>(json).unwrap_err();
            assert!(error.to_string().starts_with("held submission: expected values without"));
        }
        let mut values = Attributes::default();
        values.set(Person::CHILD, Value::Text("no".into())).unwrap();
        assert_eq!(
            Held::new(values, Wanted::new()).unwrap_err().to_string(),
            "msgdpr_gdprischild: expected yes or no, found Text(\"no\")"
        );
    }

    #[test]
    fn what_is_no_request_is_not_read_as_one() {
        let record = |kind: RecordKind, body: &str| {
            Record::new(kind.of(RecordId::new(10)), DateTime::UNIX_EPOCH, body).unwrap()
        };
        let read = |kind, body| OptInRequest::from_record(&record(kind, body)).unwrap_err();
        assert_eq!(
            read(RecordKind::Alert, "{}").to_string(),
            "Alert 0000000000000000000000000000000a: expected a double opt-in request: a record of \
             another kind"
        );
        assert!(read(RecordKind::OptInRequest, "{}").to_string().contains("missing field"));
    }

    #[test]
    fn unlike_asks_have_unlike_keys() {
        let keyer = keyer();
        let mut keys: Vec<_> = Level::ALL.into_iter().map(Ask::Level).collect();
        keys.extend((0..8).map(|n| Ask::List(RecordId::new(n))));
        let mut keys: Vec<_> = [1, 2]
            .into_iter()
            .flat_map(|contact| keys.iter().map(move |ask| (RecordId::new(contact), *ask)))
            .map(|(contact, ask)| OptInRequest::pending_key(&keyer, contact, ask))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 28);
    }
}
