//! placeholder
pub fn address(_data: &[u8]) {}
