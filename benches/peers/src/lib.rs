//! What the benchmarks in `benches/` are measured on.

pub mod segment;
