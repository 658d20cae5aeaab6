//! How the tokens of a deployment are made up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::{FormatProblem, RenderError, RenderProblem, TokenFormatError};
use super::prefix::Prefix;
use super::tracking_token::TrackingToken;

/// How the tokens of a deployment are made up: prefix, base, digits of user number and counter.
///
/// The default is the product's: `CRM:`, base 0, three digits each.
///
/// ```
/// use correspond::token::{Designator, TokenFormat};
///
/// let format = TokenFormat::builder().prefix("ACME-").user_digits(4).counter_digits(6).build()?;
/// assert_eq!(format.render(Designator::Online, 12, 345)?.as_str(), "ACME-00012000345");
/// assert_eq!(format, "ACME-/0/4/6".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The serde form is a map of `prefix`, `base`, `user_digits` and `counter_digits`; a missing field
/// has its default, an unknown one is refused, values out of range are refused as by the builder.
/// Ten user digits are taken: whoever stored them was allowed to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
pub struct TokenFormat {
    prefix: Prefix,
    base: u32,
    user_digits: u8,
    counter_digits: u8,
}

impl TokenFormat {
    /// Starts from the default format.
    pub fn builder() -> TokenFormatBuilder {
        TokenFormatBuilder {
            prefix: Ok(Prefix::CRM),
            base: 0,
            user_digits: 3,
            most_user_digits: 9,
            counter_digits: 3,
        }
    }

    /// The text before the digits.
    #[must_use]
    pub const fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// What is added to a user's own number, 0 to 2,147,483,647: tells deployments apart that share
    /// a prefix (`organization.trackingtokenidbase`).
    #[must_use]
    pub const fn base(&self) -> u32 {
        self.base
    }

    /// Digits of the user number, 1 to 9, or 10 (`organization.trackingtokeniddigits`).
    #[must_use]
    pub const fn user_digits(&self) -> u8 {
        self.user_digits
    }

    /// Digits of the counter, 1 to 9: those of `organization.maximumtrackingnumber`.
    #[must_use]
    pub const fn counter_digits(&self) -> u8 {
        self.counter_digits
    }

    /// The highest counter that can be printed: 999 with three digits.
    #[must_use]
    pub const fn max_counter(&self) -> u32 {
        10_u32.pow(self.counter_digits as u32) - 1
    }

    /// The digits of a token, the designator among them: 3 to 20.
    #[must_use]
    pub const fn digits(&self) -> u8 {
        1 + self.user_digits + self.counter_digits
    }

    /// The length of every token of this format in characters (UTF-16 code units): 4 to 40.
    #[must_use]
    pub fn token_len(&self) -> usize {
        self.prefix.as_str().encode_utf16().count() + usize::from(self.digits())
    }

    /// Prints the token of a user's mail; `user` is the user's own number, without the base.
    ///
    /// ```
    /// use correspond::token::{Designator, TokenFormat};
    ///
    /// let format: TokenFormat = "CRM:/500/3/3".parse()?;
    /// assert_eq!(format.render(Designator::Online, 1, 1)?.as_str(), "CRM:0501001");
    /// assert_eq!(
    ///     format.render(Designator::Online, 500, 1).unwrap_err().to_string(),
    ///     "user number: expected at most 3 digits, found 1000 (base 500 + user 500): \
    ///      raise the digits of the user number to 4, or lower the base"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Base + `user` or the counter needs more digits than the format has. Two users would share
    /// tokens if digits were dropped; who wants that for parity has
    /// [`render_wrapping`](Self::render_wrapping).
    pub fn render(
        &self,
        designator: Designator,
        user: u32,
        counter: u32,
    ) -> Result<TrackingToken, RenderError> {
        let number = self.number_of(user);
        if number > last_with(self.user_digits) {
            return Err(RenderProblem::User {
                digits: self.user_digits,
                needed: number.ilog10() + 1,
                base: self.base,
                user,
            }
            .into());
        }
        self.print(designator, number, counter)
    }

