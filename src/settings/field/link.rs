//! References to other records.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::FieldType;
use super::value::{FieldValue, IntoField};
use crate::id::RecordId;
use crate::party::Value;
use crate::settings::error::ValueError;

/// A kind of record that a setting can refer to.
pub trait LinkTarget: 'static {
    /// The logical name of its table in Dataverse.
    const TABLE: &'static str;
}

/// A reference to a record of one kind, so that a contact cannot stand where content settings must.
///
/// ```
/// use correspond::id::RecordId;
/// use correspond::settings::{Link, targets};
///
/// let contact = Link::<targets::Contact>::new(RecordId::new(7));
/// assert_eq!(contact.id(), RecordId::new(7));
/// ```
pub struct Link<T>(RecordId, PhantomData<fn() -> T>);

impl<T> Link<T> {
    /// The record of this kind with this id.
    #[must_use]
    pub const fn new(id: RecordId) -> Self {
        Self(id, PhantomData)
    }

    /// Its id.
    #[must_use]
    pub const fn id(self) -> RecordId {
        self.0
    }
}

/// What settings refer to, beside one another.
pub mod targets {
    use super::LinkTarget;

    macro_rules! targets {
        ($($(#[$doc:meta])* $name:ident = $table:literal,)+) => {$(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            #[non_exhaustive]
            pub enum $name {}

            impl LinkTarget for $name {
                const TABLE: &'static str = $table;
            }
        )+};
    }

    targets! {
        /// A contact.
        Contact = "contact",
        /// A user.
        User = "systemuser",
        /// A queue.
        Queue = "queue",
        /// A marketing email.
        MarketingEmail = "msdyncrm_marketingemail",
        /// A marketing page.
        MarketingPage = "msdyncrm_marketingpage",
        /// A marketing form.
        MarketingForm = "msdyncrm_marketingform",
        /// A website of the portal.
        Website = "adx_website",
        /// A language of a website.
        WebsiteLanguage = "adx_websitelanguage",
        /// A page of a website.
        WebPage = "adx_webpage",
        /// Any record that mail can be about.
        Regarding = "activitypointer",
    }
}

impl<T> Clone for Link<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Link<T> {}

impl<T> PartialEq for Link<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Link<T> {}

impl<T> PartialOrd for Link<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Link<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<T> Hash for Link<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({:x})", self.0.get())
    }
}

impl<T> fmt::Display for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> From<RecordId> for Link<T> {
    fn from(id: RecordId) -> Self {
        Self::new(id)
    }
}

impl<T> Serialize for Link<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de, T> Deserialize<'de> for Link<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        RecordId::deserialize(from).map(Self::new)
    }
}

impl<T: LinkTarget> FieldValue for Link<T> {
    const TYPE: FieldType = FieldType::Lookup { table: T::TABLE };

    fn to_value(&self) -> Option<Value> {
        Some(Value::Lookup(self.0))
    }
}

impl<T: LinkTarget> IntoField<Link<T>> for RecordId {
    fn into_field(self) -> Result<Link<T>, ValueError> {
        Ok(Link::new(self))
    }
}

impl<T: LinkTarget> IntoField<Option<Link<T>>> for RecordId {
    fn into_field(self) -> Result<Option<Link<T>>, ValueError> {
        Ok(Some(Link::new(self)))
    }
}
