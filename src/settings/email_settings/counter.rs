//! How many digits has the counter of tokens?

use super::{EmailSettings, EmailSettingsBuilder, Number, Whole};
use crate::settings::IntoField;
use crate::settings::error::ValueError;

impl EmailSettings {
    /// The digits of the counter of tokens, 1 to 9: as many as the decimal text of
    /// [`max_tracking_number`](Self::max_tracking_number) has. They stay chosen while tokens are off.
    #[must_use]
    pub fn counter_digits(&self) -> u8 {
        let number = self.max_tracking_number.get();
        // At least 1 by its type, so it has a logarithm; at most 9 digits.
        number.checked_ilog10().map_or(1, |log| u8::try_from(log + 1).unwrap_or(9))
    }

    /// What the column `organization.maximumtrackingnumber` holds: 0 where tokens are off.
    #[must_use]
    pub fn stored_tracking_number(&self) -> Number {
        let number = if self.use_tracking_tokens { self.max_tracking_number.get() } else { 0 };
        Number::saturating(number)
    }

    /// Are these the nines that the product's screen stores, and no other number of as many digits?
    pub(super) fn counts_to_nines(&self) -> bool {
        self.max_tracking_number.get() + 1 == 10_i64.pow(u32::from(self.counter_digits()))
    }
}

impl EmailSettingsBuilder {
    /// The digits of the counter of tokens, 1 to 9, as the product's screen offers them: sets
    /// [`max_tracking_number`](Self::max_tracking_number) to as many nines.
    pub fn counter_digits(mut self, digits: u8) -> Self {
        let nines = if (1..=9).contains(&digits) {
            (10_i64.pow(u32::from(digits)) - 1).into_field()
        } else {
            Err(ValueError::range("1 to 9 digits", digits))
        };
        match nines {
            Ok(nines) => self.max_tracking_number = nines,
            Err(error) => self.refuse("max_tracking_number", error),
        }
        self
    }

    /// What the column `organization.maximumtrackingnumber` holds: 0 switches tokens off and keeps
    /// the digits, another number switches them on.
    pub fn stored_tracking_number(mut self, number: impl IntoField<Number>) -> Self {
        let stored = number.into_field().and_then(|number| match number.get() {
            0 => Ok(None),
            number => Whole::new(number).map(Some),
        });
        match stored {
            Ok(None) => self.use_tracking_tokens = false,
            Ok(Some(number)) => {
                self.use_tracking_tokens = true;
                self.max_tracking_number = number;
            }
            Err(error) => self.refuse("max_tracking_number", error),
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::SettingError;

    /// B037, C038, C039, C040; facts 1.1, 1.5, 10.
    #[test]
    fn counter_digits_are_those_of_the_stored_number() -> Result<(), SettingError> {
        assert_eq!(EmailSettings::default().stored_tracking_number().get(), 999);
        for digits in 1..=9 {
            let settings = EmailSettings::builder().counter_digits(digits).build()?;
            assert_eq!(settings.counter_digits(), digits);
            assert!(settings.counts_to_nines());
        }
        let odd = EmailSettings::builder().stored_tracking_number(5_000).build()?;
        assert_eq!((odd.counter_digits(), odd.counts_to_nines()), (4, false));
        Ok(())
    }

    /// C044; facts 1.5, 9 (item 6): off stores 0 in the column, and the digits stay chosen here.
    #[test]
    fn tokens_off_keep_the_digits_that_the_column_loses() -> Result<(), SettingError> {
        let six = EmailSettings::builder().counter_digits(6).build()?;
        let off = six.to_builder().use_tracking_tokens(false).build()?;
        assert_eq!((off.stored_tracking_number().get(), off.counter_digits()), (0, 6));
        let from_column = six.to_builder().stored_tracking_number(0).build()?;
        assert_eq!(from_column, off);
        let on = off.to_builder().stored_tracking_number(999).build()?;
        assert!(on.use_tracking_tokens());
        assert_eq!(on.counter_digits(), 3);
        Ok(())
    }

    /// C039.
    #[test]
    fn counter_digits_outside_of_1_to_9_are_refused() {
        let message = |builder: EmailSettingsBuilder| builder.build().unwrap_err().to_string();
        for digits in [0, 10] {
            assert_eq!(
                message(EmailSettings::builder().counter_digits(digits)),
                format!("max_tracking_number: expected 1 to 9 digits, found {digits}")
            );
        }
        assert_eq!(
            message(EmailSettings::builder().stored_tracking_number(1_000_000_000)),
            "max_tracking_number: expected a whole number from 1 to 999999999, found 1000000000"
        );
    }
}
