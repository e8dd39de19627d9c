//! A checked model to Rust text.
//!
//! In: an [`Api`] that passed the barrier. Out: the text of one module for each revision, for a build script or
//! as a file to keep, and of the list of revisions. What must stay true: nothing here can fail, and the same
//! model gives the same bytes. Every path in the text starts at `::core`, `::std` or the home of the types it
//! leans on, so that a shape may have any name, `Option` too.

mod docs;
mod enums;
mod errors;
mod int_enums;
mod layout;
mod paths;
mod read;
mod structs;
mod table;
mod unions;
mod validate;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::model::{Api, Kind, Model};
use paths::Paths;

/// Where the generated text finds the types it leans on: `Validate`, `Timestamp`, the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In the crate that includes the text.
    Crate,
    /// In the crate of that name.
    Dependency(&'static str),
}

/// The module of one revision: its types, validators, readers and table.
pub fn revision(model: &Model, home: Home) -> String {
    text(&of_revision(model), MADE_BY_BUILD, items(model, home))
}

/// The same module as a file of a crate that has no build script. `command` is what made it, for the header.
pub fn vendored(model: &Model, home: Home, command: &str) -> String {
    let made = format!("Made by `{command}`: change the model or the overlay and run it again.");
    let allow = quote!(#![allow(clippy::all, clippy::pedantic, reason = "generated")]);
    let all = std::iter::once(Item::Code(allow)).chain(items(model, home));
    text(&of_revision(model), &made, all)
}

const MADE_BY_BUILD: &str =
    "Made at build time from the model and the overlay: change those and build again.";

fn of_revision(model: &Model) -> String {
    format!("revision {} of {}", model.name, model.service.id)
}

fn items(model: &Model, home: Home) -> Vec<Item> {
    let paths = Paths::new(home, model);
    let mut items: Vec<Item> =
        [table::revision(model, &paths), enums::unknown_value(&paths)].into_iter().map(Item::Code).collect();
    let holds = |wanted: fn(&Kind) -> bool| model.shapes().iter().any(|shape| wanted(&shape.kind));
    if holds(|kind| matches!(kind, Kind::IntEnum(_))) {
        items.push(Item::Code(int_enums::unknown_number()));
    }
    if holds(|kind| matches!(kind, Kind::Union(_))) {
        items.push(Item::Code(unions::unknown_member(&paths)));
    }
    for shape in model.shapes() {
        match &shape.kind {
            Kind::Structure(members) => {
                items.extend(structs::structure(shape, members, &paths));
                items.push(Item::Text(read::structure(shape, members, &paths)));
                items.push(Item::Text(validate::structure(shape, members, &paths)));
            }
            Kind::Union(members) => items.extend(unions::open(shape, members, &paths)),
            Kind::Enum(values) => {
                items.extend(enums::open(shape, values, &paths).into_iter().map(Item::Code));
            }
            Kind::IntEnum(values) => {
                items.extend(int_enums::open(shape, values, &paths).into_iter().map(Item::Code));
            }
            _ => {}
        }
    }
    for operation in &model.operations {
        items.extend(errors::operation(operation, &paths).into_iter().map(Item::Code));
    }
    items.extend(table::operations(model, &paths).into_iter().map(Item::Code));
    items.extend(table::statics(model, &paths).into_iter().map(Item::Text));
    items
}

/// The list of revisions, which includes the module of each from `OUT_DIR`.
pub fn index(api: &Api, home: Home) -> String {
    let home = paths::home(home);
    let mut items = Vec::new();
    for model in &api.revisions {
        let name = format_ident!("{}", model.module);
        let file = format!("/{}.rs", model.module);
        let doc = format!(" Revision {} of the API.", model.name);
        items.push(quote! {
            #[doc = #doc]
            #[allow(clippy::all, clippy::pedantic, reason = "generated")]
            pub mod #name {
                include!(concat!(env!("OUT_DIR"), #file));
            }
        });
    }
    let modules = api.revisions.iter().map(|model| format_ident!("{}", model.module));
    items.push(quote! {
        /// Every revision of the API that this crate knows, oldest first.
        #[allow(unused_qualifications, reason = "generated")]
        pub fn revisions() -> &'static [&'static #home::table::Revision] {
            static REVISIONS: &[&#home::table::Revision] = &[#(&#modules::REVISION),*];
            REVISIONS
        }
    });
    text("every revision", MADE_BY_BUILD, items.into_iter().map(Item::Code))
}

/// Something at the top of a module.
enum Item {
    /// Code that the formatter lays out.
    Code(TokenStream),
    /// Text that is laid out already: what is much, and of one form.
    Text(String),
}

/// Items as text, a blank line between any two.
fn text(what: &str, made: &str, items: impl IntoIterator<Item = Item>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let header = format!("// @generated by ecrspec-codegen {version}: {what}.\n// {made}\n");
    items.into_iter().fold(header, |mut text, item| {
        text.push('\n');
        match item {
            Item::Text(item) => text.push_str(&item),
            // Every fragment is written here, so it parses; if one did not, rustc would say so.
            Item::Code(item) => match syn::parse2(item) {
                Ok(file) => text.push_str(&prettyplease::unparse(&file)),
                Err(error) => text.extend(["compile_error!(", &format!("{:?}", error.to_string()), ");\n"]),
            },
        }
        text
    })
}
