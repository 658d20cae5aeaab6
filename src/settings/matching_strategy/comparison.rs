//! When are two values of an attribute identical?

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::address::CompareBy;
use crate::settings::error::ValueError;
use crate::settings::field::{AttributeName, IntoField, choice, structure};
use crate::text::{PhoneForm, Region, TextForm};

use super::MatchingAttributes;

/// How the values of an attribute of text are compared. Values of every other type are compared
/// exactly, whatever is chosen here.
///
/// ```
/// use correspond::settings::Comparison;
///
/// assert_eq!(Comparison::of("emailaddress2"), Comparison::EMAIL);
/// assert_eq!(Comparison::of("mobilephone"), Comparison::Phone);
/// assert_eq!("unaccented".parse(), Ok(Comparison::UNACCENTED));
/// assert!("soundex".parse::<Comparison>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Comparison {
    /// As text. The default is [`Caseless`](TextForm::Caseless): as Dataverse compares text by its usual
    /// collation, without regard to case and trailing blanks; leading blanks, which people paste, and
    /// composition make no difference either. No document of the product says more.
    Text(TextForm),
    /// As an email address, by its canonical key; what is no address, as text.
    Email(CompareBy),
    /// As a telephone number: its digits. Without any it is blank.
    Phone,
    /// As a telephone number by E.164, read in this region; what is none, by its digits
    /// ([`PhoneForm::E164`]). Its name is `phone-e164:` and the two letters of the region, or
    /// `phone-e164` alone. Needs the feature `phonenumber`: without it, the name is refused.
    PhoneE164(Region),
}

impl Comparison {
    /// By the canonical key of the address.
    pub const EMAIL: Self = Self::Email(CompareBy::Canonical);

    /// Without regard to accents.
    pub const UNACCENTED: Self = Self::Text(TextForm::Unaccented);

    const NAMES: [(&'static str, Self); 8] = [
        ("exact", Self::Text(TextForm::Exact)),
        ("caseless", Self::Text(TextForm::Caseless)),
        ("spaced", Self::Text(TextForm::Spaced)),
        ("folded", Self::Text(TextForm::Folded)),
        ("unaccented", Self::UNACCENTED),
        ("email", Self::EMAIL),
        ("email-strict", Self::Email(CompareBy::Strict)),
        ("phone", Self::Phone),
    ];

    /// The name of a comparison by E.164, before its region.
    const E164: &'static str = "phone-e164";

    /// The names of all but those by E.164.
    #[cfg(feature = "schemars")]
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().map(|(name, _)| *name)
    }

    /// How it compares telephone numbers; `None` where it compares something else.
    #[must_use]
    pub const fn phone_form(self) -> Option<PhoneForm> {
        match self {
            Self::Phone => Some(PhoneForm::Digits),
            Self::PhoneE164(region) => Some(PhoneForm::E164(region)),
            Self::Text(_) | Self::Email(_) => None,
        }
    }

    /// The comparison by E.164 whose name ends like this.
    #[cfg(feature = "phonenumber")]
    fn e164(region: &str) -> Result<Self, ValueError> {
        let region = match region.strip_prefix(':') {
            None if region.is_empty() => Ok(Region::NONE),
            None => Err(ValueError::form("`phone-e164:` and a region", "something else")),
            Some(code) => Region::new(code).map_err(|error| {
                let expected =
                    "`phone-e164:` and the two capitals of a country with telephone numbers";
                ValueError::form(expected, format!("{:?}", error.found()))
            }),
        };
        region.map(Self::PhoneE164)
    }

    /// There are none without the tables.
    #[cfg(not(feature = "phonenumber"))]
    fn e164(_: &str) -> Result<Self, ValueError> {
        Err(Self::without_tables())
    }

    #[cfg(any(not(feature = "phonenumber"), test))]
    fn without_tables() -> ValueError {
        ValueError::form("a build with the feature `phonenumber`", "one without it")
    }

