//! Domains, exports, social accounts, data protection, marketing data.

use chrono::TimeDelta;

use super::{AdviceKind, Facts, Found, active};
use crate::settings::{
    AnalyticsConfiguration, ConnectStatus, Document, DomainAdvice, SasPermissions, Stored, in_force,
};

/// So long before it expires a signature is worth a word.
const NOTICE: TimeDelta = TimeDelta::days(14);

pub(super) fn pages(document: &Document, facts: &Facts, found: &mut Found) {
    domains(document, facts, found);
    exports(document, facts, found);
    let today = facts.now.map(|now| now.date_naive());
    for account in active(&document.social_accounts) {
        let (channel, status) = (account.value.channel(), account.value.connect_status());
        if status != ConnectStatus::SignedIn {
            found.about(account.id, AdviceKind::SignInAgain { channel, status });
        } else if let Some(on) = account.value.valid_until()
            && today.is_some_and(|today| on < today)
        {
            found.about(account.id, AdviceKind::SignInExpired { channel, on });
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
