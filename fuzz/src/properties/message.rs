//! placeholder
pub fn references(_data: &[u8]) {}
/// placeholder
pub fn thread_index(_data: &[u8]) {}
/// placeholder
pub fn raw_message(_data: &[u8]) {}
