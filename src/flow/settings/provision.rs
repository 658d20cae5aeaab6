//! A new organization.

use chrono::NaiveDate;

use super::read::is_provisioned;
use super::{Editor, organization};
use crate::address::Domain;
use crate::flow::FlowError;
use crate::id::RecordId;
use crate::record::RecordRef;
use crate::settings::{
    AuthenticatedDomain, DefaultMarketingSettings, EmailServerProfile, EmailSettings,
    LandingPageConfiguration, Link, MarketingDataConfiguration, MatchingStrategy, MatchingTarget,
    OrganizationProperties, Permission, Profile, SettingError, SettingsRecord, Stored, targets,
};
use crate::store::{Batch, Change, Expect, Reason, Records, Store};

/// The ids of the records that a new organization begins with, all different; those of which it has
/// one have the [id of the organization](organization).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "one for each record of the product's own")]
pub struct NewIds {
    /// The instance domain.
    pub domain: RecordId,
    /// The set of default marketing settings.
    pub marketing_defaults: RecordId,
    /// The matching strategy for contacts.
    pub contact_strategy: RecordId,
    /// The matching strategy for leads.
    pub lead_strategy: RecordId,
    /// The landing page configuration.
    pub landing_page: RecordId,
}

/// What a new organization begins with.
///
/// | record | what it says |
/// |---|---|
/// | authenticated domain | the domain of the instance, for mail; ownership and email confirmed |
/// | default marketing settings | one set, the default one; that domain is its sending domain |
/// | matching strategies | contacts by address; leads by address and page |
/// | landing page configuration | one, the default one; both strategies, the website of the events |
/// | marketing data configuration | contacts, accounts and events published |
/// | email settings, property bag | the defaults of the profile |
/// | email server profile | the one for Exchange Online, where it is [asked for](Self::with_server_profile) |
#[derive(Clone, Debug)]
pub struct NewOrganization {
    ids: NewIds,
    domain: AuthenticatedDomain,
    marketing_defaults: DefaultMarketingSettings,
    strategies: [MatchingStrategy; 2],
    landing_page: LandingPageConfiguration,
    marketing_data: MarketingDataConfiguration,
    email: EmailSettings,
    properties: OrganizationProperties,
    server_profile: Option<(RecordId, EmailServerProfile)>,
}

impl NewOrganization {
    /// An organization that is reached under `host`, by which the domain of the instance is named
    /// ([`AuthenticatedDomain::instance`]), provisioned on the day `on`, with the website of its
    /// events.
    ///
    /// # Errors
    ///
    /// The host is no name from which that domain could be made, or two of the ids are the same.
    pub fn new(
        profile: Profile,
        host: &Domain,
        on: NaiveDate,
        event_website: Link<targets::Website>,
        ids: NewIds,
    ) -> Result<Self, SettingError> {
        different(&ids.all())?;
        let strategies = [Link::new(ids.contact_strategy), Link::new(ids.lead_strategy)];
        let [contact, lead] = strategies;
        Ok(Self {
            ids,
            domain: AuthenticatedDomain::instance(profile, host, on)?,
            marketing_defaults: DefaultMarketingSettings::builder_of(profile)
                .name("Default marketing settings")
                .default(true)
                .default_sending_domain(ids.domain)
                .build()?,
            strategies: [
                MatchingStrategy::out_of_box(MatchingTarget::Contact).build()?,
                MatchingStrategy::out_of_box(MatchingTarget::Lead).build()?,
            ],
            landing_page: LandingPageConfiguration::out_of_box(contact, lead, event_website)
                .build()?,
            marketing_data: MarketingDataConfiguration::builder_of(profile).build()?,
            email: EmailSettings::builder_of(profile).build()?,
            properties: OrganizationProperties::builder_of(profile).build()?,
            server_profile: None,
        })
    }

    /// The same with this email server profile as its default one: the one that is
    /// [made automatically](EmailServerProfile::automatic).
    ///
    /// # Errors
    ///
    /// The id is one of the others, or the profile does not go with the default methods of the email
    /// settings ([`EmailServerProfile::admits_defaults`]): those synchronize appointments.
    pub fn with_server_profile(
        mut self,
        id: RecordId,
        profile: EmailServerProfile,
    ) -> Result<Self, SettingError> {
        let [a, b, c, d, e] = self.ids.all();
        different(&[a, b, c, d, e, ("server_profile", id)])?;
        profile.admits_defaults(&self.email.default_methods())?;
        self.email = self.email.to_builder().default_server_profile(id).build()?;
        self.server_profile = Some((id, profile));
        Ok(self)
    }

    fn batch<S: Store>(&self, store: &S, editor: &Editor<'_>) -> Result<Batch, FlowError> {
        let mut new = Batching { store, editor, batch: Batch::new(editor.tenant) };
        let own = organization(editor.tenant);
        let [contact, lead] = &self.strategies;
        // The mark of a provisioned organization comes first: see `provision`.
        new.put(own, &self.email)?;
        new.put(own, &self.properties)?;
        new.put(own, &self.marketing_data)?;
        new.put(self.ids.domain, &self.domain)?;
        new.put(self.ids.marketing_defaults, &self.marketing_defaults)?;
        new.put(self.ids.contact_strategy, contact)?;
        new.put(self.ids.lead_strategy, lead)?;
        new.put(self.ids.landing_page, &self.landing_page)?;
        if let Some((id, profile)) = &self.server_profile {
            new.put(*id, profile)?;
        }
        Ok(new.batch)
    }
}

