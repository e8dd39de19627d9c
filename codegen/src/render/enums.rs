//! Open enums: known values as variants, any other kept as it came.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::paths::{Paths, ident};
use crate::model::{EnumValue, Shape};

/// The type that keeps an unknown value. Its field is private to the module, and only `From` fills it: so it
/// never holds a known value.
pub(super) fn unknown_value(_paths: &Paths<'_>) -> TokenStream {
    quote! {
        /// A value that its enum does not know. Made only by `From<&str>` and `From<String>` of an enum.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct UnknownValue(::std::string::String);
    }
}

pub(super) fn open(shape: &Shape, values: &[EnumValue], paths: &Paths<'_>) -> Vec<TokenStream> {
    let home = &paths.home;
    let name = ident(&shape.type_name);
    let doc =
        docs::item(shape.documentation.as_deref(), &format!("The enum `{}`.", shape.type_name), &shape.id);
    let variants: Vec<_> = values.iter().map(|value| ident(&value.variant)).collect();
    let texts: Vec<_> = values.iter().map(|value| value.value.as_str()).collect();
    let docs = values.iter().map(|value| {
        docs::short(value.documentation.as_deref(), &format!("`{}`", value.value.escape_debug()))
    });
    vec![
        quote! {
            #doc
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[non_exhaustive]
            pub enum #name {
                #(#docs #variants,)*
                /// A value that the model does not have.
                Unknown(UnknownValue),
            }
        },
        quote! {
            impl #name {
                /// The known values in the order of the model.
                pub const VALUES: &'static [&'static str] = &[#(#texts),*];

                /// The value on the wire.
                pub fn as_str(&self) -> &str {
                    match self {
                        #(Self::#variants => #texts,)*
                        Self::Unknown(value) => &value.0,
                    }
                }

                /// Whether the model has the value.
                pub fn is_known(&self) -> bool {
                    !::core::matches!(self, Self::Unknown(_))
                }
            }
        },
        quote! {
            impl ::core::convert::From<&str> for #name {
                fn from(text: &str) -> Self {
                    match text {
                        #(#texts => Self::#variants,)*
                        other => Self::Unknown(UnknownValue(::std::string::String::from(other))),
                    }
                }
            }
        },
        quote! {
            impl ::core::convert::From<::std::string::String> for #name {
                fn from(text: ::std::string::String) -> Self {
                    match text.as_str() {
                        #(#texts => Self::#variants,)*
                        _ => Self::Unknown(UnknownValue(text)),
                    }
                }
            }
        },
        quote! {
            impl ::core::convert::AsRef<str> for #name {
                fn as_ref(&self) -> &str {
                    self.as_str()
                }
            }
        },
        quote! {
            impl ::core::fmt::Display for #name {
                fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    formatter.write_str(self.as_str())
                }
            }
        },
        quote! {
            impl #home::wire::FromText for #name {
                fn is_known(&self) -> bool {
                    self.is_known()
                }
            }
        },
        quote! {
            impl #home::WriteJson for #name {
                fn write_json(&self, out: &mut ::std::string::String) {
                    #home::WriteJson::write_json(self.as_str(), out);
                }
            }
        },
    ]
}
