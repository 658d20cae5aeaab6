//! What every page of settings can do.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::SettingError;
use super::field::{DefaultKind, Field};
use crate::party::Value;
use crate::record::RecordKind;

/// A page of the administrator's screen, as a record.
///
/// Records are valid by construction: made by their builder or read from their serde form, both of
/// which tell the field, what was expected and what was found. Sealed: the pages are those of the
/// product.
pub trait SettingsRecord:
    sealed::Sealed
    + Clone
    + fmt::Debug
    + PartialEq
    + Serialize
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
    /// Which kind of record a store keeps it as.
    const KIND: RecordKind;

    /// What the administrator's screen calls the page.
    const PAGE: &'static str;

    /// The logical name of its table in Dataverse; `None` where the product has no public one.
    const TABLE: Option<&'static str>;

    /// What the page is for, as Markdown.
    const DESCRIPTION: &'static str;

    /// Its settings, in the order of the page.
    const FIELDS: &'static [Field];

    /// How many records of the kind are the default one.
    const DEFAULTS: DefaultRule;

    /// The value of the setting of this name, as a column would have it; `None` where it is blank or
    /// where there is no such setting.
    fn value(&self, field: &str) -> Option<Value>;

    /// The default of the setting of this name; `None` where it has none of this kind, where that is
    /// blank, or where there is no such setting.
    fn default_value(field: &str, kind: DefaultKind) -> Option<Value>;

    /// Is it marked as the default? Always `false` where [`DEFAULTS`](Self::DEFAULTS) is
    /// [`None`](DefaultRule::None).
    fn is_default(&self) -> bool;

    /// The same, marked or no longer marked as the default; without effect where there is no such
    /// mark.
    #[must_use]
    fn with_default(self, default: bool) -> Self;

    /// May somebody make a new record like this? Most may be made in every state; what only comes in
    /// steps is not there from the start. Whoever writes a new record asks first, but for records that
    /// the product makes of itself.
    ///
    /// # Errors
    ///
    /// It has what only comes later.
    fn check_new(&self) -> Result<(), SettingError> {
        Ok(())
    }

    /// May this record take the place of `before`, an earlier state of itself? Most may always; what
    /// is permanent on a page may not go, and what comes in steps does not come at once. Whoever
    /// writes a changed record asks first.
    ///
    /// # Errors
    ///
    /// Something permanent would go, or a step be left out.
    fn check_change(&self, before: &Self) -> Result<(), SettingError> {
        let _ = before;
        Ok(())
    }
}

/// How many records of a kind are marked as the default, among the active ones?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DefaultRule {
    /// There is no such mark.
    None,
    /// One or none.
    AtMostOne,
    /// One, always.
    ExactlyOne,
}

pub(super) mod sealed {
    /// Only the crate's own pages are records of settings.
    #[expect(unnameable_types, reason = "that is how it seals")]
    pub trait Sealed {
        /// The JSON Schema of the page.
        #[cfg(feature = "schemars")]
        #[doc(hidden)]
        fn schema() -> serde_json::Map<String, serde_json::Value>;
    }
}

