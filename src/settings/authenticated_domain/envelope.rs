//! The domain to which bounces go back.

use super::name::DomainName;
use crate::address::Domain;
use crate::settings::error::{SettingError, ValueError};

/// What the label of an envelope-from domain starts with; alone, it is the label of the generated
/// one.
const LABEL: &str = "bouncing";

/// The envelope-from domain that is generated where none was chosen: `bouncing.<domain>`.
///
/// # Errors
///
/// It is longer than its column takes (string 100).
pub(super) fn generated(name: &DomainName) -> Result<DomainName, ValueError> {
    DomainName::new(&format!("{LABEL}.{name}"))
}

/// The rules of a chosen one: a subdomain of the domain, by one label, which starts with `bouncing`
/// and has letters and digits alone.
pub(super) fn check(name: &DomainName, chosen: &DomainName) -> Result<(), SettingError> {
    let refuse = |expected: String| {
        Err(SettingError::excluded("envelope_from_domain", expected, format!("{chosen}")))
    };
    let (domain, chosen): (&Domain, &Domain) = (name.domain(), chosen.domain());
    if !chosen.is_subdomain_of(domain) {
        return refuse(format!("a subdomain of {name}"));
    }
    let below = chosen.labels().count().saturating_sub(domain.labels().count());
    if below > 1 {
        return refuse(format!("one label before {name}"));
    }
    let label = chosen.labels().next().unwrap_or_default();
    if !label.starts_with(LABEL) {
        return refuse(format!("a label that starts with {LABEL}"));
    }
    if !label.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return refuse("a label of letters and digits".to_owned());
    }
    Ok(())
}
