//! Forms as records: their strategies stay as long as they are used.

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::flow::forms::{
    FormChanged, FormEditor, StoredForm, delete_form, load_form, save_form,
};
use correspond::flow::settings::{
    Changed, Editor, NewIds, NewOrganization, Refused, change, create, default_of, delete, list,
    provision,
};
use correspond::form::{FormChoices, FormError, FormField, FormType, MarketingForm};
use correspond::id::{RecordId, TenantId};
use correspond::record::{RecordKind, Version, Versions};
use correspond::settings::{
    Actor, LandingPageConfiguration, Link, MatchingStrategy, MatchingTarget, Permissions, Profile,
    SlotFault, Stored,
};
use correspond::store::poll_once;

const TENANT: TenantId = TenantId::new(1);
const FORM: RecordId = RecordId::new(500);

struct Organization {
    store: MemoryStore,
    versions: Versions,
}

impl Organization {
    fn new() -> Self {
        let own = Self { store: MemoryStore::default(), versions: Versions::default() };
        let id = RecordId::new;
        let new = NewOrganization::new(
            Profile::Documents,
            &"contoso.crm.dynamics.com".parse().unwrap(),
            DateTime::UNIX_EPOCH.date_naive(),
            Link::new(id(100)),
            NewIds {
                domain: id(101),
                marketing_defaults: id(102),
                contact_strategy: id(103),
                lead_strategy: id(104),
                landing_page: id(105),
            },
        );
        let new = new.unwrap();
        let _ = poll_once(provision(&own.store, &own.editor(), &new)).unwrap().unwrap();
        own
    }

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(9)
    }

    fn editor(&self) -> Editor<'_> {
        let administrator = Actor::new(RecordId::new(7), Permissions::ALL);
        Editor::new(TENANT, administrator, Self::now(), &self.versions)
    }

    fn strategies(&self) -> Vec<Stored<MatchingStrategy>> {
        poll_once(list(&self.store, TENANT)).unwrap().unwrap()
    }

    fn strategy(&self, id: u128, target: MatchingTarget) -> RecordId {
        let id = RecordId::new(id);
        let value = MatchingStrategy::out_of_box(target).name("Own").build().unwrap();
        let made = poll_once(create(&self.store, &self.editor(), id, value)).unwrap().unwrap();
        assert!(matches!(made, Changed::Done(_)));
        id
    }

    fn form(&self, choices: &FormChoices) -> MarketingForm {
        let config = poll_once(default_of::<LandingPageConfiguration, _>(&self.store, TENANT));
        let config = config.unwrap().unwrap().unwrap().value;
        let strategies = self.strategies();
        MarketingForm::with_choices(FormType::LandingPage, choices, &config, &strategies)
            .unwrap()
            .with_fields([FormField::new("emailaddress1").unwrap()])
            .unwrap()
    }

    fn save(&self, seen: Option<Version>, form: &MarketingForm) -> FormChanged {
        let editor = FormEditor::new(TENANT, Self::now(), &self.versions);
        poll_once(save_form(&self.store, &editor, FORM, seen, form)).unwrap().unwrap()
    }

    fn saved(&self, seen: Option<Version>, form: &MarketingForm) -> StoredForm {
        match self.save(seen, form) {
            FormChanged::Done(stored) => stored,
            other => panic!("{other:?}"),
        }
    }

    fn delete(&self, strategy: RecordId, seen: Version) -> Changed<MatchingStrategy> {
        poll_once(delete(&self.store, &self.editor(), strategy, seen)).unwrap().unwrap()
    }

    fn version(&self, strategy: RecordId) -> Version {
        self.strategies().iter().find(|stored| stored.id == strategy).unwrap().version
    }
}

/// A121: a form refers to its strategies by itself.
#[test]
fn a_strategy_that_a_form_uses_is_not_deleted() {
    let own = Organization::new();
    let strategy = own.strategy(300, MatchingTarget::Contact);
    let before = own.version(strategy);
    let form = own.form(&FormChoices::default().contact_strategy(strategy));
    let first = own.saved(None, &form);
    assert_ne!(own.version(strategy), before, "whoever deletes it at that moment is told");
    assert!(matches!(own.delete(strategy, before), Changed::Stale(_)));
    let user = RecordKind::MarketingForm.of(FORM);
    match own.delete(strategy, own.version(strategy)) {
        Changed::Refused(Refused::InUse { by }) => assert_eq!(by, [user]),
        other => panic!("{other:?}"),
    }

    // Another strategy instead, and it can go.
    let second = own.saved(Some(first.version), &own.form(&FormChoices::default()));
    assert!(matches!(own.save(Some(first.version), &form), FormChanged::Stale(_)));
    assert!(matches!(own.delete(strategy, own.version(strategy)), Changed::Done(_)));
    match own.save(Some(second.version), &form) {
        FormChanged::Refused(FormError::Strategy(error)) => {
            assert_eq!((error.strategy(), error.fault()), (strategy, SlotFault::Missing));
        }
        other => panic!("{other:?}"),
    }
    let kept = poll_once(load_form(&own.store, TENANT, FORM)).unwrap().unwrap();
    assert_eq!(kept.as_ref(), Some(&second));
    let gone = poll_once(delete_form(&own.store, TENANT, FORM, second.version)).unwrap().unwrap();
    assert_eq!(gone, FormChanged::Done(second));
    assert_eq!(poll_once(load_form(&own.store, TENANT, FORM)).unwrap().unwrap(), None);
}

#[test]
fn a_strategy_that_a_form_uses_keeps_its_target() {
    let own = Organization::new();
    let strategy = own.strategy(300, MatchingTarget::Lead);
    let _ = own.saved(None, &own.form(&FormChoices::default().lead_strategy(strategy)));
    let value = MatchingStrategy::out_of_box(MatchingTarget::Contact).build().unwrap();
    let seen = own.version(strategy);
    let editor = own.editor();
    let changed = poll_once(change(&own.store, &editor, strategy, seen, value));
    let changed = changed.unwrap().unwrap();
    assert!(matches!(changed, Changed::Refused(Refused::InUse { .. })), "{changed:?}");
}
