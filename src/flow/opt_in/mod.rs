//! Consent and memberships of contacts: changed at once, or asked for and confirmed by a click.

mod click;
pub(super) mod confirm;
mod contact;
pub(super) mod join;
mod plan;
mod purge;
mod request;
mod row;
mod submission;
#[cfg(test)]
mod tests;
pub(super) mod waiting;

pub use click::{Click, Clicked, Confirmed, HeldContact, HeldRequest, Release};
pub use purge::Purged;
pub use submission::{
    ConfirmationMail, ConsentSubmission, HeldBack, HeldSubmission, SubmissionDone, Submitted,
};

use crate::record::Versions;

/// Works off what people ask for of consent and lists, and the clicks that confirm it.
///
/// A contact's level and memberships are attributes of its own record, whose body is the JSON of its
/// [`Attributes`](crate::party::Attributes): the level as a choice under
/// [`Level::COLUMN`](crate::consent::Level::COLUMN), absent where there is none, and the lists as
/// [`Memberships`](crate::consent::Memberships). So the directory has to be inside the store.
///
/// Everything that one call changes is one batch: the contact, the entry of the log, the requests. A
/// lost race is decided anew, at most [`ROUNDS`](super::ROUNDS) times.
///
/// A process keeps one. It sends nothing: mails are the caller's to send, once the batch with their
/// requests is committed.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::consent::{
///     ContentType, Designation, Level, LinkSeed, LinkToken, OptInKind, OptInMail, OptInSetup,
///     Protection, Wanted,
/// };
/// use correspond::flow::{Click, Clicked, ConsentSubmission, DoubleOptIn, Submitted};
/// use correspond::id::{RecordId, TenantId};
/// use correspond::record::{Record, RecordKind, Version};
/// use correspond::store::{Batch, Blocking, Change, Expect, Store};
///
/// let store = Blocking::new(MemoryStore::default());
/// let (tenant, ann, now) = (TenantId::new(1), RecordId::new(7), DateTime::UNIX_EPOCH);
/// let record = Record::new(RecordKind::Contact.of(ann), now, "{}")?;
/// let put = Change::Put { record, version: Version::new(1), expect: Expect::Absent };
/// assert!(store.run(async |s| s.commit(&Batch::of(tenant, put)).await)??.is_applied());
///
/// // The administrator's double opt-in.
/// let mail = |id| {
///     OptInMail::new(RecordId::new(id))
///         .live()
///         .with_content_type(ContentType::ConfirmationRequest)
///         .with_designation(Designation::Transactional)
///         .with_text(r#"<a href="{{Message.ConfirmationRedirectURL}}">Yes</a>"#)
/// };
/// let mut setup = OptInSetup::builder().enabled(true).content_settings(RecordId::new(20));
/// for (kind, id) in [(OptInKind::Subscription, 21), (OptInKind::Consent, 22)] {
///     setup = setup.message(kind, mail(id)).thank_you_page(kind, RecordId::new(id + 10));
/// }
/// let setup = setup.build()?;
///
/// // Ann ticks "Marketing": nothing changes yet, and a mail is to be sent.
/// let opt_in = DoubleOptIn::default();
/// let protection = Protection::new().logging_changes();
/// let wanted = Wanted::new().with_level(Level::Marketing);
/// # let drawn = [0xa5; 16];
/// let seeds = [LinkSeed { id: RecordId::new(100), token: LinkToken::from_entropy(&drawn)? }];
/// let submission = ConsentSubmission::new(tenant, ann, &wanted, RecordId::new(50), now)
///     .protected(protection)
///     .confirmed_by(setup.plan(), &seeds)?;
/// let Submitted::Done(done) = store.run(async |s| opt_in.submit(s, &submission).await)?? else {
///     panic!("Ann is there");
/// };
/// assert_eq!((done.level, done.mails.len()), (None, 1));
///
/// // She clicks the link, twice.
/// let link = done.mails[0].token.as_str();
/// let click = Click::new(tenant, link, now + TimeDelta::days(2)).protected(protection);
/// let Clicked::Confirmed(confirmed) = store.run(async |s| opt_in.confirm(s, click).await)?? else {
///     panic!("in time");
/// };
/// assert_eq!(confirmed.level.map(|change| change.to()), Some(Level::Marketing));
/// let again = store.run(async |s| opt_in.confirm(s, click).await)??;
/// assert!(matches!(again, Clicked::Repeated { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct DoubleOptIn {
    versions: Versions,
}

impl DoubleOptIn {
    /// One whose records get these versions.
    #[must_use]
    pub const fn new(versions: Versions) -> Self {
        Self { versions }
    }
}
