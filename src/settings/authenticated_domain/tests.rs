use super::*;
use crate::party::Value;
use crate::settings::{DefaultKind, DefaultRule, FieldType, SettingErrorKind, SettingsRecord};

fn txt() -> DnsRecord {
    DnsRecord::new(DnsRecordType::Txt, "@", "d365mktkey=abc").unwrap()
}

fn cname() -> DnsRecord {
    DnsRecord::new(DnsRecordType::Cname, "bouncing", "nam.pb-dynmktg.com").unwrap()
}

fn sends() -> AuthenticatedDomainBuilder {
    AuthenticatedDomain::builder().name("test.dynmkt.com")
}

fn forms_alone() -> AuthenticatedDomainBuilder {
    sends().authenticate_email(false).prefilled_forms(true).email_status(DomainStatus::NotRequested)
}

fn refused(builder: AuthenticatedDomainBuilder) -> String {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), SettingErrorKind::Excluded);
    error.to_string()
}

/// A038, A039, A040; facts 5.2: defaults, columns and the serde form.
#[test]
fn authenticated_domain_fields_defaults_and_form() {
    let domain = sends().build().unwrap();
    let json = r#"{"name":"test.dynmkt.com","authenticate_email":true,"prefilled_forms":false,"envelope_from":false,"envelope_from_required":false,"ownership_status":"waiting-to-confirm","email_status":"waiting-to-confirm","envelope_from_status":"not-requested"}"#;
    assert_eq!(serde_json::to_string(&domain).unwrap(), json);
    assert_eq!(serde_json::from_str::<AuthenticatedDomain>(json).unwrap(), domain);
    let short = r#"{"name":"TEST.dynmkt.com"}"#;
    assert_eq!(serde_json::from_str::<AuthenticatedDomain>(short).unwrap(), domain);

    for profile in Profile::ALL {
        for kind in [DefaultKind::Metadata, DefaultKind::Effective(profile)] {
            let default = |field| AuthenticatedDomain::default_value(field, kind);
            assert_eq!(default("authenticate_email"), Some(Value::YesNo(true)));
            for off in ["prefilled_forms", "envelope_from", "envelope_from_required"] {
                assert_eq!(default(off), Some(Value::YesNo(false)), "{off}");
            }
            assert_eq!(default("envelope_from_domain"), None);
        }
        let kind = DefaultKind::Effective(profile);
        let default = |field| AuthenticatedDomain::default_value(field, kind);
        assert_eq!(default("ownership_status"), Some(Value::Choice(0)));
        assert_eq!(default("email_status"), Some(Value::Choice(0)));
        assert_eq!(default("envelope_from_status"), Some(Value::Choice(3)));
    }
    assert_eq!(AuthenticatedDomain::DEFAULTS, DefaultRule::None);
    let name = AuthenticatedDomain::FIELDS[0];
    assert_eq!((name.ty, name.required), (FieldType::Text { min: 1, max: 100 }, true));
    let columns: Vec<_> =
        AuthenticatedDomain::FIELDS.iter().filter_map(|field| field.column).collect();
    assert_eq!(columns.len(), AuthenticatedDomain::FIELDS.len());
    for key in DomainKey::ALL {
        assert!(columns.contains(&key.columns().value));
    }
}

/// A038: a URL is refused where the record is made.
#[test]
fn a_domain_record_refuses_a_url() {
    let error = AuthenticatedDomain::builder().name("https://contoso.com").build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "name: expected a bare domain name such as contoso.com, found the URL \
         \"https://contoso.com\""
    );
    assert_eq!(error.kind(), SettingErrorKind::Form);
}

