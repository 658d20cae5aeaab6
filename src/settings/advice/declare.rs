//! How kinds of advice are written down.

/// The kinds: documentation, severity, place (kind of record and setting), the name, its parts, the
/// reason and the remedy. The two texts see the parts by their names.
macro_rules! kinds {
    ($(
        #[doc = $doc:literal]
        $severity:ident ($($page:ident . $field:ident)?)
        $kind:ident $({ $($part:ident: $ty:ty = $part_doc:literal),+ })?
        => $reason:literal, $remedy:literal;
    )+) => {
        /// Something in the settings that is allowed, and that an administrator should know.
        ///
        /// [`Display`](std::fmt::Display) gives the reason.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AdviceKind {
            $(
                #[doc = $doc]
                $kind $({ $(#[doc = $part_doc] $part: $ty,)+ })?,
            )+
        }

        impl AdviceKind {
            /// The names of all kinds.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($kind)),+];

            /// The name of the kind.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind { .. } => stringify!($kind),)+
                }
            }

            /// How bad is it?
            #[must_use]
            pub const fn severity(&self) -> $crate::settings::AdviceSeverity {
                match self {
                    $(Self::$kind { .. } => $crate::settings::AdviceSeverity::$severity,)+
                }
            }

            /// The page and the setting, where they are always the same.
            pub(super) const fn place(&self) -> Option<($crate::record::RecordKind, &'static str)> {
                match self {
                    $(Self::$kind { .. } => {
                        #[allow(unused_mut, unused_assignments, reason = "one arm or none")]
                        let mut place = None;
                        $(place = Some(($crate::record::RecordKind::$page, stringify!($field)));)?
                        place
                    })+
                }
            }

            /// What helps: a sentence that begins with a verb, without its full stop.
            #[must_use]
            #[allow(unused_variables, reason = "not every text names every part")]
            pub fn remedy(&self) -> String {
                match self {
                    $(Self::$kind $({ $($part),+ })? => format!($remedy),)+
                }
            }
        }

        impl std::fmt::Display for AdviceKind {
            #[allow(unused_variables, reason = "not every text names every part")]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$kind $({ $($part),+ })? => write!(f, $reason),)+
                }
            }
        }
    };
}
pub(super) use kinds;
