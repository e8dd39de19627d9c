//! The state that cases need, made in the target through ECR's own API.
//!
//! In: recipes and a client. Out: the values that cases call by name, and what must be removed at the end.
//! What must stay true: random names, so that runs do not meet and the target can't tell; whatever was made
//! is removed, however the run ends; nothing is made where the target lacks the means, and that is said.

mod build;
mod image;
mod probe;
mod random;
mod recipe;

pub use build::{Failure, Left, World, build, remove};
pub use probe::{Target, find, probe};
pub use random::{Random, Seed};
pub use recipe::{ImageRecipe, IndexOf, ManifestFormat, Push, SingleImage, WorldRecipe};

pub(crate) use image::sha256;
