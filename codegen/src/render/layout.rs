//! Code that is written as text: its lines, set in by how deep they stand.
//!
//! What must stay true: only white space is added; a brace in a literal is none.

/// The text with four blanks before each line for every line that opens more brackets than it closes, until one
/// closes as many.
pub(super) fn indent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    for line in text.lines().map(str::trim) {
        let ends = line.starts_with(['}', ']', ')']);
        if !line.is_empty() {
            out.extend(std::iter::repeat_n("    ", depth.saturating_sub(usize::from(ends))));
            out.push_str(line);
        }
        out.push('\n');
        let (opened, closed) = brackets(line);
        depth = (depth + usize::from(opened > closed)).saturating_sub(usize::from(closed > opened));
    }
    out
}

/// How many brackets of any kind a line opens and closes, texts aside.
fn brackets(line: &str) -> (usize, usize) {
    let (mut opened, mut closed) = (0, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in line.bytes() {
        match byte {
            b'"' if !escaped => in_text = !in_text,
            b'{' | b'[' | b'(' if !in_text => opened += 1,
            b'}' | b']' | b')' if !in_text => closed += 1,
            _ => {}
        }
        escaped = in_text && byte == b'\\' && !escaped;
    }
    (opened, closed)
}

#[cfg(test)]
mod tests {
    use super::indent;

    #[test]
    fn lines_are_set_in_by_their_depth() {
        let text = "fn a() {\nb(\"{\\\"{\", [\n1,\n]);\n}";
        assert_eq!(indent(text), "fn a() {\n    b(\"{\\\"{\", [\n        1,\n    ]);\n}\n");
    }
}