    /// How the attribute of this logical name is compared where a strategy says nothing else: the
    /// columns of contacts and leads that hold addresses and telephone numbers as such, every other
    /// one as text.
    #[must_use]
    pub fn of(attribute: &str) -> Self {
        let plain = attribute.trim_end_matches(|c: char| c.is_ascii_digit());
        let plain = match plain.split_once('_') {
            Some((address, column)) if address.trim_end_matches(['1', '2', '3']) == "address" => {
                column
            }
            _ => plain,
        };
        match plain {
            "emailaddress" => Self::EMAIL,
            "telephone" | "mobilephone" | "fax" | "pager" | "callback" | "company"
            | "assistantphone" | "managerphone" => Self::Phone,
            _ => Self::Text(TextForm::Caseless),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::PhoneE164(region) = self {
            f.write_str(Self::E164)?;
            return region.code().map_or(Ok(()), |code| write!(f, ":{code}"));
        }
        let named = Self::NAMES.iter().find(|(_, comparison)| comparison == self);
        f.write_str(named.map_or("caseless", |(name, _)| name))
    }
}

impl FromStr for Comparison {
    type Err = ValueError;

    fn from_str(name: &str) -> Result<Self, ValueError> {
        if let Some(region) = name.strip_prefix(Self::E164) {
            return Self::e164(region);
        }
        let named = Self::NAMES.iter().find(|(known, _)| *known == name);
        named.map(|(_, comparison)| *comparison).ok_or_else(|| {
            let known = Self::NAMES.iter().map(|(name, _)| *name);
            let known: Vec<_> = known.chain([Self::E164]).collect();
            let found: String = name.chars().take(40).collect();
            ValueError::form(format!("one of {}", known.join(", ")), format!("{found:?}"))
        })
    }
}

impl TryFrom<String> for Comparison {
    type Error = ValueError;

    fn try_from(name: String) -> Result<Self, ValueError> {
        name.parse()
    }
}

impl From<Comparison> for String {
    fn from(comparison: Comparison) -> Self {
        comparison.to_string()
    }
}

choice! {
    /// What a blank value does in a strategy. No document of the product says; the codes are our own.
    BlankValues {
        /// A blank value equals nothing, not even another blank one: a submission with a blank
        /// attribute matches no record.
        Differ = 0, "differ", "Blank equals nothing";
        /// Two blank values are equal, as in the product's duplicate rules; but where all attributes
        /// are blank, nothing matches.
        Equal = 1, "equal", "Blank equals blank";
        /// An attribute that is blank in the submission is left out of the comparison; where all are,
        /// nothing matches.
        LeftOut = 2, "left-out", "Blank attributes are left out";
    }
}

/// Comparisons other than the usual one ([`Comparison::of`]), by attribute: at most
/// [`MatchingAttributes::MAX`].
///
/// ```
/// use correspond::settings::{Comparison, MatchingStrategy};
///
/// let names = MatchingStrategy::builder()
///     .name("Names")
///     .attributes(["emailaddress1", "lastname"])
///     .comparisons([("lastname", Comparison::UNACCENTED)])
///     .build()?;
/// assert_eq!(names.comparisons().of("lastname"), Comparison::UNACCENTED);
/// assert_eq!(names.comparisons().of("emailaddress1"), Comparison::EMAIL);
/// # Ok::<(), correspond::settings::SettingError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<AttributeName, Comparison>")]
#[serde(into = "BTreeMap<AttributeName, Comparison>")]
pub struct Comparisons(BTreeMap<AttributeName, Comparison>);

impl Comparisons {
    /// These.
    ///
    /// # Errors
    ///
    /// There are more than [`MatchingAttributes::MAX`].
    pub fn new(
        comparisons: impl IntoIterator<Item = (AttributeName, Comparison)>,
    ) -> Result<Self, ValueError> {
        let most = MatchingAttributes::MAX;
        let kept: BTreeMap<_, _> = comparisons.into_iter().take(most + 1).collect();
        if kept.len() > most {
            return Err(ValueError::length(format!("comparisons of at most {most}"), "more"));
        }
        Ok(Self(kept))
    }

    /// How the attribute of this name is compared.
    #[must_use]
    pub fn of(&self, attribute: &str) -> Comparison {
        self.0.get(attribute).copied().unwrap_or_else(|| Comparison::of(attribute))
    }

