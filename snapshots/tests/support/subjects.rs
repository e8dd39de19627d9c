//! The build of the agreement tests: a list of revisions with their types, those of the services among them where
//! `ECRSPEC_SERVICES` names the folder of botocore's models.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use ecrspec_codegen::import::{Import, import};
use ecrspec_codegen::render::{self, Home};
use ecrspec_codegen::source::{Node, Source};
use ecrspec_codegen::{Revision, check};

use super::names::{capital, join, kind, local};

/// Models of our own; an overlay may stand beside one.
const FIXTURES: &[&str] = &[
    "fixtures/codegen/good/breadth.json",
    "fixtures/codegen/good/weather.json",
    "fixtures/protocols/corners.json",
];

/// The services, and the shapes whose patterns are refused: each is left unchecked by its name.
const SERVICES: &[(&str, &str, &[&str])] = &[
    ("ecr", "2015-09-21", &[]),
    ("dynamodb", "2012-08-10", &[]),
    ("kms", "2014-11-01", &[]),
    ("sqs", "2012-11-05", &[]),
    ("secretsmanager", "2017-10-17", &[]),
    (
        "ssm",
        "2014-11-06",
        &[
            "AccountId",
            "AlarmName",
            "DocumentReviewComment",
            "InstancePropertyFilterValue",
            "InstancePropertyStringFilterKey",
            "MetadataKey",
            "OpsItemCategory",
            "OpsItemDataKey",
            "OpsItemSeverity",
            "OpsItemSource",
            "OpsItemTitle",
            "OpsMetadataFilterKey",
            "OpsMetadataResourceId",
            "Policy",
            "RegistrationMetadataKey",
            "RegistrationMetadataValue",
            "StringDateTime",
            "TargetLocationsURL",
        ],
    ),
];

/// Writes `subjects.rs`.
pub(crate) fn generate() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut text = String::new();
    let mut names = Vec::new();
    for path in FIXTURES {
        let name = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let read = |path: &str| {
            println!("cargo::rerun-if-changed={path}");
            Ok::<_, io::Error>(Source::new(path, fs::read_to_string(path)?))
        };
        let overlay = path.replace(".json", ".overlay.json");
        let overlay = Path::new(&overlay).exists().then(|| read(&overlay)).transpose()?;
        module(&out, &name, &read(path)?, overlay.as_ref(), &mut text).map_err(io::Error::other)?;
        names.push(name);
    }
    println!("cargo::rerun-if-changed=../spec/model");
    let mut models: Vec<PathBuf> =
        fs::read_dir("../spec/model")?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    models.sort();
    for path in models {
        let source = Source::new(path.display().to_string(), fs::read_to_string(&path)?);
        let revision = path.file_stem().unwrap_or_default().to_string_lossy().replace('-', "_");
        let name = format!("v{revision}");
        let items = format!("pub(super) use ecrspec_api::{name}::*;\n");
        subject(&name, &source, &items, &mut text).map_err(io::Error::other)?;
        names.push(name);
    }
    println!("cargo::rerun-if-env-changed=ECRSPEC_SERVICES");
    let folder = env::var_os("CARGO_FEATURE_SERVICES").and_then(|_| env::var_os("ECRSPEC_SERVICES"));
    if let Some(folder) = folder.map(PathBuf::from) {
        for (name, version, unchecked) in SERVICES {
            let source = service(&folder.join(name).join(version), unchecked).map_err(io::Error::other)?;
            module(&out, name, &source, None, &mut text).map_err(io::Error::other)?;
            names.push((*name).to_owned());
        }
    }
    let list = names.iter().map(|name| {
        format!("Subject {{ name: {name:?}, revision: &{name}::REVISION, round: {name}::round }},\n")
    });
    write!(text, "\nconst SUBJECTS: &[Subject] = &[\n{}];\n", list.collect::<String>())
        .map_err(io::Error::other)?;
    fs::write(out.join("subjects.rs"), text)
}

/// The model of a service, as an import makes it of what botocore has.
fn service(folder: &Path, unchecked: &[&str]) -> Result<Source, String> {
    let read = |name: &str| {
        let path = folder.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok::<_, String>(Source::new(path.display().to_string(), text))
    };
    let (model, paginators) = (read("service-2.json")?, read("paginators-1.json")?);
    // Without the opt-out, each of them is refused by its name.
    let wanted = Import { paginators: Some(&paginators), ..Import::default() };
    let refused: Vec<String> = match import(&model, "service", wanted) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.iter().map(|one| one.pointer.replace("/shapes/", "")).collect(),
    };
    if refused.iter().any(|pointer| !unchecked.contains(&pointer.split('/').next().unwrap_or_default()))
        || refused.len() != unchecked.len()
    {
        return Err(format!("{}: refused are {refused:?}", folder.display()));
    }
    let unchecked: Vec<String> = unchecked.iter().map(|name| (*name).to_owned()).collect();
    let wanted = Import { unchecked: &unchecked, ..wanted };
    let text = import(&model, "service", wanted).map_err(|mistakes| join(&mistakes))?;
    Ok(Source::new(folder.display().to_string(), text))
}

/// Generates the code of a model, and makes a subject of it.
fn module(
    out: &Path,
    name: &str,
    source: &Source,
    overlay: Option<&Source>,
    text: &mut String,
) -> Result<(), String> {
    // The name is one that the overlays of the fixtures speak of.
    let api = check(&[Revision { name: "2025-04", source }], overlay).map_err(|mistakes| join(&mistakes))?;
    for model in &api.revisions {
        let code = render::revision(model, Home::Dependency("ecrspec_api"));
        fs::write(out.join(format!("subject_{name}.rs")), code).map_err(|error| error.to_string())?;
    }
    let items = format!("include!(concat!(env!(\"OUT_DIR\"), \"/subject_{name}.rs\"));\n");
    subject(name, source, &items, text)
}

/// A module with a function that reads and writes a body by the id of its shape.
fn subject(name: &str, source: &Source, items: &str, text: &mut String) -> Result<(), String> {
    let root = source.parse().map_err(|mistake| mistake.to_string())?;
    let shapes = root.get("shapes").and_then(Node::entries).unwrap_or_default();
    let mut bodies: Vec<&str> = Vec::new();
    for entry in shapes.iter().filter(|entry| kind(&entry.value) == "operation") {
        let sides = [entry.value.get("input"), entry.value.get("output")].into_iter().flatten();
        let errors = entry.value.get("errors").and_then(Node::elements).unwrap_or_default();
        bodies.extend(sides.chain(errors).filter_map(|node| node.get("target")?.as_str()));
    }
    bodies.sort_unstable();
    bodies.dedup();
    let arms: Vec<String> = bodies
        .iter()
        .map(|id| format!("{id:?} => super::round::<{}>(body, direction),", capital(local(id))))
        .collect();
    write!(
        text,
        r#"
#[deny(warnings)]
#[allow(clippy::all, clippy::pedantic, unreachable_pub, dead_code, missing_docs, reason = "generated")]
#[allow(unused_qualifications, reason = "generated")]
mod {name} {{
    {items}
    pub(super) fn round(shape: &str, body: &[u8], direction: ecrspec_api::Direction) -> super::Round {{
        match shape {{
            {}
            _ => super::round::<super::Nothing>(body, direction),
        }}
    }}
}}
"#,
        arms.join("\n            "),
    )
    .map_err(|error| error.to_string())
}
