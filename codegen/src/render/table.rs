//! The static table of a revision.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use super::paths::{Paths, constraints_static, ident, members_static, shape_static};
use crate::model::{Constraint, ConstraintKind, Enforced, Kind, Member, Model, Operation, Shape, Trait};
use crate::name;

/// The entry of the table, which stands first.
pub(super) fn revision(model: &Model, paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let Model { name, hash, service, operations, shapes, .. } = model;
    let id = &service.id;
    let sdk_id = &service.sdk_id;
    let signing_name = &service.signing_name;
    let endpoint_prefix = &service.endpoint_prefix;
    let target_prefix = &service.target_prefix;
    let content_type = service.content_type;
    let query_compatible = service.query_compatible;
    let operations = operations.iter().map(operation_static);
    let shapes = shapes.iter().map(shape_static);
    let doc = docs::item(service.documentation.as_deref(), &format!("Revision {name} as data."), id);
    quote! {
        #doc
        pub static REVISION: #home::table::Revision = #home::table::Revision {
            name: #name,
            hash: #hash,
            service: #home::table::Service {
                id: #id,
                sdk_id: #sdk_id,
                signing_name: #signing_name,
                endpoint_prefix: #endpoint_prefix,
                target_prefix: #target_prefix,
                content_type: #content_type,
                query_compatible: #query_compatible,
            },
            operations: &[#(&#operations),*],
            shapes: &[#(&#shapes),*],
        };
    }
}

/// The operations that the entry leads to.
pub(super) fn operations(model: &Model, paths: &Paths<'_>) -> Vec<TokenStream> {
    model.operations.iter().map(|one| operation(one, &model.service.target_prefix, paths)).collect()
}

/// Everything else that the entry leads to. These are most of the text, and all of one form: they are written as
/// they stand, one entry a line.
pub(super) fn statics(model: &Model, paths: &Paths<'_>) -> Vec<String> {
    let mut items = Vec::new();
    let mut patterns: BTreeMap<String, String> = BTreeMap::new();
    for shape in model.shapes() {
        items.push(shape_item(shape, paths));
        let members: Vec<&Member> = match &shape.kind {
            Kind::Structure(members) | Kind::Union(members) => members.iter().collect(),
            Kind::List(member) => vec![member],
            Kind::Map { key, value } => vec![key, value],
            _ => continue,
        };
        let home = &paths.home_text;
        let entries = members.iter().map(|member| member_entry(member, paths));
        items.push(table(&members_static(shape), &format!("{home}::table::Member"), entries));
        for member in members.iter().filter(|member| !member.constraints.is_empty()) {
            let entries = member.constraints.iter().map(|constraint| constraint_entry(constraint, paths));
            items.push(table(&constraints_static(member), &format!("{home}::table::Constraint"), entries));
            for constraint in &member.constraints {
                if let ConstraintKind::Pattern(pattern) = &constraint.kind {
                    let name = pattern_static(constraint).to_string();
                    let item = || pattern_item(&name, pattern, paths);
                    patterns.entry(name.clone()).or_insert_with(item);
                }
            }
        }
    }
    items.extend(patterns.into_values());
    items
}

/// An array, one entry a line.
fn table(name: &Ident, kind: &str, entries: impl ExactSizeIterator<Item = String>) -> String {
    let count = entries.len();
    let lines: Vec<String> = entries.map(|entry| format!("    {entry},\n")).collect();
    if count == 0 {
        format!("static {name}: [{kind}; 0] = [];\n")
    } else {
        format!("static {name}: [{kind}; {count}] = [\n{}];\n", lines.concat())
    }
}

