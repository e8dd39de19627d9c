//! Validators: every constraint of every member, none left out because another broke.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::paths::{Paths, constraints_static, ident, members_static, shape_static};
use super::structs;
use super::table::pattern_static;
use crate::model::{Constraint, ConstraintKind, Kind, Member, Shape, ShapeIndex};

pub(super) fn structure(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> TokenStream {
    let home = &paths.home;
    let name = ident(&shape.type_name);
    let shape_static = shape_static(shape);
    let direction = if shape.response { quote!(Response) } else { quote!(Request) };
    let checks: Vec<_> =
        members.iter().enumerate().filter_map(|(index, one)| member(shape, index, one, paths)).collect();
    let (checker, at) =
        if checks.is_empty() { (quote!(_checker), quote!(_at)) } else { (quote!(checker), quote!(at)) };
    let (view_type, view) = if members.iter().any(Member::is_required) {
        let view = format_ident!("{}View", shape.type_name);
        let fields = members.iter().map(|member| structs::lend(member, paths));
        (quote!(#view<'a>), quote!(::core::option::Option::Some(#view { #(#fields),* })))
    } else {
        (quote!(&'a Self), quote!(::core::option::Option::Some(self)))
    };
    quote! {
        impl #home::Validate for #name {
            const SHAPE: &'static #home::table::Shape = &#shape_static;
            const DIRECTION: #home::Direction = #home::Direction::#direction;
            type View<'a> = #view_type;

            fn check(&self, #checker: &mut #home::Checker, #at: &#home::wire::Place<'_>) {
                #(#checks)*
            }

            fn view(&self) -> ::core::option::Option<Self::View<'_>> {
                #view
            }
        }
    }
}

/// The checks of one member; none where nothing can be wrong with it.
fn member(shape: &Shape, index: usize, member: &Member, paths: &Paths<'_>) -> Option<TokenStream> {
    let members = members_static(shape);
    let index = Literal::usize_unsuffixed(index);
    let field = ident(&member.field);
    let own = constraints(member, &quote!(at), paths);
    let inner = within(member.target, member.boxed, paths);
    if !member.is_required() && own.is_empty() && inner.is_none() {
        return None;
    }
    let missing =
        member.constraints.iter().position(|one| matches!(one.kind, ConstraintKind::Required)).map(|at| {
            let constraints = constraints_static(member);
            let at = Literal::usize_unsuffixed(at);
            quote! {
                ::core::option::Option::None => checker.missing(at, &#constraints[#at]),
            }
        });
    let some = quote!(#own #inner);
    let body = match missing {
        Some(missing) if some.is_empty() => quote! {
            match &self.#field {
                #missing
                ::core::option::Option::Some(_) => {}
            }
        },
        Some(missing) => quote! {
            match &self.#field {
                #missing
                ::core::option::Option::Some(value) => { #some }
            }
        },
        None => quote! {
            if let ::core::option::Option::Some(value) = &self.#field { #some }
        },
    };
    Some(quote! {
        {
            let at = &at.member(&#members[#index]);
            #body
        }
    })
}

/// The checks of `value`, but for required.
fn constraints(member: &Member, at: &TokenStream, paths: &Paths<'_>) -> TokenStream {
    let constraints = constraints_static(member);
    let checks = member.constraints.iter().enumerate().filter_map(|(index, constraint)| {
        let holds = condition(constraint, &paths.home)?;
        let index = Literal::usize_unsuffixed(index);
        Some(quote!(checker.hold(#at, &#constraints[#index], #holds, value);))
    });
    quote!(#(#checks)*)
}

/// What must be true of `value`; none where the type itself says so.
fn condition(constraint: &Constraint, home: &TokenStream) -> Option<TokenStream> {
    Some(match &constraint.kind {
        ConstraintKind::Required => return None,
        ConstraintKind::MinLength(0)
        | ConstraintKind::Minimum(i64::MIN)
        | ConstraintKind::Maximum(i64::MAX) => {
            return None;
        }
        ConstraintKind::MinLength(bound) => {
            let bound = Literal::u64_unsuffixed(*bound);
            quote!(#home::Length::length(value) >= #bound)
        }
        ConstraintKind::MaxLength(bound) => {
            let bound = Literal::u64_unsuffixed(*bound);
            quote!(#home::Length::length(value) <= #bound)
        }
        ConstraintKind::Minimum(bound) => {
            let bound = Literal::i64_unsuffixed(*bound);
            quote!(i64::from(*value) >= #bound)
        }
        ConstraintKind::Maximum(bound) => {
            let bound = Literal::i64_unsuffixed(*bound);
            quote!(i64::from(*value) <= #bound)
        }
        ConstraintKind::Pattern(_) => {
            let pattern = pattern_static(constraint);
            quote!(#pattern.matches(value))
        }
        ConstraintKind::Enum(_) => quote!(value.is_known()),
        ConstraintKind::Excludes(siblings) => {
            let fields = siblings.iter().map(|sibling| ident(&sibling.field));
            if siblings.is_empty() {
                return None;
            }
            quote!(#(self.#fields.is_none())&&*)
        }
    })
}

/// The checks of what `value` holds; none where it holds nothing that can be wrong.
fn within(index: ShapeIndex, boxed: bool, paths: &Paths<'_>) -> Option<TokenStream> {
    let home = &paths.home;
    match &paths.shape(index).kind {
        Kind::Structure(_) if boxed => Some(quote!(#home::Validate::check(&**value, checker, at);)),
        Kind::Structure(_) => Some(quote!(#home::Validate::check(value, checker, at);)),
        Kind::List(element) => {
            let own = constraints(element, &quote!(at), paths);
            let inner = within(element.target, false, paths);
            (!own.is_empty() || inner.is_some()).then(|| {
                quote! {
                    for (index, value) in value.iter().enumerate() {
                        let at = &at.element(index);
                        #own
                        #inner
                    }
                }
            })
        }
        Kind::Map { key, value } => {
            let key = constraints(key, &quote!(at), paths);
            let own = constraints(value, &quote!(at), paths);
            let inner = within(value.target, false, paths);
            let key = (!key.is_empty()).then(|| quote! {{ let value = key; #key }});
            (key.is_some() || !own.is_empty() || inner.is_some()).then(|| {
                let value = if own.is_empty() && inner.is_none() { quote!(_) } else { quote!(value) };
                quote! {
                    for (key, #value) in value {
                        let at = &at.entry(key.as_str());
                        #key
                        #own
                        #inner
                    }
                }
            })
        }
        _ => None,
    }
}
