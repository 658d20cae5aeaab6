//! Addresses and contacts that get nothing.

use std::collections::HashMap;
use std::path::Path;

use correspond::id::RecordId;
use correspond::recipients::{AddressList, Block};

use crate::table::{Row, Table, Wrong};

const BUNDLED: (&str, &str) = ("suppressed.csv", include_str!("../data/campaign/suppressed.csv"));

/// Who gets nothing, by reason.
#[derive(Default)]
pub(crate) struct Suppressed {
    pub(crate) addresses: Vec<(AddressList, Block)>,
    pub(crate) contacts: HashMap<RecordId, Block>,
    /// Lines with what is no address, which keep nobody from anything.
    pub(crate) useless: Vec<String>,
}

impl Suppressed {
    /// Reads a file; the bundled one where the contacts are bundled, too.
    pub(crate) fn read(path: Option<&Path>, bundled: bool) -> Result<Self, String> {
        if path.is_none() && !bundled {
            return Ok(Self::default());
        }
        let table = Table::read(path, BUNDLED)?;
        let (address, contact) = (table.column("emailaddress1"), table.column("contactid"));
        if contact.is_none() {
            table.needed("emailaddress1")?;
        }
        let mut found = Self::default();
        let mut wrong = Wrong::default();
        for row in &table.rows {
            let block = reason(row.cell(table.column("reason")));
            let read = block.and_then(|block| found.add(row, address, contact, block));
            if let Err(why) = read {
                wrong.add(table.wrong_at(row.line, why));
            }
        }
        wrong.ended()?;
        found.useless = found.useless.iter().map(|why| table.wrong(why)).collect();
        Ok(found)
    }

    fn add(
        &mut self,
        row: &Row,
        address: Option<usize>,
        contact: Option<usize>,
        block: Block,
    ) -> Result<(), String> {
        let (address, contact) = (row.cell(address), row.cell(contact));
        if !contact.is_empty() {
            let id = contact.parse();
            let id = id.map_err(|error| format!("contactid: {error}, found {contact:?}"))?;
            self.contacts.entry(id).or_insert(block);
        }
        if address.is_empty() {
            return match contact {
                "" => Err("expected an address or a contact, found neither".to_owned()),
                _ => Ok(()),
            };
        }
        let place = match self.addresses.iter().position(|(_, reason)| *reason == block) {
            Some(place) => place,
            None => {
                self.addresses.push((AddressList::new(), block));
                self.addresses.len() - 1
            }
        };
        if let Some((list, _)) = self.addresses.get_mut(place)
            && let Err(error) = list.add(address)
        {
            let line = row.line;
            self.useless.push(format!("line {line}: emailaddress1: {error}: it stops nobody"));
        }
        Ok(())
    }
}

fn reason(text: &str) -> Result<Block, String> {
    match text.to_ascii_lowercase().as_str() {
        "" | "bounced" => Ok(Block::Bounced),
        "excluded" => Ok(Block::Excluded),
        "sent" => Ok(Block::AlreadySent),
        _ => Err(format!("reason: expected bounced, excluded or sent, found {text:?}")),
    }
}