    /// As [`render`](Self::render), but of a user number that is too wide the last digits are
    /// printed, as the product's settings dialog does. Users whose numbers agree in them share
    /// their tokens.
    ///
    /// ```
    /// use correspond::token::{Designator, TokenFormat};
    ///
    /// let token = TokenFormat::default().render_wrapping(Designator::Online, 1001, 1)?;
    /// assert_eq!(token.as_str(), "CRM:0001001");
    /// # Ok::<(), correspond::token::RenderError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The counter needs more digits than the format has.
    pub fn render_wrapping(
        &self,
        designator: Designator,
        user: u32,
        counter: u32,
    ) -> Result<TrackingToken, RenderError> {
        let number = self.number_of(user) % (last_with(self.user_digits) + 1);
        self.print(designator, number, counter)
    }

    /// The parts of a token of this format in exactly the spelling it is printed in; `None` for
    /// every other text. For a token inside a subject see [`TokenScanner`](super::TokenScanner).
    ///
    /// ```
    /// use correspond::token::{Designator, TokenFormat};
    ///
    /// let format: TokenFormat = "CRM:/500/3/3".parse()?;
    /// let parts = format.parse("CRM:0501007").unwrap();
    /// assert_eq!(parts.designator, Designator::Online);
    /// assert_eq!((parts.user_number, parts.user, parts.counter), (501, Some(1), 7));
    /// assert_eq!(format.parse("CRM:0499007").unwrap().user, None, "below the base");
    /// assert_eq!(format.parse("crm:0501007"), None);
    /// assert_eq!(format.parse("CRM:2501007"), None, "neither online nor offline");
    /// # Ok::<(), correspond::token::TokenFormatError>(())
    /// ```
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<TokenParts> {
        let digits = text.strip_prefix(self.prefix.as_str())?;
        if digits.len() != usize::from(self.digits()) || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let (designator, rest) = digits.split_at_checked(1)?;
        let designator = match designator {
            "0" => Designator::Online,
            "1" => Designator::Offline,
            _ => return None,
        };
        // At most 19 digits, which a u64 holds.
        Some(self.parts(designator, rest.parse().ok()?))
    }

    /// The parts of user number and counter written as one number.
    pub(super) const fn parts(&self, designator: Designator, rest: u64) -> TokenParts {
        let split = last_with(self.counter_digits) + 1;
        let user_number = rest / split;
        let counter = (rest % split) as u32;
        let user = user_number.checked_sub(self.base as u64);
        TokenParts { designator, user_number, user, counter }
    }

    const fn number_of(&self, user: u32) -> u64 {
        self.base as u64 + user as u64
    }

    fn print(
        &self,
        designator: Designator,
        number: u64,
        counter: u32,
    ) -> Result<TrackingToken, RenderError> {
        if counter > self.max_counter() {
            return Err(RenderProblem::Counter { most: self.max_counter(), found: counter }.into());
        }
        let (user_width, counter_width) =
            (usize::from(self.user_digits), usize::from(self.counter_digits));
        Ok(TrackingToken::from_parts(format!(
            "{}{}{number:0user_width$}{counter:0counter_width$}",
            self.prefix,
            designator.digit(),
        )))
    }
}

/// The highest number of so many digits, of which there are at most 10.
const fn last_with(digits: u8) -> u64 {
    10_u64.pow(digits as u32) - 1
}

impl Default for TokenFormat {
    fn default() -> Self {
        Self { prefix: Prefix::CRM, base: 0, user_digits: 3, counter_digits: 3 }
    }
}

/// `PREFIX/BASE/USER_DIGITS/COUNTER_DIGITS`, as in `CRM:/0/3/3`.
impl fmt::Display for TokenFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, base, user_digits, counter_digits } = self;
        write!(f, "{prefix}/{base}/{user_digits}/{counter_digits}")
    }
}

/// Reads what `Display` writes: `PREFIX/BASE/USER_DIGITS/COUNTER_DIGITS`. The prefix may hold a
/// slash; ten user digits are taken.
impl FromStr for TokenFormat {
    type Err = TokenFormatError;

