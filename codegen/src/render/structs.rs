//! Loose wire types: every member public and optional. And their checked views.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::layout::indent;
use super::paths::{Paths, ident};
use super::{Item, docs};
use crate::model::{Kind, Member, Shape, Trait};

pub(super) fn structure(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> Vec<Item> {
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
    let members_written =
        members.iter().map(|one| format!("object.member({:?}, self.{}.as_ref());\n", one.name, one.field));
    let binding = if members.is_empty() { "object" } else { "mut object" };
    let writer = format!("let {binding} = {}::wire::ObjectWriter::new(out);\n", paths.home_text)
        + &members_written.collect::<String>()
        + "object.end();\n";
    let secret = members.iter().any(|member| member.has(&Trait::Sensitive));
    let derives =
        if secret { quote!(Clone, Default, PartialEq) } else { quote!(Clone, Debug, Default, PartialEq) };
    let mut items = vec![
        Item::Code(quote! {
            #doc
            #[derive(#derives)]
            pub struct #name { #(#fields),* }
        }),
        Item::Text(writes_json(shape, &writer, paths)),
    ];
    if members.iter().any(Member::is_required) {
        items.push(Item::Code(view(shape, members, paths)));
        if secret {
            let name = format_ident!("{}View", shape.type_name);
            let lifetime = borrows(members, paths).then(|| quote!(<'_>));
            let view = redacted(&quote!(#name #lifetime), &name.to_string(), members, paths);
            items.push(Item::Code(view));
        }
    }
    if secret {
        items.push(Item::Code(redacted(&quote!(#name), &shape.type_name, members, paths)));
    }
    items
}

/// The implementation of `WriteJson` with that body.
pub(super) fn writes_json(shape: &Shape, body: &str, paths: &Paths<'_>) -> String {
    let (home, name) = (&paths.home_text, &shape.type_name);
    indent(&format!(
        "impl {home}::WriteJson for {name} {{
        fn write_json(&self, out: &mut ::std::string::String) {{
        {body}}}
        }}"
    ))
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
pub(super) fn lend(member: &Member, paths: &Paths<'_>) -> String {
    let field = &member.field;
    let lent = match &paths.shape(member.target).kind {
        kind if is_small(kind) => "",
        Kind::String | Kind::List(_) => ".as_deref()",
        _ if member.boxed => ".as_deref()",
        _ => ".as_ref()",
    };
    let needed = if member.is_required() { "?" } else { "" };
    format!("{field}: self.{field}{lent}{needed}")
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
