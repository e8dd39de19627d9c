//! Reads a Smithy model and writes Rust.
//!
//! ```text
//! model text ──┐
//! overlay text ┴─> parse ─> lower ─> check ═╪═> render ─> Rust text
//!                                       barrier
//! ```
//!
//! Up to the barrier every stage collects what is wrong and goes on, so that one run names every mistake,
//! each with a code, a place and a next step ([`Diagnostic`]). Past the barrier stands a
//! [`model::Api`] in which nothing is wrong, and rendering it cannot fail.
//!
//! **What must stay true.** Text in, values out: no module here but `build` opens a file, reads a clock or
//! an environment. No text makes a panic. The same text gives the same bytes: everything is kept in the order
//! of the model or in sorted order. Nothing here knows which service it generates for.
//!
//! # Where to start
//!
//! - [`source`]: a text with places in it; useful for any JSON file that people write.
//! - [`check`]: the whole way up to the barrier.
//! - [`ledger`]: which traits a model may carry, and what becomes of each.
//! - [`diff`]: what changed from one revision to another.
//! - `render` (feature `render`): from [`model::Api`] to Rust.
//! - `build` (feature `build`): all of it in a build script of your own.
//!
//! ```
//! use ecrspec_codegen::source::Source;
//! use ecrspec_codegen::{Revision, check};
//!
//! let source = Source::new("model.json", r#"{"smithy": "2.0", "shapes": {"weather": {"type": "string"}}}"#);
//! let mistakes = check(&[Revision { name: "2025-04", source: &source }], None).unwrap_err();
//!
//! let codes: Vec<_> = mistakes.iter().map(|mistake| mistake.code.name()).collect();
//! assert_eq!(codes, ["no-service", "bad-shape-id"]);
//! ```

#[cfg(feature = "build")]
pub mod build;
pub mod diagnostic;
pub mod source;

#[cfg(feature = "model")]
mod check;
#[cfg(feature = "model")]
pub mod diff;
#[cfg(feature = "model")]
pub mod import;
#[cfg(feature = "model")]
pub mod ledger;
#[cfg(feature = "model")]
mod lower;
#[cfg(feature = "model")]
pub mod model;
#[cfg(feature = "model")]
mod name;
#[cfg(feature = "model")]
mod parse;
#[cfg(feature = "model")]
mod pattern;
#[cfg(feature = "render")]
pub mod render;
#[cfg(feature = "model")]
mod suggest;

#[cfg(feature = "build")]
pub use build::build;
#[cfg(feature = "model")]
pub use check::{Revision, check};
pub use diagnostic::{Code, Diagnostic};
