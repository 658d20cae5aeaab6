//! Options of an option set.

/// An option of an option set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice {
    /// Its code in Dataverse; `None` where the product has none.
    pub code: Option<i32>,
    /// Its name in our serde form.
    pub name: &'static str,
    /// What the administrator's screen calls it.
    pub label: &'static str,
}

impl Choice {
    pub(crate) const fn new(code: Option<i32>, name: &'static str, label: &'static str) -> Self {
        Self { code, name, label }
    }
}

/// An option set: an enum with a code, a name in our serde form, and a label for each option. A code
/// of `none` is one that the product does not have; it is read from no number, and written as the
/// one behind `as`.
macro_rules! choice {
    (@code $code:literal) => { Some($code) };
    (@code none) => { None };
    (
        $(#[$doc:meta])*
        $set:ident {
            $($(#[$option_doc:meta])* $option:ident = $code:tt $(as $export:literal)?, $name:literal, $label:literal;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub enum $set {
            $($(#[$option_doc])* #[serde(rename = $name)] $option,)+
        }

        impl $set {
            /// Every option.
            pub const ALL: &'static [Self] = &[$(Self::$option,)+];

            /// The options with their codes, names and labels, in the same order.
            pub const CHOICES: &'static [$crate::settings::Choice] = &[$(
                $crate::settings::Choice::new(
                    $crate::settings::field::choice!(@code $code), $name, $label
                ),
            )+];

            /// The option with this code in Dataverse.
            #[must_use]
            pub fn from_code(code: i32) -> Option<Self> {
                Self::ALL.iter().copied().find(|option| option.choice().code == Some(code))
            }

            /// The code that Dataverse keeps for it.
            #[must_use]
            pub fn code(self) -> i32 {
                match self {
                    $($(Self::$option => $export,)?)+
                    #[allow(unreachable_patterns, reason = "options whose code stands in for none")]
                    other => other.choice().code.unwrap_or_default(),
                }
            }

            /// What the administrator's screen calls it.
            #[must_use]
            pub const fn label(self) -> &'static str {
                self.choice().label
            }

            /// Its name in our serde form.
            #[must_use]
            pub const fn name(self) -> &'static str {
                self.choice().name
            }

            const fn choice(self) -> $crate::settings::Choice {
                match self {
                    $(Self::$option => $crate::settings::Choice::new(
                        $crate::settings::field::choice!(@code $code), $name, $label
                    ),)+
                }
            }
        }

        impl std::fmt::Display for $set {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.label())
            }
        }

        impl $crate::settings::field::FieldValue for $set {
            const TYPE: $crate::settings::FieldType =
                $crate::settings::FieldType::Choice(Self::CHOICES);

            fn to_value(&self) -> Option<$crate::party::Value> {
                Some($crate::party::Value::Choice(self.code()))
            }
        }

        #[cfg(feature = "schemars")]
        impl $crate::settings::json_schema::Described for $set {}
    };
}
pub(crate) use choice;
