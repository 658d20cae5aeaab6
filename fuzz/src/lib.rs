//! What must hold for every input, as plain functions: called by the fuzz targets here and replayed
//! over `seeds/` and `regressions/` by the crate's own `cargo test`.

pub mod properties;
