//! Everybody issues tracking tokens for the same users.

use std::num::NonZeroU32;

use chrono::DateTime;
use correspond::adapter::postgres::PostgresStore;
use correspond::flow::{Sender, TokenIssuer, TokenRequest};
use correspond::id::{RecordId, TenantId};
use correspond::settings::TokenTracking;
use correspond::token::TokenPlan;

use crate::Result;
use crate::arguments::Arguments;
use crate::race::{Place, Race};

/// Nine digits: the counter does not go round, so a token that comes twice was issued twice.
const FORMAT: &str = "CRM:/0/3/9";

pub struct Tokens {
    leased: usize,
    single: usize,
    users: usize,
}

impl Race for Tokens {
    const NAME: &'static str = "tokens";

    fn read(arguments: &mut Arguments) -> Result<Self> {
        let mut option = |name| arguments.option(name).map_err(|error| error.to_string());
        Ok(Self {
            leased: option("--leased")?.unwrap_or(1_000_000),
            single: option("--single")?.unwrap_or(10_000),
            users: option("--users")?.unwrap_or(16),
        })
    }

    fn options(&self) -> Vec<String> {
        [("--leased", self.leased), ("--single", self.single), ("--users", self.users)]
            .into_iter()
            .flat_map(|(name, value)| [name.to_owned(), value.to_string()])
            .collect()
    }

    /// With leases first, then without, from the same counters.
    async fn task(&self, store: &PostgresStore, place: Place) -> Result<Vec<String>> {
        let mut settings = TokenTracking::default();
        settings.formats = vec![FORMAT.parse()?];
        let mut tokens = Vec::new();
        for (whole, lease) in
            [(self.leased, TokenPlan::PREFERRED_LEASE), (self.single, NonZeroU32::MIN)]
        {
            let issuer = TokenIssuer::default().with_lease(lease);
            let (all, this) = (place.processes * place.tasks, place.number() - 1);
            for n in 0..(whole * (this + 1) / all - whole * this / all) {
                let user = Sender::user(RecordId::new(1 + (n % self.users) as u128));
                let request = TokenRequest::new(TenantId::new(1), user, DateTime::UNIX_EPOCH);
                let token = issuer.issue(store, &settings, request).await?;
                tokens.push(token.ok_or("expected a token, found none")?.into());
            }
        }
        Ok(tokens)
    }

    async fn judge(&self, _: &PostgresStore, mut got: Vec<String>) -> Result<String> {
        got.sort_unstable();
        let issued = got.len();
        got.dedup();
        let said = format!(
            "{issued} tokens ({} with leases, {} without), {} duplicates",
            self.leased,
            self.single,
            issued - got.len()
        );
        let whole = issued == self.leased + self.single && issued == got.len();
        if whole { Ok(said) } else { Err(said.into()) }
    }
}
