//! Why a contact gets nothing, for people.

use correspond::address::Mailbox;
use correspond::recipients::{Block, Keep, Outcome, Stop};

use crate::preparation::{FROM_REFUSED, INACTIVE, NO_FROM, Preparation};

/// The reason in a few words, as counts have it.
pub(crate) fn block(reason: Block) -> String {
    match reason {
        INACTIVE => "the contact is inactive".to_owned(),
        NO_FROM => "no From address comes out".to_owned(),
        FROM_REFUSED => "the From address may not be used".to_owned(),
        other => other.to_string(),
    }
}

/// Whether the row gets the message, and if not, with what is behind it.
pub(crate) fn why(of: &Preparation<'_>, row: usize, outcome: Outcome) -> String {
    let contacts = &of.input.contacts;
    match outcome {
        Outcome::Duplicate { of: winner } => {
            let winner = winner as usize;
            let (line, name) = (contacts.line(winner), contacts.name(winner));
            let rule = match of.keep {
                Keep::HighestRank => ", changed last",
                _ => "",
            };
            format!("duplicate of line {line} ({name}{rule})")
        }
        Outcome::Blocked(Block::InvalidAddress) => {
            let invalid = Mailbox::address_in(contacts.address(row)).err();
            let said = invalid.map(|error| format!(": {error}")).unwrap_or_default();
            format!("{}{said}", block(Block::InvalidAddress))
        }
        Outcome::Blocked(NO_FROM) => match of.sender_of(row) {
            Err(error) => {
                let said = error.to_string();
                let said = said.strip_prefix("from address: ").unwrap_or(&said);
                format!("{}: {said}", block(NO_FROM))
            }
            // The From address of another row of the contact.
            Ok(_) => block(NO_FROM),
        },
        Outcome::Blocked(FROM_REFUSED) => {
            let seen = of.seen(row);
            let refused = seen.and_then(|seen| seen.check).filter(|check| !check.can_go_live());
            let address = seen.and_then(|seen| seen.from.as_ref().ok()).map(|made| made.from());
            match (refused, address) {
                (Some(check), Some(from)) => {
                    format!("{}: {}: {}", block(FROM_REFUSED), from.as_str(), check.finding())
                }
                // The From address of another row of the contact.
                _ => block(FROM_REFUSED),
            }
        }
        Outcome::Blocked(reason) => block(reason),
        Outcome::Stopped(Stop::ConsentLevel) => {
            let minimum = of.input.message.journey.minimum_consent;
            let level = contacts.all.get(row).map(|contact| contact.person.level());
            let found = level.map(|level| level.to_string()).unwrap_or_default();
            format!("{}: expected {minimum} or above, found {found}", Stop::ConsentLevel)
        }
        other => other.to_string(),
    }
}

/// What happens with the message for a contact, in a word.
pub(crate) const fn kind(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Send => "sent",
        Outcome::Duplicate { .. } => "duplicate",
        Outcome::Blocked(_) => "blocked",
        Outcome::Stopped(_) => "stopped",
        _ => "elsewhere",
    }
}
