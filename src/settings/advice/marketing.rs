//! Lead scoring, landing pages, default marketing settings, content settings.

use super::{AdviceKind, Found, active};
use crate::id::RecordId;
use crate::settings::record::SettingsRecord;
use crate::settings::{
    ContentSettings, DefaultMarketingSettings, Document, Entry, LandingPageConfiguration, Link,
    MatchingStrategy, MatchingTarget, Name, SlotFault, Stored, in_force,
};

pub(super) fn pages(document: &Document, found: &mut Found) {
    // An organization that has none of these pages does not use marketing.
    let marketing = !(document.lead_scoring.is_empty()
        && document.authenticated_domains.is_empty()
        && document.landing_pages.is_empty()
        && document.matching_strategies.is_empty()
        && document.default_marketing_settings.is_empty()
        && document.content_settings.is_empty());
    if !marketing {
        return;
    }
    lead_scoring(document, found);
    landing_pages(document, found);
    match default(&document.default_marketing_settings, DefaultMarketingSettings::name) {
        Marked::None => found.add(AdviceKind::NoDefaultMarketingSettings),
        Marked::One(set) => marketing_settings(document, set, found),
        Marked::Several(set, rules) => {
            let kind = AdviceKind::SeveralDefaultMarketingSettings { rules };
            found.about(set.id, kind);
            marketing_settings(document, set, found);
        }
    }
    match default(&document.content_settings, ContentSettings::name) {
        Marked::None => found.add(AdviceKind::NoDefaultContentSettings),
        Marked::One(content) => live(content, found),
        Marked::Several(content, rules) => {
            let kind = AdviceKind::SeveralDefaultContentSettings { rules };
            found.about(content.id, kind);
            live(content, found);
        }
    }
}

/// Which active records are marked as the default.
enum Marked<'a, T> {
    None,
    One(&'a Entry<T>),
    /// The one that counts, and its name.
    Several(&'a Entry<T>, String),
}

fn default<T: SettingsRecord>(entries: &[Entry<T>], name: impl Fn(&T) -> &Name) -> Marked<'_, T> {
    let stored: Vec<Stored<T>> = entries.iter().map(Stored::from).collect();
    let Some(rules) = in_force::default(&stored).map(|stored| stored.id) else {
        return Marked::None;
    };
    let Some(entry) = entries.iter().find(|entry| entry.id == rules) else { return Marked::None };
    if stored.iter().filter(|stored| stored.is_default()).count() > 1 {
        Marked::Several(entry, name(&entry.value).as_str().to_owned())
    } else {
        Marked::One(entry)
    }
}

fn lead_scoring(document: &Document, found: &mut Found) {
    let stored: Vec<_> = document.lead_scoring.iter().map(Stored::from).collect();
    let count = active(&document.lead_scoring).count();
    match in_force::lead_scoring(&stored) {
        None => found.add(AdviceKind::NoLeadScoring),
        Some(rules) if count > 1 => {
            let (id, rules) = (rules.id, rules.value.name().as_str().to_owned());
            found.about(id, AdviceKind::SeveralLeadScorings { rules, active: count });
        }
        Some(_) => {}
    }
}

fn landing_pages(document: &Document, found: &mut Found) {
    if document.landing_pages.is_empty() && document.matching_strategies.is_empty() {
        return;
    }
    match default(&document.landing_pages, LandingPageConfiguration::name) {
        Marked::None => found.add(AdviceKind::NoDefaultLandingPage),
        Marked::One(_) => {}
        Marked::Several(page, rules) => {
            found.about(page.id, AdviceKind::SeveralDefaultLandingPages { rules });
        }
    }
    let strategies: Vec<_> = document.matching_strategies.iter().map(Stored::from).collect();
    for page in active(&document.landing_pages) {
        let (id, value) = (page.id, &page.value);
        if value.insert_privacy_banner() {
            let no_text = value.privacy_banner_text().is_none();
            found.about_if(no_text, id, || AdviceKind::BannerWithoutText);
            let no_url = value.privacy_policy_link_url().is_none();
            found.about_if(no_url, id, || AdviceKind::BannerWithoutUrl);
        }
        for slot in MatchingTarget::ALL {
            strategy(id, value, *slot, &strategies, found);
        }
    }
}

fn strategy(
    page: RecordId,
    value: &LandingPageConfiguration,
    slot: MatchingTarget,
    strategies: &[Stored<MatchingStrategy>],
    found: &mut Found,
) {
    let Err(error) = MatchingStrategy::in_slot(slot, value.strategy(slot), strategies) else {
        return;
    };
    let strategy = error.strategy();
    let kind = match error.fault() {
        SlotFault::Missing => AdviceKind::StrategyMissing { slot, strategy },
        SlotFault::WrongTarget => AdviceKind::StrategyWrongTarget { slot, strategy },
    };
    let field = match slot {
        MatchingTarget::Contact => "contact_matching_strategy",
        MatchingTarget::Lead => "lead_matching_strategy",
    };
    found.about(page, kind);
    if let Some(last) = found.0.last_mut() {
        last.field = field;
    }
}

fn marketing_settings(
    document: &Document,
    set: &Entry<DefaultMarketingSettings>,
    found: &mut Found,
) {
    let (id, value) = (set.id, &set.value);
    match value.default_sending_domain() {
        None => found.about(id, AdviceKind::NoDefaultSendingDomain),
        Some(link) => {
            let domains = &document.authenticated_domains;
            let domain = domains.iter().find(|domain| domain.id == link.id());
            if let Some(domain) = domain {
                let name = domain.value.name().clone();
                if !domain.active {
                    found.about(id, AdviceKind::DefaultDomainInactive { domain: name });
                } else if let Some((part, status)) = domain.value.sending_blocker() {
                    let kind = AdviceKind::DefaultDomainUnconfirmed { domain: name, part, status };
                    found.about(id, kind);
                }
            }
        }
    }
    // What is not there at all is told where links are.
    let unusable = |link: Link<ContentSettings>| {
        let content = document.content_settings.iter().find(|content| content.id == link.id())?;
        ContentSettings::usable(Some(&Stored::from(content))).err()
    };
    if let Some(error) = value.default_content_settings().and_then(unusable) {
        found.about(id, AdviceKind::DefaultContentUnusable { error });
    }
    if value.enable_double_opt_in() {
        if let Some(error) = value.double_opt_in_content_settings().and_then(unusable) {
            found.about(id, AdviceKind::OptInContentUnusable { error });
        }
    } else {
        let chosen = value.subscription_message().is_some() || value.consent_message().is_some();
        found.about_if(chosen, id, || AdviceKind::OptInRests);
    }
}

fn live(content: &Entry<ContentSettings>, found: &mut Found) {
    let status = content.value.status();
    found.about_if(!status.is_live(), content.id, || AdviceKind::ContentNotLive { status });
}
