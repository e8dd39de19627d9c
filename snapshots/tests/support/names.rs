//! What the builds of the tests know of names in a model.

use ecrspec_codegen::Diagnostic;
use ecrspec_codegen::source::Node;

pub(crate) fn kind<'n>(shape: &'n Node<'_>) -> &'n str {
    shape.get("type").and_then(Node::as_str).unwrap_or_default()
}

pub(crate) fn local(id: &str) -> &str {
    id.split_once('#').map_or(id, |(_, name)| name)
}

pub(crate) fn capital(name: &str) -> String {
    let (first, rest) = name.split_at_checked(1).unwrap_or_default();
    first.to_uppercase() + rest
}

pub(crate) fn join(mistakes: &[Diagnostic]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
