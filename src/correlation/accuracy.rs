//! How far can the ways to find a conversation be trusted?

use super::method::Method;

/// How accurate a method is, as the product's documents rate it.
///
/// The rating is not the order in which methods are tried: by the product's later documents, headers
/// are tried before tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Accuracy {
    /// Smart matching: a guess by likeness.
    Likeness,
    /// Headers: better than smart matching, and lost where a mail program drops them.
    Headers,
    /// Folders and tracking tokens: "100 %". In practice a token is as good as its counter is wide:
    /// a sender who runs through all its numbers uses each again
    /// ([`TokenPlan::days_to_repeat`](crate::token::TokenPlan::days_to_repeat)).
    Full,
}

impl Method {
    /// How accurate the product's documents rate it.
    ///
    /// ```
    /// use correspond::correlation::{Accuracy, Method};
    ///
    /// assert!(Method::Headers.accuracy() > Method::Smart.accuracy());
    /// assert!(Method::Headers.accuracy() < Method::Token.accuracy());
    ///
    /// // Who wants no token in subject lines has another method of the same accuracy.
    /// let unseen = Method::ALL
    ///     .into_iter()
    ///     .filter(|method| method.accuracy() == Accuracy::Full && !method.is_seen_by_recipients());
    /// assert_eq!(unseen.collect::<Vec<_>>(), [Method::Folder]);
    /// ```
    #[must_use]
    pub const fn accuracy(self) -> Accuracy {
        match self {
            Self::Folder | Self::Token => Accuracy::Full,
            Self::Headers | Self::ThreadIndex => Accuracy::Headers,
            Self::Smart => Accuracy::Likeness,
        }
    }

    /// Do recipients see it? A token stands in the subject line.
    #[must_use]
    pub const fn is_seen_by_recipients(self) -> bool {
        matches!(self, Self::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B034, B035, B038: smart matching < headers < tokens and folders.
    #[test]
    fn methods_rank_as_the_documents_rate_them() {
        let rated = Method::ALL.map(Method::accuracy);
        use Accuracy::{Full, Headers, Likeness};
        assert_eq!(rated, [Full, Full, Headers, Headers, Likeness]);
        assert!(Likeness < Headers && Headers < Full);
    }

    /// B039: folder-level tracking is as accurate as tokens, and nobody sees it.
    #[test]
    fn folders_are_what_remains_for_whom_tokens_are_too_visible() {
        let visible = Method::ALL.into_iter().filter(|method| method.is_seen_by_recipients());
        assert_eq!(visible.collect::<Vec<_>>(), [Method::Token]);
        assert_eq!(Method::Folder.accuracy(), Method::Token.accuracy());
    }
}
