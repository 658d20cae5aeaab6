//! What a new user or queue gets.

use crate::settings::{
    DefaultMethods, EmailServerType, Mailbox, MailboxAddress, MailboxOwner, SettingError,
};

/// The user or queue that a mailbox is to be made for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what is known of a new user or queue")]
pub struct NewMailbox<'a> {
    /// Whose it will be.
    pub owner: MailboxOwner,
    /// What the user or queue is called.
    pub name: &'a str,
    /// The address, where there is one yet.
    pub address: Option<MailboxAddress>,
}

/// The mailbox that a new user or queue gets: with the organization's default methods and its default
/// server profile (System Settings, Email tab, Configure default synchronization method). `None` where
/// it has one among `existing`, however that may be set: defaults are copied once, and changing
/// them changes no mailbox that is there.
///
/// What the owner or the server cannot do is left out, one method at a time, rather than that a user
/// could not be made: a queue gets no Outlook ([`DefaultMethods::for_queue`]), and a server that is
/// no Exchange server no appointments ([`DefaultMethods::for_server`]). `server` is the type of the
/// default profile; `None` where there is no default profile.
///
/// The new mailbox is neither tested nor enabled.
///
/// ```
/// use correspond::id::RecordId;
/// use correspond::mailbox::{NewMailbox, provide};
/// use correspond::settings::*;
///
/// let defaults = DefaultMethods {
///     incoming: IncomingMethod::Outlook,
///     outgoing: OutgoingMethod::ServerSideOrRouter,
///     appointments: AppointmentsMethod::Outlook,
///     profile: None,
/// };
/// let owner = MailboxOwner::Queue(RecordId::new(1).into());
/// let queue = NewMailbox { owner, name: "Support", address: None };
/// let made = provide(&queue, [], defaults, None)?.unwrap();
/// assert_eq!(made.incoming(), IncomingMethod::None);
/// assert_eq!(made.outgoing(), OutgoingMethod::ServerSideOrRouter);
/// assert_eq!(provide(&queue, [&made], defaults, None)?, None);
/// # Ok::<(), correspond::settings::SettingError>(())
/// ```
///
/// # Errors
///
/// The name is none that a mailbox can have.
pub fn provide<'m>(
    new: &NewMailbox<'_>,
    existing: impl IntoIterator<Item = &'m Mailbox>,
    defaults: DefaultMethods,
    server: Option<EmailServerType>,
) -> Result<Option<Mailbox>, SettingError> {
    if existing.into_iter().any(|mailbox| mailbox.owner() == Some(new.owner)) {
        return Ok(None);
    }
    let methods = match new.owner {
        MailboxOwner::User(_) => defaults,
        MailboxOwner::Queue(_) => defaults.for_queue(),
    };
    let methods = server.map_or(methods, |server| methods.for_server(server));
    Mailbox::builder()
        .name(new.name)
        .owner(new.owner)
        .address(new.address.clone())
        .profile(methods.profile)
        .incoming(methods.incoming)
        .outgoing(methods.outgoing)
        .appointments(methods.appointments)
        .build()
        .map(Some)
}
