//! Open unions: known members as variants, any other kept as it came.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::paths::{Paths, ident, members_static, shape_static};
use super::{docs, read, structs, validate};
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

pub(super) fn open(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> Vec<TokenStream> {
    let home = &paths.home;
    let name = ident(&shape.type_name);
    let doc =
        docs::item(shape.documentation.as_deref(), &format!("The union `{}`.", shape.type_name), &shape.id);
    let variants: Vec<_> = members.iter().map(|member| ident(&member.field)).collect();
    let types = members.iter().map(|member| paths.member_type(member));
    let docs = members
        .iter()
        .map(|member| docs::short(member.documentation.as_deref(), &format!("`{}`", member.name)));
    let wire: Vec<_> = members.iter().map(|member| &member.name).collect();
    let secret = members.iter().any(|member| member.has(&Trait::Sensitive));
    let derives = if secret { quote!(Clone, PartialEq) } else { quote!(Clone, Debug, PartialEq) };
    let mut items = vec![
        quote! {
            #doc
            #[derive(#derives)]
            #[non_exhaustive]
            pub enum #name {
                #(#docs #variants(#types),)*
                /// A member that the model does not have.
                Unknown(UnknownMember),
            }
        },
        quote! {
            impl #home::WriteJson for #name {
                fn write_json(&self, out: &mut ::std::string::String) {
                    let mut object = #home::wire::ObjectWriter::new(out);
                    match self {
                        #(Self::#variants(value) => object.member(#wire, ::core::option::Option::Some(value)),)*
                        Self::Unknown(member) => {
                            object.member(&member.name, ::core::option::Option::Some(&member.value));
                        }
                    }
                    object.end();
                }
            }
        },
        reader(shape, members, paths),
        validator(shape, members, paths),
    ];
    if secret {
        let texts = members.iter().map(|member| &member.field);
        let values = members.iter().map(|member| structs::shown(member, &quote!(value), paths));
        items.push(quote! {
            impl ::core::fmt::Debug for #name {
                #[allow(unused_variables, reason = "a redacted value is not looked at")]
                fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    match self {
                        #(Self::#variants(value) => formatter.debug_tuple(#texts).field(#values).finish(),)*
                        Self::Unknown(value) => formatter.debug_tuple("Unknown").field(value).finish(),
                    }
                }
            }
        });
    }
    items
}

fn reader(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let name = ident(&shape.type_name);
    let shape_static = shape_static(shape);
    let arms = members.iter().enumerate().map(|(index, member)| {
        let index = Literal::usize_unsuffixed(index);
        let variant = ident(&member.field);
        let read = read::value(member, paths);
        let boxed = member.boxed.then(|| quote!(.map(::std::boxed::Box::new)));
        quote!(#index => #read #boxed.map(Self::#variant),)
    });
    quote! {
        impl #home::wire::ReadJson for #name {
            const SHAPE: &'static #home::table::Shape = &#shape_static;

            #[allow(unused_variables, reason = "a union may have no member")]
            fn read_json(
                reader: &mut #home::wire::Reader<'_>,
                at: &#home::wire::Place<'_>,
            ) -> ::core::option::Option<Self> {
                reader.union(
                    at,
                    |reader, at, index| match index {
                        #(#arms)*
                        _ => ::core::option::Option::None,
                    },
                    |name, value| Self::Unknown(UnknownMember { name, value }),
                )
            }
        }
    }
}

fn validator(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let name = ident(&shape.type_name);
    let shape_static = shape_static(shape);
    let table = members_static(shape);
    let direction = if shape.response { quote!(Response) } else { quote!(Request) };
    let arms: Vec<_> = members
        .iter()
        .enumerate()
        .filter_map(|(index, member)| {
            let checks = validate::held(member, paths)?;
            let index = Literal::usize_unsuffixed(index);
            let variant = ident(&member.field);
            Some(quote! {
                Self::#variant(value) => {
                    let at = &at.member(&#table[#index]);
                    #checks
                }
            })
        })
        .collect();
    let (checker, at, body) = if arms.is_empty() {
        (quote!(_checker), quote!(_at), quote!())
    } else {
        (quote!(checker), quote!(at), quote!(match self { #(#arms)* _ => {} }))
    };
    quote! {
        impl #home::Validate for #name {
            const SHAPE: &'static #home::table::Shape = &#shape_static;
            const DIRECTION: #home::Direction = #home::Direction::#direction;
            type View<'a> = &'a Self;

            fn check(&self, #checker: &mut #home::Checker, #at: &#home::wire::Place<'_>) {
                #body
            }

            fn view(&self) -> ::core::option::Option<Self::View<'_>> {
                ::core::option::Option::Some(self)
            }
        }
    }
}
