//! Loose wire types: every member public and optional. And their checked views.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs;
use super::paths::{Paths, ident};
use crate::model::{Kind, Member, Shape, Trait};

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
    let secret = members.iter().any(|member| member.has(&Trait::Sensitive));
    let derives =
        if secret { quote!(Clone, Default, PartialEq) } else { quote!(Clone, Debug, Default, PartialEq) };
    let mut items = vec![
        quote! {
            #doc
            #[derive(#derives)]
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
        if secret {
            let name = format_ident!("{}View", shape.type_name);
            let lifetime = borrows(members, paths).then(|| quote!(<'_>));
            items.push(redacted(&quote!(#name #lifetime), &name.to_string(), members, paths));
        }
    }
    if secret {
        items.push(redacted(&quote!(#name), &shape.type_name, members, paths));
    }
    items
}

/// A `Debug` that prints no secret.
fn redacted(name: &TokenStream, text: &str, members: &[Member], paths: &Paths<'_>) -> TokenStream {
    let names = members.iter().map(|member| member.field.trim_start_matches("r#"));
    let values = members.iter().map(|member| {
        let field = ident(&member.field);
        shown(member, &quote!(&self.#field), paths)
    });
    quote! {
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.debug_struct(#text)#(.field(#names, #values))*.finish()
            }
        }
    }
}

/// What `Debug` may print of a value.
pub(super) fn shown(member: &Member, value: &TokenStream, paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    if member.has(&Trait::Sensitive) { quote!(&#home::Redacted) } else { value.clone() }
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
    let lifetime = borrows(members, paths).then(|| quote!(<'a>));
    let secret = members.iter().any(|member| member.has(&Trait::Sensitive));
    let derives = if secret { quote!(Clone, Copy, PartialEq) } else { quote!(Clone, Copy, Debug, PartialEq) };
    quote! {
        #[doc = #doc]
        #[derive(#derives)]
        pub struct #name #lifetime { #(#fields),* }
    }
}

/// Whether a view borrows anything.
pub(super) fn borrows(members: &[Member], paths: &Paths<'_>) -> bool {
    members.iter().any(|member| !is_small(&paths.shape(member.target).kind))
}

/// A member as a view has it: small values by value, the rest borrowed.
fn borrowed(member: &Member, paths: &Paths<'_>) -> TokenStream {
    let value = paths.value_type(member);
    match &paths.shape(member.target).kind {
        Kind::String => quote!(&'a str),
        Kind::List(element) => {
            let element = paths.element_type(element);
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
    matches!(
        kind,
        Kind::Boolean
            | Kind::Byte
            | Kind::Short
            | Kind::Integer
            | Kind::Long
            | Kind::Float
            | Kind::Double
            | Kind::Timestamp
    )
}
