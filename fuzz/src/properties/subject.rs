//! placeholder
pub fn subject(_data: &[u8]) {}