/// A053; facts 6.3: a part that was not asked for is Not requested, and one that was is not.
#[test]
fn a_status_agrees_with_what_was_requested() {
    use DomainStatus::{Confirmed, NotRequested, WaitingToConfirm};

    assert!(sends().email_status(Confirmed).build().is_ok());
    assert_eq!(
        refused(sends().email_status(NotRequested)),
        "email_status: expected the status of a part that was requested, found \"Not requested\""
    );
    assert_eq!(
        refused(sends().authenticate_email(false)),
        "email_status: expected \"Not requested\", as nothing asks for this part, found \"Waiting \
         to confirm\""
    );

    assert!(sends().envelope_from(true).envelope_from_status(WaitingToConfirm).build().is_ok());
    assert!(refused(sends().envelope_from(true)).starts_with("envelope_from_status: expected the"));
    assert!(
        refused(sends().envelope_from_status(Confirmed))
            .starts_with("envelope_from_status: expect")
    );

    assert!(refused(sends().ownership_status(NotRequested)).starts_with("ownership_status: "));
    for either in [WaitingToConfirm, NotRequested] {
        assert!(forms_alone().ownership_status(either).build().is_ok());
    }
    let nothing = forms_alone().prefilled_forms(false);
    assert!(refused(nothing.clone()).starts_with("ownership_status: expected \"Not requested\""));
    let nothing = nothing.ownership_status(NotRequested).build().unwrap();
    assert!(!nothing.can_send() && !nothing.can_prefill(Profile::Current));
}

/// Facts 6.2: the rules of a chosen envelope-from domain, with the product's own examples.
#[test]
fn envelope_from_domains_obey_their_rules() {
    let chosen = |name: &str| sends().envelope_from_domain(name);
    for good in ["bouncingcustom.test.dynmkt.com", "bouncing.test.dynmkt.com"] {
        assert!(chosen(good).build().is_ok(), "{good}");
    }
    for (bad, expected) in [
        ("bouncing.custom.test.dynmkt.com", "one label before test.dynmkt.com"),
        ("test.dynmkt.com", "a subdomain of test.dynmkt.com"),
        ("bouncing.test.notdynmkt.com", "a subdomain of test.dynmkt.com"),
        ("mail.test.dynmkt.com", "a label that starts with bouncing"),
        ("bouncing-x.test.dynmkt.com", "a label of letters and digits"),
    ] {
        assert_eq!(
            refused(chosen(bad)),
            format!("envelope_from_domain: expected {expected}, found {bad}")
        );
    }
    for bad in ["bouncing##.test.dynmkt.com", ""] {
        let error = chosen(bad).build().unwrap_err();
        assert_eq!((error.field(), error.kind()), ("envelope_from_domain", SettingErrorKind::Form));
    }
}

/// Facts 6.2: the generated default, and the system's own where none is asked for.
#[test]
fn an_envelope_from_domain_is_generated_where_none_was_chosen() {
    assert_eq!(sends().build().unwrap().envelope_from_name(), None);
    let asked = sends().envelope_from(true).envelope_from_status(DomainStatus::WaitingToConfirm);
    let generated = asked.clone().build().unwrap().envelope_from_name().unwrap();
    assert_eq!(generated.to_string(), "bouncing.test.dynmkt.com");
    let chosen = asked.clone().envelope_from_domain("bouncing2.test.dynmkt.com");
    let chosen = chosen.build().unwrap().envelope_from_name().unwrap();
    assert_eq!(chosen.as_str(), "bouncing2.test.dynmkt.com");

    let long = |length: usize| format!("{}.{}.com", "a".repeat(40), "b".repeat(length - 45));
    assert!(asked.clone().name(long(91)).build().is_ok());
    let error = asked.name(long(92)).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "envelope_from_domain: expected a domain name of at most 100 characters, found 101"
    );
}

