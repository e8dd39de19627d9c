//! Loose wire types: every member public and optional. And their checked views.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs;
use super::paths::{Paths, ident};
use crate::model::{Kind, Member, Shape};

pub(super) fn structure(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> Vec<TokenStream> {
    let home = &paths.home;
    let name = ident(&shape.type_name);
    let doc = docs::item(
        shape.documentation.as_deref(),
        &format!("The structure `{}`.", shape.type_name),
        &shape.id,
    );
    let fields = members.iter().map(|member| {
        let field = ident(&member.field);
        let kind = paths.member_type(member);
        let doc = docs::short(member.documentation.as_deref(), &format!("`{}`", member.name));
        quote!(#doc pub #field: ::core::option::Option<#kind>)
    });
    let writes = members.iter().map(|member| {
        let field = ident(&member.field);
        let wire = &member.name;
        quote!(object.member(#wire, self.#field.as_ref());)
    });
    let binding = if members.is_empty() { quote!(object) } else { quote!(mut object) };
    let mut items = vec![
        quote! {
            #doc
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct #name { #(#fields),* }
        },
        quote! {
            impl #home::WriteJson for #name {
                fn write_json(&self, out: &mut ::std::string::String) {
                    let #binding = #home::wire::ObjectWriter::new(out);
                    #(#writes)*
                    object.end();
                }
            }
        },
    ];
    if members.iter().any(Member::is_required) {
        items.push(view(shape, members, paths));
    }
    items
}

fn view(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> TokenStream {
    let name = format_ident!("{}View", shape.type_name);
    let doc =
        format!(" A [`{}`] in which nothing is wrong: required members are no options.", shape.type_name);
    let fields = members.iter().map(|member| {
        let field = ident(&member.field);
        let kind = borrowed(member, paths);
        let kind = if member.is_required() { kind } else { quote!(::core::option::Option<#kind>) };
        let doc = docs::short(member.documentation.as_deref(), &format!("`{}`", member.name));
        quote!(#doc pub #field: #kind)
    });
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct #name<'a> { #(#fields),* }
    }
}

/// A member as a view has it: small values by value, the rest borrowed.
fn borrowed(member: &Member, paths: &Paths<'_>) -> TokenStream {
    let value = paths.value_type(member.target);
    match &paths.shape(member.target).kind {
        Kind::String => quote!(&'a str),
        Kind::List(element) => {
            let element = paths.value_type(element.target);
            quote!(&'a [#element])
        }
        kind if is_small(kind) => value,
        _ => quote!(&'a #value),
    }
}

/// The expression that takes a member of `self` into a view.
pub(super) fn lend(member: &Member, paths: &Paths<'_>) -> TokenStream {
    let field = ident(&member.field);
    let lent = match &paths.shape(member.target).kind {
        kind if is_small(kind) => quote!(self.#field),
        Kind::String | Kind::List(_) => quote!(self.#field.as_deref()),
        _ if member.boxed => quote!(self.#field.as_deref()),
        _ => quote!(self.#field.as_ref()),
    };
    if member.is_required() { quote!(#field: #lent?) } else { quote!(#field: #lent) }
}

fn is_small(kind: &Kind) -> bool {
    matches!(kind, Kind::Boolean | Kind::Integer | Kind::Long | Kind::Float | Kind::Double | Kind::Timestamp)
}