fn operation(operation: &Operation, target_prefix: &str, paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let statics = operation_static(operation);
    let name = &operation.name;
    let target = format!("{target_prefix}.{name}");
    let (input, output) = (paths.shape(operation.input), paths.shape(operation.output));
    let (input_type, output_type) = (ident(&input.type_name), ident(&output.type_name));
    let (input, output) = (shape_static(input), shape_static(output));
    let errors = operation.errors.iter().map(|error| {
        let shape = paths.shape(error.shape);
        let name = shape.id.split_once('#').map_or("", |(_, name)| name);
        let (kind, shape) = (ident(&shape.type_name), shape_static(shape));
        let status = Literal::u16_unsuffixed(error.status);
        let query_code = option(error.query_code.as_ref());
        let fault = if error.client_fault { quote!(Client) } else { quote!(Server) };
        quote! {
            #home::table::ErrorEntry {
                name: #name,
                shape: &#shape,
                status: #status,
                query_code: #query_code,
                fault: #home::table::Fault::#fault,
                read: #home::wire::read_response::<#kind>,
            }
        }
    });
    let host_prefix = option(operation.host_prefix.as_ref());
    let pagination = match &operation.pagination {
        None => quote!(::core::option::Option::None),
        Some(pagination) => {
            let (input_token, output_token) = (&pagination.input_token, &pagination.output_token);
            let page_size = option(pagination.page_size.as_ref());
            let items = option(pagination.items.as_ref());
            let default_page_size =
                option(pagination.default_page_size.map(Literal::u32_unsuffixed).as_ref());
            quote! {
                ::core::option::Option::Some(#home::table::Pagination {
                    input_token: #input_token,
                    output_token: #output_token,
                    page_size: #page_size,
                    items: #items,
                    default_page_size: #default_page_size,
                })
            }
        }
    };
    let doc =
        docs::item(operation.documentation.as_deref(), &format!("The operation `{name}`."), &operation.id);
    quote! {
        #doc
        pub static #statics: #home::table::Operation = #home::table::Operation {
            name: #name,
            target: #target,
            input: &#input,
            output: &#output,
            errors: &[#(#errors),*],
            pagination: #pagination,
            host_prefix: #host_prefix,
            check_request: #home::wire::check_request::<#input_type>,
            read_response: #home::wire::read_response::<#output_type>,
        };
    }
}

fn shape_item(shape: &Shape, paths: &Paths<'_>) -> String {
    let home = &paths.home_text;
    let statics = shape_static(shape);
    let members = members_static(shape);
    let kind = match &shape.kind {
        Kind::Structure(_) => format!("Structure {{ members: &{members} }}"),
        Kind::Union(_) => format!("Union {{ members: &{members} }}"),
        Kind::List(_) => format!("List {{ member: &{members}[0] }}"),
        Kind::Map { .. } => format!("Map {{ key: &{members}[0], value: &{members}[1] }}"),
        Kind::Enum(_) => format!("Enum {{ values: {}::VALUES }}", shape.type_name),
        Kind::IntEnum(_) => format!("IntEnum {{ values: {}::VALUES }}", shape.type_name),
        Kind::String => "String".to_owned(),
        Kind::Blob => "Blob".to_owned(),
        Kind::Boolean => "Boolean".to_owned(),
        Kind::Byte => "Byte".to_owned(),
        Kind::Short => "Short".to_owned(),
        Kind::Integer => "Integer".to_owned(),
        Kind::Long => "Long".to_owned(),
        Kind::Float => "Float".to_owned(),
        Kind::Double => "Double".to_owned(),
        Kind::BigInteger => "BigInteger".to_owned(),
        Kind::BigDecimal => "BigDecimal".to_owned(),
        Kind::Timestamp => "Timestamp".to_owned(),
        Kind::Document => "Document".to_owned(),
    };
    format!(
        "static {statics}: {home}::table::Shape =\n    \
         {home}::table::Shape {{ id: {:?}, kind: {home}::table::ShapeKind::{kind} }};\n",
        shape.id
    )
}

fn member_entry(member: &Member, paths: &Paths<'_>) -> String {
    let home = &paths.home_text;
    let Member { name, id, .. } = member;
    let target = shape_static(paths.shape(member.target));
    let constraints = if member.constraints.is_empty() {
        "&[]".to_owned()
    } else {
        format!("&{}", constraints_static(member))
    };
    let traits = member.traits.iter().map(|one| {
        let one = match one {
            Trait::Sparse => "Sparse".to_owned(),
            Trait::DateTime => "DateTime".to_owned(),
            Trait::HttpDate => "HttpDate".to_owned(),
            Trait::JsonText => "JsonText".to_owned(),
            Trait::IdempotencyToken => "IdempotencyToken".to_owned(),
            Trait::HostLabel => "HostLabel".to_owned(),
            Trait::Sensitive => "Sensitive".to_owned(),
            Trait::Default(value) => format!("Default({value:?})"),
        };
        format!("{home}::table::Trait::{one}")
    });
    let traits = list(traits);
    format!(
        "{home}::table::Member {{ name: {name:?}, id: {id:?}, target: &{target}, constraints: {constraints}, \
         traits: {traits} }}"
    )
}

