//! Holds the benchmark in `benches/`; nothing to link.
