//! Open enums of numbers: known values as variants, any other kept as it came.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::paths::{Paths, ident};
use crate::model::{IntEnumValue, Shape};

/// The type that keeps an unknown number. Its field is private to the module, and only `From` fills it: so
/// it never holds a known value.
pub(super) fn unknown_number() -> TokenStream {
    quote! {
        /// A number that its enum does not know. Made only by `From<i32>` of an enum.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct UnknownNumber(i32);
    }
}

pub(super) fn open(shape: &Shape, values: &[IntEnumValue], paths: &Paths<'_>) -> Vec<TokenStream> {
    let home = &paths.home;
    let name = ident(&shape.type_name);
    let doc =
        docs::item(shape.documentation.as_deref(), &format!("The enum `{}`.", shape.type_name), &shape.id);
    let variants: Vec<_> = values.iter().map(|value| ident(&value.variant)).collect();
    let numbers: Vec<_> = values.iter().map(|value| Literal::i32_unsuffixed(value.value)).collect();
    let docs =
        values.iter().map(|value| docs::short(value.documentation.as_deref(), &format!("`{}`", value.value)));
    vec![
        quote! {
            #doc
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[non_exhaustive]
            pub enum #name {
                #(#docs #variants,)*
                /// A value that the model does not have.
                Unknown(UnknownNumber),
            }
        },
        quote! {
            impl #name {
                /// The known values in the order of the model.
                pub const VALUES: &'static [i32] = &[#(#numbers),*];

                /// The value on the wire.
                pub fn as_i32(&self) -> i32 {
                    match self {
                        #(Self::#variants => #numbers,)*
                        Self::Unknown(value) => value.0,
                    }
                }

                /// Whether the model has the value.
                pub fn is_known(&self) -> bool {
                    !::core::matches!(self, Self::Unknown(_))
                }
            }
        },
        quote! {
            impl ::core::convert::From<i32> for #name {
                fn from(number: i32) -> Self {
                    match number {
                        #(#numbers => Self::#variants,)*
                        other => Self::Unknown(UnknownNumber(other)),
                    }
                }
            }
        },
        quote! {
            impl #home::WriteJson for #name {
                fn write_json(&self, out: &mut ::std::string::String) {
                    #home::WriteJson::write_json(&self.as_i32(), out);
                }
            }
        },
    ]
}
