//! The Rust types and names of shapes and members.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::Home;
use crate::model::{Kind, Member, Model, Shape, ShapeIndex, Trait};

/// What every part of the text needs to name things.
pub(super) struct Paths<'m> {
    pub(super) home: TokenStream,
    /// The same as text.
    pub(super) home_text: String,
    model: &'m Model,
}

/// The path of the crate that holds what generated code leans on.
pub(super) fn home(home: Home) -> TokenStream {
    match home {
        Home::Crate => quote!(crate),
        Home::Dependency(name) => {
            let name = format_ident!("{}", name);
            quote!(::#name)
        }
    }
}

impl<'m> Paths<'m> {
    pub(super) fn new(home: Home, model: &'m Model) -> Self {
        let home_text = match home {
            Home::Crate => "crate".to_owned(),
            Home::Dependency(name) => format!("::{name}"),
        };
        Self { home: self::home(home), home_text, model }
    }

    pub(super) fn shape(&self, index: ShapeIndex) -> &'m Shape {
        self.model.shape(index)
    }

    /// The Rust type of a value of that member.
    pub(super) fn value_type(&self, member: &Member) -> TokenStream {
        let home = &self.home;
        let shape = self.shape(member.target);
        match &shape.kind {
            Kind::Structure(_) | Kind::Union(_) | Kind::Enum(_) | Kind::IntEnum(_) => {
                let name = ident(&shape.type_name);
                quote!(#name)
            }
            Kind::List(member) => {
                let element = self.element_type(member);
                quote!(::std::vec::Vec<#element>)
            }
            Kind::Map { key, value } => {
                let (key, value) = (self.value_type(key), self.element_type(value));
                quote!(::std::collections::BTreeMap<#key, #value>)
            }
            Kind::String => quote!(::std::string::String),
            Kind::Blob => quote!(#home::Blob),
            Kind::Boolean => quote!(bool),
            Kind::Byte => quote!(i8),
            Kind::Short => quote!(i16),
            Kind::Integer => quote!(i32),
            Kind::Long => quote!(i64),
            Kind::Float => quote!(f32),
            Kind::Double => quote!(f64),
            Kind::BigInteger => quote!(#home::BigInteger),
            Kind::BigDecimal => quote!(#home::BigDecimal),
            Kind::Timestamp if member.has(&Trait::DateTime) => quote!(#home::DateTime),
            Kind::Timestamp if member.has(&Trait::HttpDate) => quote!(#home::HttpDate),
            Kind::Timestamp => quote!(#home::Timestamp),
            Kind::Document => quote!(#home::Document),
        }
    }

    /// The Rust type of an element of a list or of a value of a map.
    pub(super) fn element_type(&self, member: &Member) -> TokenStream {
        let value = self.value_type(member);
        if member.has(&Trait::Sparse) { quote!(::core::option::Option<#value>) } else { value }
    }

    /// The Rust type of a member of a structure, without its option.
    pub(super) fn member_type(&self, member: &Member) -> TokenStream {
        let value = self.value_type(member);
        if member.boxed { quote!(::std::boxed::Box<#value>) } else { value }
    }
}

/// An identifier as `check` made it: raw where it is a keyword.
pub(super) fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(name) => Ident::new_raw(name, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

pub(super) fn shape_static(shape: &Shape) -> Ident {
    format_ident!("SHAPE_{}", shape.constant)
}

pub(super) fn members_static(shape: &Shape) -> Ident {
    format_ident!("MEMBERS_{}", shape.constant)
}

pub(super) fn constraints_static(member: &Member) -> Ident {
    format_ident!("CONSTRAINTS_{}", member.constant)
}
