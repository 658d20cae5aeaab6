//! Contacts of a directory, as many as wanted, the same each time.

use chrono::{DateTime, TimeDelta};
use correspond::id::RecordId;
use correspond::index::Keyer;
use correspond::record::{LookupKey, LookupKind, Record, RecordKind};
use correspond::text::fold_into;

const GIVEN: [&str; 32] = [
    "Ann",
    "Bob",
    "Christine",
    "Daniel",
    "Eve",
    "Ferdinand",
    "Gil",
    "Hannelore",
    "Ines",
    "Jakob",
    "Karin",
    "Leopold",
    "Mia",
    "Noah",
    "Olivia",
    "Paul",
    "Quentin",
    "Rosa",
    "Samuel",
    "Theresa",
    "Ulrich",
    "Vera",
    "Walter",
    "Xenia",
    "Yvonne",
    "Zoe",
    "Mehmet",
    "Aylin",
    "Pawel",
    "Agnieszka",
    "Giuseppe",
    "Lucia",
];

const STEMS: [&str; 16] = [
    "Linden", "Berg", "Stein", "Wald", "Silver", "North", "Alder", "Kirch", "Rosen", "Hill",
    "Winter", "Mar", "Gold", "Feld", "Ash", "Oster",
];

const ENDINGS: [&str; 16] = [
    "berg", "mann", "er", "son", "wood", "ford", "stein", "bach", "ski", "ley", "hoff", "ton",
    "ini", "sen", "feld", "meier",
];

const DOMAINS: [&str; 8] = [
    "mail.example",
    "web.example",
    "university.example",
    "firm.example",
    "post.example",
    "provider.example",
    "post.provider.example",
    "office.example",
];

/// A number without a pattern for each number.
pub(crate) const fn scattered(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

fn some<'a>(list: &[&'a str], bits: u64) -> &'a str {
    list[bits as usize % list.len()]
}

/// Who is to be matched: as stored, or as somebody filled in a form.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) first: String,
    pub(crate) last: String,
}

/// By which attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Email,
    EmailAndName,
}

impl Person {
    /// The contact of this number. Addresses have 27 octets on average; one in a hundred shares that
    /// of the one before it, who has the same family name.
    pub(crate) fn new(number: u64) -> Self {
        let family = if number % 100 == 99 { number - 1 } else { number };
        let bits = scattered(family);
        let last = format!("{}{}", some(&STEMS, bits), some(&ENDINGS, bits >> 8));
        let given = some(&GIVEN, bits >> 16).to_lowercase();
        let (name, domain) = (last.to_lowercase(), some(&DOMAINS, bits >> 24));
        let email = match family % 4 {
            0 => format!("{given}.{name}{family}@{domain}"),
            1 => format!("{}.{name}.{family:x}@{domain}", given.get(..1).unwrap_or(&given)),
            2 => format!("{name}_{family:x}@{domain}"),
            _ => format!("{given}{family}@{domain}"),
        };
        // Of a family, no two have one name.
        let first = some(&GIVEN, (bits >> 16) + (number - family));
        Self { email, first: first.into(), last }
    }

    /// The same as one in ten types it: in capitals, or each part capitalised.
    pub(crate) fn typed(mut self, number: u64) -> Self {
        match number % 20 {
            0 => {
                for text in [&mut self.email, &mut self.first, &mut self.last] {
                    text.make_ascii_uppercase();
                }
            }
            1 => self.email.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase),
            _ => {}
        }
        self
    }

    /// The key that it is matched by. `text` is room for what the key is made of.
    pub(crate) fn key(&self, by: By, keyer: &Keyer, text: &mut String) -> LookupKey {
        text.clear();
        text.push_str(match by {
            By::Email => "email\n",
            By::EmailAndName => "email, first, last\n",
        });
        fold_into(&self.email, text);
        if by == By::EmailAndName {
            text.push('\n');
            fold_into(&self.first, text);
            text.push('\n');
            fold_into(&self.last, text);
        }
        LookupKey::new(keyer, LookupKind::Match, text.as_bytes())
    }

    /// What a user of a map would take for the key.
    pub(crate) fn map_key(&self, by: By) -> String {
        let mut key = self.email.to_lowercase();
        if by == By::EmailAndName {
            key.push('\n');
            key.push_str(&self.first.to_lowercase());
            key.push('\n');
            key.push_str(&self.last.to_lowercase());
        }
        key
    }

    /// The attributes, in the serde form of `party::Attributes`.
    pub(crate) fn body(&self) -> String {
        let Self { email, first, last } = self;
        format!(
            r#"{{"emailaddress1":{{"text":"{email}"}},"firstname":{{"text":"{first}"}},"lastname":{{"text":"{last}"}}}}"#
        )
    }

    /// The record that a store keeps, with both keys where it is to be found by them.
    pub(crate) fn record(&self, number: u64, keyer: Option<&Keyer>) -> Record {
        let contact = RecordKind::Contact.of(RecordId::new(u128::from(number)));
        let modified = DateTime::UNIX_EPOCH + TimeDelta::seconds(number as i64);
        let record = Record::new(contact, modified, self.body()).unwrap();
        let mut text = String::new();
        let keys = keyer.into_iter().flat_map(|keyer| {
            [By::Email, By::EmailAndName].map(|by| self.key(by, keyer, &mut text))
        });
        record.with_keys(keys).unwrap()
    }
}
