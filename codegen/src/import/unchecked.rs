//! Patterns that no generated validator can decide, left unchecked by name.

use super::json::Json;
use super::{Import, Shapes};
use crate::diagnostic::{Code, Diagnostics};
use crate::pattern;
use crate::source::Place;
use crate::suggest;

const PATTERN: &str = "smithy.api#pattern";
const UNCHECKED: &str = "ecrspec.api#uncheckedPattern";

/// Marks the wanted shapes, each with the reason for which its pattern is refused.
pub(super) fn mark(
    shapes: &mut Shapes,
    place: &Place<'_>,
    wanted: Import<'_>,
    diagnostics: &mut Diagnostics,
) {
    for name in wanted.unchecked {
        let found = shapes.iter_mut().find(|(id, shape)| local(id) == name && pattern_of(shape).is_some());
        let Some((_, Json::Object(fields))) = found else {
            let known: Vec<&str> = shapes
                .iter()
                .filter(|(_, shape)| pattern_of(shape).is_some_and(|pattern| refusal(pattern).is_some()))
                .map(|(id, _)| local(id))
                .collect();
            diagnostics.report(
                Code::UnknownTarget,
                place,
                format!("no shape {name:?} with a pattern is reached"),
                suggest::hint(name, known, "name a shape whose pattern is refused"),
            );
            continue;
        };
        let traits = fields.iter_mut().find(|(field, _)| field == "traits").map(|(_, traits)| traits);
        let Some(Json::Object(traits)) = traits else { continue };
        let source = traits.iter().find(|(id, _)| id == PATTERN).and_then(|(_, value)| value.as_str());
        match source.and_then(refusal) {
            Some(reason) => traits.push((UNCHECKED.to_owned(), Json::text(reason))),
            None => diagnostics.report(
                Code::WrongValue,
                place,
                format!("the pattern of {name:?} can be checked"),
                "name only shapes whose pattern is refused",
            ),
        }
    }
}

fn local(id: &str) -> &str {
    id.split_once('#').map_or(id, |(_, name)| name)
}

fn pattern_of(shape: &Json) -> Option<&str> {
    shape.get("traits")?.get(PATTERN)?.as_str()
}

/// Why a pattern is refused, whichever way it is to match.
fn refusal(source: &str) -> Option<String> {
    [false, true].into_iter().find_map(|full| pattern::compile(source, full).err()).map(|one| one.message)
}
