#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(
    |data: &[u8]| correspond_fuzz::properties::recipients::recipient_lines(data)
);
#[cfg(not(fuzzing))]
fn main() {}