/// A borrowed array on one line.
fn list(entries: impl Iterator<Item = String>) -> String {
    format!("&[{}]", entries.collect::<Vec<_>>().join(", "))
}

fn texts(texts: &[String]) -> String {
    list(texts.iter().map(|text| format!("{text:?}")))
}

fn constraint_entry(constraint: &Constraint, paths: &Paths<'_>) -> String {
    let home = &paths.home_text;
    let kind = match &constraint.kind {
        ConstraintKind::Required => "Required".to_owned(),
        ConstraintKind::MinLength(bound) => format!("MinLength({bound})"),
        ConstraintKind::MaxLength(bound) => format!("MaxLength({bound})"),
        ConstraintKind::Minimum(bound) => format!("Minimum({bound})"),
        ConstraintKind::Maximum(bound) => format!("Maximum({bound})"),
        ConstraintKind::Pattern(_) => format!("Pattern(&{})", pattern_static(constraint)),
        ConstraintKind::Enum(values) => format!("Enum({})", texts(values)),
        ConstraintKind::IntEnum(values) => {
            format!("IntEnum({})", list(values.iter().map(ToString::to_string)))
        }
        ConstraintKind::UniqueItems => "UniqueItems".to_owned(),
        ConstraintKind::Excludes(siblings) => {
            format!("Excludes({})", list(siblings.iter().map(|sibling| format!("{:?}", sibling.name))))
        }
    };
    let Constraint { declared_by, request_only, evidence, .. } = constraint;
    let enforced = match constraint.enforced {
        Enforced::Yes => "Yes",
        Enforced::No => "No",
        Enforced::Unknown => "Unknown",
    };
    let message = constraint.message.as_ref().map_or("::core::option::Option::None".to_owned(), |message| {
        format!(
            "::core::option::Option::Some({home}::table::Message {{ template: {:?}, evidence: {} }})",
            message.template,
            texts(&message.evidence)
        )
    });
    format!(
        "{home}::table::Constraint {{ kind: {home}::table::ConstraintKind::{kind}, declared_by: {declared_by:?}, \
         enforced: {home}::table::Enforced::{enforced}, request_only: {request_only}, evidence: {}, \
         message: {message} }}",
        texts(evidence)
    )
}

fn pattern_item(name: &str, pattern: &crate::model::Pattern, paths: &Paths<'_>) -> String {
    let home = &paths.home_text;
    let (source, full, deterministic) = (&pattern.source, pattern.full, pattern.deterministic);
    let states = pattern.states.iter().map(|state| {
        let ranges = state
            .ranges
            .iter()
            .map(|(first, last, next)| format!("({}, {}, {next})", byte(*first), byte(*last)));
        format!("        {home}::State {{ accepts: {}, ranges: {} }},\n", state.accepts, list(ranges))
    });
    format!(
        "static {name}: {home}::Pattern = {home}::Pattern {{\n    source: {source:?},\n    full: {full},\n    \
         deterministic: {deterministic},\n    states: &[\n{}    ],\n}};\n",
        states.collect::<String>()
    )
}

/// A byte as people read it: a letter in quotes, else an escape.
fn byte(byte: u8) -> String {
    format!("b'{}'", std::ascii::escape_default(byte))
}

/// A pattern is named by what declares it.
pub(super) fn pattern_static(constraint: &Constraint) -> Ident {
    let prefix = if constraint.request_only { "REQUEST_PATTERN" } else { "PATTERN" };
    format_ident!("{}_{}", prefix, constraint.constant)
}

fn operation_static(operation: &Operation) -> Ident {
    format_ident!("OPERATION_{}", name::constant(&operation.name))
}

fn option<T: quote::ToTokens>(value: Option<&T>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}
