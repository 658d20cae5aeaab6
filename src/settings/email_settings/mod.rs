//! How is the organization's mail processed, tracked and limited? (System Settings, Email tab)

mod attachment;
mod counter;
mod filter_expression;
mod frame;
mod policy;
mod prefix_history;
mod release;
mod route;
mod rules;
mod steer;

pub use attachment::{AttachmentRefused, AttachmentSize, BlockedExtensions};
pub use filter_expression::FilterExpression;
pub use frame::BodyShown;
pub use policy::CorrelationPolicy;
pub use prefix_history::{PrefixChange, PrefixHistory};
pub use release::Release;
pub use route::SendingRoute;

use super::delivery::{AppointmentsMethod, IncomingMethod, OutgoingMethod, ProcessEmailUsing};
use super::email_server_profile::EmailServerProfile;
use super::error::{SettingError, ValueError};
use super::field::{Defaults, Link, Whole};
use super::profile::Profile;
use super::record::record;
use crate::token::TokenFormat;

/// A number as the column of the product has it: not negative, 32 bits.
type Number = Whole<0, 2_147_483_647>;

record! {
    /// The Email tab of the system settings: one for the whole organization, and none for a user
    /// (table `organization`).
    ///
    /// What it switches is asked of the record itself, or of the module that it is handed to:
    /// [`correlation`](Self::correlation) for the methods,
    /// [`accepts_attachment`](Self::accepts_attachment), [`body_shown`](Self::body_shown),
    /// [`alert`](crate::alert) for alerts, [`tracking`](crate::tracking) for mail between users,
    /// [`mailbox`](crate::mailbox) for [new mailboxes](Self::default_methods),
    /// [approvals](Self::approvals) and [folders](Self::folder_rules), [`party`](crate::party) for
    /// [addresses](Self::resolution_rules) and recipients.
    ///
    /// Settings that contradict each other but can be stored are kept, and rest until the other
    /// switch is on: [`advice`](Self::advice) tells of them. Refused are appointments by server-side
    /// synchronization where the Email Router processes the mail, ten digits of user number under
    /// the profile of the documents, and a size of attachments above the cap of the release.
    ///
    /// Columns of the same table that concern polling of Outlook, health of mailboxes, and the
    /// synchronization of appointments and contacts are no settings of this page:
    /// `emailsendpollingperiod`, `tagpollingperiod`, `tagmaxaggressivecycles`,
    /// `mailboxintermittentissueminrange`, `mailboxpermanentissueminrange`,
    /// `maxverboseloggingmailbox`, `iscontactmailingaddresssyncenabled`,
    /// `isappointmentattachmentsyncenabled`, `isassignedtaskssyncenabled`,
    /// `isdelegateaccessenabled`, `acknowledgementtemplateid`, `sendbulkemailinuci`,
    /// `externalpartycorrelationkeys`. Nor are two switches of later settings pages whose columns are
    /// not published: whether rights-managed (IRM) mail is synchronized, which here is
    /// [`OrganizationProperties::restrict_irm_email_items`](crate::settings::OrganizationProperties::restrict_irm_email_items),
    /// and whether synchronized appointments may be deleted. An import keeps such columns as ones that
    /// it does not know.
    ///
    /// ```
    /// use correspond::settings::{EmailSettings, SettingError};
    /// use correspond::token::Prefix;
    ///
    /// let settings = EmailSettings::builder().token_prefixes(Prefix::CRM).build()?;
    /// assert_eq!(settings, EmailSettings::default());
    /// assert_eq!(settings.token_formats()[0].to_string(), "CRM:/0/3/3");
    ///
    /// let error = EmailSettings::builder().max_tracked_folders(26).build().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "max_tracked_folders: expected a whole number from 1 to 25, found 26"
    /// );
    /// # Ok::<(), SettingError>(())
    /// ```
    EmailSettings, EmailSettingsBuilder, EmailSettings, "Email", "organization";
    required {}
    optional {
        /// Which service processes the mail. Server-side synchronization is the preferred one.
        process_email_using: copy ProcessEmailUsing =
            Defaults::same(ProcessEmailUsing::ServerSideSynchronization), "Process Email Using",
            "emailconnectionchannel";
        /// The email server profile of new mailboxes, for server-side synchronization. For the
        /// online service with Exchange Online it is made automatically.
        default_server_profile: copy Option<Link<EmailServerProfile>> =
            Defaults::effective(None), "Server Profile", "defaultemailserverprofileid";
        /// How mail comes into a new mailbox. Element `IncomingEmailDeliveryMethod` of the column
        /// `defaultemailsettings`.
        incoming_method: copy IncomingMethod =
            Defaults::effective(IncomingMethod::ServerSideOrRouter), "Incoming Email",
            "defaultemailsettings:incomingemaildeliverymethod";
        /// How mail goes out of a new mailbox. Element `OutgoingEmailDeliveryMethod` of the column
        /// `defaultemailsettings`.
        outgoing_method: copy OutgoingMethod =
            Defaults::effective(OutgoingMethod::ServerSideOrRouter), "Outgoing Email",
            "defaultemailsettings:outgoingemaildeliverymethod";
        /// How the appointments, contacts and tasks of a new mailbox are synchronized. Element
        /// `ACTDeliveryMethod` of the column `defaultemailsettings`, whose codes are others than
        /// those of the email methods. Server-side synchronization is impossible with a POP3 server
        /// ([`EmailServerProfile::admits_defaults`]) and with the Email Router.
        appointments_method: copy AppointmentsMethod =
            Defaults::effective(AppointmentsMethod::ServerSide),
            "Appointments, Contacts, and Tasks", "defaultemailsettings:actdeliverymethod";
        /// Is the mail of a user processed only while the user's address is approved?
        approved_users_only: copy bool = Defaults::effective(true).metadata(false),
            "Process emails only for approved users", "requireapprovalforuseremail";
        /// Is the mail of a queue processed only while the queue's address is approved?
        approved_queues_only: copy bool = Defaults::effective(true).metadata(false),
            "Process emails only for approved queues", "requireapprovalforqueueemail";
        /// Use folder-level tracking for Exchange folders. Rests where the Email Router processes
        /// the mail or the release has no such tracking: see
        /// [`tracks_folders`](EmailSettings::tracks_folders).
        folder_tracking: copy bool = Defaults::effective(true).metadata(false),
            "Use folder-level tracking for Exchange folders", "isfolderbasedtrackingenabled";
        /// How many folders of a user are tracked, 1 to 25.
        max_tracked_folders: copy Whole<1, 25> = Defaults::effective(Whole::saturating(25)),
            "Maximum tracked folders", "maxfolderbasedtrackingmappings";
        /// Use correlation to track email conversations: In-Reply-To, References and the
        /// conversation index, together.
        use_correlation: copy bool = Defaults::same(true),
            "Use correlation to track email conversations", "emailcorrelationenabled";
        /// Use tracking tokens: are any issued, and are those of incoming mail looked for? The
        /// product has no column for it: `maximumtrackingnumber` is 0 where they are off
        /// ([`stored_tracking_number`](EmailSettings::stored_tracking_number)), and the choice of
        /// digits is lost there. Here it is kept.
        use_tracking_tokens: copy bool = Defaults::effective(true), "Use tracking tokens";
        /// The prefix in use and those before it, newest first.
        token_prefixes: ref PrefixHistory = Defaults::effective(PrefixHistory::default()), "Prefix",
            "trackingprefix";
        /// Deployment base tracking number: is added to the number of every user.
        token_base: copy Number = Defaults::effective(Number::saturating(0)),
            "Deployment base tracking number", "trackingtokenidbase";
        /// Digits of the user number: 1 to 9; 10 under [`Profile::Current`] alone.
        token_user_digits: copy Whole<1, 10> = Defaults::effective(Whole::saturating(3)),
            "Number of digits for user numbers", "trackingtokeniddigits";
        /// The highest number of the message counter. The product's screen offers 1 to 9 digits and
        /// stores as many nines ([`counter_digits`](EmailSettingsBuilder::counter_digits)); its
        /// interface takes any number, of which the digits are those of its decimal text
        /// ([`counter_digits`](EmailSettings::counter_digits)). A number of ten digits, which the
        /// column could hold, is refused: no token has so many.
        max_tracking_number: copy Whole<1, 999_999_999> =
            Defaults::effective(Whole::saturating(999)),
            "Number of digits for incremental message counter", "maximumtrackingnumber";
        /// The next number, of the time before every user had a counter. Kept, and without effect.
        next_tracking_number: copy Option<Whole<-2_147_483_648, 2_147_483_647>> =
            Defaults::effective(None), "Next tracking number", "nexttrackingnumber";
        /// Formats of tokens that are still out there, with other digits or another base than the
        /// live one; at most 100 ([`MAX_FORMER_FORMATS`](EmailSettings::MAX_FORMER_FORMATS)). The
        /// product keeps former prefixes alone.
        former_token_formats: ref Vec<TokenFormat> = Defaults::effective(Vec::new()),
            "Former token formats";
        /// Use smart matching. On in the product's documents; the later product has it off, and
        /// advises against it.
        smart_matching: copy bool = Defaults::effective(true).metadata(false).current(false),
            "Use smart matching", "enablesmartmatching";
        /// The regular expression whose matches are taken out of a subject before its words are
        /// compared. One that cannot be used is kept, and smart matching stays off with a finding
        /// ([`Correlator::findings`](crate::correlation::Correlator::findings)).
        smart_filter: ref FilterExpression = Defaults::effective(FilterExpression::default()),
            "Filter subject keywords", "hashfilterkeywords";
        /// How many words of a subject, and how many addresses, are compared.
        smart_max_count: copy Number = Defaults::effective(Number::saturating(20)),
            "Maximum number of keywords or recipients", "hashmaxcount";
        /// By how many words two subjects may differ.
        smart_delta: copy Number = Defaults::effective(Number::saturating(0)),
            "Maximum difference of subject keywords", "hashdeltasubjectcount";
        /// How many addresses must be the same: at least 1. The column takes 0 too, which would
        /// match any mail of the same subject, and is refused.
        smart_min_addresses: copy Whole<1, 2_147_483_647> =
            Defaults::effective(Whole::saturating(2)), "Minimum number of matching recipients",
            "hashminaddresscount";
        /// Is mail between two users tracked as two activities, one for each? The column says the
        /// opposite: true there means that the second one is not made.
        two_activities: copy bool = Defaults::same(true),
            "Track emails sent between two users as two activities", "ignoreinternalemail";
        /// Is the body of a mail shown in a secure frame? See
        /// [`body_shown`](EmailSettings::body_shown).
        secure_frames: copy bool = Defaults::same(false),
            "Use secure frames to restrict email message content", "rendersecureiframeforemail";
        /// May mail be sent to recipients that are no record? See
        /// [`party::check_recipients`](crate::party::check_recipients).
        unresolved_recipients_allowed: copy bool = Defaults::same(false),
            "Allow messages with unresolved recipients to be sent",
            "allowunresolvedpartiesonemailsend";
        /// Does a recipient's address of incoming mail that several records have stay unresolved?
        /// If not, it stands for all of them.
        unresolved_on_multiple_match: copy bool = Defaults::same(false),
            "Set To, cc, bcc fields as unresolved values if multiple matches are found",
            "unresolveemailaddressifmultiplematch";
        /// Does resolving an address by hand resolve it wherever it is unresolved? Rests while
        /// [`unresolved_on_multiple_match`](EmailSettings::unresolved_on_multiple_match) is off: see
        /// [`applies_to_all`](EmailSettings::applies_to_all).
        apply_to_all: copy bool = Defaults::effective(true).metadata(false),
            "Apply same email address to all unresolved matches",
            "resolvesimilarunresolvedemailaddress";
        /// The largest file that can be attached, in bytes; the product's screen shows kilobytes of
        /// 1,024. Tested for each file.
        max_attachment_size: copy AttachmentSize = Defaults::same(AttachmentSize::DEFAULT),
            "Maximum file size", "maxuploadfilesize";
        /// Are alerts of errors raised?
        alert_errors: copy bool = Defaults::same(true), "Error", "generatealertsforerrors";
        /// Are alerts of warnings raised? For troubleshooting and more detail on the alert wall.
        alert_warnings: copy bool = Defaults::effective(false).metadata(true).current(true),
            "Warning", "generatealertsforwarnings";
        /// Are informative alerts raised?
        alert_information: copy bool = Defaults::same(true), "Information",
            "generatealertsforinformation";
        /// Is the owner of a mailbox told of what goes wrong with its email server profile, beside
        /// the administrator?
        notify_mailbox_owner: copy bool = Defaults::effective(false).metadata(true),
            "Notify mailbox owner", "notifymailboxownerofemailserverlevelalerts";
        /// May it be watched whether recipients open mail and follow its links?
        monitoring_allowed: copy bool = Defaults::same(true), "Allow email monitoring",
            "isemailmonitoringallowed";
        /// The same as a preview feature.
        monitoring_preview_allowed: copy Option<bool> = Defaults::effective(None),
            "Allow preview of email monitoring", "ispreviewforemailmonitoringallowed";
        /// Do email server profiles filter content?
        content_filtering: copy bool = Defaults::same(false),
            "Content filtering by email server profiles",
            "isemailserverprofilecontentfilteringenabled";
        /// Is the form of email addresses checked where they are entered?
        address_validation: copy bool = Defaults::same(false), "Email address validation",
            "isemailaddressvalidationenabled";
        /// Files with these extensions are not attached, whatever their size.
        blocked_extensions: ref BlockedExtensions =
            Defaults::effective(BlockedExtensions::default()), "Blocked file extensions",
            "blockedattachments";
        /// How many mails are fetched from Exchange together.
        retrieval_batch_size: copy Option<Whole<1, 2_147_483_647>> = Defaults::effective(None),
            "Exchange email retrieval batch size", "incomingemailexchangeemailretrievalbatchsize";
        /// Are mailboxes unlocked that another process holds?
        forced_mailbox_unlocking: copy bool = Defaults::same(false), "Forced mailbox unlocking",
            "ismailboxforcedunlockingenabled";
        /// Are mailboxes without mail visited less often?
        inactive_mailbox_backoff: copy bool = Defaults::same(false), "Inactive mailbox back-off",
            "ismailboxinactivebackoffenabled";
        /// May campaigns send mail?
        marketing_email_allowed: copy Option<bool> = Defaults::effective(None),
            "Allow marketing email", "allowmarketingemailexecution";
        /// Does a request to unsubscribe set the recipient's choice automatically?
        automatic_unsubscribe: copy Option<bool> = Defaults::effective(None),
            "Automatic unsubscribe", "allowautounsubscribe";
        /// Is such a request acknowledged?
        unsubscribe_acknowledgement: copy Option<bool> = Defaults::effective(None),
            "Acknowledge unsubscribe requests", "allowautounsubscribeacknowledgement";
        /// Whose rules hold where the product's documents and its later versions differ. The
        /// product has no column for it. It changes no other setting: start from
        /// `EmailSettings::builder_of` for the defaults of a profile; what is left out of the serde
        /// form has those of the documents.
        profile: copy Profile = Defaults::effective(Profile::Documents).current(Profile::Current),
            "Profile";
        /// Which release of the product the organization lives by: caps the size of attachments and
        /// says whether folders can be tracked. The product has no column for it.
        release: copy Release = Defaults::effective(Release::Dynamics365), "Release";
        /// What the product decides by itself when it correlates, and this crate lets be chosen.
        correlation_policy: ref CorrelationPolicy =
            Defaults::effective(CorrelationPolicy::of(Profile::Documents))
                .current(CorrelationPolicy::of(Profile::Current)), "Correlation policy";
    }
    check(this) {
        if this.process_email_using == ProcessEmailUsing::EmailRouter
            && this.appointments_method == AppointmentsMethod::ServerSide
        {
            return Err(SettingError::excluded(
                "appointments_method",
                "Dynamics 365 for Outlook or none, as the Email Router processes the mail",
                this.appointments_method,
            ));
        }
        let digits = this.profile.user_digits();
        if this.token_user_digits.get() > i64::from(digits) {
            return Err(SettingError::excluded(
                "token_user_digits",
                format!("at most {digits} digits under this profile"),
                this.token_user_digits,
            ));
        }
        let cap = this.release.max_attachment_size();
        if this.max_attachment_size > cap {
            return Err(SettingError::excluded(
                "max_attachment_size",
                format!("at most {cap} in {}", this.release),
                this.max_attachment_size,
            ));
        }
        let formats = this.former_token_formats.len();
        if formats > Self::MAX_FORMER_FORMATS {
            return Err(SettingError::new(
                "former_token_formats",
                ValueError::length(format!("at most {} formats", Self::MAX_FORMER_FORMATS), formats),
            ));
        }
        Ok(())
    }
}

impl Default for EmailSettings {
    /// Everything at its effective default of the product's documents.
    fn default() -> Self {
        Self::builder().assemble()
    }
}

#[cfg(test)]
mod tests;
