//! Every process claims every send.

use std::collections::HashMap;

use chrono::DateTime;
use correspond::adapter::postgres::PostgresStore;
use correspond::claim::{ClaimId, ClaimPageQuery, Claimant, RecipientKey, SendScope};
use correspond::id::{RecordId, TenantId};
use correspond::store::{Batch, Change, Ledger, Reason, Store};

use crate::Result;
use crate::arguments::Arguments;
use crate::race::{Place, Race};

const TENANT: TenantId = TenantId::new(1);

/// Sends a batch.
const SENDS: usize = 100;

pub struct Claims {
    claims: usize,
}

fn scope() -> SendScope {
    SendScope::new(RecordId::new(7))
}

fn send(number: usize) -> Result<ClaimId> {
    let recipient = RecipientKey::address(format!("{number}@home.example").as_bytes())?;
    Ok(ClaimId { scope: scope(), recipient })
}

impl Race for Claims {
    const NAME: &'static str = "claims";

    fn read(arguments: &mut Arguments) -> Result<Self> {
        let claims = arguments.option("--claims").map_err(|error| error.to_string())?;
        Ok(Self { claims: claims.unwrap_or(100_000) })
    }

    fn options(&self) -> Vec<String> {
        vec!["--claims".into(), self.claims.to_string()]
    }

    /// The tasks of a process share the sends among themselves; the same task of the other processes
    /// has the same ones, in the same order. Of a batch that is refused, what was free is claimed
    /// again.
    async fn task(&self, store: &PostgresStore, place: Place) -> Result<Vec<String>> {
        let by = Claimant::new(place.number() as u128);
        let mine: Vec<_> =
            (0..self.claims).filter(|n| n / SENDS % place.tasks == place.task).collect();
        let mut got = Vec::new();
        for sends in mine.chunks(SENDS) {
            let mut sends = sends.to_vec();
            while !sends.is_empty() {
                let mut batch = Batch::new(TENANT);
                for send_number in &sends {
                    let (id, at) = (send(*send_number)?, DateTime::UNIX_EPOCH);
                    batch.push(Change::Claim { id, by, at })?;
                }
                let commit = store.commit(&batch).await?;
                if commit.is_applied() {
                    got.extend(sends.drain(..).map(|send| format!("{send} {}", place.number())));
                }
                for refusal in commit.refusals().iter().rev() {
                    let Reason::Claimed { .. } = refusal.reason else {
                        return Err(format!("expected a claim, found {refusal:?}").into());
                    };
                    sends.remove(refusal.change);
                }
            }
        }
        Ok(got)
    }

    async fn judge(&self, store: &PostgresStore, got: Vec<String>) -> Result<String> {
        let mut who = HashMap::new();
        let mut twice = 0;
        for line in &got {
            let (send_number, by) = line.split_once(' ').ok_or("expected a send and a claimant")?;
            let recipient = send(send_number.parse()?)?.recipient;
            twice += usize::from(who.insert(recipient, by.parse::<u128>()?).is_some());
        }
        let (mut rows, mut others) = (0, 0);
        let mut page = ClaimPageQuery::new(scope()).limit(1_000);
        loop {
            let found = store.claim_page(TENANT, &page).await?;
            rows += found.items.len();
            for (recipient, claim) in &found.items {
                others += usize::from(who.get(recipient) != Some(&claim.by().get()));
            }
            match found.next {
                Some(next) => page = page.after(next),
                None => break,
            }
        }
        let said = format!(
            "{} sends claimed of {}, {twice} twice; {rows} rows, {others} of another claimant",
            who.len(),
            self.claims
        );
        if (who.len(), twice, rows, others) != (self.claims, 0, self.claims, 0) {
            return Err(said.into());
        }
        Ok(said)
    }
}
