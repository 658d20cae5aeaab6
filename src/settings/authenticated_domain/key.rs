//! The DNS records that a domain's owner publishes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::settings::error::ValueError;
use crate::settings::field::structure;
use crate::settings::record::unknown_name;

/// The type of a DNS record to publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum DnsRecordType {
    /// Text (RFC 1035 section 3.3.14).
    Txt,
    /// An alias for another name (RFC 1035 section 3.3.1).
    Cname,
}

impl fmt::Display for DnsRecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Txt => "TXT",
            Self::Cname => "CNAME",
        })
    }
}

/// A DNS record to publish: its type, and the host and the value that the DNS provider's form asks
/// for.
///
/// Its serde form has the fields `type`, `host` and `value`.
///
/// ```
/// use correspond::settings::{DnsRecord, DnsRecordType};
///
/// let record = DnsRecord::new(DnsRecordType::Txt, "@", "d365mktkey=abc")?;
/// assert_eq!(record.to_string(), "@ TXT d365mktkey=abc");
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct DnsRecord {
    #[serde(rename = "type")]
    ty: DnsRecordType,
    host: Box<str>,
    value: Box<str>,
}

impl DnsRecord {
    /// A value has at most this many characters (string 500).
    pub const MAX_VALUE: usize = 500;

    /// A host has at most this many characters (RFC 1035 section 2.3.4).
    pub const MAX_HOST: usize = 253;

    /// A record.
    ///
    /// The host is `@` for the domain itself, or labels of letters, digits, hyphens and underscores,
    /// 1 to 63 each, [`MAX_HOST`](Self::MAX_HOST) in all; kept in its case, without a dot at its end. The value of a `CNAME` is such a host, of two labels or more; that of a `TXT` is 1 to
    /// [`MAX_VALUE`](Self::MAX_VALUE) printable ASCII characters, kept as they are.
    ///
    /// # Errors
    ///
    /// The host or the value is not of that form.
    pub fn new(ty: DnsRecordType, host: &str, value: &str) -> Result<Self, ValueError> {
        let host = if host == "@" { Box::from(host) } else { name(host, "a host", 1)? };
        let value = match ty {
            DnsRecordType::Cname => name(value, "a value of a CNAME", 2)?,
            DnsRecordType::Txt => text(value)?,
        };
        Ok(Self { ty, host, value })
    }

    /// Its type.
    #[must_use]
    pub const fn record_type(&self) -> DnsRecordType {
        self.ty
    }

    /// Where it is published: `@`, or a name that providers read as relative to their zone.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What is published there.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// A name as DNS has it: with underscores (RFC 8552), which the names of hosts have not.
fn name(text: &str, what: &str, labels: usize) -> Result<Box<str>, ValueError> {
    let most = DnsRecord::MAX_HOST;
    let bare = text.strip_suffix('.').unwrap_or(text);
    if bare.len() > most {
        return Err(ValueError::length(format!("{what} of at most {most} characters"), bare.len()));
    }
    let expected = || match labels {
        1 => format!("{what} of labels such as key1._domainkey, or @"),
        _ => format!("{what} of labels such as key1.contoso.com"),
    };
    if let Some((at, c)) = text
        .char_indices()
        .find(|(_, c)| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))
    {
        return Err(ValueError::form(expected(), format!("{c:?} at octet {at}")));
    }
    if let Some(label) = bare.split('.').find(|label| !(1..=63).contains(&label.len())) {
        return Err(ValueError::form(expected(), format!("a label of {} octets", label.len())));
    }
    let found = bare.split('.').count();
    if found < labels {
        return Err(ValueError::form(expected(), format!("{found} label")));
    }
    Ok(bare.into())
}

fn text(value: &str) -> Result<Box<str>, ValueError> {
    let most = DnsRecord::MAX_VALUE;
    if !(1..=most).contains(&value.len()) {
        let expected = format!("a value of a TXT of 1 to {most} characters");
        return Err(ValueError::length(expected, value.len()));
    }
    if let Some((at, c)) = value.char_indices().find(|(_, c)| !matches!(c, ' '..='~')) {
        let found = format!("U+{:04X} at octet {at}", u32::from(c));
        return Err(ValueError::form("a value of a TXT in printable ASCII", found));
    }
    Ok(value.into())
}

