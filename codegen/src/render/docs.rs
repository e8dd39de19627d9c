//! Documentation of the model as documentation of Rust.
//!
//! A model's text is HTML of unknown quality: tags go, but for code, and whatever rustdoc or Markdown would
//! take for syntax is escaped.

use proc_macro2::TokenStream;
use quote::quote;

/// Doc attributes: the model's text, or else the given one, and the shape id.
pub(super) fn item(text: Option<&str>, otherwise: &str, id: &str) -> TokenStream {
    let text = text.map(markdown).filter(|text| !text.is_empty()).unwrap_or_else(|| otherwise.to_owned());
    lines(&format!("{text}\n\nShape: `{id}`"))
}

/// Doc attributes: the model's text, or else the given one.
pub(super) fn short(text: Option<&str>, otherwise: &str) -> TokenStream {
    lines(&text.map(markdown).filter(|text| !text.is_empty()).unwrap_or_else(|| otherwise.to_owned()))
}

fn lines(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// HTML as paragraphs of Markdown.
fn markdown(html: &str) -> String {
    let html = without_backticks(html);
    let mut paragraphs = vec![String::new()];
    let mut rest = html.as_str();
    while let Some((before, tag_on)) = rest.split_once('<') {
        push(&mut paragraphs, before);
        let is_tag =
            tag_on.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '!'));
        let Some((tag, after)) = tag_on.split_once('>').filter(|_| is_tag) else {
            push(&mut paragraphs, "<");
            rest = tag_on;
            continue;
        };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        match (name, tag.starts_with('/')) {
            ("code", false) => {
                let (code, after) = after.split_once("</code>").unwrap_or((after, ""));
                let code: String = entities(code).chars().filter(|letter| *letter != '`').collect();
                if let Some(last) = paragraphs.last_mut()
                    && !code.trim().is_empty()
                {
                    last.extend(["`", &code.split_whitespace().collect::<Vec<_>>().join(" "), "`"]);
                }
                rest = after;
                continue;
            }
            ("p" | "ul" | "ol" | "li" | "dl" | "dt" | "dd" | "note" | "important" | "br" | "div", _) => {
                paragraphs.push(String::new());
            }
            _ => {}
        }
        rest = after;
    }
    push(&mut paragraphs, rest);
    let words = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let paragraphs: Vec<String> = paragraphs.iter().map(words).filter(|text| !text.is_empty()).collect();
    paragraphs.join("\n\n")
}

/// Code in backticks as code in tags, unless one backtick has no partner.
fn without_backticks(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return text.to_owned();
    }
    let code = |piece: &str| format!("<code>{}</code>", piece.replace('<', "&lt;").replace('>', "&gt;"));
    let pieces = pieces.iter().enumerate();
    pieces.map(|(index, piece)| if index % 2 == 0 { (*piece).to_owned() } else { code(piece) }).collect()
}

fn push(paragraphs: &mut [String], text: &str) {
    let Some(paragraph) = paragraphs.last_mut() else { return };
    for letter in entities(text).chars() {
        // At the start of a line these would make a list.
        let opens_list = matches!(letter, '+' | '-') && paragraph.trim_end().is_empty();
        if opens_list
            || matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&')
        {
            paragraph.push('\\');
        }
        // A bare address would be a link that rustdoc complains about.
        if letter == ':' && (paragraph.ends_with("http") || paragraph.ends_with("https")) {
            paragraph.push('\\');
        }
        paragraph.push(letter);
    }
}

fn entities(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::markdown;

    #[test]
    fn html_becomes_text_that_rustdoc_takes() {
        assert_eq!(markdown("<p>One <i>two</i>.</p><p>Three.</p>"), "One two.\n\nThree.");
        assert_eq!(markdown("See <code>a_b[0]</code> and [x]"), "See `a_b[0]` and \\[x\\]");
        assert_eq!(markdown("a < b &lt;T&gt;"), "a \\< b \\<T\\>");
        assert_eq!(markdown("not `a_b<T>` but `c`"), "not `a_b<T>` but `c`");
        assert_eq!(markdown("one ` alone"), "one \\` alone");
        assert_eq!(markdown("<code>never closed"), "`never closed`");
        assert_eq!(markdown("see https://a.b"), "see https\\://a.b");
    }
}
