//! Bytes that are base64 on the wire.

/// Bytes that are base64 on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Blob(pub Vec<u8>);

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Blob {
    /// The bytes that padded standard base64 stands for; `None` where the text is no such thing.
    pub fn from_base64(text: &str) -> Option<Self> {
        if !text.len().is_multiple_of(4) {
            return None;
        }
        let digits = text.trim_end_matches('=');
        if text.len() - digits.len() > 2 {
            return None;
        }
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
        let (mut held, mut bits) = (0_u32, 0_u32);
        for digit in digits.bytes() {
            let value = ALPHABET.iter().position(|known| *known == digit)?;
            held = held << 6 | u32::try_from(value).ok()?;
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from(held >> bits).ok()?);
                held &= (1 << bits) - 1;
            }
        }
        // Bits that make no byte must be zero: otherwise two texts would stand for the same bytes.
        (held == 0).then_some(Self(bytes))
    }

    /// The bytes as padded standard base64.
    pub fn to_base64(&self) -> String {
        let mut text = String::with_capacity(self.0.len().div_ceil(3) * 4);
        for chunk in self.0.chunks(3) {
            let held = chunk.iter().fold(0_usize, |held, byte| held << 8 | usize::from(*byte))
                << (8 * (3 - chunk.len()));
            for index in 0..4 {
                let digit = ALPHABET.get(held >> (18 - 6 * index) & 63).copied().unwrap_or(b'=');
                text.push(if index <= chunk.len() { char::from(digit) } else { '=' });
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Blob;

    #[test]
    fn base64_goes_both_ways() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            let blob = Blob(bytes.as_bytes().to_vec());
            assert_eq!(blob.to_base64(), text);
            assert_eq!(Blob::from_base64(text), Some(blob));
        }
        for broken in ["Zg", "Zg=", "Z===", "====", "Zh==", "Zm9v\n", "Zm-_"] {
            assert_eq!(Blob::from_base64(broken), None, "{broken}");
        }
    }
}
