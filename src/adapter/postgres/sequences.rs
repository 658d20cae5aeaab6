//! Numbers that are handed out once.

use std::num::NonZeroU32;

use super::PostgresStore;
use super::failure::Failure;
use super::session::{Call, Param};
use super::value::{column, uuid};
use crate::id::TenantId;
use crate::store::{Block, SequenceKey, Sequences, StoreError, StoreErrorKind};

impl Sequences for PostgresStore {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        const ATTEMPT: &str = "allocating numbers";
        let (sort, id) = sequence.to_parts();
        let params: Vec<Param> = vec![
            Box::new(uuid(tenant.get())),
            Box::new(i16::from(sort)),
            Box::new(uuid(id.get())),
            Box::new(i64::from(len.get())),
        ];
        let mut first = None;
        self.ask(ATTEMPT, &Call::asking(&self.sql().allocate, params), |row| {
            first = Some(u64::try_from(column::<i64>(row, 0)?).map_err(Failure::corrupt)?);
            Ok(())
        })
        .await?;
        let first = first.ok_or_else(|| StoreError::new(StoreErrorKind::Full, ATTEMPT))?;
        Ok(Block::new(first, len))
    }
}