    /// Those that are chosen, by attribute.
    pub fn iter(&self) -> impl Iterator<Item = (&AttributeName, Comparison)> {
        self.0.iter().map(|(name, comparison)| (name, *comparison))
    }
}

impl TryFrom<BTreeMap<AttributeName, Comparison>> for Comparisons {
    type Error = ValueError;

    fn try_from(map: BTreeMap<AttributeName, Comparison>) -> Result<Self, ValueError> {
        Self::new(map)
    }
}

impl From<Comparisons> for BTreeMap<AttributeName, Comparison> {
    fn from(comparisons: Comparisons) -> Self {
        comparisons.0
    }
}

structure!(Comparisons);

impl<const N: usize> IntoField<Comparisons> for [(&str, Comparison); N] {
    fn into_field(self) -> Result<Comparisons, ValueError> {
        let named = self
            .into_iter()
            .map(|(name, comparison)| AttributeName::new(name).map(|name| (name, comparison)));
        Comparisons::new(named.collect::<Result<Vec<_>, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_named() {
        for (name, comparison) in Comparison::NAMES {
            assert_eq!(name.parse(), Ok(comparison));
            assert_eq!(comparison.to_string(), name);
        }
        let error = "soundex".parse::<Comparison>().unwrap_err().to_string();
        assert!(error.starts_with("expected one of exact, caseless, "), "{error}");
        assert!(error.ends_with("found \"soundex\""), "{error}");
    }

    #[cfg(feature = "phonenumber")]
    #[test]
    fn comparisons_by_e164_have_the_name_of_their_region() {
        let germany = Comparison::PhoneE164(Region::new("DE").unwrap());
        for (name, comparison) in
            [("phone-e164:DE", germany), ("phone-e164", Comparison::PhoneE164(Region::NONE))]
        {
            assert_eq!(name.parse(), Ok(comparison));
            assert_eq!(comparison.to_string(), name);
            let json = format!("{name:?}");
            assert_eq!(serde_json::to_string(&comparison).unwrap(), json);
            assert_eq!(serde_json::from_str::<Comparison>(&json).unwrap(), comparison);
        }
        let refused = |name: &str| name.parse::<Comparison>().unwrap_err().to_string();
        assert_eq!(
            refused("phone-e164:UK"),
            "expected `phone-e164:` and the two capitals of a country with telephone numbers, found \
             \"UK\""
        );
        for wrong in
            ["phone-e164:", "phone-e164:de", "phone-e164DE", "phone-e1645", "phone-e164: DE"]
        {
            assert!(refused(wrong).starts_with("expected `phone-e164:` and "), "{wrong}");
        }
        assert_eq!(germany.phone_form(), Some(PhoneForm::E164(Region::new("DE").unwrap())));
        assert_eq!(Comparison::Phone.phone_form(), Some(PhoneForm::Digits));
        assert_eq!(Comparison::EMAIL.phone_form(), None);
    }

    /// Tests are built with every feature: what is asked here is what a build without it answers.
    #[test]
    fn a_build_without_the_tables_names_the_feature() {
        assert_eq!(
            Comparison::without_tables().to_string(),
            "expected a build with the feature `phonenumber`, found one without it"
        );
    }

    #[test]
    fn columns_of_the_product_have_their_comparison() {
        for name in ["emailaddress1", "emailaddress3", "address1_emailaddress"] {
            assert_eq!(Comparison::of(name), Comparison::EMAIL, "{name}");
        }
        for name in ["telephone1", "mobilephone", "address2_telephone3", "address1_fax"] {
            assert_eq!(Comparison::of(name), Comparison::Phone, "{name}");
        }
        for name in ["lastname", "new_telephone", "addressx_fax", "fullname", "address1_line1"] {
            assert_eq!(Comparison::of(name), Comparison::Text(TextForm::Caseless), "{name}");
        }
    }

    #[test]
    fn comparisons_are_bounded() {
        let many =
            (0..33).map(|n| (AttributeName::new(format!("a{n}")).unwrap(), Comparison::Phone));
        let error = Comparisons::new(many.clone()).unwrap_err().to_string();
        assert_eq!(error, "expected comparisons of at most 32, found more");
        assert!(Comparisons::new(many.take(32)).is_ok());
    }
}