impl fmt::Display for DnsRecord {
    /// As a line of a zone has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.host, self.ty, self.value)
    }
}

impl fmt::Debug for DnsRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DnsRecord({self})")
    }
}

impl<'de> Deserialize<'de> for DnsRecord {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Parts;

        impl<'de> serde::de::Visitor<'de> for Parts {
            type Value = DnsRecord;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a DNS record: type, host, value")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<DnsRecord, A::Error> {
                use serde::de::Error;
                let (mut ty, mut host, mut value) = (None, None, None);
                while let Some(key) = map.next_key::<String>()? {
                    let twice = match key.as_str() {
                        "type" => ty.replace(map.next_value::<DnsRecordType>()?).is_some(),
                        "host" => host.replace(map.next_value::<String>()?).is_some(),
                        "value" => value.replace(map.next_value::<String>()?).is_some(),
                        other => {
                            let known = ["type", "host", "value"].into_iter();
                            return Err(A::Error::custom(unknown_name(other, known)));
                        }
                    };
                    if twice {
                        return Err(A::Error::custom(format_args!(
                            "{key}: expected one value, found another"
                        )));
                    }
                }
                let missing = |name| {
                    move || A::Error::custom(format_args!("{name}: expected a value, found none"))
                };
                DnsRecord::new(
                    ty.ok_or_else(missing("type"))?,
                    &host.ok_or_else(missing("host"))?,
                    &value.ok_or_else(missing("value"))?,
                )
                .map_err(A::Error::custom)
            }
        }

        from.deserialize_map(Parts)
    }
}

structure!(DnsRecord);

/// Which of the keys of an authenticated domain a DNS record publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DomainKey {
    /// That the organization owns the domain: a `TXT`.
    Ownership,
    /// The first of two DKIM keys, with which the service may send in the domain's name.
    Dkim1,
    /// The second.
    Dkim2,
    /// That bounces of the domain come back to the service: a `CNAME`.
    EnvelopeFrom,
}

/// The columns of table `msdyncrm_setupdomain` that hold a DNS record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyColumns {
    /// The type: string 100.
    pub record_type: &'static str,
    /// The host.
    pub host: &'static str,
    /// The value: string 500.
    pub value: &'static str,
}

impl DomainKey {
    /// All, in the order of the page.
    pub const ALL: [Self; 4] = [Self::Ownership, Self::Dkim1, Self::Dkim2, Self::EnvelopeFrom];

    /// Where Dataverse keeps its DNS record. Our own records keep the three in one setting, which is
    /// listed with the column of the value.
    #[must_use]
    pub const fn columns(self) -> KeyColumns {
        let (record_type, host, value) = match self {
            Self::Ownership => {
                ("msdyncrm_txttyperecord", "msdyncrm_txthostinstructions", "msdyncrm_txtkey")
            }
            Self::Dkim1 => {
                ("msdyncrm_emailtyperecord1", "msdyncrm_emailhost1", "msdyncrm_emailkey1")
            }
            Self::Dkim2 => {
                ("msdyncrm_emailtyperecord2", "msdyncrm_emailhost2", "msdyncrm_emailkey2")
            }
            Self::EnvelopeFrom => (
                "msdyncrm_domalignrectype",
                "msdyncrm_domalignrechost",
                "msdyncrm_domalignrecvalue",
            ),
        };
        KeyColumns { record_type, host, value }
    }

