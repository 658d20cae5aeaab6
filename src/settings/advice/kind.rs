//! What there is to say, each with how bad it is, where, why, and what helps.

use chrono::NaiveDate;

use super::declare::kinds;
use crate::id::RecordId;
use crate::settings::{
    AttachmentSize, AttributeName, ConnectStatus, ContentStatus, Degree, DomainAdvice, DomainName,
    DomainPart, DomainStatus, EmailServerType, MatchingTarget, NotUsable, PageChoice,
    SasPermissions, SocialChannel, TableName,
};
use crate::subject::FilterError;
use crate::token::Prefix;

kinds! {
    /// Another deployment has the same prefix, and numbers that meet.
    Error (EmailSettings.token_prefixes)
    PrefixShared { prefix: Prefix = "The prefix.", with: String = "The other deployment." }
        => "the prefix \"{prefix}\" and the user numbers are those of {with} too: mail between the \
            two is filed under the conversations of the other",
        "give each deployment a prefix of its own";

    /// Another deployment has the same prefix; their bases keep the numbers apart.
    Warning (EmailSettings.token_prefixes)
    PrefixSharedApart { prefix: Prefix = "The prefix.", with: String = "The other deployment." }
        => "the prefix \"{prefix}\" is that of {with} too, and only the deployment base tells their \
            tokens apart",
        "give each deployment a prefix of its own, or keep the bases further apart than there are \
         users";

    /// There are several deployments, and this one kept the prefix that every new one has.
    Hint (EmailSettings.token_prefixes)
    DefaultPrefix { prefix: Prefix = "The prefix." }
        => "\"{prefix}\" is the prefix that every new deployment begins with, and there are others",
        "choose a prefix of this deployment's own";

    /// The prefix ends in a digit.
    Warning (EmailSettings.token_prefixes)
    PrefixEndsInDigit { prefix: Prefix = "The prefix." }
        => "the prefix \"{prefix}\" ends in a digit: where the numbers of a token begin is not clear",
        "end the prefix with a colon or a hyphen";

    /// Mail programs put the prefix before the subjects of answers.
    Error (EmailSettings.token_prefixes)
    PrefixIsReplyPrefix { prefix: Prefix = "The prefix." }
        => "the prefix \"{prefix}\" is one that mail programs put before the subjects of answers and \
            forwards",
        "choose a prefix that no mail program writes";

    /// The planned prefix pushes old ones out of the history.
    Warning (EmailSettings.token_prefixes)
    PrefixHistoryDrops { next: Prefix = "The planned prefix.", dropped: usize = "How many go." }
        => "with the prefix \"{next}\" the history has no room for {dropped} of the former prefixes: \
            answers that carry their tokens are no longer recognised",
        "choose a shorter prefix, or wait until the conversations of the oldest ones are closed";

    /// The base alone has more digits than user numbers.
    Error (EmailSettings.token_base)
    BaseTooWide { base: i64 = "The base.", digits: i64 = "The digits of user numbers." }
        => "the deployment base {base} has more than the {digits} digits of user numbers: no token \
            can be made",
        "raise the digits of user numbers, or lower the base";

    /// Base and highest user number together have more digits than user numbers.
    Error (EmailSettings.token_user_digits)
    UserNumbersTooWide { base: i64 = "The base.", user: u32 = "The highest user number.",
        digits: i64 = "The digits of user numbers." }
        => "the deployment base {base} and the highest user number {user} together have more than \
            {digits} digits: those users get no token, or share one with another user",
        "raise the digits of user numbers, or lower the base";

    /// A sender's tokens come again while the conversations still live.
    Warning (EmailSettings.max_tracking_number)
    CounterWraps { days: u32 = "Days until a token comes again.", lives: u32 = "Days that a \
        conversation lives." }
        => "the busiest sender uses a token again after {days} days, and conversations live {lives}: \
            answers reach the newer one",
        "raise the digits of the message counter; nine are allowed";

    /// Whoever guesses a counter hits an open conversation too often.
    Warning (EmailSettings.max_tracking_number)
    TokensGuessable { percent: f64 = "Odds of one guess, in per cent." }
        => "a stranger who guesses one counter of the busiest sender hits an open conversation with \
            odds of {percent:.0} %",
        "raise the digits of the message counter, or let the correlation policy refuse strangers";

    /// Tokens are off.
    Warning (EmailSettings.use_tracking_tokens)
    TokensOff
        => "without tracking tokens, fewer answers find their conversation",
        "turn tracking tokens on, together with correlation by headers";

    /// Tokens are off, and the product forgets how many digits they had.
    Hint (EmailSettings.max_tracking_number)
    DigitsLost { digits: u8 = "The digits of the counter." }
        => "while tracking tokens are off the product stores 0 for the counter: its {digits} digits \
            are lost there",
        "note the digits, and enter them again when tokens are turned on";

    /// Mail of the mailbox goes out by Outlook over SMTP, where nothing but tokens correlates.
    Warning (Mailbox.outgoing)
    CorrelationMayNotWork
        => "mail sent by Dynamics 365 for Outlook over SMTP to somebody who is not on Exchange is \
            correlated by tracking tokens alone, which are off: correlation events may not work",
        "turn tracking tokens on, or send by server-side synchronization";

    /// Folders, tokens, headers and smart matching are all off.
    Error (EmailSettings.use_correlation)
    NothingCorrelates
        => "folders, tokens, headers and smart matching are off: no incoming mail is known as an \
            answer",
        "turn correlation by headers and tracking tokens on";

    /// A user tracks answers alone, and nothing finds them.
    Error (PersonalOptions.filter)
    UserTracksNothing
        => "only answers are tracked for this user, and nothing can tell that a mail is one: no mail \
            is ever tracked automatically",
        "turn a method of correlation on, or choose another filter option";

    /// A queue tracks answers alone, and nothing finds them.
    Error (Queue.filter)
    QueueTracksNothing
        => "only answers become activities of this queue, and nothing can tell that a mail is one: \
            no mail is ever tracked automatically",
        "turn a method of correlation on, or choose another filter option";

    /// Correlation by headers, and the Email Router.
    Warning (EmailSettings.use_correlation)
    HeadersWithRouter
        => "correlation by headers works best with server-side synchronization, and the Email Router \
            processes the mail",
        "use tracking tokens or smart matching, or move to server-side synchronization";

    /// A property of the organization overrules correlation by headers.
    Hint (EmailSettings.use_correlation)
    HeadersOverruled
        => "correlation by headers is on and without effect: the property \
            IgnoreConversationIndexAndInReplyToForCorrelation overrules it",
        "remove the property, or turn the setting off";

    /// A property of the organization overrules smart matching.
    Hint (EmailSettings.smart_matching)
    SmartMatchingOverruled
        => "smart matching is on and without effect: the property DisableSmartMatching overrules it",
        "remove the property, or turn the setting off";

    /// One shared address is enough for smart matching.
    Warning (EmailSettings.smart_min_addresses)
    SmartMinAddresses { min: i64 = "How many must be shared." }
        => "smart matching is content with {min} shared address: unrelated mail of one person is \
            linked",
        "ask for two shared addresses at least";

    /// The colleagues on every mail are already enough for smart matching.
    Warning (EmailSettings.smart_min_addresses)
    SmartMinInternal { min: i64 = "How many must be shared.",
        internal: u32 = "How many colleagues are on a mail." }
        => "smart matching is content with {min} shared addresses, and {internal} internal ones are \
            regularly on a mail: mail of different customers is linked",
        "ask for one shared address more than there are internal ones";

    /// Subjects may differ.
    Warning (EmailSettings.smart_delta)
    SmartDelta { delta: i64 = "By how many words." }
        => "smart matching allows subjects a difference of {delta} in their words: subjects of as few \
            words match anything",
        "set the maximum difference to 0";

    /// More words are asked for than are compared.
    Hint (EmailSettings.smart_max_count)
    SmartMaxCount { asked: i64 = "The setting.", compared: u32 = "What is compared." }
        => "smart matching is to compare {asked} words and addresses, and compares {compared} at most",
        "lower the number, so that it says what happens";

    /// The filter expression lost its backslashes.
    Error (EmailSettings.smart_filter)
    FilterLostBackslashes
        => "the filter expression is the default without its backslashes: it strips runs of the \
            letters s and w, and smart matching stays off",
        "enter \"^[\\s]*([\\w]+\\s?:[\\s]*)+\"";

    /// The filter expression cannot be used here.
    Error (EmailSettings.smart_filter)
    FilterUnusable { error: FilterError = "Why not." }
        => "smart matching stays off: {error}",
        "write the expression without the construct that is named";

    /// The filter expression matches where there is nothing.
    Warning (EmailSettings.smart_filter)
    FilterMatchesEmpty
        => "the filter expression matches the empty string, so that parts of it do nothing",
        "make one of its parts required: + in place of *";

    /// The filter expression takes labels that carry meaning.
    Hint (EmailSettings.smart_filter)
    FilterEatsLabels
        => "the filter expression strips any word before a colon: of \"Invoice: 4711\", \"4711\" is \
            left",
        "name the labels, as in \"^\\s*((RE|FW|FWD|AW|WG)\\s?:\\s*)+\"";

    /// The filter expression takes words of an ordinary subject.
    Warning (EmailSettings.smart_filter)
    FilterEatsWords { left: String = "What is left." }
        => "the filter expression takes words out of an ordinary subject: of \"Service details of \
            your order\", \"{left}\" is left",
        "anchor the expression at the start (^), and let it end with a colon";

    /// Folder-level tracking is on and rests.
    Warning (EmailSettings.folder_tracking)
    FolderTrackingRests
        => "folder-level tracking is on and without effect: it needs server-side synchronization and \
            a release that has it",
        "use server-side synchronization, or turn folder-level tracking off";

    /// A user has more tracked folders than are allowed.
    Warning (PersonalOptions.folders)
    TooManyFolders { found: usize = "How many.", most: i64 = "How many count." }
        => "{found} folders are tracked, and the first {most} count",
        "remove folders, or raise the maximum of tracked folders (25 at most)";

    /// A user tracks folders on a server that has none to track.
    Warning (PersonalOptions.folders)
    FoldersWithoutExchange { server: EmailServerType = "The server." }
        => "folders are tracked with a server of type \"{server}\", and only Exchange can",
        "remove the tracked folders, or move the mailbox to Exchange";

    /// A mailbox synchronizes appointments with a server that has none.
    Error (Mailbox.appointments)
    AppointmentsWithoutExchange { server: EmailServerType = "The server." }
        => "appointments, contacts and tasks are synchronized with a server of type \"{server}\", \
            which has none",
        "choose \"None\" or \"Dynamics 365 for Outlook\"";

    /// New mailboxes would.
    Error (EmailSettings.appointments_method)
    DefaultAppointmentsWithoutExchange { server: EmailServerType = "The server." }
        => "new mailboxes synchronize appointments, contacts and tasks with a server of type \
            \"{server}\", which has none",
        "choose \"None\" or \"Dynamics 365 for Outlook\", or another default profile";

    /// "Apply to all" rests.
    Hint (EmailSettings.apply_to_all)
    ApplyToAllRests
        => "\"Apply same email address to all unresolved matches\" is on and without effect: \
            addresses with several matches do not stay unresolved",
        "turn on \"Set To, cc, bcc fields as unresolved values if multiple matches are found\", or \
         this off";

    /// Attachments above 32 MB are not advised.
    Hint (EmailSettings.max_attachment_size)
    LargeAttachments { size: AttachmentSize = "The largest file." }
        => "attachments of up to {size} are allowed: more than 32768 KB is not advised",
        "lower the maximum file size to 32768 KB";

    /// Several lead scoring configurations are active.
    Warning (LeadScoring.name)
    SeveralLeadScorings { rules: String = "The name of the one that rules.",
        active: usize = "How many are active." }
        => "of {active} active configurations \"{rules}\" rules, because it was created last: the others \
            are without effect",
        "deactivate those that are not meant";

    /// No lead scoring configuration is active.
    Hint (LeadScoring.name)
    NoLeadScoring
        => "no lead scoring configuration is active: leads are marked and moved, and scores are \
            deleted, automatically",
        "create one where that is not wanted";

    /// No landing page configuration is the default one.
    Error (LandingPage.default)
    NoDefaultLandingPage
        => "no active landing page configuration is the default, and there must be one",
        "mark one as the default";

    /// Several are.
    Error (LandingPage.default)
    SeveralDefaultLandingPages { rules: String = "The one that counts." }
        => "several landing page configurations are the default; \"{rules}\" counts, which was \
            changed last",
        "leave the mark on one of them";

    /// The banner is on and says nothing.
    Warning (LandingPage.privacy_banner_text)
    BannerWithoutText
        => "the privacy banner is on and has no text",
        "enter the text of the banner, or turn it off";

    /// The banner is on and leads nowhere.
    Warning (LandingPage.privacy_policy_link_url)
    BannerWithoutUrl
        => "the privacy banner is on and has no link to a privacy policy",
        "enter the URL of the privacy policy, or turn the banner off";

    /// A strategy is not there.
    Error (LandingPage.contact_matching_strategy)
    StrategyMissing { slot: MatchingTarget = "The slot.", strategy: RecordId = "What it names." }
        => "the {slot} matching strategy is {strategy}, which is not there: every submission fails",
        "choose a strategy that exists";

    /// A strategy is for the other target.
    Error (LandingPage.contact_matching_strategy)
    StrategyWrongTarget { slot: MatchingTarget = "The slot.", strategy: RecordId = "What it names." }
        => "the {slot} matching strategy is {strategy}, whose target is another: every submission \
            fails",
        "choose a strategy with this target";

    /// A condition of a matching rule says nothing new.
    Hint (MatchingRule.additional_conditions)
    ConditionWithoutEffect { number: usize = "Its place, from 1 on.", because: String = "What it \
        follows from." }
        => "additional condition {number} holds wherever {because} does: it has no effect",
        "delete it, or choose other attributes";

    /// Addresses or telephone numbers need not be the same.
    Warning (MatchingRule.additional_conditions)
    LooseIdentifier { attribute: AttributeName = "The attribute.", degree: Degree = "Its degree." }
        => "{attribute} is compared with the degree \"{degree}\": addresses and numbers of different \
            people differ in a character or two",
        "choose the degree \"Exact\", or compare the attribute as text";

    /// No set of default marketing settings is the default one.
    Warning (MarketingDefaults.default)
    NoDefaultMarketingSettings
        => "no active set of default marketing settings is the default: messages and journeys begin \
            with nothing, and double opt-in is off",
        "mark a set as the default";

    /// Several are.
    Warning (MarketingDefaults.default)
    SeveralDefaultMarketingSettings { rules: String = "The one that counts." }
        => "several sets of default marketing settings are the default; \"{rules}\" counts, which \
            was changed last",
        "leave the mark on one of them";

    /// There is no default sending domain.
    Warning (MarketingDefaults.default_sending_domain)
    NoDefaultSendingDomain
        => "there is no default sending domain: a From address of a foreign domain is not rewritten, \
            and its mail is likely to count as spam",
        "choose a confirmed domain";

    /// Nothing may be sent from the default sending domain.
    Warning (MarketingDefaults.default_sending_domain)
    DefaultDomainUnconfirmed { domain: DomainName = "The domain.", part: DomainPart = "What of it.",
        status: DomainStatus = "Its status." }
        => "nothing can be sent from the default sending domain {domain}: {part} has the status \
            \"{status}\"",
        "confirm the domain, or choose another one";

    /// The record of the default sending domain is inactive.
    Warning (MarketingDefaults.default_sending_domain)
    DefaultDomainInactive { domain: DomainName = "The domain." }
        => "nothing can be sent from the default sending domain {domain}: its record is inactive",
        "activate the domain, or choose another one";

    /// Content settings of the default set cannot be used.
    Warning (MarketingDefaults.default_content_settings)
    DefaultContentUnusable { error: NotUsable = "Why not." }
        => "the default content settings cannot be used by a message: {error}",
        "take them live, or choose others";

    /// Double opt-in has content settings that cannot be used.
    Error (MarketingDefaults.double_opt_in_content_settings)
    OptInContentUnusable { error: NotUsable = "Why not." }
        => "double opt-in is on, and its messages cannot be sent: {error}",
        "take the content settings live, or choose others";

    /// Double opt-in is prepared and off.
    Hint (MarketingDefaults.enable_double_opt_in)
    OptInRests
        => "messages for double opt-in are chosen, and it is off: lists are joined and consent is \
            raised at once",
        "turn double opt-in on";

    /// No content settings are the default.
    Warning (ContentSettings.default)
    NoDefaultContentSettings
        => "no active content settings are the default",
        "mark one record as the default";

    /// Several are.
    Error (ContentSettings.default)
    SeveralDefaultContentSettings { rules: String = "The one that counts." }
        => "several content settings are the default; \"{rules}\" counts, which was changed last",
        "leave the mark on one of them";

    /// The default content settings are not live.
    Warning (ContentSettings.status)
    ContentNotLive { status: ContentStatus = "Their status." }
        => "the default content settings have the status \"{status}\": no message can use them",
        "take them live";

    /// A name with `www`.
    Warning (AuthenticatedDomain.name)
    DomainWww { domain: DomainName = "The name." }
        => "the name {domain} begins with www: mail from the domain without it is not covered",
        "register what stands behind the @";

    /// A domain that is registered for nothing.
    Hint (AuthenticatedDomain.authenticate_email)
    DomainAsksNothing
        => "the domain is registered for nothing",
        "ask for email, prefilled forms or an envelope-from domain, or delete the record";

    /// A domain whose keys were not found yet.
    Warning (AuthenticatedDomain.name)
    DomainUnconfirmed { advice: DomainAdvice = "What to do." }
        => "the registration is not complete: {advice}",
        "publish the records as they are shown, without quotation marks and without the domain \
         twice, and confirm again";

    /// The signature of the export has expired.
    Error (Analytics.signature_expires)
    SignatureExpired { on: NaiveDate = "The last day." }
        => "the signature of the export expired on {on}: nothing is exported",
        "paste a new SAS URL of the same container";

    /// The signature of the export expires within two weeks.
    Hint (Analytics.signature_expires)
    SignatureExpires { on: NaiveDate = "The last day." }
        => "the signature of the export expires on {on}",
        "paste a new SAS URL of the same container before";

    /// The signature of the export does not permit everything.
    Error (Analytics.signature_permissions)
    PermissionsMissing { missing: SasPermissions = "What it does not permit." }
        => "the signature of the export does not permit: {missing}",
        "make a SAS URL with the permissions read, add, create, write, delete and list";

    /// There are two exports.
    Warning (Analytics.storage_url)
    SeveralExports { rules: String = "The one that counts." }
        => "several configurations export, and one can; \"{rules}\" counts",
        "stop the export of the others";

    /// Somebody must sign in.
    Warning (SocialAccount.connect_status)
    SignInAgain { channel: SocialChannel = "Where.", status: ConnectStatus = "The status." }
        => "nothing is posted to {channel}: \"{status}\"",
        "sign in again, where the network still allows it";

    /// The sign-in has expired by its date.
    Warning (SocialAccount.valid_until)
    SignInExpired { channel: SocialChannel = "Where.", on: NaiveDate = "The last day." }
        => "the sign-in to {channel} was valid until {on}",
        "sign in again, where the network still allows it";

    /// The later product can no longer sign in there.
    Warning (SocialAccount.channel)
    ChannelEnded { channel: SocialChannel = "Where." }
        => "the later product can no longer sign in to {channel}: nothing is posted",
        "post there by hand, and deactivate the account";

    /// Facebook took a page by itself, or none was chosen yet.
    Warning (SocialAccount.page_choice)
    PageNotChosen { choice: PageChoice = "How far it has come." }
        => "which of several Facebook pages is posted to was not chosen here: \"{choice}\"",
        "sign in again, choose \"All pages\" at Facebook first, and then the page here";

    /// Minimum consent is set and without effect.
    Warning (DataProtection.respect_consent)
    ConsentIgnored { minimums: u32 = "How many." }
        => "{minimums} journeys or models have a minimum consent, and consent is not respected: they \
            process everybody",
        "turn \"Respect consent\" on";

    /// A table is to be synchronized that cannot be.
    Error (MarketingData.requested)
    TableNotSelectable { table: TableName = "The table." }
        => "the table {table} is not there or has no change tracking: it cannot be synchronized",
        "turn change tracking of the table on, or leave it out";

    /// Several records of a page are the default.
    Warning ()
    SeveralDefaults { rules: String = "The one that counts." }
        => "several records are the default; {rules} counts, which was changed last",
        "leave the mark on one of them";

    /// A setting names a record that is not there.
    Error ()
    DanglingLink { table: &'static str = "The table.", id: RecordId = "The record." }
        => "it refers to the record {id} of {table}, which is not there",
        "choose a record that exists";
}
