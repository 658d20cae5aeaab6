//! What a form and a page show a visitor of what is known of him.

use chrono::{DateTime, NaiveDate};
use correspond::form::{
    FieldKind, FormField, FormType, MarketingForm, PrefillRefusal, prefilled, prefilled_field,
};
use correspond::id::RecordId;
use correspond::page::{
    ColumnRefusal, PageState, PageUrl, PersonalizationRefusal, PersonalizedPage, RememberMe, Site,
    SiteRefusal, personalization,
};
use correspond::party::{Attributes, Party, Value};
use correspond::record::{RecordKind, Version};
use correspond::settings::{
    AttributeName, AuthenticatedDomain, CheckOutcome, DomainPart, DomainRequest, DomainStatus,
    LandingPageConfiguration, MatchingStrategy, MatchingTarget, Profile, Stored,
};
use proptest::prelude::*;

const ALLOW: RememberMe = RememberMe::Allow;
const TYPES: [FormType; 4] = [
    FormType::LandingPage,
    FormType::SubscriptionCenter,
    FormType::ForwardToFriend,
    FormType::EventRegistration,
];

fn stored<T: correspond::settings::SettingsRecord>(id: u128, value: T) -> Stored<T> {
    Stored::new(RecordId::new(id), Version::new(id), DateTime::UNIX_EPOCH, value)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn name(name: &str) -> AttributeName {
    AttributeName::new(name).unwrap()
}

/// A form of this type with these fields, that allows prefill or not and has the element "Remember me"
/// or not.
fn form(form_type: FormType, fields: Vec<FormField>, allows: bool, element: bool) -> MarketingForm {
    let strategies = [(1, MatchingTarget::Contact), (2, MatchingTarget::Lead)]
        .map(|(id, target)| stored(id, MatchingStrategy::out_of_box(target).build().unwrap()));
    let config = LandingPageConfiguration::builder()
        .name("Spring")
        .contact_matching_strategy(RecordId::new(1))
        .lead_matching_strategy(RecordId::new(2))
        .build()
        .unwrap();
    let form = MarketingForm::new(form_type, &config, &strategies).unwrap();
    form.with_fields(fields).unwrap().with_prefill(allows, element)
}

fn first_name() -> FormField {
    FormField::new("firstname").unwrap().prefilled()
}

fn landing_page(fields: Vec<FormField>) -> MarketingForm {
    form(FormType::LandingPage, fields, true, true)
}

fn contact(values: &[(&str, Value)]) -> Party {
    let mut row = Attributes::default();
    for (name, value) in values {
        row.set(*name, value.clone()).unwrap();
    }
    Party::new(RecordKind::Contact.of(RecordId::new(7)), DateTime::UNIX_EPOCH, row)
}

fn ann(remembered: RememberMe) -> Party {
    contact(&[("firstname", text("Ann")), (RememberMe::COLUMN, remembered.value())])
}

fn url(text: &str) -> PageUrl {
    PageUrl::parse(text).unwrap()
}

fn portal() -> Site {
    Site::portal(url("https://events.contoso.com/spring"))
}

/// A domain registered for forms, its ownership in this status.
fn domain(name: &str, ownership: DomainStatus) -> AuthenticatedDomain {
    let new = AuthenticatedDomain::new(name, DomainRequest::FORMS).unwrap();
    let day = NaiveDate::from_ymd_opt(2020, 4, 1).unwrap();
    let outcome = match ownership {
        DomainStatus::WaitingToConfirm => return new,
        DomainStatus::Cancelled => return new.cancel(),
        DomainStatus::Confirmed => CheckOutcome::Confirmed(day),
        DomainStatus::KeysNotFound => CheckOutcome::KeysNotFound,
        other => panic!("no way to {other}"),
    };
    new.begin_confirmation().unwrap().answered(DomainPart::Ownership, outcome).unwrap()
}

fn on(page: &str, registered: &str) -> Site {
    let domains = [stored(1, domain(registered, DomainStatus::Confirmed))];
    Site::external(url(page), &domains, Profile::Documents)
}

/// Is Ann's first name shown, by a form and to a page?
fn shown_on(site: &Site) -> bool {
    let form = landing_page(vec![first_name()]);
    let by_form = prefilled(&form, Some(&ann(ALLOW)), site);
    let page = PersonalizedPage::new(PageState::Live, [name("firstname")]).unwrap();
    let to_page = personalization(&page, Some(&ann(ALLOW)), site);
    let expected = by_form.refusals().is_empty();
    assert_eq!(by_form.values().get(&name("firstname")), Some(&text("Ann")).filter(|_| expected));
    assert_eq!(to_page.is_allowed(), expected, "one question, one answer");
    assert_eq!(to_page.values(), by_form.values());
    expected
}

fn told(refusals: &[PrefillRefusal]) -> Vec<String> {
    refusals.iter().map(ToString::to_string).collect()
}

/// A035: over HTTP nothing is shown, wherever the page stands.
#[test]
fn forms_are_prefilled_over_https_alone() {
    for scheme in ["http", "HTTP"] {
        let page = url(&format!("{scheme}://contoso.com/"));
        for site in [on(&format!("{scheme}://contoso.com/"), "contoso.com"), Site::portal(page)] {
            assert!(!shown_on(&site));
            let form = landing_page(vec![first_name()]);
            let ann = ann(ALLOW);
            let refusals = prefilled_field(&form, &form.fields()[0], Some(&ann), &site);
            assert_eq!(
                told(&refusals.unwrap_err()),
                ["page: expected one served over HTTPS, found http://contoso.com"]
            );
        }
    }
    for scheme in ["https", "HTTPS"] {
        assert!(shown_on(&on(&format!("{scheme}://contoso.com/"), "contoso.com")));
        assert!(shown_on(&Site::portal(url(&format!("{scheme}://contoso.com/")))));
    }
}

/// A034: each subdomain by itself; facts 6.4. Case, a dot at the end and the spelling of an
/// internationalised name make no other domain.
#[test]
fn a_registered_domain_prefills_on_its_very_host() {
    for (page, registered) in [
        ("https://contoso.com/", "contoso.com"),
        ("https://CONTOSO.com:8443/a?b#c", "contoso.com"),
        ("https://contoso.com./", "contoso.com"),
        ("https://www.contoso.com/", "WWW.contoso.com."),
        ("https://bücher.de/", "xn--bcher-kva.de"),
        ("https://XN--BCHER-KVA.de/", "bücher.de"),
        ("https://evil.example@contoso.com/", "contoso.com"),
    ] {
        assert!(shown_on(&on(page, registered)), "{page}");
    }
    for (page, registered) in [
        ("https://www.contoso.com/", "contoso.com"),
        ("https://contoso.com/", "www.contoso.com"),
        ("https://a.www.contoso.com/", "www.contoso.com"),
        ("https://notcontoso.com/", "contoso.com"),
        ("https://contoso.com.evil.example/", "contoso.com"),
        ("https://contoso.com@evil.example/", "contoso.com"),
        ("https://evil.example/https://contoso.com/", "contoso.com"),
        ("https://bucher.de/", "bücher.de"),
        ("https://127.0.0.1/", "contoso.com"),
    ] {
        assert!(!shown_on(&on(page, registered)), "{page}");
    }
    let form = landing_page(vec![first_name()]);
    let site = on("https://www.contoso.com/", "contoso.com");
    let refusals = prefilled(&form, Some(&ann(ALLOW)), &site).refusals().clone();
    let near = SiteRefusal::NotRegistered {
        host: "www.contoso.com".parse().unwrap(),
        near: Some("contoso.com".parse().unwrap()),
    };
    assert_eq!(refusals[&name("firstname")], [PrefillRefusal::Site(near)]);
}

/// A018, A040, A041: the ownership is confirmed and forms are asked for; for later versions asking is
/// enough (facts 6.4). The record is active.
#[test]
fn a_page_shows_what_its_domain_allows() {
    let site = |profile, domain, active| {
        let mut record = stored(1, domain);
        record.active = active;
        Site::external(url("https://contoso.com/"), &[record], profile)
    };
    for profile in Profile::ALL {
        let later = !profile.prefill_needs_ownership();
        for (status, expected) in [
            (DomainStatus::Confirmed, true),
            (DomainStatus::WaitingToConfirm, later),
            (DomainStatus::KeysNotFound, later),
            (DomainStatus::Cancelled, later),
        ] {
            let domain = domain("contoso.com", status);
            assert_eq!(shown_on(&site(profile, domain.clone(), true)), expected, "{status}");
            assert!(!shown_on(&site(profile, domain, false)), "{status}");
        }
        let sends = AuthenticatedDomain::new("contoso.com", DomainRequest::EMAIL).unwrap();
        assert!(!shown_on(&site(profile, sends, true)));
        assert!(!shown_on(&Site::external(url("https://contoso.com/"), &[], profile)));
        assert!(shown_on(&Site::portal(url("https://contoso.com/"))), "always authenticated");
    }
}

/// Facts 7.2, 7.12: field, form and contact agree on a landing page and for an event; a subscription
/// center shows all its fields, a form to forward none.
#[test]
fn field_form_and_contact_must_agree() {
    let yes_no = [false, true];
    let mut shown = 0;
    for form_type in TYPES {
        for (field, allows) in yes_no.into_iter().flat_map(|a| yes_no.map(|b| (a, b))) {
            for (element, remembered) in yes_no.into_iter().flat_map(|a| yes_no.map(|b| (a, b))) {
                let one = FormField::new("firstname").unwrap();
                let one = if field { one.prefilled() } else { one };
                let form = form(form_type, vec![one], allows, element);
                let ann = ann(RememberMe::ticked(remembered));
                let found = prefilled(&form, Some(&ann), &portal());
                let expected = match form_type {
                    FormType::SubscriptionCenter => true,
                    FormType::ForwardToFriend => false,
                    _ => field && allows && element && remembered,
                };
                assert_eq!(!found.values().is_empty(), expected, "{form_type}");
                shown += usize::from(expected);
                let Some(refusals) = found.refusals().get(&name("firstname")) else {
                    assert!(expected);
                    continue;
                };
                if form_type == FormType::ForwardToFriend {
                    assert_eq!(refusals[..], [PrefillRefusal::FormType(form_type)]);
                    continue;
                }
                let reasons = [
                    (!allows, PrefillRefusal::Form),
                    (!element, PrefillRefusal::NoRememberMe),
                    (!field, PrefillRefusal::Field(name("firstname"))),
                    (!remembered, PrefillRefusal::NotRemembered),
                ];
                let reasons = reasons.into_iter().filter(|(holds, _)| *holds);
                assert!(reasons.map(|(_, reason)| reason).eq(refusals.iter().cloned()));
            }
        }
    }
    assert_eq!(shown, 16 + 2);
}

/// Facts 7.12: who never ticked "Remember me", or of whom the column says something odd, did not.
#[test]
fn only_a_yes_is_a_yes() {
    for odd in [text("Allow"), Value::Choice(1), Value::Whole(1), Value::YesNo(false)] {
        let ann = contact(&[("firstname", text("Ann")), (RememberMe::COLUMN, odd)]);
        let found = prefilled(&landing_page(vec![first_name()]), Some(&ann), &portal());
        assert_eq!(found.refusals()[&name("firstname")], [PrefillRefusal::NotRemembered]);
    }
    let never = contact(&[("firstname", text("Ann"))]);
    assert!(
        prefilled(&landing_page(vec![first_name()]), Some(&never), &portal()).values().is_empty()
    );
    let center = form(FormType::SubscriptionCenter, vec![first_name()], false, false);
    assert_eq!(prefilled(&center, Some(&never), &portal()).values().len(), 1);
}

/// A field shows the contact's own value of its column and no other, and none that it would refuse
/// when it is sent back.
#[test]
fn a_field_shows_the_value_of_its_column_of_the_contact() {
    let field = |field: &str| FormField::new(field).unwrap().prefilled();
    let contacts = MatchingTarget::Contact;
    let form = landing_page(vec![
        field("given").mapped(contacts, "firstname").unwrap(),
        field("lastname").unmapped(contacts),
        field("jobtitle"),
        field("nickname"),
        field("numberofchildren").of_kind(FieldKind::Whole),
        field("new_guests").of_kind(FieldKind::Whole),
        field("new_size").with_options([1, 2]),
        field("new_colour").with_options([1, 2]),
    ]);
    let ann = contact(&[
        ("given", text("not this one")),
        ("firstname", text("Ann")),
        ("lastname", text("Lee")),
        ("nickname", text(" \u{200b}")),
        ("numberofchildren", Value::Whole(2)),
        ("new_guests", text("2")),
        ("new_size", Value::Choice(2)),
        ("new_colour", Value::Choice(3)),
        (RememberMe::COLUMN, ALLOW.value()),
    ]);
    let found = prefilled(&form, Some(&ann), &portal());
    let values: Vec<_> =
        found.values().iter().map(|(name, value)| (name.as_str(), value)).collect();
    assert_eq!(
        values,
        [
            ("given", &text("Ann")),
            ("new_size", &Value::Choice(2)),
            ("numberofchildren", &Value::Whole(2)),
        ]
    );
    let told: Vec<_> = found.refusals().values().flat_map(|refusals| told(refusals)).collect();
    assert_eq!(
        told,
        [
            "jobtitle: expected a value of the contact, found none",
            "lastname: expected a field with a column of contacts, found none",
            "new_colour: expected a value that the field takes, found another",
            "new_guests: expected a value that the field takes, found another",
            "nickname: expected a value of the contact, found none",
        ]
    );
}

/// Who looks after it wants to see all that is wrong, always in one order.
#[test]
fn all_refusals_are_told_in_order() {
    let bare =
        form(FormType::LandingPage, vec![FormField::new("firstname").unwrap()], false, false);
    let site = Site::external(
        url("http://contoso.com/"),
        &[stored(1, domain("contoso.com", DomainStatus::KeysNotFound))],
        Profile::Documents,
    );
    let refusals = |form: &MarketingForm, contact| {
        told(&prefilled_field(form, &form.fields()[0], contact, &site).unwrap_err())
    };
    let all = [
        "page: expected one served over HTTPS, found http://contoso.com",
        "authenticated domain contoso.com: expected its ownership to be \"Confirmed\", found \"Keys \
         not found on DNS\"",
        "form: expected one that allows prefill, found one that does not",
        "form: expected an element \"Remember me\", found none",
        "firstname: expected a field that allows prefill, found one that does not",
    ];
    let with = |more: &[&'static str]| [&all[..], more].concat();
    let forgotten = contact(&[]);
    assert_eq!(
        refusals(&bare, Some(&forgotten)),
        with(&[
            "contact: expected \"Remember me\" to be Allow, found Do not allow",
            "firstname: expected a value of the contact, found none",
        ])
    );
    let stranger = ["contact: expected a known visitor, found a stranger"];
    assert_eq!(refusals(&bare, None), with(&stranger));
    let lead = Party::new(
        RecordKind::Lead.of(RecordId::new(7)),
        DateTime::UNIX_EPOCH,
        ann(ALLOW).attributes().clone(),
    );
    assert_eq!(refusals(&bare, Some(&lead)), with(&["contact: expected a contact, found a Lead"]));

    let unmapped = first_name().unmapped(MatchingTarget::Contact);
    let forward = form(FormType::ForwardToFriend, vec![unmapped], true, true);
    assert_eq!(
        refusals(&forward, None)[2..],
        [
            "form: expected a type that is prefilled, found \"Forward to a friend\"",
            "firstname: expected a field with a column of contacts, found none",
            stranger[0],
        ]
    );
}

/// A041; the product's article on personalized pages: a live record lists the columns, the contact is
/// known and wants it, and a page shows text, numbers, options and times, but no other record.
#[test]
fn a_page_knows_the_listed_columns_of_a_contact_who_wants_it() {
    let columns = ["firstname", "lastname", "ownerid", "birthdate"].map(name);
    let page = |state| PersonalizedPage::new(state, columns.clone()).unwrap();
    let birth = Value::Date(NaiveDate::from_ymd_opt(1990, 11, 22).unwrap());
    let row = [
        ("firstname", text("Ann")),
        ("ownerid", Value::Lookup(RecordId::new(9))),
        ("birthdate", birth.clone()),
        ("jobtitle", text("not listed")),
        (RememberMe::COLUMN, ALLOW.value()),
        ("msgdpr_donottrack", Value::YesNo(true)),
    ];
    let ann = contact(&row);
    for state in PageState::ALL {
        let answer = personalization(&page(*state), Some(&ann), &portal());
        let live = matches!(state, PageState::Live | PageState::LiveEditable);
        assert_eq!(answer.is_allowed(), live);
        if !live {
            assert_eq!(answer.refusals(), [PersonalizationRefusal::NotLive(*state)]);
            assert!(answer.values().is_empty() && answer.left_out().is_empty());
        }
    }
    let answer = personalization(&page(PageState::Live), Some(&ann), &portal());
    assert!(
        answer
            .values()
            .iter()
            .eq([(&name("birthdate"), &birth), (&name("firstname"), &text("Ann"))])
    );
    assert!(answer.left_out().iter().eq([
        (&name("lastname"), &ColumnRefusal::Blank),
        (&name("ownerid"), &ColumnRefusal::Lookup)
    ]));

    let site = Site::external(url("http://contoso.com/"), &[], Profile::Documents);
    let told = |contact: Option<&Party>| -> Vec<String> {
        let answer = personalization(&page(PageState::Draft), contact, &site);
        assert!(answer.values().is_empty());
        answer.refusals().iter().map(ToString::to_string).collect()
    };
    let all = [
        "page: expected one served over HTTPS, found http://contoso.com",
        "authenticated domains: expected contoso.com itself, found none",
        "personalized page: expected it to be live, found it Draft",
    ];
    let with = |last| [&all[..], &[last]].concat();
    assert_eq!(told(None), with("contact: expected a known visitor, found a stranger"));
    assert_eq!(
        told(Some(&contact(&row[..4]))),
        with("contact: expected \"Remember me\" to be Allow, found Do not allow")
    );
    let lead = RecordKind::Lead.of(RecordId::new(1));
    let lead = Party::new(lead, DateTime::UNIX_EPOCH, ann.attributes().clone());
    assert_eq!(told(Some(&lead)), with("contact: expected a contact, found a Lead"));
    assert_eq!(
        [ColumnRefusal::Blank, ColumnRefusal::Lookup].map(|refusal| refusal.to_string()),
        [
            "expected a value of the contact, found none",
            "expected text, a number, an option or a time, found another record"
        ]
    );
}

#[test]
fn a_personalized_page_lists_a_bounded_number_of_columns() {
    let columns = |number: usize| (0..number).map(|n| name(&format!("new_{n}")));
    let most = PersonalizedPage::MAX_COLUMNS;
    let page = PersonalizedPage::new(PageState::Draft, columns(most)).unwrap();
    assert_eq!(page.columns().count(), most);
    let json = serde_json::to_string(&page).unwrap();
    assert_eq!(serde_json::from_str::<PersonalizedPage>(&json).unwrap(), page);
    let error = PersonalizedPage::new(PageState::Draft, columns(most + 1)).unwrap_err();
    assert_eq!(error.to_string(), "expected at most 250 columns, found more");
    let json = json.replacen("\"new_0\"", "\"new_0\",\"new_x\"", 1);
    assert!(serde_json::from_str::<PersonalizedPage>(&json).is_err());
}

proptest! {
    /// Whatever is known and allowed: each field has a value or a reason, a value is the contact's own,
    /// and shows up only where nothing speaks against it.
    #[test]
    fn every_field_has_a_value_or_a_reason(
        form_type in prop::sample::select(&TYPES),
        (allows, element) in any::<(bool, bool)>(),
        fields in prop::collection::btree_map("new_[a-d]", any::<(bool, bool)>(), 0..4),
        row in prop::collection::btree_map("new_[a-d]", "[ x]{0,2}", 0..4),
        remembered in prop::option::of(any::<bool>()),
        known in any::<bool>(),
        page in prop::sample::select(&["https://contoso.com", "http://contoso.com", "https://a.contoso.com"]),
    ) {
        let fields: Vec<_> = fields.into_iter().map(|(name, (prefill, mapped))| {
            let field = FormField::new(&name).unwrap();
            let field = if prefill { field.prefilled() } else { field };
            if mapped { field } else { field.unmapped(MatchingTarget::Contact) }
        }).collect();
        let form = form(form_type, fields, allows, element);
        let mut values: Vec<_> = row.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        values.extend(remembered.map(|yes| (RememberMe::COLUMN, Value::YesNo(yes))));
        let contact = contact(&values);
        let site = on(page, "contoso.com");
        let found = prefilled(&form, known.then_some(&contact), &site);
        prop_assert_eq!(found.values().len() + found.refusals().len(), form.fields().len());
        for field in form.fields() {
            let again = prefilled_field(&form, field, known.then_some(&contact), &site);
            match found.values().get(field.name()) {
                Some(value) => {
                    prop_assert_eq!(again, Ok(value));
                    let column = field.column(MatchingTarget::Contact).unwrap();
                    prop_assert_eq!(contact.attributes().get(column.as_str()), Some(value));
                    prop_assert!(known && page == "https://contoso.com");
                    let center = form_type == FormType::SubscriptionCenter;
                    prop_assert!(center || field.allows_prefill() && allows && element && remembered == Some(true));
                }
                None => {
                    let reasons = &found.refusals()[field.name()];
                    prop_assert!(!reasons.is_empty());
                    prop_assert_eq!(again.unwrap_err(), reasons.clone());
                }
            }
        }
    }
}
