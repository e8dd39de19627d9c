//! The texts that this crate is generated from.
//!
//! In: `model/<revision>.json` and `overlay.json` as they were at build time. Out: the same. What must stay true: a
//! program that does not ask for them does not carry them.

include!(concat!(env!("OUT_DIR"), "/source.rs"));