    /// The types that its DNS record may have. A DKIM key is an alias for the service's own, or the
    /// key itself.
    #[must_use]
    pub const fn record_types(self) -> &'static [DnsRecordType] {
        match self {
            Self::Ownership => &[DnsRecordType::Txt],
            Self::Dkim1 | Self::Dkim2 => &[DnsRecordType::Cname, DnsRecordType::Txt],
            Self::EnvelopeFrom => &[DnsRecordType::Cname],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TXT: DnsRecordType = DnsRecordType::Txt;
    const CNAME: DnsRecordType = DnsRecordType::Cname;

    /// A045; facts 6.1: the records of a root domain and of a subdomain.
    #[test]
    fn key_records_have_a_type_a_host_and_a_value() {
        for (ty, host, value, line) in [
            (TXT, "@", "d365mktkey=AbC", "@ TXT d365mktkey=AbC"),
            (TXT, "promo", "d365mktkey=AbC", "promo TXT d365mktkey=AbC"),
            (
                CNAME,
                "EURkey1._domainkey.promo.",
                "eurkey1promocontosocom.marketing.dynamics.com.",
                "EURkey1._domainkey.promo CNAME eurkey1promocontosocom.marketing.dynamics.com",
            ),
            (CNAME, "bouncing", "nam.pb-dynmktg.com", "bouncing CNAME nam.pb-dynmktg.com"),
        ] {
            let record = DnsRecord::new(ty, host, value).unwrap();
            assert_eq!(record.to_string(), line);
            let json = serde_json::to_string(&record).unwrap();
            assert_eq!(serde_json::from_str::<DnsRecord>(&json).unwrap(), record);
        }
        let record = DnsRecord::new(TXT, "@", "v").unwrap();
        assert_eq!(
            serde_json::to_string(&record).unwrap(),
            r#"{"type":"TXT","host":"@","value":"v"}"#
        );
        assert_eq!((record.record_type(), record.host(), record.value()), (TXT, "@", "v"));
        assert_eq!(format!("{record:?}"), "DnsRecord(@ TXT v)");
    }

    #[test]
    fn a_wrong_dns_record_is_told() {
        let wrong =
            |ty, host: &str, value: &str| DnsRecord::new(ty, host, value).unwrap_err().to_string();
        assert_eq!(
            wrong(TXT, "a b", "v"),
            "expected a host of labels such as key1._domainkey, or @, found ' ' at octet 1"
        );
        assert_eq!(
            wrong(TXT, "a..b", "v"),
            "expected a host of labels such as key1._domainkey, or @, found a label of 0 octets"
        );
        assert_eq!(
            wrong(TXT, &"a".repeat(254), "v"),
            "expected a host of at most 253 characters, found 254"
        );
        assert_eq!(
            wrong(CNAME, "a", "localhost"),
            "expected a value of a CNAME of labels such as key1.contoso.com, found 1 label"
        );
        assert_eq!(
            wrong(TXT, "a", &"v".repeat(501)),
            "expected a value of a TXT of 1 to 500 characters, found 501"
        );
        assert_eq!(
            wrong(TXT, "a", "v\n"),
            "expected a value of a TXT in printable ASCII, found U+000A at octet 1"
        );
    }

    #[test]
    fn a_wrong_form_of_a_dns_record_is_told() {
        let wrong = |json: &str| {
            let error = serde_json::from_str::<DnsRecord>(json).unwrap_err().to_string();
            error.split(" at line").next().unwrap_or_default().to_owned()
        };
        assert_eq!(
            wrong(r#"{"type":"TXT","hots":"@"}"#),
            "expected a known name, found \"hots\"; did you mean `host`?"
        );
        assert_eq!(wrong(r#"{"type":"TXT","host":"@"}"#), "value: expected a value, found none");
        assert_eq!(
            wrong(r#"{"type":"TXT","type":"TXT"}"#),
            "type: expected one value, found another"
        );
        assert_eq!(
            wrong("7"),
            "invalid type: integer `7`, expected a DNS record: type, host, value"
        );
        assert_eq!(wrong(r#"{"type":"MX"}"#), "unknown variant `MX`, expected `TXT` or `CNAME`");
    }

    /// A043, A044; facts 5.2, 6.1.
    #[test]
    fn each_key_has_its_columns_and_record_types() {
        for key in DomainKey::ALL {
            let columns = key.columns();
            for column in [columns.record_type, columns.host, columns.value] {
                assert!(column.starts_with("msdyncrm_"), "{column}");
            }
        }
        assert_eq!(DomainKey::Ownership.columns().value, "msdyncrm_txtkey");
        assert_eq!(DomainKey::Ownership.record_types(), [TXT]);
        assert_eq!(DomainKey::Dkim2.columns().host, "msdyncrm_emailhost2");
        assert_eq!(DomainKey::Dkim2.record_types(), [CNAME, TXT]);
        assert_eq!(DomainKey::EnvelopeFrom.record_types(), [CNAME]);
    }
}
