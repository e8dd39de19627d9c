//! An API of one's own as types, validators, readers and a table entry: all of it from `model/2026-01.json`,
//! by the one expression in `build.rs` and the one line below.
//!
//! ```
//! use ecrspec_api::Validate;
//! use ecrspec_example_weather::v2026_01::GetForecastRequest;
//!
//! let request = GetForecastRequest { city: Some("Oslo".to_owned()), days: Some(11), ..Default::default() };
//! let broken: Vec<String> = request.violations().iter().map(|violation| violation.pointer.clone()).collect();
//! assert_eq!(broken, ["/city", "/days"]);
//! ```
//!
//! Whatever takes a table entry takes this one, the harness too: `tests/harness.rs` runs a case of the weather
//! against a service of the weather.
//!
//! ```
//! let revision = ecrspec_example_weather::revisions()[0];
//! let operation = revision.operation("GetForecast").expect("the model has it");
//! let reading = (operation.check_request)(br#"{"days": 0}"#);
//! let broken: Vec<String> = reading.violations.iter().map(ToString::to_string).collect();
//! assert_eq!(
//!     broken,
//!     [
//!         "/city: required, but missing or null (example.weather#GetForecastRequest$city)",
//!         "/days: less than 1: 0 (example.weather#Days)",
//!     ]
//! );
//! ```

include!(concat!(env!("OUT_DIR"), "/revisions.rs"));
