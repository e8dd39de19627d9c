//! Open unions: known members as variants, any other kept as it came.

use proc_macro2::TokenStream;
use quote::quote;

use super::paths::{Paths, ident, members_static};
use super::{Item, docs, read, structs, validate};
use crate::model::{Member, Shape, Trait};

/// The type that keeps a member that its union does not have. Its fields are private to the module, and only
/// the reader fills them: so it never holds a known member.
pub(super) fn unknown_member(paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    quote! {
        /// A member that its union does not have. Made only by reading.
        #[derive(Clone, Debug, PartialEq)]
        pub struct UnknownMember {
            name: ::std::string::String,
            value: #home::Document,
        }

        impl UnknownMember {
            /// The member's name on the wire.
            pub fn name(&self) -> &str {
                &self.name
            }

            /// The member's value.
            pub fn value(&self) -> &#home::Document {
                &self.value
            }
        }
    }
}

pub(super) fn open(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> Vec<Item> {
    let name = ident(&shape.type_name);
    let doc =
        docs::item(shape.documentation.as_deref(), &format!("The union `{}`.", shape.type_name), &shape.id);
    let variants: Vec<_> = members.iter().map(|member| ident(&member.field)).collect();
    let types = members.iter().map(|member| paths.member_type(member));
    let docs = members
        .iter()
        .map(|member| docs::short(member.documentation.as_deref(), &format!("`{}`", member.name)));
    let arms = members.iter().map(|member| {
        format!(
            "Self::{}(value) => object.member({:?}, ::core::option::Option::Some(value)),\n",
            member.field, member.name
        )
    });
    let writer = format!(
        "let mut object = {}::wire::ObjectWriter::new(out);\nmatch self {{\n",
        paths.home_text
    ) + &arms.collect::<String>()
        + "Self::Unknown(member) => object.member(&member.name, ::core::option::Option::Some(&member.value)),\n}\n"
        + "object.end();\n";
    let secret = members.iter().any(|member| member.has(&Trait::Sensitive));
    let derives = if secret { quote!(Clone, PartialEq) } else { quote!(Clone, Debug, PartialEq) };
    let mut items = vec![
        Item::Code(quote! {
            #doc
            #[derive(#derives)]
            #[non_exhaustive]
            pub enum #name {
                #(#docs #variants(#types),)*
                /// A member that the model does not have.
                Unknown(UnknownMember),
            }
        }),
        Item::Text(structs::writes_json(shape, &writer, paths)),
        Item::Text(reader(shape, members, paths)),
        Item::Text(validator(shape, members, paths)),
    ];
    if secret {
        let texts = members.iter().map(|member| &member.field);
        let values = members.iter().map(|member| structs::shown(member, &quote!(value), paths));
        items.push(Item::Code(quote! {
            impl ::core::fmt::Debug for #name {
                #[allow(unused_variables, reason = "a redacted value is not looked at")]
                fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    match self {
                        #(Self::#variants(value) => formatter.debug_tuple(#texts).field(#values).finish(),)*
                        Self::Unknown(value) => formatter.debug_tuple("Unknown").field(value).finish(),
                    }
                }
            }
        }));
    }
    items
}

fn reader(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> String {
    let arms = members.iter().enumerate().map(|(index, member)| {
        let read = read::value(member, paths);
        let boxed = if member.boxed { ".map(::std::boxed::Box::new)" } else { "" };
        format!("{index} => {read}{boxed}.map(Self::{}),\n", member.field)
    });
    let body = format!(
        "reader.union(
        at,
        |reader, at, index| match index {{
        {}_ => ::core::option::Option::None,
        }},
        |name, value| Self::Unknown(UnknownMember {{ name, value }}),
        )\n",
        arms.collect::<String>()
    );
    let unused = "#[allow(unused_variables, reason = \"a union may have no member\")]\n";
    read::implementation(shape, &paths.home_text, unused, &body)
}

fn validator(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> String {
    let table = members_static(shape);
    let arms: String = members
        .iter()
        .enumerate()
        .filter_map(|(index, member)| {
            let checks = validate::held(member, paths)?;
            let variant = &member.field;
            Some(format!(
                "Self::{variant}(value) => {{\nlet at = &at.member(&{table}[{index}]);\n{checks}}}\n"
            ))
        })
        .collect();
    let checks = if arms.is_empty() { arms } else { format!("match self {{\n{arms}_ => {{}}\n}}\n") };
    validate::implementation(shape, &checks, "&'a Self", "::core::option::Option::Some(self)\n", paths)
}
