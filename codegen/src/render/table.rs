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

/// Everything that the entry leads to.
pub(super) fn statics(model: &Model, paths: &Paths<'_>) -> Vec<TokenStream> {
    let mut items: Vec<TokenStream> =
        model.operations.iter().map(|one| operation(one, &model.service.target_prefix, paths)).collect();
    let mut patterns: BTreeMap<Ident, TokenStream> = BTreeMap::new();
    for shape in model.shapes() {
        items.push(shape_item(shape, paths));
        let members: Vec<&Member> = match &shape.kind {
            Kind::Structure(members) | Kind::Union(members) => members.iter().collect(),
            Kind::List(member) => vec![member],
            Kind::Map { key, value } => vec![key, value],
            _ => continue,
        };
        let home = &paths.home;
        let name = members_static(shape);
        let count = Literal::usize_unsuffixed(members.len());
        let entries = members.iter().map(|member| member_entry(member, paths));
        items.push(quote! {
            static #name: [#home::table::Member; #count] = [#(#entries),*];
        });
        for member in members.iter().filter(|member| !member.constraints.is_empty()) {
            items.push(constraints(member, paths));
            for constraint in &member.constraints {
                if let ConstraintKind::Pattern(pattern) = &constraint.kind {
                    let name = pattern_static(constraint);
                    patterns.entry(name.clone()).or_insert_with(|| pattern_item(&name, pattern, paths));
                }
            }
        }
    }
    items.extend(patterns.into_values());
    items
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

fn shape_item(shape: &Shape, paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let statics = shape_static(shape);
    let members = members_static(shape);
    let id = &shape.id;
    let kind = match &shape.kind {
        Kind::Structure(_) => quote!(Structure { members: &#members }),
        Kind::Union(_) => quote!(Union { members: &#members }),
        Kind::List(_) => quote!(List { member: &#members[0] }),
        Kind::Map { .. } => quote!(Map { key: &#members[0], value: &#members[1] }),
        Kind::Enum(_) => {
            let name = ident(&shape.type_name);
            quote!(Enum { values: #name::VALUES })
        }
        Kind::IntEnum(_) => {
            let name = ident(&shape.type_name);
            quote!(IntEnum { values: #name::VALUES })
        }
        Kind::String => quote!(String),
        Kind::Blob => quote!(Blob),
        Kind::Boolean => quote!(Boolean),
        Kind::Byte => quote!(Byte),
        Kind::Short => quote!(Short),
        Kind::Integer => quote!(Integer),
        Kind::Long => quote!(Long),
        Kind::Float => quote!(Float),
        Kind::Double => quote!(Double),
        Kind::BigInteger => quote!(BigInteger),
        Kind::BigDecimal => quote!(BigDecimal),
        Kind::Timestamp => quote!(Timestamp),
        Kind::Document => quote!(Document),
    };
    quote! {
        static #statics: #home::table::Shape =
            #home::table::Shape { id: #id, kind: #home::table::ShapeKind::#kind };
    }
}

fn member_entry(member: &Member, paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let Member { name, id, .. } = member;
    let target = shape_static(paths.shape(member.target));
    let constraints = if member.constraints.is_empty() {
        quote!(&[])
    } else {
        let constraints = constraints_static(member);
        quote!(&#constraints)
    };
    let traits = member.traits.iter().map(|one| {
        let one = match one {
            Trait::Sparse => quote!(Sparse),
            Trait::DateTime => quote!(DateTime),
            Trait::HttpDate => quote!(HttpDate),
            Trait::JsonText => quote!(JsonText),
            Trait::IdempotencyToken => quote!(IdempotencyToken),
            Trait::HostLabel => quote!(HostLabel),
            Trait::Sensitive => quote!(Sensitive),
            Trait::Default(value) => quote!(Default(#value)),
        };
        quote!(#home::table::Trait::#one)
    });
    quote! {
        #home::table::Member {
            name: #name,
            id: #id,
            target: &#target,
            constraints: #constraints,
            traits: &[#(#traits),*],
        }
    }
}

fn constraints(member: &Member, paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let name = constraints_static(member);
    let count = Literal::usize_unsuffixed(member.constraints.len());
    let entries = member.constraints.iter().map(|constraint| {
        let kind = match &constraint.kind {
            ConstraintKind::Required => quote!(Required),
            ConstraintKind::MinLength(bound) => {
                let bound = Literal::u64_unsuffixed(*bound);
                quote!(MinLength(#bound))
            }
            ConstraintKind::MaxLength(bound) => {
                let bound = Literal::u64_unsuffixed(*bound);
                quote!(MaxLength(#bound))
            }
            ConstraintKind::Minimum(bound) => {
                let bound = Literal::i64_unsuffixed(*bound);
                quote!(Minimum(#bound))
            }
            ConstraintKind::Maximum(bound) => {
                let bound = Literal::i64_unsuffixed(*bound);
                quote!(Maximum(#bound))
            }
            ConstraintKind::Pattern(_) => {
                let pattern = pattern_static(constraint);
                quote!(Pattern(&#pattern))
            }
            ConstraintKind::Enum(values) => quote!(Enum(&[#(#values),*])),
            ConstraintKind::IntEnum(values) => {
                let values = values.iter().map(|value| Literal::i32_unsuffixed(*value));
                quote!(IntEnum(&[#(#values),*]))
            }
            ConstraintKind::UniqueItems => quote!(UniqueItems),
            ConstraintKind::Excludes(siblings) => {
                let names = siblings.iter().map(|sibling| &sibling.name);
                quote!(Excludes(&[#(#names),*]))
            }
        };
        let Constraint { declared_by, request_only, evidence, .. } = constraint;
        let enforced = match constraint.enforced {
            Enforced::Yes => quote!(Yes),
            Enforced::No => quote!(No),
            Enforced::Unknown => quote!(Unknown),
        };
        let message = constraint.message.as_ref().map(|message| {
            let (template, evidence) = (&message.template, &message.evidence);
            quote!(#home::table::Message { template: #template, evidence: &[#(#evidence),*] })
        });
        let message = option(message.as_ref());
        quote! {
            #home::table::Constraint {
                kind: #home::table::ConstraintKind::#kind,
                declared_by: #declared_by,
                enforced: #home::table::Enforced::#enforced,
                request_only: #request_only,
                evidence: &[#(#evidence),*],
                message: #message,
            }
        }
    });
    quote! {
        static #name: [#home::table::Constraint; #count] = [#(#entries),*];
    }
}

fn pattern_item(name: &Ident, pattern: &crate::model::Pattern, paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let (source, full, deterministic) = (&pattern.source, pattern.full, pattern.deterministic);
    let states = pattern.states.iter().map(|state| {
        let accepts = state.accepts;
        let ranges = state.ranges.iter().map(|(first, last, next)| {
            let (first, last) = (byte(*first), byte(*last));
            let next = Literal::u16_unsuffixed(*next);
            quote!((#first, #last, #next))
        });
        quote!(#home::State { accepts: #accepts, ranges: &[#(#ranges),*] })
    });
    quote! {
        static #name: #home::Pattern =
            #home::Pattern { source: #source, full: #full, deterministic: #deterministic, states: &[#(#states),*] };
    }
}

/// A byte as people read it: a letter in quotes, else in hexadecimal as rustc prints it.
fn byte(byte: u8) -> Literal {
    Literal::byte_character(byte)
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