impl NewIds {
    const fn all(&self) -> [(&'static str, RecordId); 5] {
        [
            ("domain", self.domain),
            ("marketing_defaults", self.marketing_defaults),
            ("contact_strategy", self.contact_strategy),
            ("lead_strategy", self.lead_strategy),
            ("landing_page", self.landing_page),
        ]
    }
}

/// Has each record an id of its own?
fn different(ids: &[(&'static str, RecordId)]) -> Result<(), SettingError> {
    for (place, (name, id)) in ids.iter().enumerate() {
        if let Some((first, _)) = ids.iter().take(place).find(|(_, other)| other == id) {
            return Err(SettingError::excluded(name, format!("another id than {first} has"), id));
        }
    }
    Ok(())
}

struct Batching<'a, S> {
    store: &'a S,
    editor: &'a Editor<'a>,
    batch: Batch,
}

impl<S: Store> Batching<'_, S> {
    fn put<T: SettingsRecord>(&mut self, id: RecordId, value: &T) -> Result<(), FlowError> {
        let version = self.editor.versions.next();
        let stored = Stored::new(id, version, self.editor.now, value.clone());
        let record = stored.to_record(self.store.keyer())?;
        Ok(self.batch.push(Change::Put { record, version, expect: Expect::Absent })?)
    }
}

/// What became of provisioning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only `Now` and `Before` mean that the organization is there"]
#[non_exhaustive]
pub enum Provisioned {
    /// The organization was made by this call.
    Now,
    /// It was there before, and nothing was changed, however much of it was changed since it was
    /// made.
    Before,
    /// The actor lacks this permission.
    Denied(Permission),
    /// The organization is not there, but a record of one of the ids, or another default record, is:
    /// nothing was changed.
    Occupied(RecordRef),
}

/// Makes a new organization: all its records at once, or none. Again, it changes nothing; of several
/// at a time one makes it. The actor needs the permission to change the marketing settings and the
/// email settings.
///
/// ```
/// use chrono::{DateTime, NaiveDate};
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::flow::settings::{
///     Changed, Editor, NewIds, NewOrganization, Provisioned, create, load, make_default, provision,
/// };
/// use correspond::id::{RecordId, TenantId};
/// use correspond::record::Versions;
/// use correspond::settings::{Actor, Link, Permissions, Profile};
/// use correspond::store::Blocking;
///
/// let store = Blocking::new(MemoryStore::default());
/// let (tenant, versions) = (TenantId::new(1), Versions::default());
/// let administrator = Actor::new(RecordId::new(7), Permissions::ALL);
/// let editor = Editor::new(tenant, administrator, DateTime::UNIX_EPOCH, &versions);
/// let new = NewOrganization::new(
///     Profile::Documents,
///     &"contoso.crm.dynamics.com".parse()?,
///     NaiveDate::from_ymd_opt(2020, 4, 1).unwrap(),
///     Link::new(RecordId::new(20)),
///     NewIds {
///         domain: RecordId::new(10),
///         marketing_defaults: RecordId::new(11),
///         contact_strategy: RecordId::new(12),
///         lead_strategy: RecordId::new(13),
///         landing_page: RecordId::new(14),
///     },
/// )?;
/// for expected in [Provisioned::Now, Provisioned::Before] {
///     assert_eq!(store.run(async |store| provision(store, &editor, &new).await)??, expected);
/// }
/// let settings = store.run(async |store| load(store, tenant).await)??;
/// let domain = settings.default_sending_domain().expect("a new organization has one");
/// assert_eq!(domain.value.name().as_str(), "contoso-dyn365mktg.com");
///
/// // Another landing page configuration takes the place of the first.
/// let spring = settings.landing_page.value.to_builder().name("Spring").default(false).build()?;
/// let spring = store.run(async |store| {
///     let made = create(store, &editor, RecordId::new(15), spring).await?;
///     assert!(matches!(made, Changed::Done(_)));
///     make_default(store, &editor, RecordId::new(15)).await
/// })??;
/// let settings = store.run(async |store| load(store, tenant).await)??;
/// assert_eq!(spring, Changed::Done(settings.landing_page));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A record is too long to be kept, or the store failed; after that a second call tells whether the
/// organization was made.
pub async fn provision<S: Store + Records>(
    store: &S,
    editor: &Editor<'_>,
    new: &NewOrganization,
) -> Result<Provisioned, FlowError> {
    // Nobody learns of an organization that is not his to make.
    for needed in [Permission::MarketingSettings, Permission::EmailSettings] {
        if !editor.actor.permissions().contains(needed) {
            return Ok(Provisioned::Denied(needed));
        }
    }
    let batch = new.batch(store, editor)?;
    let records = batch.changes().iter().filter_map(|change| match change {
        Change::Put { record, .. } => Some(record.reference()),
        _ => None,
    });
    let records: Vec<_> = records.collect();
    if is_provisioned(store, editor.tenant).await? {
        return Ok(Provisioned::Before);
    }
    let commit = store.commit(&batch).await?;
    let Some(first) = commit.refusals().first() else { return Ok(Provisioned::Now) };
    Ok(match (first.change, &first.reason) {
        // Refusals come in ascending order: where somebody was faster, this is the first.
        (0, Reason::Stale { .. }) => Provisioned::Before,
        (_, Reason::Taken { holder, .. }) => Provisioned::Occupied(*holder),
        (place, _) => match records.get(place) {
            Some(record) => Provisioned::Occupied(*record),
            None => return Err(FlowError::contended()),
        },
    })
}
