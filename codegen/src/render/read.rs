//! Readers: from the wire to a value, with every deviation.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::paths::{Paths, ident, shape_static};
use crate::model::{Kind, Member, Shape, Trait};

pub(super) fn structure(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let name = ident(&shape.type_name);
    let shape_static = shape_static(shape);
    let count = Literal::usize_unsuffixed(members.len());
    let protocol = if shape.is_error { quote!(&["__type", "code"]) } else { quote!(&[]) };
    let arms = members.iter().enumerate().map(|(index, member)| {
        let index = Literal::usize_unsuffixed(index);
        let field = ident(&member.field);
        let read = value(member, paths);
        let boxed = member.boxed.then(|| quote!(.map(::std::boxed::Box::new)));
        quote!(#index => value.#field = #read #boxed,)
    });
    let body = if members.is_empty() {
        quote! {
            reader.structure(at, &mut [], #protocol, &mut |_, _, _| {}).then(Self::default)
        }
    } else {
        quote! {
            let mut value = Self::default();
            let is_object = reader.structure(at, &mut [false; #count], #protocol, &mut |reader, at, index| match index {
                #(#arms)*
                _ => {}
            });
            is_object.then_some(value)
        }
    };
    quote! {
        impl #home::wire::ReadJson for #name {
            const SHAPE: &'static #home::table::Shape = &#shape_static;

            fn read_json(
                reader: &mut #home::wire::Reader<'_>,
                at: &#home::wire::Place<'_>,
            ) -> ::core::option::Option<Self> {
                #body
            }
        }
    }
}

/// The expression that reads a value of that member at `at`.
pub(super) fn value(member: &Member, paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    match &paths.shape(member.target).kind {
        Kind::Structure(_) | Kind::Union(_) => quote!(#home::wire::ReadJson::read_json(reader, at)),
        Kind::List(member) => {
            let element = value(member, paths);
            let list = if member.has(&Trait::Sparse) { quote!(sparse_list) } else { quote!(list) };
            quote!(reader.#list(at, |reader, at| #element))
        }
        Kind::Map { value: member, .. } => {
            let entry = value(member, paths);
            let map = if member.has(&Trait::Sparse) { quote!(sparse_map) } else { quote!(map) };
            quote!(reader.#map(at, |reader, at| #entry))
        }
        Kind::Enum(_) => quote!(reader.enumeration(at)),
        Kind::IntEnum(_) => quote!(reader.int_enumeration(at)),
        Kind::String => quote!(reader.string(at)),
        Kind::Blob => quote!(reader.blob(at)),
        Kind::Boolean => quote!(reader.boolean(at)),
        Kind::Byte => quote!(reader.byte(at)),
        Kind::Short => quote!(reader.short(at)),
        Kind::Integer => quote!(reader.integer(at)),
        Kind::Long => quote!(reader.long(at)),
        Kind::Float => quote!(reader.float(at)),
        Kind::Double => quote!(reader.double(at)),
        Kind::BigInteger => quote!(reader.big_integer(at)),
        Kind::BigDecimal => quote!(reader.big_decimal(at)),
        Kind::Document => quote!(reader.document(at)),
        Kind::Timestamp if member.has(&Trait::DateTime) => quote!(reader.date_time(at)),
        Kind::Timestamp if member.has(&Trait::HttpDate) => quote!(reader.http_date(at)),
        Kind::Timestamp => quote!(reader.timestamp(at)),
    }
}