    fn from_str(text: &str) -> Result<Self, TokenFormatError> {
        let notation = || FormatProblem::Notation { found: text.chars().take(64).collect() };
        let mut fields = text.rsplitn(4, '/');
        let mut field = || fields.next().ok_or_else(notation);
        let counter_digits = field()?.parse().map_err(|_| notation())?;
        let user_digits = field()?.parse().map_err(|_| notation())?;
        let base = field()?.parse().map_err(|_| notation())?;
        Self::builder()
            .prefix(field()?)
            .base(base)
            .ten_user_digits_allowed()
            .user_digits(user_digits)
            .counter_digits(counter_digits)
            .build()
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wire {
    prefix: String,
    base: u32,
    user_digits: u8,
    counter_digits: u8,
}

impl Default for Wire {
    fn default() -> Self {
        let TokenFormat { prefix, base, user_digits, counter_digits } = TokenFormat::default();
        Self { prefix: prefix.into(), base, user_digits, counter_digits }
    }
}

impl TryFrom<Wire> for TokenFormat {
    type Error = TokenFormatError;

    fn try_from(wire: Wire) -> Result<Self, TokenFormatError> {
        Self::builder()
            .prefix(wire.prefix)
            .base(wire.base)
            .ten_user_digits_allowed()
            .user_digits(wire.user_digits)
            .counter_digits(wire.counter_digits)
            .build()
    }
}

/// Collects the fields of a [`TokenFormat`]; what is not set keeps its default.
#[derive(Debug, Clone)]
#[must_use = "a format is made by `build`"]
pub struct TokenFormatBuilder {
    prefix: Result<Prefix, TokenFormatError>,
    base: u32,
    user_digits: u8,
    most_user_digits: u8,
    counter_digits: u8,
}

impl TokenFormatBuilder {
    /// The text before the digits: see [`Prefix::new`].
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Prefix::new(prefix);
        self
    }

    /// The deployment base, 0 to 2,147,483,647.
    pub const fn base(mut self, base: u32) -> Self {
        self.base = base;
        self
    }

    /// Digits of the user number, 1 to 9.
    pub const fn user_digits(mut self, digits: u8) -> Self {
        self.user_digits = digits;
        self
    }

    /// Lets the user number have ten digits, as the product's current documentation does; the
    /// documents this crate follows by default end at nine.
    pub const fn ten_user_digits_allowed(mut self) -> Self {
        self.most_user_digits = 10;
        self
    }

    /// Digits of the counter, 1 to 9.
    pub const fn counter_digits(mut self, digits: u8) -> Self {
        self.counter_digits = digits;
        self
    }

    /// The format.
    ///
    /// # Errors
    ///
    /// The first field out of its range, in the order prefix, base, user digits, counter digits.
    pub fn build(self) -> Result<TokenFormat, TokenFormatError> {
        let prefix = self.prefix?;
        if self.base > i32::MAX as u32 {
            return Err(FormatProblem::Base { found: self.base }.into());
        }
        if !(1..=self.most_user_digits).contains(&self.user_digits) {
            let (most, found) = (self.most_user_digits, self.user_digits);
            return Err(FormatProblem::UserDigits { most, found }.into());
        }
        if !(1..=9).contains(&self.counter_digits) {
            return Err(FormatProblem::CounterDigits { found: self.counter_digits }.into());
        }
        let Self { base, user_digits, counter_digits, .. } = self;
        Ok(TokenFormat { prefix, base, user_digits, counter_digits })
    }
}

/// Where a mail was written: the first digit of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the product knows these two and will add none")]
pub enum Designator {
    /// `0`: on the server.
    Online,
    /// `1`: in the offline client.
    Offline,
}

impl Designator {
    /// The digit it is printed as: 0 or 1.
    #[must_use]
    pub const fn digit(self) -> u8 {
        match self {
            Self::Online => 0,
            Self::Offline => 1,
        }
    }
}

/// What the digits of a token say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct TokenParts {
    /// Where the mail was written.
    pub designator: Designator,
    /// As printed: base + the user's own number.
    pub user_number: u64,
    /// The user's own number; `None` when the printed one is below the base: the token is of
    /// another deployment, or was printed with dropped digits.
    pub user: Option<u64>,
    /// The counter of that user's mails.
    pub counter: u32,
}
