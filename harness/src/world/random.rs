//! Names and bytes that mean nothing.
//!
//! In: a seed, or none, and what the names are for. Out: names and bytes. What must stay true: without a seed no
//! two runs have a name in common; with one, what comes depends on the seed and the purpose alone, not on what
//! else the run does nor on its order.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

/// What the made-up names and bytes of a run follow from: chance, or a number.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seed(Option<u64>);

/// Made-up names and bytes for one purpose.
#[derive(Debug)]
pub struct Random {
    prefix: String,
    source: fastrand::Rng,
}

impl Seed {
    /// Runs of the same number make up the same names and bytes.
    #[must_use]
    pub fn fixed(number: u64) -> Self {
        Self(Some(number))
    }

    /// Whether the names come again.
    #[must_use]
    pub fn is_fixed(self) -> bool {
        self.0.is_some()
    }

    /// How the names of all repositories begin that a run makes: without a seed, nobody else's do.
    #[must_use]
    pub fn prefix(self) -> String {
        static OF_PROCESS: OnceLock<String> = OnceLock::new();

        match self.0 {
            None => OF_PROCESS.get_or_init(|| prefix(&mut fastrand::Rng::new())).clone(),
            Some(_) => prefix(&mut self.source("prefix")),
        }
    }

    /// The names and bytes for a purpose.
    #[must_use]
    pub fn random(self, purpose: &str) -> Random {
        Random { prefix: self.prefix(), source: self.source(purpose) }
    }

    fn source(self, purpose: &str) -> fastrand::Rng {
        let Some(number) = self.0 else { return fastrand::Rng::new() };
        let hash = Sha256::new().chain_update(number.to_le_bytes()).chain_update(purpose).finalize();
        let seed = hash.iter().take(8).fold(0, |seed: u64, byte| seed << 8 | u64::from(*byte));
        fastrand::Rng::with_seed(seed)
    }
}

fn prefix(source: &mut fastrand::Rng) -> String {
    format!("{}/", letters(source, 8))
}

fn letters(source: &mut fastrand::Rng, length: usize) -> String {
    (0..length).map(|_| source.lowercase()).collect()
}

impl Random {
    /// Lower-case letters.
    pub fn name(&mut self, length: usize) -> String {
        letters(&mut self.source, length)
    }

    /// The name of a repository of this run.
    pub fn repository(&mut self) -> String {
        let own = self.name(8);
        format!("{}{own}", self.prefix)
    }

    /// The name of a repository that nobody has.
    pub fn absent_repository(&mut self) -> String {
        let above = self.name(8);
        format!("{above}/{}", self.name(8))
    }

    /// A digest that nothing has.
    pub fn digest(&mut self) -> String {
        let digits: String = (0..64).filter_map(|_| char::from_digit(self.source.u32(..16), 16)).collect();
        format!("sha256:{digits}")
    }

    /// Content that no registry has yet.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.source.u8(..)).collect()
    }
}