/// A misspelt name, and the name that was probably meant.
pub(super) fn unknown_name<'a>(
    found: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> String {
    // Longer names than any of ours are not compared: the distance costs the product of lengths.
    const LONGEST: usize = 80;
    let shown: String = found.chars().take(LONGEST).collect();
    let near = known
        .clone()
        .map(|name| (strsim::damerau_levenshtein(&shown, name), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().max(6) / 3);
    match near {
        Some((_, name)) => {
            format!("expected a known name, found {shown:?}; did you mean `{name}`?")
        }
        None => {
            let known: Vec<_> = known.collect();
            format!("expected a known name, found {shown:?}; known are {}", known.join(", "))
        }
    }
}

/// What an error of reading says, without the text that stood in the place of something else: on some
/// pages that may be a secret in the wrong place.
pub(super) fn without_text(error: &impl fmt::Display) -> String {
    let said = error.to_string();
    for kind in ["invalid type: string", "invalid value: string"] {
        // The last one: the text itself may hold such words, and what is expected does not.
        if let Some((_, expected)) =
            said.strip_prefix(kind).and_then(|rest| rest.rsplit_once(", expected "))
        {
            return format!("{kind}, expected {expected}");
        }
    }
    said
}

/// A page of settings: the record, its builder, its serde form and its metadata.
///
/// A field reads `name: copy Type = defaults, "Label", "column";` or `ref` where the function that
/// reads it lends the value. Fields of type `Option` have no effective default but `None`: what is
/// absent from the serde form is the effective default of the documents.
macro_rules! record {
    (@out copy $ty:ty) => { $ty };
    (@out ref $ty:ty) => { &$ty };
    (@get copy $value:expr) => { $value };
    (@get ref $value:expr) => { &$value };
    (@table none) => { None };
    (@table $table:literal) => { Some($table) };
    (@column) => { None };
    (@column $column:literal) => { Some($column) };
    // Where nothing is required, defaults alone make a record.
    (@assemble $name:ident; ; $($optional:ident)*) => {
        #[allow(dead_code, reason = "for pages that are there from the start")]
        pub(super) fn assemble(self) -> $name {
            $name { $($optional: self.$optional,)* }
        }
    };
    (@assemble $name:ident; $($required:ident)+; $($optional:ident)*) => {};
    (
        $(#[doc = $doc:literal])*
        $name:ident, $builder:ident, $kind:ident, $page:literal, $table:tt
            $(, default $flag:ident: $rule:ident)?;
        required {
            $(
                $(#[doc = $required_doc:literal])*
                $required:ident: $required_by:tt $required_ty:ty,
                    $required_label:literal $(, $required_column:literal)?;
            )*
        }
        optional {
            $(
                $(#[doc = $optional_doc:literal])*
                $optional:ident: $optional_by:tt $optional_ty:ty = $default:expr,
                    $optional_label:literal $(, $optional_column:literal)?;
            )*
        }
        $(check($checked:ident) $check:block)?
        $(change($after:ident, $before:ident) $change:block)?
        $(new($new:ident) $first:block)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($required: $required_ty,)*
            $($optional: $optional_ty,)*
        }

        #[doc = concat!("Makes a [`", stringify!($name), "`].")]
        ///
        /// Whatever a setting is given as is checked at once; the first that could not be taken is
        /// told by [`build`](Self::build).
        #[derive(Clone, Debug)]
        #[must_use = "nothing is made before `build`"]
        pub struct $builder {
            error: Option<$crate::settings::SettingError>,
            $($required: Option<$required_ty>,)*
            $($optional: $optional_ty,)*
        }

        impl $name {
            /// A builder with the effective defaults of the product's documents.
            pub fn builder() -> $builder {
                Self::builder_of($crate::settings::Profile::Documents)
            }

            /// A builder with the effective defaults of a profile.
            #[allow(unused_variables, reason = "a page whose settings are all required")]
            pub fn builder_of(profile: $crate::settings::Profile) -> $builder {
                $builder {
                    error: None,
                    $($required: None,)*
                    $($optional: {
                        let defaults: $crate::settings::field::Defaults<$optional_ty> = $default;
                        defaults.in_effect(profile)
                    },)*
                }
            }

            /// A builder with the settings of this record, to change some.
            pub fn to_builder(&self) -> $builder {
                $builder {
                    error: None,
                    $($required: Some(self.$required.clone()),)*
                    $($optional: self.$optional.clone(),)*
                }
            }

            $(
                $(#[doc = $required_doc])*
                #[must_use]
                pub const fn $required(&self) -> $crate::settings::record::record!(@out $required_by $required_ty) {
                    $crate::settings::record::record!(@get $required_by self.$required)
                }
            )*
            $(
                $(#[doc = $optional_doc])*
                #[must_use]
                pub const fn $optional(&self) -> $crate::settings::record::record!(@out $optional_by $optional_ty) {
                    $crate::settings::record::record!(@get $optional_by self.$optional)
                }
            )*

            $(fn check($checked: &Self) -> Result<(), $crate::settings::SettingError> $check)?
        }

        impl $builder {
            $(
                $(#[doc = $required_doc])*
                pub fn $required(mut self, value: impl $crate::settings::IntoField<$required_ty>) -> Self {
                    match value.into_field() {
                        Ok(value) => self.$required = Some(value),
                        Err(error) => self.refuse(stringify!($required), error),
                    }
                    self
                }
            )*
            $(
                $(#[doc = $optional_doc])*
                pub fn $optional(mut self, value: impl $crate::settings::IntoField<$optional_ty>) -> Self {
                    match value.into_field() {
                        Ok(value) => self.$optional = value,
                        Err(error) => self.refuse(stringify!($optional), error),
                    }
                    self
                }
            )*

            $crate::settings::record::record!(@assemble $name; $($required)*; $($optional)*);

            #[allow(dead_code, reason = "a page whose settings take every value")]
            fn refuse(&mut self, field: &'static str, error: $crate::settings::ValueError) {
                if self.error.is_none() {
                    self.error = Some($crate::settings::SettingError::new(field, error));
                }
            }

            /// The record.
            ///
            /// # Errors
            ///
            /// The first value that lay outside of what its setting takes, a required setting that
            /// was not given, or settings that rule each other out.
            pub fn build(self) -> Result<$name, $crate::settings::SettingError> {
                if let Some(error) = self.error {
                    return Err(error);
                }
                let made = $name {
                    $($required: self.$required.ok_or_else(|| {
                        $crate::settings::SettingError::missing(stringify!($required))
                    })?,)*
                    $($optional: self.$optional,)*
                };
                $({ let _ = stringify!($checked); $name::check(&made)?; })?
                Ok(made)
            }
        }

        impl $crate::settings::record::sealed::Sealed for $name {
            #[cfg(feature = "schemars")]
            fn schema() -> serde_json::Map<String, serde_json::Value> {
                let mut page = $crate::settings::json_schema::Page::of::<Self>();
                $(page.required::<$required_ty>(stringify!($required));)*
                $({
                    let defaults: $crate::settings::field::Defaults<$optional_ty> = $default;
                    page.optional::<$optional_ty>(stringify!($optional), &defaults);
                })*
                page.finish()
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($name)).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <Self as $crate::settings::record::sealed::Sealed>::schema().into()
            }
        }

        impl $crate::settings::SettingsRecord for $name {
            const KIND: $crate::record::RecordKind = $crate::record::RecordKind::$kind;
            const PAGE: &'static str = $page;
            const TABLE: Option<&'static str> = $crate::settings::record::record!(@table $table);
            const DESCRIPTION: &'static str = concat!($($doc, "\n"),*);
            const FIELDS: &'static [$crate::settings::Field] = &[
                $($crate::settings::Field::new::<$required_ty>(
                    stringify!($required),
                    $required_label,
                    concat!($($required_doc, "\n"),*),
                    $crate::settings::record::record!(@column $($required_column)?),
                    true,
                ),)*
                $($crate::settings::Field::new::<$optional_ty>(
                    stringify!($optional),
                    $optional_label,
                    concat!($($optional_doc, "\n"),*),
                    $crate::settings::record::record!(@column $($optional_column)?),
                    false,
                ),)*
            ];
            #[allow(unused_variables, unused_assignments, unused_mut, reason = "one arm or none")]
            const DEFAULTS: $crate::settings::DefaultRule = {
                let mut rule = $crate::settings::DefaultRule::None;
                $(rule = $crate::settings::DefaultRule::$rule;)?
                rule
            };

            fn value(&self, field: &str) -> Option<$crate::party::Value> {
                use $crate::settings::field::FieldValue;
                match field {
                    $(stringify!($required) => self.$required.to_value(),)*
                    $(stringify!($optional) => self.$optional.to_value(),)*
                    _ => None,
                }
            }

            #[allow(unused, reason = "a page whose settings are all required")]
            fn default_value(
                field: &str,
                kind: $crate::settings::DefaultKind,
            ) -> Option<$crate::party::Value> {
                use $crate::settings::field::{Defaults, FieldValue};
                match field {
                    $(stringify!($optional) => {
                        let defaults: Defaults<$optional_ty> = $default;
                        defaults.of(kind).and_then(|value| value.to_value())
                    })*
                    _ => None,
                }
            }

            #[allow(unreachable_code, reason = "one line or the other")]
            fn is_default(&self) -> bool {
                $(return self.$flag;)?
                false
            }

            #[allow(unused_mut, unused_variables, reason = "a page without a default mark")]
            fn with_default(mut self, default: bool) -> Self {
                $(self.$flag = default;)?
                self
            }

            $(fn check_new(&self) -> Result<(), $crate::settings::SettingError> {
                let $new = self;
                $first
            })?

            $(fn check_change(&self, $before: &Self) -> Result<(), $crate::settings::SettingError> {
                let $after = self;
                $change
            })?
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                use $crate::settings::field::FieldValue;
                let mut map = to.serialize_map(None)?;
                $(if self.$required.to_value().is_some() {
                    map.serialize_entry(stringify!($required), &self.$required)?;
                })*
                $(if self.$optional.to_value().is_some() {
                    map.serialize_entry(stringify!($optional), &self.$optional)?;
                })*
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Fields;

                impl<'de> serde::de::Visitor<'de> for Fields {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("the settings of: ", $page))
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        use serde::de::Error;
                        use $crate::settings::SettingsRecord;
                        let mut builder = $name::builder();
                        let mut seen = std::collections::BTreeSet::new();
                        while let Some(key) = map.next_key::<String>()? {
                            let name = match key.as_str() {
                                $(stringify!($required) => {
                                    builder.$required = Some(map.next_value().map_err(|error| {
                                        let error = $crate::settings::record::without_text(&error);
                                        A::Error::custom(format_args!("{key}: {error}"))
                                    })?);
                                    stringify!($required)
                                })*
                                $(stringify!($optional) => {
                                    builder.$optional = map.next_value().map_err(|error| {
                                        let error = $crate::settings::record::without_text(&error);
                                        A::Error::custom(format_args!("{key}: {error}"))
                                    })?;
                                    stringify!($optional)
                                })*
                                other => {
                                    let known = $name::FIELDS.iter().map(|field| field.name);
                                    return Err(A::Error::custom(
                                        $crate::settings::record::unknown_name(other, known),
                                    ));
                                }
                            };
                            if !seen.insert(name) {
                                return Err(A::Error::custom(format_args!(
                                    "{name}: expected one value, found another"
                                )));
                            }
                        }
                        builder.build().map_err(A::Error::custom)
                    }
                }

                from.deserialize_map(Fields)
            }
        }
    };
}
pub(crate) use record;
