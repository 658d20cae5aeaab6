//! How does an implementor prove a store?

pub mod crash;
