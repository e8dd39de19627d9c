//! Ids and seals out of a seed.
//!
//! In: a purpose and a seed. Out: ids that do not repeat, and seals that only this seed makes.
//! What must stay true: the same seed gives the same ids in the same order.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

#[derive(Clone, Debug)]
pub(super) struct Entropy {
    secret: [u8; 32],
    drawn: u64,
}

impl Entropy {
    pub(super) fn new(purpose: &str, seed: u64) -> Self {
        let secret = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(purpose).finalize().into();
        Self { secret, drawn: 0 }
    }

    /// The next id, in the form of a random UUID.
    pub(super) fn uuid(&mut self) -> String {
        let mut bytes = self.seal(&[&self.drawn.to_be_bytes()]);
        self.drawn = self.drawn.wrapping_add(1);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let digits = hexadecimal(&bytes[..16]);
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
    }

    /// What nobody makes of these parts who does not have the seed.
    pub(super) fn seal(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = Sha256::new().chain_update(self.secret);
        for part in parts {
            // With its length before it, no part can pass for the end of another.
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// The digest of these bytes as ECR writes it.
pub(super) fn digest(bytes: &[u8]) -> String {
    digest_of(Sha256::new().chain_update(bytes))
}

/// The digest of everything that was put into the hash, as ECR writes it.
pub(super) fn digest_of(hash: Sha256) -> String {
    format!("sha256:{}", hexadecimal(&hash.finalize()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
