//! How are incoming mails related to conversations? (System Settings, Email tab: folder-level
//! tracking, correlation, tracking tokens, smart matching)

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::address::CompareBy;
use crate::correlation::MethodOrder;
use crate::id::RecordId;
use crate::subject::Rules;
use crate::token::{CounterRestart, TokenFormat, UserNumberOverflow};

/// The settings that steer [`Correlator`](crate::correlation::Correlator).
///
/// What a mail is filed under depends on `subject`, `compare_addresses`, and the filter and count of
/// `smart`: after a change of these, mails filed before are found by their headers and tokens, and no
/// longer by what changed. (The product behaves alike: settings apply to new conversations.)
///
/// Start from [`default`](Self::default), the state of the product's documents: everything on, token
/// prefix `CRM:`, two shared addresses. Each switch turns its own method off.
///
/// ```
/// use correspond::settings::CorrelationSettings;
///
/// let mut settings = CorrelationSettings::default();
/// settings.smart.enabled = false;
/// let json = r#"{ "smart": { "min_addresses": 0 } }"#;
/// assert!(serde_json::from_str::<CorrelationSettings>(json).is_err(), "0 would match anything");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CorrelationSettings {
    /// Which methods are tried, and in which order.
    pub order: MethodOrder,
    /// Folder-level tracking.
    pub folders: FolderTracking,
    /// Use correlation: In-Reply-To, References and Thread-Index
    /// (`organization.emailcorrelationenabled`).
    pub use_correlation: bool,
    /// Tracking tokens.
    pub tokens: TokenTracking,
    /// Smart matching.
    pub smart: SmartMatching,
    /// How base subjects are found when two subjects are compared for evidence.
    pub subject: Rules,
    /// When two addresses are one.
    pub compare_addresses: CompareBy,
}

impl Default for CorrelationSettings {
    fn default() -> Self {
        Self {
            order: MethodOrder::default(),
            folders: FolderTracking::default(),
            use_correlation: true,
            tokens: TokenTracking::default(),
            smart: SmartMatching::default(),
            subject: Rules::default(),
            compare_addresses: CompareBy::default(),
        }
    }
}

/// Mail in these folders belongs to these records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FolderTracking {
    /// Use folder-level tracking (`organization.isfolderbasedtrackingenabled`).
    pub enabled: bool,
    /// The tracked folders; the first [`MAX_FOLDERS`](Self::MAX_FOLDERS) count
    /// (`organization.maxfolderbasedtrackingmappings`).
    pub folders: Vec<TrackedFolder>,
}

impl FolderTracking {
    /// The product's limit of folders a user.
    pub const MAX_FOLDERS: usize = 25;
}

impl Default for FolderTracking {
    fn default() -> Self {
        Self { enabled: true, folders: Vec::new() }
    }
}

/// A folder and the record that its mail is filed under.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a pair")]
pub struct TrackedFolder {
    /// The folder as the mail names it, compared exactly.
    pub folder: String,
    /// The record regarded.
    pub regarding: RecordId,
}

/// Tracking tokens in subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TokenTracking {
    /// Use tracking tokens (`organization.maximumtrackingnumber` > 0).
    pub enabled: bool,
    /// The formats looked for: first the live one, in which tokens are issued, then those of former
    /// settings (`organization.trackingprefix` and its history).
    pub formats: Vec<TokenFormat>,
    /// The highest counter of the live format (`organization.maximumtrackingnumber`); `None` is the
    /// highest that its digits can print, as the product's screen has it.
    pub max_counter: Option<NonZeroU32>,
    /// Where the counter goes on behind its maximum.
    pub restart: CounterRestart,
    /// User numbers that need more digits than the live format has.
    pub overflow: UserNumberOverflow,
    /// A token from somebody who took no part in its conversation.
    pub strangers: Strangers,
    /// Several tokens in one subject, of different conversations.
    pub several: Several,
}

impl Default for TokenTracking {
    fn default() -> Self {
        Self {
            enabled: true,
            formats: vec![TokenFormat::default()],
            max_counter: None,
            restart: CounterRestart::default(),
            overflow: UserNumberOverflow::default(),
            strangers: Strangers::Match,
            several: Several::Refuse,
        }
    }
}

/// What becomes of a token from a stranger? Tokens are small numbers: whoever writes mail can guess
/// one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a yes or no with better names")]
pub enum Strangers {
    /// Matched, and the verdict says that the sender is unknown to the conversation.
    #[default]
    Match,
    /// Not matched by the token; other methods still may.
    Refuse,
}

/// What becomes of a mail that fits several conversations?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a yes or no with better names")]
pub enum Several {
    /// The most recently created mail wins; the others are named.
    #[default]
    Newest,
    /// None wins: the verdict is ambiguous and names them all.
    Refuse,
}

/// The product's smart matching: the same subject words, and enough addresses in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SmartMatching {
    /// Use smart matching (`organization.enablesmartmatching`).
    pub enabled: bool,
    /// The expression whose matches are taken out of the subject first
    /// (`organization.hashfilterkeywords`); `None` is the default expression. One that cannot be
    /// used leaves smart matching off and is reported by
    /// [`Correlator::findings`](crate::correlation::Correlator::findings).
    pub filter: Option<String>,
    /// How many words of the subject, and how many addresses, are compared
    /// (`organization.hashmaxcount`, default 20); at most
    /// [`MAX_COMPARED`](Self::MAX_COMPARED) of each are.
    pub max_count: u32,
    /// By how many words two subjects may differ (`organization.hashdeltasubjectcount`, default 0).
    pub delta: u32,
    /// How many addresses must be the same (`organization.hashminaddresscount`, default 2). Never 0,
    /// which would match any mail with the same subject.
    pub min_addresses: NonZeroU32,
    /// How far back mails are compared, in days (the product: 90 under load; here always).
    pub window_days: u32,
    /// Several conversations that fit.
    pub several: Several,
}

impl SmartMatching {
    /// The bound on words and on addresses of a mail that are compared.
    pub const MAX_COMPARED: u32 = 40;
}

impl Default for SmartMatching {
    fn default() -> Self {
        Self {
            enabled: true,
            filter: None,
            max_count: 20,
            delta: 0,
            min_addresses: NonZeroU32::MIN.saturating_add(1),
            window_days: 90,
            several: Several::Newest,
        }
    }
}
