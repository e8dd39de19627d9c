//! Amazon ECR's `DescribeImages`, and the operations that a test needs around it, as data and as Rust.
//!
//! One module per revision of the API holds the types, generated at build time from `model/<revision>.json`
//! and `overlay.json`. They are loose: every member is optional and an unknown enum value is kept, so that a
//! wrong request can be built and a wrong response be read. What is wrong is then said as data, all of it at
//! once: [`Deviation`] where a body is not what its shape says, [`Violation`] where a value breaks a
//! constraint.
//!
//! ```
//! use ecrspec_api::v2025_04::DescribeImagesRequest;
//! use ecrspec_api::{Validate, WriteJson};
//!
//! let mut request = DescribeImagesRequest { max_results: Some(0), ..Default::default() };
//! let broken: Vec<String> = request.violations().iter().map(|violation| violation.to_string()).collect();
//! assert_eq!(
//!     broken,
//!     [
//!         "/repositoryName: required, but missing or null (com.amazonaws.ecr#DescribeImagesRequest$repositoryName)",
//!         "/maxResults: less than 1: 0 (com.amazonaws.ecr#MaxResults)",
//!     ]
//! );
//!
//! request.repository_name = Some("team/app".to_owned());
//! request.max_results = None;
//! let valid = request.validate().expect("a name is all it needs");
//! assert_eq!(valid.repository_name, "team/app");
//! assert_eq!(request.to_json(), r#"{"repositoryName":"team/app"}"#);
//! ```
//!
//! Whoever wants no generated type holds a [`table::Revision`] instead: [`revisions`] lists them.
//!
//! # The parts
//!
//! - [`table`]: a revision as `static` data, with functions over bytes.
//! - [`wire`]: the one JSON reader, and the writer.
//! - [`source`]: the models and the overlay as texts, as they went into the build.
//! - [`Document`]: any JSON, with what other JSON types lose.
//! - [`Validate`], [`Valid`], [`Violation`]: constraints.
//! - [`Pattern`], [`Timestamp`], [`DateTime`], [`HttpDate`], [`Blob`], [`BigInteger`], [`BigDecimal`]: what generated code leans on.
//!
//! No dependency is taken at run time.

mod blob;
mod calendar;
mod deviation;
mod document;
mod number;
mod pattern;
mod sensitive;
pub mod source;
pub mod table;
mod timestamp;
mod valid;
mod violation;
pub mod wire;

pub use blob::Blob;
pub use calendar::{DateTime, HttpDate};
pub use deviation::{Deviation, DeviationKind, JsonType};
pub use document::Document;
pub use number::{BigDecimal, BigInteger, ParseNumberError};
pub use pattern::{Pattern, State};
pub use sensitive::Redacted;
pub use timestamp::{ParseTimestampError, Timestamp};
pub use valid::{Checker, Direction, Length, Valid, Validate, is_unique};
pub use violation::Violation;
pub use wire::WriteJson;

include!(concat!(env!("OUT_DIR"), "/revisions.rs"));
