//! Domains, exports, social accounts, data protection, marketing data.

use chrono::TimeDelta;

use super::{Advice, AdviceKind, Facts, Found, active};
use crate::record::RecordKind;
use crate::settings::in_force::{self, Standing};
use crate::settings::{
    AnalyticsConfiguration, ConnectStatus, Document, DomainAdvice, EmailSettings, PageChoice,
    Profile, RecordView, SasPermissions, SocialChannel, Stored,
};

/// Pages whose several defaults have advice of their own.
const ADVISED: [RecordKind; 4] = [
    RecordKind::LandingPage,
    RecordKind::MarketingDefaults,
    RecordKind::ContentSettings,
    RecordKind::Analytics,
];

/// So long before it expires a signature is worth a word.
const NOTICE: TimeDelta = TimeDelta::days(14);

pub(super) fn pages(document: &Document, facts: &Facts, found: &mut Found) {
    domains(document, facts, found);
    exports(document, facts, found);
    social(document, facts, found);
    for page in document.pages() {
        let marked = |record: &&RecordView<'_>| record.active && record.is_default();
        let rules = page.records.iter().find(|record| record.standing == Standing::Default);
        if let (Some(rules), None) = (rules, ADVISED.iter().find(|kind| **kind == page.kind))
            && let Some(id) = rules.id
            && let Some(field) = page.fields.iter().find(|field| field.name == "default")
            && page.records.iter().filter(marked).count() > 1
        {
            found.0.push(Advice {
                kind: AdviceKind::SeveralDefaults { rules: id.to_string() },
                page: page.kind,
                record: Some(id),
                field: field.name,
            });
        }
    }
    let minimums = facts.minimum_consents;
    let stored: Vec<_> = document.data_protection.iter().map(Stored::from).collect();
    let respected = in_force::default(&stored).is_some_and(|set| set.value.respect_consent());
    found.add_if(minimums > 0 && !respected, || AdviceKind::ConsentIgnored { minimums });
    if let (Some(data), Some(catalogue)) = (&document.marketing_data, &facts.catalogue) {
        for table in data.requested().iter() {
            found.add_if(catalogue.selectable(table).is_err(), || AdviceKind::TableNotSelectable {
                table: table.clone(),
            });
        }
    }
}

fn social(document: &Document, facts: &Facts, found: &mut Found) {
    let today = facts.now.map(|now| now.date_naive());
    let profile = document.email_settings.as_ref().map(EmailSettings::profile);
    let current = profile == Some(Profile::Current);
    for account in active(&document.social_accounts) {
        let (id, value) = (account.id, &account.value);
        let (channel, status) = (value.channel(), value.connect_status());
        let signed_in = status == ConnectStatus::SignedIn;
        let ended = match channel {
            SocialChannel::Twitter => current,
            SocialChannel::Facebook | SocialChannel::Instagram => current && !signed_in,
            SocialChannel::LinkedIn => false,
        };
        if ended {
            found.about(id, AdviceKind::ChannelEnded { channel });
        } else if !signed_in {
            found.about(id, AdviceKind::SignInAgain { channel, status });
        } else if let Some(on) = value.valid_until()
            && today.is_some_and(|today| on < today)
        {
            found.about(id, AdviceKind::SignInExpired { channel, on });
        }
        if let Some(choice @ (PageChoice::Pending | PageChoice::Arbitrary)) = value.page_choice() {
            found.about(id, AdviceKind::PageNotChosen { choice });
        }
    }
}

fn domains(document: &Document, facts: &Facts, found: &mut Found) {
    for domain in active(&document.authenticated_domains) {
        // What depends on the time is left out where that is not known.
        let advice = domain.value.advice(domain.created, facts.now.unwrap_or(domain.created));
        for advice in advice {
            match advice {
                DomainAdvice::LeadingWww => {
                    let domain_name = domain.value.name().clone();
                    found.about(domain.id, AdviceKind::DomainWww { domain: domain_name });
                }
                DomainAdvice::NothingRequested => {
                    found.about(domain.id, AdviceKind::DomainAsksNothing);
                }
                advice if facts.now.is_some() => {
                    found.about(domain.id, AdviceKind::DomainUnconfirmed { advice });
                }
                _ => {}
            }
        }
    }
}

fn exports(document: &Document, facts: &Facts, found: &mut Found) {
    let exports = |value: &AnalyticsConfiguration| value.storage_url().is_some();
    let stored: Vec<_> = active(&document.analytics).map(Stored::from).collect();
    let count = stored.iter().filter(|stored| exports(&stored.value)).count();
    if count > 1
        && let Some(rules) = in_force::default(&stored)
    {
        let (id, rules) = (rules.id, rules.value.name().as_str().to_owned());
        found.about(id, AdviceKind::SeveralExports { rules });
    }
    for stored in stored.iter().filter(|stored| exports(&stored.value)) {
        let (id, value) = (stored.id, &stored.value);
        if let (Some(on), Some(now)) = (value.signature_expires(), facts.now) {
            let today = now.date_naive();
            if on < today {
                found.about(id, AdviceKind::SignatureExpired { on });
            } else if on.signed_duration_since(today) < NOTICE {
                found.about(id, AdviceKind::SignatureExpires { on });
            }
        }
        if let Some(permissions) = value.signature_permissions() {
            let missing = permissions.missing();
            found.about_if(missing != SasPermissions::NONE, id, || {
                AdviceKind::PermissionsMissing { missing }
            });
        }
    }
}
