//! Which folders of a mailbox are tracked?

use super::processing::Holder;
use crate::settings::{
    EmailServerType, FolderTracking, IncomingMethod, Mailbox, MailboxOwner, ProcessEmailUsing,
    TrackedFolder,
};

/// What the organization lets its users do with folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the settings of the section")]
pub struct FolderRules {
    /// Use folder-level tracking (column `organization.isfolderbasedtrackingenabled`).
    pub enabled: bool,
    /// How many folders of a user count: 1 to 25 (column
    /// `organization.maxfolderbasedtrackingmappings`); more than 25 count as 25.
    pub most: usize,
    /// What processes mail.
    pub using: ProcessEmailUsing,
}

/// Why no folder of a mailbox is tracked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoFolders {
    /// The organization does not use folder-level tracking.
    #[error("expected folder-level tracking to be on, found it off")]
    Off,
    /// It is the mailbox of a queue, or of nobody.
    #[error("expected the mailbox of a user, found another")]
    NoUser,
    /// Nothing but server-side synchronization reads folders.
    #[error("expected server-side synchronization of incoming mail, found another method")]
    NotSynchronized,
    /// The server is none of Exchange, or not known.
    #[error("expected an Exchange server, found {}", .0.map_or("none", EmailServerType::label))]
    NotExchange(Option<EmailServerType>),
}

/// The tracked folders of a mailbox, as [`CorrelationSettings`] takes them: those of the user, the
/// first [`most`](FolderRules::most) of them.
///
/// `server` is the type of the mailbox's profile; `None` where it has none.
///
/// [`CorrelationSettings`]: crate::settings::CorrelationSettings
///
/// # Errors
///
/// Folders cannot be tracked here at all: folder-level tracking needs the organization's switch, a
/// user, server-side synchronization and an Exchange server.
pub fn folders(
    mailbox: &Mailbox,
    holder: Holder<'_>,
    server: Option<EmailServerType>,
    rules: FolderRules,
) -> Result<FolderTracking, NoFolders> {
    let synchronized = IncomingMethod::ServerSideOrRouter;
    if !rules.enabled {
        return Err(NoFolders::Off);
    }
    let (Holder::User(options), None | Some(MailboxOwner::User(_))) = (holder, mailbox.owner())
    else {
        return Err(NoFolders::NoUser);
    };
    if rules.using != ProcessEmailUsing::ServerSideSynchronization
        || mailbox.incoming() != synchronized
        || options.incoming() != synchronized
    {
        return Err(NoFolders::NotSynchronized);
    }
    if !server.is_some_and(EmailServerType::tracks_folders) {
        return Err(NoFolders::NotExchange(server));
    }
    let folders: Vec<TrackedFolder> =
        options.folders().as_slice().iter().take(rules.most).cloned().collect();
    Ok(FolderTracking { enabled: true, folders })
}
