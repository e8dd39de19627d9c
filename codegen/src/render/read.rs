//! Readers: from the wire to a value, with every deviation.

use super::layout::indent;
use super::paths::{Paths, shape_static};
use crate::model::{Kind, Member, Shape, Trait};

pub(super) fn structure(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> String {
    let home = &paths.home_text;
    let protocol = if shape.is_error { "&[\"__type\", \"code\"]" } else { "&[]" };
    let arms = members.iter().enumerate().map(|(index, member)| {
        let read = value(member, paths);
        let boxed = if member.boxed { ".map(::std::boxed::Box::new)" } else { "" };
        format!("{index} => value.{} = {read}{boxed},\n", member.field)
    });
    let body = if members.is_empty() {
        format!("reader.structure(at, &mut [], {protocol}, &mut |_, _, _| {{}}).then(Self::default)\n")
    } else {
        let count = members.len();
        let arms: String = arms.collect();
        format!(
            "let mut value = Self::default();
            let seen = &mut [false; {count}];
            let is_object = reader.structure(at, seen, {protocol}, &mut |reader, at, index| match index {{
            {arms}_ => {{}}
            }});
            is_object.then_some(value)\n"
        )
    };
    implementation(shape, home, "", &body)
}

/// The implementation of `ReadJson` with that body, and that attribute on its function.
pub(super) fn implementation(shape: &Shape, home: &str, attribute: &str, body: &str) -> String {
    let name = &shape.type_name;
    let shape_static = shape_static(shape);
    indent(&format!(
        "impl {home}::wire::ReadJson for {name} {{
        const SHAPE: &'static {home}::table::Shape = &{shape_static};

        {attribute}fn read_json(
        reader: &mut {home}::wire::Reader<'_>,
        at: &{home}::wire::Place<'_>,
        ) -> ::core::option::Option<Self> {{
        {body}}}
        }}"
    ))
}

/// The expression that reads a value of that member at `at`.
pub(super) fn value(member: &Member, paths: &Paths<'_>) -> String {
    let home = &paths.home_text;
    match &paths.shape(member.target).kind {
        Kind::Structure(_) | Kind::Union(_) => format!("{home}::wire::ReadJson::read_json(reader, at)"),
        Kind::List(member) => {
            let element = value(member, paths);
            let list = if member.has(&Trait::Sparse) { "sparse_list" } else { "list" };
            format!("reader.{list}(at, |reader, at| {element})")
        }
        Kind::Map { value: member, .. } => {
            let entry = value(member, paths);
            let map = if member.has(&Trait::Sparse) { "sparse_map" } else { "map" };
            format!("reader.{map}(at, |reader, at| {entry})")
        }
        kind => {
            let method = match kind {
                Kind::Enum(_) => "enumeration",
                Kind::IntEnum(_) => "int_enumeration",
                Kind::Blob => "blob",
                Kind::Boolean => "boolean",
                Kind::Byte => "byte",
                Kind::Short => "short",
                Kind::Integer => "integer",
                Kind::Long => "long",
                Kind::Float => "float",
                Kind::Double => "double",
                Kind::BigInteger => "big_integer",
                Kind::BigDecimal => "big_decimal",
                Kind::Document => "document",
                Kind::Timestamp if member.has(&Trait::DateTime) => "date_time",
                Kind::Timestamp if member.has(&Trait::HttpDate) => "http_date",
                Kind::Timestamp => "timestamp",
                _ => "string",
            };
            format!("reader.{method}(at)")
        }
    }
}
