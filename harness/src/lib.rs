//! Does this endpoint answer Amazon ECR's `DescribeImages` the way ECR does?
//!
//! # Map
//!
//! Data flows one way, a module a stage:
//!
//! 1. [`case`]: what an endpoint must do, as data; authored in `cases/` or derived from the API's table.
//! 2. [`world`]: the repositories and images that cases need, made through the API itself.
//! 3. [`client`]: sends requests; the only place that touches the network.
//! 4. [`run`]: runs cases against a target and keeps what happened as a [`transcript`].
//! 5. [`verdict`]: what a transcript says, check by check; pure.
//! 6. [`report`]: the verdict for people and for programs; pure.
//!
//! All of it is about one [`revision`] of the API. Beside the stages stand:
//!
//! - [`law`], what holds of any repository, [`evidence`], what is known of the real service, and [`baseline`], the
//!   failures that are known;
//! - [`trace`], which check holds which sentence of the API page, and [`explain`], everything with an id, whole;
//! - [`emulator`], a small ECR in memory, [`mutant`], the same with one fault each, and [`server`], an endpoint of
//!   our own to serve either;
//! - [`recording`], exchanges that were kept and can be served again, [`normalise`], what changes from run to run
//!   named instead, and [`snapshot`], what a target answers as a text;
//! - [`change`], what a change of the API puts in doubt;
//! - [`compare`], two targets check by check, [`doctor`], what is wrong with one before sixty
//!   failures say it, and [`spawn`], a target as a child process.

pub mod baseline;
pub mod case;
pub mod change;
pub mod client;
pub mod compare;
pub mod doctor;
pub mod emulator;
pub mod evidence;
pub mod exchange;
pub mod exit;
pub mod explain;
pub mod law;
pub mod level;
#[cfg(feature = "libtest")]
pub mod libtest;
pub mod mutant;
pub mod normalise;
pub mod recording;
pub mod report;
pub mod revision;
pub mod run;
pub mod server;
pub mod signature;
pub mod snapshot;
pub mod spawn;
pub mod tier;
pub mod trace;
pub mod transcript;
pub mod verdict;
#[cfg(feature = "wiremock")]
pub mod wiremock;
pub mod world;
