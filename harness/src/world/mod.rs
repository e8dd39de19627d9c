//! The state that cases need, made in the target through ECR's own API.
//!
//! In: recipes and a client. Out: the values that cases call by name, and what must be removed at the end.
//! What must stay true: random names, so that runs do not meet and the target can't tell; whatever was made
//! is removed, however the run ends; nothing is made where the target lacks the means, and that is said.

mod build;
mod image;
mod probe;
mod recipe;

pub use build::{Failure, Left, World, build, remove};
pub use probe::{Target, find, probe};
pub use recipe::{ImageRecipe, IndexOf, ManifestFormat, Push, SingleImage, WorldRecipe};

pub(crate) use image::sha256;

use std::cell::RefCell;

thread_local! {
    static RANDOM: RefCell<fastrand::Rng> = RefCell::new(fastrand::Rng::new());
}

/// Random lower-case letters: a name that no other run has and that means nothing.
pub fn random_name(length: usize) -> String {
    RANDOM.with_borrow_mut(|random| (0..length).map(|_| random.lowercase()).collect())
}

/// How the names of all repositories begin that this process makes: nobody else's do.
pub fn run_prefix() -> &'static str {
    static PREFIX: std::sync::OnceLock<String> = std::sync::OnceLock::new();

    PREFIX.get_or_init(|| format!("{}/", random_name(8)))
}

/// The name of a repository of this process.
pub fn repository_name() -> String {
    format!("{}{}", run_prefix(), random_name(6))
}

/// Random bytes: content that no registry has yet.
pub fn random_bytes(length: usize) -> Vec<u8> {
    RANDOM.with_borrow_mut(|random| (0..length).map(|_| random.u8(..)).collect())
}
