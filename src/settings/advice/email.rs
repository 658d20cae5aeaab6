//! The Email tab, and the users, queues and mailboxes that live by it.

use std::collections::BTreeMap;

use super::{Advice, AdviceKind, Facts, Found, active, token};
use crate::settings::delivery::{OutgoingMethod, ProcessEmailUsing};
use crate::settings::{
    AttachmentSize, CorrelationSettings, Document, EmailServerType, EmailSettings, FilterOption,
    OrganizationProperties, SmartMatching,
};
use crate::subject::{FilterErrorKind, SubjectFilter};

impl EmailSettings {
    /// What an administrator should know of this page, in no particular order: part of
    /// [`Document::advice`], which knows the other pages too. For the defaults nothing worse than
    /// hints.
    ///
    /// ```
    /// use correspond::settings::{AdviceKind, EmailSettings, Facts, OrganizationProperties};
    ///
    /// let settings = EmailSettings::builder().use_tracking_tokens(false).build()?;
    /// let advice = settings.advice(&OrganizationProperties::default(), &Facts::default());
    /// assert!(advice.iter().any(|advice| *advice.kind() == AdviceKind::TokensOff));
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    #[must_use]
    pub fn advice(&self, properties: &OrganizationProperties, facts: &Facts) -> Vec<Advice> {
        let mut found = Found::default();
        let made = self.correlation(properties, &[]);
        let router = self.process_email_using() == ProcessEmailUsing::EmailRouter;
        found.add_if(self.folder_tracking() && !made.folders.enabled, || {
            AdviceKind::FolderTrackingRests
        });
        found.add_if(made.use_correlation && router, || AdviceKind::HeadersWithRouter);
        found.add_if(self.use_correlation() && !made.use_correlation, || {
            AdviceKind::HeadersOverruled
        });
        token::tokens(self, &made.tokens, facts, &mut found);
        found.add_if(self.smart_matching() && !made.smart.enabled, || {
            AdviceKind::SmartMatchingOverruled
        });
        if made.smart.enabled {
            smart(self, facts, &mut found);
        }
        found.add_if(!correlates(&made), || AdviceKind::NothingCorrelates);
        found.add_if(self.apply_to_all() && !self.applies_to_all(), || AdviceKind::ApplyToAllRests);
        let size = self.max_attachment_size();
        found.add_if(size > AttachmentSize::CAP_BEFORE_2016_UPDATE, || {
            AdviceKind::LargeAttachments { size }
        });
        found.0
    }
}

/// Can any method tell that a mail is an answer?
const fn correlates(made: &CorrelationSettings) -> bool {
    made.folders.enabled || made.use_correlation || made.tokens.enabled || made.smart.enabled
}

fn smart(settings: &EmailSettings, facts: &Facts, found: &mut Found) {
    let min = settings.smart_min_addresses().get();
    let internal = facts.internal_addresses.unwrap_or(0);
    found.add_if(min < 2, || AdviceKind::SmartMinAddresses { min });
    found.add_if(min >= 2 && min <= i64::from(internal), || AdviceKind::SmartMinInternal {
        min,
        internal,
    });
    let delta = settings.smart_delta().get();
    found.add_if(delta > 0, || AdviceKind::SmartDelta { delta });
    let (asked, compared) = (settings.smart_max_count().get(), SmartMatching::MAX_COMPARED);
    found.add_if(asked > i64::from(compared), || AdviceKind::SmartMaxCount { asked, compared });
    match settings.smart_filter().compile() {
        Ok(filter) => expression(&filter, found),
        Err(error) if error.kind() == FilterErrorKind::LostBackslashes => {
            found.add(AdviceKind::FilterLostBackslashes);
        }
        Err(error) => found.add(AdviceKind::FilterUnusable { error }),
    }
}

/// What the expression does to a subject, seen by what it does to a few.
fn expression(filter: &SubjectFilter, found: &mut Found) {
    found.add_if(filter.is_match(""), || AdviceKind::FilterMatchesEmpty);
    let mut buffer = String::new();
    let ordinary = filter.keywords("Service details of your order", 5, &mut buffer);
    if ordinary.len() < 5 {
        let left = ordinary.join(" ");
        found.add(AdviceKind::FilterEatsWords { left });
        return;
    }
    let label = filter.keywords("Invoice: 4711", 5, &mut buffer);
    found.add_if(label == ["4711"], || AdviceKind::FilterEatsLabels);
}

/// Users, queues and mailboxes.
pub(super) fn mailboxes(
    document: &Document,
    properties: &OrganizationProperties,
    facts: &Facts,
    found: &mut Found,
) {
    let profiles: BTreeMap<_, _> =
        document.email_server_profiles.iter().map(|entry| (entry.id, &entry.value)).collect();
    let mailboxes: BTreeMap<_, _> =
        document.mailboxes.iter().map(|entry| (entry.id, &entry.value)).collect();
    let email = document.email_settings.as_ref();
    let blind = email.is_some_and(|email| !correlates(&email.correlation(properties, &[])));

    if let Some(email) = email
        && let Some(link) = email.default_server_profile()
        && let Some(profile) = profiles.get(&link.id())
    {
        let server = profile.server();
        let fits = profile.admits_defaults(&email.default_methods()).is_ok();
        found.add_if(!fits, || AdviceKind::DefaultAppointmentsWithoutExchange { server });
    }
    for user in active(&document.personal_options) {
        let (id, options) = (user.id, &user.value);
        let answers = options.filter() == FilterOption::InResponse;
        found.about_if(blind && answers, id, || AdviceKind::UserTracksNothing);
        if let Some(email) = email {
            let (count, most) = (options.folders().len(), email.max_tracked_folders().get());
            found.about_if(i64::try_from(count).unwrap_or(i64::MAX) > most, id, || {
                AdviceKind::TooManyFolders { found: count, most }
            });
        }
        let mailbox = options.mailbox().and_then(|link| mailboxes.get(&link.id()));
        let profile = mailbox.and_then(|mailbox| mailbox.profile());
        if let Some(profile) = profile.and_then(|link| profiles.get(&link.id())) {
            let server: EmailServerType = profile.server();
            found.about_if(profile.admits_folders(options).is_err(), id, || {
                AdviceKind::FoldersWithoutExchange { server }
            });
        }
    }
    for queue in active(&document.queues) {
        let answers = queue.value.filter() == FilterOption::InResponse;
        found.about_if(blind && answers, queue.id, || AdviceKind::QueueTracksNothing);
    }
    let no_tokens = email.is_some_and(|email| !email.use_tracking_tokens());
    for mailbox in active(&document.mailboxes) {
        let (id, value) = (mailbox.id, &mailbox.value);
        if let Some(profile) = value.profile().and_then(|link| profiles.get(&link.id())) {
            let server = profile.server();
            found.about_if(profile.admits(value).is_err(), id, || {
                AdviceKind::AppointmentsWithoutExchange { server }
            });
        }
        let smtp =
            value.outgoing() == OutgoingMethod::Outlook && facts.smtp_mailboxes.contains(&id);
        found.about_if(no_tokens && smtp, id, || AdviceKind::CorrelationMayNotWork);
    }
}
