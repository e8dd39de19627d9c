//! One error enum for each operation.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::paths::{Paths, ident, shape_static};
use crate::model::{Kind, Member, Operation, Trait};

pub(super) fn operation(operation: &Operation, paths: &Paths<'_>) -> Vec<TokenStream> {
    let home = &paths.home;
    let name = ident(&operation.error_type);
    let shapes: Vec<_> = operation.errors.iter().map(|error| paths.shape(error.shape)).collect();
    let types: Vec<_> = shapes.iter().map(|shape| ident(&shape.type_name)).collect();
    let taken: BTreeSet<_> = shapes.iter().map(|shape| shape.type_name.as_str()).collect();
    let other = ident(if taken.contains("Unmodeled") { "Unmodeled_" } else { "Unmodeled" });
    let codes: Vec<_> =
        shapes.iter().map(|shape| shape.id.split_once('#').map_or("", |(_, name)| name)).collect();
    let statuses: Vec<_> =
        operation.errors.iter().map(|error| Literal::u16_unsuffixed(error.status)).collect();
    let statics: Vec<_> = shapes.iter().map(|shape| shape_static(shape)).collect();
    // Who writes a message calls it `message` or `Message`; a shape that has both, both alike.
    let messages = shapes.iter().map(|shape| {
        let members = match &shape.kind {
            Kind::Structure(members) => members.as_slice(),
            _ => &[],
        };
        // A secret is not printed.
        let is_text = |member: &&Member| {
            matches!(paths.shape(member.target).kind, Kind::String) && !member.has(&Trait::Sensitive)
        };
        let found = ["message", "Message"]
            .into_iter()
            .find_map(|name| members.iter().filter(is_text).find(|member| member.name == name));
        let name = ident(&shape.type_name);
        found.map(|member| {
            let field = ident(&member.field);
            quote!(Self::#name(error) => error.#field.as_deref(),)
        })
    });
    let doc = docs::item(
        None,
        &format!("What `{}` can answer instead of a result.", operation.name),
        &operation.id,
    );
    let docs =
        shapes.iter().map(|shape| docs::short(shape.documentation.as_deref(), &format!("`{}`", shape.id)));
    vec![
        quote! {
            #doc
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum #name {
                #(#docs #types(#types),)*
                /// An error that the model does not give to the operation.
                #other {
                    /// Its code on the wire, without a namespace.
                    code: ::std::string::String,
                    /// Its body as it came.
                    body: ::std::vec::Vec<u8>,
                },
            }
        },
        quote! {
            impl #name {
                /// Reads an error by its code, without a namespace, and its body; and says where the body
                /// is not what its shape says.
                pub fn read(code: &str, body: &[u8]) -> (Self, ::std::vec::Vec<#home::Deviation>) {
                    match code {
                        #(#codes => {
                            let read = #home::wire::read::<#types>(body, #home::Direction::Response);
                            (Self::#types(read.value.unwrap_or_default()), read.deviations)
                        })*
                        _ => {
                            let (code, body) = (::std::string::String::from(code), ::std::vec::Vec::from(body));
                            (Self::#other { code, body }, ::std::vec::Vec::new())
                        }
                    }
                }

                /// The error's code on the wire.
                pub fn code(&self) -> &str {
                    match self {
                        #(Self::#types(_) => #statics.name(),)*
                        Self::#other { code, .. } => code,
                    }
                }

                /// What the service says of it, where it says anything.
                pub fn message(&self) -> ::core::option::Option<&str> {
                    match self {
                        #(#messages)*
                        _ => ::core::option::Option::None,
                    }
                }

                /// The HTTP status that the error comes with, where the model has the error.
                pub fn status(&self) -> ::core::option::Option<u16> {
                    match self {
                        #(Self::#types(_) => ::core::option::Option::Some(#statuses),)*
                        Self::#other { .. } => ::core::option::Option::None,
                    }
                }
            }
        },
        quote! {
            impl ::core::fmt::Display for #name {
                fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    formatter.write_str(self.code())?;
                    self.message().map_or(::core::result::Result::Ok(()), |message| {
                        formatter.write_str(": ").and_then(|()| formatter.write_str(message))
                    })
                }
            }
        },
        quote! {
            impl ::std::error::Error for #name {}
        },
    ]
}
