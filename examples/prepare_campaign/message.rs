//! The message, and the tile of the journey that sends it.

use std::fs;
use std::path::Path;

use correspond::consent::{ContentType, Designation, Level};
use correspond::id::RecordId;
use correspond::sender::{Attachment, Foreign};
use serde::Deserialize;

const BUNDLED: (&str, &str) = ("launch.toml", include_str!("../data/campaign/launch.toml"));

/// A message as it stands in its editor.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    #[allow(dead_code, reason = "whoever sends it claims by it")]
    pub(crate) id: RecordId,
    pub(crate) name: String,
    #[serde(default)]
    designation: Kind,
    #[serde(default)]
    confirmation_request: bool,
    #[serde(default)]
    pub(crate) from: From,
    #[serde(default)]
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) reply_to: String,
    #[serde(default)]
    pub(crate) subject: String,
    #[serde(default)]
    pub(crate) html: String,
    #[serde(default)]
    pub(crate) plain_text: String,
    #[serde(default)]
    pub(crate) attachments: Vec<File>,
    #[serde(default)]
    pub(crate) journey: Journey,
    /// The name of the file that it was read from.
    #[serde(skip)]
    pub(crate) file: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    #[default]
    Commercial,
    Transactional,
}

/// Where the message comes from: the default address, unless one of these is there.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct From {
    /// The user who was chosen.
    pub(crate) user: Option<User>,
    /// Name and address as somebody edited them by hand, expressions perhaps.
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
    /// Has another organization confirmed the domain? A register knows; a file does not, unless it says.
    domain_confirmed_elsewhere: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) address: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    name: String,
    bytes: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journey {
    pub(crate) id: Option<RecordId>,
    pub(crate) tile: Option<RecordId>,
    /// The default ones of the organization, where there are none. What an email or the default marketing
    /// settings name serves previews.
    pub(crate) content_settings: Option<RecordId>,
    /// The lowest level of consent that passes.
    #[serde(default)]
    pub(crate) minimum_consent: Level,
}

impl Message {
    /// Reads a file, TOML or JSON, or the bundled one.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, String> {
        let (name, bundled) = BUNDLED;
        let file = path.map_or_else(|| name.to_owned(), |path| path.display().to_string());
        let text = path.map_or_else(|| Ok(bundled.to_owned()), fs::read_to_string);
        let text = text.map_err(|error| format!("{file}: {error}"))?;
        let text = text.trim_start_matches('\u{feff}');
        let read = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| error.to_string())
        } else {
            toml::from_str(text).map_err(|error| placed(text, &error))
        };
        let message: Self = read.map_err(|why| format!("{file}: {why}"))?;
        let journey = &message.journey;
        if journey.id.is_some() != journey.tile.is_some() {
            return Err(format!("{file}: journey: expected both id and tile, or neither"));
        }
        let file = path.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        Ok(Self { file: file.unwrap_or_else(|| name.to_owned()), ..message })
    }

    pub(crate) const fn designation(&self) -> Designation {
        match self.designation {
            Kind::Commercial => Designation::Commercial,
            Kind::Transactional => Designation::Transactional,
        }
    }

    pub(crate) const fn content_type(&self) -> ContentType {
        match self.confirmation_request {
            true => ContentType::ConfirmationRequest,
            false => ContentType::Default,
        }
    }

    pub(crate) const fn foreign(&self) -> Foreign {
        match self.from.domain_confirmed_elsewhere {
            None => Foreign::NotAsked,
            Some(true) => Foreign::ConfirmedElsewhere,
            Some(false) => Foreign::NotConfirmed,
        }
    }

    pub(crate) fn attachments<'a>(&'a self) -> Vec<Attachment<'a>> {
        let of = |file: &'a File| Attachment { name: &file.name, bytes: file.bytes };
        self.attachments.iter().map(of).collect()
    }
}

/// What is wrong in TOML, with its line, in one line.
fn placed(text: &str, error: &toml::de::Error) -> String {
    let said = error.message().replace('\n', " ");
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| 1 + before.matches('\n').count());
    line.map_or_else(|| said.clone(), |line| format!("line {line}: {said}"))
}
