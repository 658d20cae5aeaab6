//! Requested tables, published.

use super::write::{Step, edit, refused, seen_as};
use super::{Changed, Editor, Refused, organization};
use crate::flow::FlowError;
use crate::record::Version;
use crate::settings::{MarketingDataConfiguration, Profile, Stored, TableCatalogue};
use crate::store::{Records, Store};

/// Publishes the requested tables of the marketing data configuration that the administrator saw and
/// confirmed, for good. `catalogue` is what the host's metadata says now: a table that went, or lost
/// its change tracking, is [refused](Refused::NotPublishable), and nothing is published then. Nothing
/// requested writes nothing.
///
/// This is the only way to add to the published tables: a record that has more of them is not saved
/// by [`change`](super::change()). Where the answer was lost, a second call is
/// [`Stale`](Changed::Stale) with what is published.
///
/// # Errors
///
/// As for [`create`](super::create).
pub async fn publish<S: Store + Records>(
    store: &S,
    editor: &Editor<'_>,
    catalogue: &TableCatalogue,
    seen: Version,
    profile: Profile,
) -> Result<Changed<MarketingDataConfiguration>, FlowError> {
    edit(store, editor, organization(editor.tenant), |found| {
        seen_as(found, seen, |found: Stored<MarketingDataConfiguration>| {
            let publication = found.value.publication(catalogue);
            let published = publication.and_then(|all| all.confirm(editor.now, profile));
            match published {
                Ok(made) => Step::Made(Stored { value: made.configuration, ..found }),
                Err(error) => refused(Refused::NotPublishable(error)),
            }
        })
    })
    .await
}
