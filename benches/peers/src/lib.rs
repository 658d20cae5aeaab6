//! Holds the benchmarks in `benches/`; nothing to link.
