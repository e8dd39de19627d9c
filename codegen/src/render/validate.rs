//! Validators: every constraint of every member, none left out because another broke.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::paths::{Paths, constraints_static, ident, members_static, shape_static};
use super::structs;
use super::table::pattern_static;
use crate::model::{Constraint, ConstraintKind, Kind, Member, Shape, Trait};

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
        let lifetime = structs::borrows(members, paths).then(|| quote!(<'a>));
        (quote!(#view #lifetime), quote!(::core::option::Option::Some(#view { #(#fields),* })))
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
    let inner = within(member, paths);
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

/// The checks of `value` and of what it holds; none where nothing can be wrong with it.
pub(super) fn held(member: &Member, paths: &Paths<'_>) -> Option<TokenStream> {
    let own = constraints(member, &quote!(at), paths);
    let inner = within(member, paths);
    (!own.is_empty() || inner.is_some()).then(|| quote!(#own #inner))
}

/// The checks of `value`, but for required.
fn constraints(member: &Member, at: &TokenStream, paths: &Paths<'_>) -> TokenStream {
    let constraints = constraints_static(member);
    let checks = member.constraints.iter().enumerate().filter_map(|(index, constraint)| {
        let holds = condition(constraint, member, paths)?;
        let index = Literal::usize_unsuffixed(index);
        let home = &paths.home;
        let told = if member.has(&Trait::Sensitive) { quote!(&#home::Redacted) } else { quote!(value) };
        Some(quote!(checker.hold(#at, &#constraints[#index], #holds, #told);))
    });
    quote!(#(#checks)*)
}

/// What must be true of `value`; none where the type itself says so.
fn condition(constraint: &Constraint, member: &Member, paths: &Paths<'_>) -> Option<TokenStream> {
    let home = &paths.home;
    let kind = &paths.shape(member.target).kind;
    Some(match &constraint.kind {
        ConstraintKind::Required => return None,
        ConstraintKind::MinLength(0)
        | ConstraintKind::Minimum(i64::MIN)
        | ConstraintKind::Maximum(i64::MAX) => {
            return None;
        }
        ConstraintKind::MinLength(bound) => {
            let bound = Literal::u64_unsuffixed(*bound);
            quote!(#home::Length::at_least(value, #bound))
        }
        ConstraintKind::MaxLength(bound) => {
            let bound = Literal::u64_unsuffixed(*bound);
            quote!(#home::Length::at_most(value, #bound))
        }
        ConstraintKind::Minimum(bound) => compared(kind, *bound, &quote!(>=), &quote!(is_ge)),
        ConstraintKind::Maximum(bound) => compared(kind, *bound, &quote!(<=), &quote!(is_le)),
        ConstraintKind::Pattern(_) => {
            let pattern = pattern_static(constraint);
            quote!(#pattern.matches(value))
        }
        ConstraintKind::Enum(_) | ConstraintKind::IntEnum(_) => quote!(value.is_known()),
        ConstraintKind::UniqueItems => quote!(#home::is_unique(value)),
        ConstraintKind::Excludes(siblings) => {
            let fields = siblings.iter().map(|sibling| ident(&sibling.field));
            if siblings.is_empty() {
                return None;
            }
            quote!(#(self.#fields.is_none())&&*)
        }
    })
}

/// A number against a bound.
fn compared(kind: &Kind, bound: i64, operator: &TokenStream, ordering: &TokenStream) -> TokenStream {
    let whole = Literal::i64_unsuffixed(bound);
    match kind {
        // What a bound loses in the conversion no model spells out.
        Kind::Float | Kind::Double => quote!(f64::from(*value) #operator #whole as f64),
        Kind::BigInteger | Kind::BigDecimal => quote!(value.compare(#whole).#ordering()),
        _ => quote!(i64::from(*value) #operator #whole),
    }
}

/// Goes past what is null in a list or map that has room for it.
fn present(member: &Member) -> Option<TokenStream> {
    member.has(&Trait::Sparse).then(|| {
        quote! {
            let ::core::option::Option::Some(value) = value else { continue };
        }
    })
}

/// The checks of what `value` holds; none where it holds nothing that can be wrong.
fn within(member: &Member, paths: &Paths<'_>) -> Option<TokenStream> {
    let home = &paths.home;
    match &paths.shape(member.target).kind {
        Kind::Structure(_) | Kind::Union(_) if member.boxed => {
            Some(quote!(#home::Validate::check(&**value, checker, at);))
        }
        Kind::Structure(_) | Kind::Union(_) => Some(quote!(#home::Validate::check(value, checker, at);)),
        Kind::List(element) => {
            let own = constraints(element, &quote!(at), paths);
            let inner = within(element, paths);
            let present = present(element);
            (!own.is_empty() || inner.is_some()).then(|| {
                quote! {
                    for (index, value) in value.iter().enumerate() {
                        #present
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
            let inner = within(value, paths);
            let present = (!own.is_empty() || inner.is_some()).then(|| present(value));
            let key = (!key.is_empty()).then(|| quote! {{ let value = key; #key }});
            (key.is_some() || !own.is_empty() || inner.is_some()).then(|| {
                let value = if own.is_empty() && inner.is_none() { quote!(_) } else { quote!(value) };
                quote! {
                    for (key, #value) in value {
                        let at = &at.entry(key.as_str());
                        #key
                        #present
                        #own
                        #inner
                    }
                }
            })
        }
        _ => None,
    }
}
