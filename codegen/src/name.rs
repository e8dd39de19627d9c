//! Names of the model as names of Rust.
//!
//! In: a Smithy identifier. Out: a Rust identifier in the case that Rust uses, never a keyword. What must
//! stay true: the same name gives the same identifier, and two that clash are reported by `check`, not
//! renamed.

/// `imageScanStatus` as `image_scan_status`.
pub(crate) fn field(name: &str) -> String {
    escape(words(name).join("_").to_lowercase())
}

/// `IN_PROGRESS` and `inProgress` as `InProgress`; `ImageDetail` stays.
pub(crate) fn variant(name: &str) -> String {
    let shouting = !name.contains(|letter: char| letter.is_ascii_lowercase());
    let joined = words(name).iter().map(|word| capital(word, shouting)).collect();
    escape(joined)
}

/// A type keeps the spelling of its shape but for the first letter: documentation names it so.
pub(crate) fn type_name(name: &str) -> String {
    let joined: String = name.split('_').map(|word| capital(word, false)).collect();
    match escape(joined) {
        reserved if matches!(reserved.as_str(), "UnknownValue" | "UnknownNumber" | "UnknownMember") => {
            format!("{reserved}_")
        }
        other => other,
    }
}

/// `ImageScanStatus` as `IMAGE_SCAN_STATUS`.
pub(crate) fn constant(name: &str) -> String {
    words(name).join("_").to_uppercase()
}

fn capital(word: &str, lower_rest: bool) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let rest = letters.as_str();
    let rest = if lower_rest { rest.to_ascii_lowercase() } else { rest.to_owned() };
    first.into_iter().collect::<String>() + &rest
}

/// Cuts at underscores, where a capital follows a small letter, and before the last capital of several when
/// a small letter follows: `KMSKeyId` is `KMS`, `Key`, `Id`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split('_').filter(|part| !part.is_empty()) {
        let letters: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (index, letter) in letters.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| letters.get(before));
            let after = letters.get(index + 1);
            let starts = letter.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    before.is_ascii_lowercase()
                        || (before.is_ascii_digit() && after.is_some_and(char::is_ascii_lowercase))
                        || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
                });
            if starts {
                words.push(std::mem::take(&mut word));
            }
            word.push(*letter);
        }
        words.push(word);
    }
    words
}

fn escape(name: String) -> String {
    // Words that cannot be raw identifiers, and those that can.
    const NEVER: &[&str] = &["Self", "crate", "self", "super"];
    const RAW: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
        "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
        "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static",
        "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where",
        "while", "yield",
    ];
    if NEVER.contains(&name.as_str()) {
        format!("{name}_")
    } else if RAW.contains(&name.as_str()) {
        format!("r#{name}")
    } else if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::{constant, field, type_name, variant};

    #[test]
    fn names_follow_rust() {
        assert_eq!(field("imageSizeInBytes"), "image_size_in_bytes");
        assert_eq!(field("KMSKeyId"), "kms_key_id");
        assert_eq!(field("type"), "r#type");
        assert_eq!(field("self"), "self_");
        assert_eq!(field("_1"), "_1");
        assert_eq!(variant("IN_PROGRESS"), "InProgress");
        assert_eq!(variant("InvalidImageTag"), "InvalidImageTag");
        assert_eq!(variant("AES256"), "Aes256");
        assert_eq!(variant("self"), "Self_");
        assert_eq!(type_name("ImageDetail"), "ImageDetail");
        assert_eq!(type_name("self"), "Self_");
        assert_eq!(constant("ImageScanStatus"), "IMAGE_SCAN_STATUS");
    }
}
