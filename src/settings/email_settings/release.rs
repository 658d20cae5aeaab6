//! Which release of the product does an organization live by?

use std::fmt;

use serde::{Deserialize, Serialize};

use super::attachment::AttachmentSize;
use crate::party::Value;
use crate::settings::Profile;
use crate::settings::field::{Choice, FieldType, FieldValue};

macro_rules! releases {
    ($($(#[$doc:meta])* $release:ident, $name:literal, $label:literal, $folders:literal, $cap:ident;)+) => {
        /// A release of the product, as far as the Email tab tells releases apart: whether folders
        /// can be tracked, and how large an attachment may be at most.
        ///
        /// | release | folder-level tracking | largest attachment |
        /// |---|---|---|
        $(#[doc = concat!("| ", $label, " | ", $folders, " | ", stringify!($cap), " |")])+
        ///
        /// `CAP_BEFORE_2016_UPDATE` is 32,768 KB, `CAP` 131,072 KB.
        ///
        /// ```
        /// use correspond::settings::{AttachmentSize, Release};
        ///
        /// assert_eq!(Release::default(), Release::Dynamics365);
        /// assert!(!Release::Crm2015.has_folder_tracking());
        /// assert_eq!(
        ///     Release::Crm2016.max_attachment_size(),
        ///     AttachmentSize::CAP_BEFORE_2016_UPDATE
        /// );
        /// ```
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Release {
            $($(#[$doc])* #[serde(rename = $name)] $release,)+
        }

        impl Release {
            /// Every release.
            pub const ALL: &'static [Self] = &[$(Self::$release,)+];

            const CHOICES: &'static [Choice] = &[$(Choice::new(None, $name, $label),)+];

            /// Can folders be tracked?
            #[must_use]
            pub const fn has_folder_tracking(self) -> bool {
                match self {
                    $(Self::$release => $folders,)+
                }
            }

            /// How large an attachment may be at most.
            #[must_use]
            pub const fn max_attachment_size(self) -> AttachmentSize {
                match self {
                    $(Self::$release => AttachmentSize::$cap,)+
                }
            }

            /// Its name in our serde form.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$release => $name,)+
                }
            }

            /// What it is called.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$release => $label,)+
                }
            }
        }
    };
}

releases! {
    /// Online or on-premises.
    Crm2013, "crm-2013", "Dynamics CRM 2013", false, CAP_BEFORE_2016_UPDATE;
    /// On-premises, or online before 2015 Update 1.
    Crm2015, "crm-2015", "Dynamics CRM 2015", false, CAP_BEFORE_2016_UPDATE;
    /// Online: the first with folder-level tracking.
    CrmOnline2015Update1, "crm-online-2015-update-1", "Dynamics CRM Online 2015 Update 1", true,
        CAP_BEFORE_2016_UPDATE;
    /// On-premises: the first there with folder-level tracking.
    Crm2016, "crm-2016", "Dynamics CRM 2016", true, CAP_BEFORE_2016_UPDATE;
    /// Online: the first with the greater cap.
    CrmOnline2016Update1, "crm-online-2016-update-1", "Dynamics CRM Online 2016 Update 1", true,
        CAP;
    /// On-premises: the first there with the greater cap.
    Crm2016ServicePack1, "crm-2016-sp1", "Dynamics CRM 2016 Service Pack 1", true, CAP;
    /// Everything since.
    #[default]
    Dynamics365, "dynamics-365", "Dynamics 365", true, CAP;
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl FieldValue for Release {
    const TYPE: FieldType = FieldType::Choice(Self::CHOICES);

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.name().to_owned()))
    }
}

impl FieldValue for Profile {
    const TYPE: FieldType = FieldType::Choice(&[
        Choice::new(None, "documents", "The product's documents"),
        Choice::new(None, "current", "The later product"),
    ]);

    fn to_value(&self) -> Option<Value> {
        let name = match self {
            Self::Documents => "documents",
            Self::Current => "current",
        };
        Some(Value::Text(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B031: before CRM Online 2015 Update 1, and on-premises before CRM 2016, folders cannot be
    /// tracked.
    #[test]
    fn folders_are_tracked_from_online_2015_update_1_and_from_2016() {
        use Release::{Crm2013, Crm2015, Crm2016, CrmOnline2015Update1, Dynamics365};
        let tracked = [Crm2013, Crm2015, CrmOnline2015Update1, Crm2016, Dynamics365]
            .map(Release::has_folder_tracking);
        assert_eq!(tracked, [false, false, true, true, true]);
    }

    /// B064, B065: 32,768 KB before CRM Online 2016 Update 1 and CRM 2016 SP1, 131,072 KB from there.
    #[test]
    fn the_cap_of_attachments_is_the_one_of_the_release() {
        let kilobytes: Vec<_> = Release::ALL
            .iter()
            .map(|release| (release.name(), release.max_attachment_size().kilobytes()))
            .collect();
        assert_eq!(
            kilobytes,
            [
                ("crm-2013", 32_768),
                ("crm-2015", 32_768),
                ("crm-online-2015-update-1", 32_768),
                ("crm-2016", 32_768),
                ("crm-online-2016-update-1", 131_072),
                ("crm-2016-sp1", 131_072),
                ("dynamics-365", 131_072),
            ]
        );
    }

    #[test]
    fn releases_and_profiles_have_one_name_everywhere() {
        for release in Release::ALL {
            assert_eq!(serde_json::to_value(release).unwrap(), release.name());
            assert_eq!(release.to_value(), Some(Value::Text(release.name().to_owned())));
        }
        for profile in Profile::ALL {
            let Some(Value::Text(name)) = profile.to_value() else { panic!() };
            assert_eq!(serde_json::to_value(profile).unwrap(), name);
        }
        assert_eq!(Release::Crm2016ServicePack1.to_string(), "Dynamics CRM 2016 Service Pack 1");
    }
}
