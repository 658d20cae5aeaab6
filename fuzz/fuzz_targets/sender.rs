#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| correspond_fuzz::properties::sender::sender(data));
#[cfg(not(fuzzing))]
fn main() {}
