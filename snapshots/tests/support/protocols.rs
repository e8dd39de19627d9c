//! The build of the protocol tests: the model of each group of cases becomes a module of generated code.
//!
//! A group holds its model as botocore has it (`metadata`, `shapes`, and an operation in each case), or names a
//! file of our own in Smithy's form (`model`).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use ecrspec_codegen::import::{Import, import};
use ecrspec_codegen::render::{self, Home};
use ecrspec_codegen::source::{Node, Source};
use ecrspec_codegen::{Diagnostic, Revision, check};

use super::names::{capital, join, kind, local};

/// Writes `protocols.rs`: every group as a module, and the list of groups; those of AWS where their folder is named.
pub(crate) fn generate() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut modules = String::new();
    let mut list = String::new();
    let aws = env::var_os("CARGO_FEATURE_PROTOCOLS").and_then(|_| env::var_os("ECRSPEC_PROTOCOLS"));
    let folders = [("own", Some(PathBuf::from("fixtures/protocols"))), ("aws", aws.map(PathBuf::from))];
    for (origin, folder) in folders.into_iter().filter_map(|(origin, folder)| Some((origin, folder?))) {
        for path in files(&folder)? {
            let text = Source::new(path.display().to_string(), fs::read_to_string(&path)?);
            let groups = text.parse().map_err(|mistake| io::Error::other(mistake.to_string()))?;
            for (index, group) in groups.elements().unwrap_or_default().iter().enumerate() {
                let name = format!("{origin}_{}", name(&path, index));
                suite(&out, &name, group, &mut modules, &mut list).map_err(io::Error::other)?;
            }
        }
    }
    fs::write(out.join("protocols.rs"), format!("{modules}\nconst SUITES: &[Suite] = &[{list}];\n"))
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for side in ["input", "output"] {
        println!("cargo::rerun-if-changed={}", folder.join(side).display());
        for entry in fs::read_dir(folder.join(side))? {
            let path = entry?.path();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if stem.starts_with("json") && path.extension().is_some_and(|ending| ending == "json") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    Ok(paths)
}

fn name(path: &Path, index: usize) -> String {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let side = part(path.parent().and_then(Path::file_name));
    let file = part(path.file_stem()).replace(['-', '.'], "_");
    format!("{side}_{file}_{index}")
}

/// For each operation, how its request, its response and its errors are read and written.
fn arms(model: &Source) -> Result<Vec<String>, Box<Diagnostic>> {
    let root = model.parse()?;
    let shapes = root.get("shapes").and_then(Node::entries).unwrap_or_default();
    let mut arms = Vec::new();
    for entry in shapes.iter().filter(|entry| kind(&entry.value) == "operation") {
        let operation = local(&entry.key);
        let target =
            |node: &Node<'_>| node.get("target").and_then(Node::as_str).map_or("Unit", local).to_owned();
        let sides = [
            ("request", entry.value.get("input").map_or("Unit".to_owned(), target)),
            ("response", entry.value.get("output").map_or("Unit".to_owned(), target)),
        ];
        for (side, name) in sides {
            let direction = if side == "request" { "Request" } else { "Response" };
            arms.push(format!(
                "({operation:?}, {side:?}) => super::round::<{}>(body, ecrspec_api::Direction::{direction}),",
                capital(&name),
            ));
        }
        let errors = entry.value.get("errors").and_then(Node::elements).unwrap_or_default();
        if errors.is_empty() {
            continue;
        }
        let named: Vec<String> = errors.iter().map(target).collect();
        let written = named.iter().map(|name| {
            format!(
                "{}Error::{}(error) => ecrspec_api::WriteJson::to_json(&error),",
                capital(operation),
                capital(name)
            )
        });
        arms.push(format!(
            "({operation:?}, code) => {{ \
             let (error, deviations) = {}Error::read(code, body); \
             let message = error.message().map(ToOwned::to_owned); \
             let written = match error {{ {} _ => return None }}; \
             Some(super::Round {{ written, deviations, message }}) }}",
            capital(operation),
            written.collect::<String>(),
        ));
    }
    Ok(arms)
}

fn suite(
    out: &Path,
    name: &str,
    group: &Node<'_>,
    modules: &mut String,
    list: &mut String,
) -> Result<(), String> {
    let text = match group.get("model").and_then(Node::as_str) {
        Some(path) => fs::read_to_string(Path::new("fixtures/protocols").join(path))
            .map_err(|error| error.to_string())?,
        None => import(&Source::new(name, botocore(group)), "suite", Import::default())
            .map_err(|all| join(&all))?,
    };
    let model = Source::new(name, text);
    let api = check(&[Revision { name: "suite", source: &model }], None).map_err(|all| join(&all))?;
    for model in &api.revisions {
        let code = out.join(format!("{name}.rs"));
        fs::write(&code, render::revision(model, Home::Dependency("ecrspec_api")))
            .map_err(|error| error.to_string())?;
    }
    let write = |error: std::fmt::Error| error.to_string();
    let arms = arms(&model).map_err(|mistake| mistake.to_string())?;
    write!(
        modules,
        r#"
#[allow(clippy::all, clippy::pedantic, unreachable_pub, dead_code, missing_docs, reason = "generated")]
mod {name} {{
    include!(concat!(env!("OUT_DIR"), "/{name}.rs"));

    pub(super) fn round(operation: &str, side: &str, body: &[u8]) -> Option<super::Round> {{
        match (operation, side) {{
            {}
            _ => None,
        }}
    }}
}}
"#,
        arms.join("\n            "),
    )
    .map_err(write)?;
    write!(
        list,
        "\n    Suite {{ name: {name:?}, text: {:?}, revision: &{name}::REVISION, round: {name}::round }},",
        slice(group),
    )
    .map_err(write)
}

fn slice(node: &Node<'_>) -> String {
    let span = node.place.span;
    node.place.source.text().get(span.start..span.end).unwrap_or_default().to_owned()
}

/// A group of botocore as a service model of botocore.
fn botocore(group: &Node<'_>) -> String {
    // What a service says of itself and a group of cases leaves out.
    let said = group.get("metadata").and_then(Node::entries).unwrap_or_default();
    let usual = [("serviceId", "Example"), ("endpointPrefix", "example"), ("signatureVersion", "v4")];
    let mut metadata: Vec<String> =
        said.iter().map(|entry| format!("{:?}: {}", entry.key, slice(&entry.value))).collect();
    for (key, value) in usual.iter().filter(|(key, _)| said.iter().all(|entry| entry.key != *key)) {
        metadata.push(format!("{key:?}: {value:?}"));
    }
    let mut operations: Vec<(String, String)> = Vec::new();
    for case in group.get("cases").and_then(Node::elements).unwrap_or_default() {
        let Some(given) = case.get("given") else { continue };
        let Some(operation) = given.get("name").and_then(Node::as_str) else { continue };
        if operations.iter().all(|(known, _)| known != operation) {
            operations.push((operation.to_owned(), format!("{operation:?}: {}", slice(given))));
        }
    }
    let given: Vec<&str> = operations.iter().map(|(_, text)| text.as_str()).collect();
    format!(
        r#"{{"metadata": {{{}}}, "operations": {{{}}}, "shapes": {}}}"#,
        metadata.join(", "),
        given.join(", "),
        group.get("shapes").map(slice).unwrap_or_default(),
    )
}
