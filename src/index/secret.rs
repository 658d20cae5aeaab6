//! A secret that lasts as long as the process.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// 16 octets that nobody outside the process knows, other ones at every call: for what is never
/// kept. A durable store draws its secret from the system.
pub(crate) fn process_secret() -> [u8; 16] {
    let draw = |which: u8| u128::from(RandomState::new().hash_one(which));
    (draw(0) << 64 | draw(1)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_draws_another() {
        assert_ne!(process_secret(), process_secret());
    }
}
