//! placeholder
pub fn token_scan(_data: &[u8]) {}
