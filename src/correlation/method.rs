//! The ways to find a conversation, and the order in which they are tried.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A way to find the conversation of a mail.
///
/// Column `email.correlationmethod` has codes for most of them; see [`code`](Self::code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Method {
    /// The mail lies in a tracked folder, whose record it is filed under.
    Folder,
    /// A tracking token stands in the subject.
    Token,
    /// In-Reply-To or References name a filed mail, or one that a filed mail names too, or a filed
    /// mail names this one (RFC 5322 section 3.6.4).
    Headers,
    /// The Thread-Index has the root of a filed one (MS-OXOMSG 2.2.1.3).
    ThreadIndex,
    /// The words of the subject are the same, and enough addresses.
    Smart,
}

impl Method {
    /// Every method, in the default order.
    pub const ALL: [Self; 5] =
        [Self::Folder, Self::Token, Self::Headers, Self::ThreadIndex, Self::Smart];

    /// The option code of column `email.correlationmethod`; `None` for folders, which have none.
    #[must_use]
    pub const fn code(self) -> Option<u8> {
        match self {
            Self::Folder => None,
            Self::Headers => Some(3),
            Self::Token => Some(4),
            Self::ThreadIndex => Some(5),
            Self::Smart => Some(6),
        }
    }

    /// Its name in settings and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Token => "token",
            Self::Headers => "headers",
            Self::ThreadIndex => "thread-index",
            Self::Smart => "smart",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which methods are tried, and in which order: the first that finds a conversation decides.
///
/// ```
/// use correspond::correlation::{Method, MethodOrder};
///
/// let order: MethodOrder = "headers,token".parse()?;
/// assert_eq!(order.methods(), [Method::Headers, Method::Token]);
/// # Ok::<(), correspond::correlation::MethodOrderError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Method>", into = "Vec<Method>")]
pub struct MethodOrder(Vec<Method>);

impl MethodOrder {
    /// These methods in this order; those that are not named are not tried.
    ///
    /// # Errors
    ///
    /// A method is named twice.
    pub fn new(methods: impl Into<Vec<Method>>) -> Result<Self, MethodOrderError> {
        let methods = methods.into();
        let twice = methods
            .iter()
            .enumerate()
            .find(|(at, method)| methods.iter().take(*at).any(|before| before == *method));
        match twice {
            Some((_, method)) => Err(MethodOrderError::Twice(*method)),
            None => Ok(Self(methods)),
        }
    }

    /// The order of the product's later documentation: headers first, then tokens.
    #[must_use]
    pub fn later_product() -> Self {
        Self(vec![
            Method::Folder,
            Method::Headers,
            Method::Token,
            Method::ThreadIndex,
            Method::Smart,
        ])
    }

    /// The methods, first to last.
    #[must_use]
    pub fn methods(&self) -> &[Method] {
        &self.0
    }
}

impl Default for MethodOrder {
    /// Folder, token, headers, thread index, smart.
    fn default() -> Self {
        Self(Method::ALL.to_vec())
    }
}

impl TryFrom<Vec<Method>> for MethodOrder {
    type Error = MethodOrderError;

    fn try_from(methods: Vec<Method>) -> Result<Self, MethodOrderError> {
        Self::new(methods)
    }
}

impl From<MethodOrder> for Vec<Method> {
    fn from(order: MethodOrder) -> Self {
        order.0
    }
}

impl FromStr for MethodOrder {
    type Err = MethodOrderError;

    /// Reads names with commas between them.
    fn from_str(text: &str) -> Result<Self, MethodOrderError> {
        let method = |name: &str| {
            let known = Method::ALL.into_iter().find(|method| method.name() == name.trim());
            known.ok_or_else(|| MethodOrderError::Unknown(name.trim().chars().take(40).collect()))
        };
        Self::new(text.split(',').map(method).collect::<Result<Vec<_>, _>>()?)
    }
}

/// A list of methods that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MethodOrderError {
    /// A method stands in it twice.
    #[error("expected each method once, found {0} twice")]
    Twice(Method),
    /// A name is not a method's.
    #[error("expected folder, token, headers, thread-index or smart, found {0:?}")]
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_refuses_others() {
        let order: MethodOrder = "smart, headers".parse().unwrap();
        assert_eq!(order.methods(), [Method::Smart, Method::Headers]);
        let message = |text: &str| text.parse::<MethodOrder>().unwrap_err().to_string();
        assert_eq!(message("token,token"), "expected each method once, found token twice");
        assert_eq!(
            message("token,magic"),
            "expected folder, token, headers, thread-index or smart, found \"magic\""
        );
    }

    #[test]
    fn names_are_the_same_everywhere() {
        for method in Method::ALL {
            assert_eq!(serde_json::to_value(method).unwrap(), method.name());
        }
        let twice = serde_json::from_str::<MethodOrder>(r#"["token","token"]"#).unwrap_err();
        assert!(twice.to_string().contains("expected each method once, found token twice"));
    }
}