/// A043, A044, A045; facts 6.1: each key is published as a record of its type.
#[test]
fn key_records_have_the_type_of_their_key() {
    let good = sends().ownership_key(txt()).email_key_1(cname()).email_key_2(txt());
    let good = good.envelope_from_key(cname()).build().unwrap();
    assert_eq!(good.key(DomainKey::Ownership), Some(&txt()));
    assert_eq!(good.key(DomainKey::EnvelopeFrom), Some(&cname()));
    let json = serde_json::to_string(&good).unwrap();
    assert_eq!(serde_json::from_str::<AuthenticatedDomain>(&json).unwrap(), good);
    assert_eq!(
        good.value("ownership_key"),
        Some(Value::Text(r#"{"type":"TXT","host":"@","value":"d365mktkey=abc"}"#.to_owned()))
    );
    assert_eq!(
        refused(sends().ownership_key(cname())),
        "ownership_key: expected a TXT, found CNAME"
    );
    assert_eq!(
        refused(sends().envelope_from_key(txt())),
        "envelope_from_key: expected a CNAME, found TXT"
    );
}

/// A042, A043, A044: which keys a record needs follows from what is asked for.
#[test]
fn needed_keys_follow_from_what_was_requested() {
    use DomainKey::{Dkim1, Dkim2, EnvelopeFrom, Ownership};

    let needed = |profile, request| -> Vec<_> {
        let domain = AuthenticatedDomain::new_of(profile, "contoso.com", request).unwrap();
        domain.needed_keys().collect()
    };
    assert_eq!(needed(Profile::Documents, DomainRequest::EMAIL), [Ownership, Dkim1, Dkim2]);
    assert_eq!(needed(Profile::Documents, DomainRequest::FORMS), [Ownership]);
    assert_eq!(needed(Profile::Current, DomainRequest::FORMS), []);
    let all = needed(Profile::Current, DomainRequest::ALL);
    assert_eq!(all, [Ownership, Dkim1, Dkim2, EnvelopeFrom]);
    assert_eq!(needed(Profile::Documents, DomainRequest::default()), []);
}

/// Facts 6.3: confirmed is what was looked for in DNS, under the name under which it was.
#[test]
fn a_domain_is_confirmed_in_steps_and_renamed_without_them() {
    use DomainStatus::{Cancelled, Confirmed, Confirming, KeysNotFound, WaitingToConfirm};

    let with =
        |ownership, email| sends().ownership_status(ownership).email_status(email).build().unwrap();
    let new = sends().build().unwrap();
    assert_eq!(new.check_new(), Ok(()));
    assert_eq!(with(Confirming, KeysNotFound).check_new(), Ok(()));
    assert_eq!(
        with(WaitingToConfirm, Confirmed).check_new().unwrap_err().to_string(),
        "email_status: expected the status of a part that is still to be confirmed, found \
         \"Confirmed\""
    );

    let confirmed = with(Confirmed, Confirmed);
    for was in [WaitingToConfirm, Cancelled, KeysNotFound] {
        assert_eq!(
            confirmed.check_change(&with(was, Confirming)).unwrap_err().to_string(),
            format!(
                "ownership_status: expected \"Confirmed\" only of a part that was \"Confirming DNS \
                 registration\", found \"Confirmed\" of one that was \"{was}\""
            )
        );
    }
    assert_eq!(confirmed.check_change(&with(Confirming, Confirmed)), Ok(()));
    assert_eq!(confirmed.clone().cancel().check_change(&confirmed), Ok(()));

    let named = |name, domain: &AuthenticatedDomain| {
        domain.to_builder().name(name).build().unwrap().check_change(domain)
    };
    for domain in [&confirmed, &with(Confirming, WaitingToConfirm), &with(Cancelled, KeysNotFound)]
    {
        let error = named("paypal.com", domain).unwrap_err();
        assert_eq!(error.kind(), SettingErrorKind::Excluded);
        assert_eq!(
            error.expected(),
            "a status of before DNS was asked, as that was for another name"
        );
        assert_eq!(named("TEST.dynmkt.com", domain), Ok(()), "another spelling is no other name");
    }
    assert_eq!(named("paypal.com", &new), Ok(()));
    let renamed = with(WaitingToConfirm, Cancelled).to_builder().name("paypal.com");
    assert_eq!(renamed.build().unwrap().check_change(&confirmed), Ok(()));

    let envelope = |name: &str, status| {
        let chosen = confirmed.to_builder().envelope_from(true).envelope_from_domain(name);
        chosen.envelope_from_status(status).build().unwrap()
    };
    let before = envelope("bouncing1.test.dynmkt.com", Confirmed);
    let error = envelope("bouncing2.test.dynmkt.com", Confirmed).check_change(&before);
    assert_eq!(error.unwrap_err().field(), "envelope_from_status");
    let reset = envelope("bouncing2.test.dynmkt.com", WaitingToConfirm);
    assert_eq!(reset.check_change(&before), Ok(()));
}
