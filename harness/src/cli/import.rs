//! `ecrspec spec import`

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ecrspec::exit::Exit;
use ecrspec_codegen::import::{Import, import as import_model};
use ecrspec_codegen::source::Source;
use sha2::{Digest, Sha256};

use crate::cli::Failure;
use crate::cli::arguments::ImportArguments;
use crate::cli::output::{print, say};
use crate::cli::spec::{mistakes_failure, read, unusable};

/// How botocore calls a service model, packed and not.
const MODEL: [&str; 2] = ["service-2.json", "service-2.json.gz"];

/// Makes a model file of a revision.
pub(super) fn import(arguments: &ImportArguments) -> Result<Exit, Failure> {
    let target = arguments.folder.join(format!("{}.json", arguments.name));
    let file = locate(&arguments.from)?;
    let source = read(&file)?;
    let sibling = |stem| sibling(&file, stem).map(|file| read(&file)).transpose();
    let (paginators, waiters) = (sibling("paginators-1.json")?, sibling("waiters-2.json")?);
    let wanted = Import {
        operations: &arguments.operation,
        without_documentation: arguments.without_docs,
        unchecked: &arguments.unchecked,
        paginators: paginators.as_ref(),
        waiters: waiters.as_ref(),
    };
    let text =
        import_model(&source, &arguments.name, wanted).map_err(|mistakes| mistakes_failure(&mistakes))?;
    write_new(&target, &arguments.name, &text)?;
    let siblings: Vec<&str> = [&paginators, &waiters].into_iter().flatten().map(Source::name).collect();
    let also = if siblings.is_empty() { String::new() } else { format!(" with {}", siblings.join(" and ")) };
    say(&format!("read {}{also}", source.name()));
    say(&format!("wrote {}; a rebuild makes it a revision", target.display()));
    let hash = Sha256::digest(&text).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    print(&format!("{hash}  {}\n", target.display()))?;
    Ok(Exit::Conforms)
}

/// Writes the file at once and never over one that is there: a revision is frozen.
fn write_new(target: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let mut file = fs::File::create_new(target).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format!(
            "revision {name} is there already: {}\n\nhint: a revision is frozen; give another name",
            target.display()
        )),
        io::ErrorKind::NotFound => Failure::usage(format!(
            "failed to write {}: {error}\n\nhint: run it in a clone of the project, or name a folder with --folder",
            target.display()
        )),
        _ => unusable("write", target, &error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| {
        // Half a file would be in the way of the next try.
        let _ = fs::remove_file(target);
        unusable("write", target, &error)
    })
}

/// The file that is meant: itself, the model in a folder of botocore, or that of an installed botocore.
fn locate(from: &Path) -> Result<PathBuf, Failure> {
    if let Some(service) = from.to_str().and_then(|text| text.strip_prefix("botocore:")) {
        let data = installed_botocore()?.join("data");
        let folder = data.join(service);
        let is_name = service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if service.is_empty() || !is_name || !folder.is_dir() {
            return Err(Failure::usage(format!(
                "botocore has no service `{service}`\n\nhint: its services are the folders of {}",
                data.display()
            )));
        }
        return newest_model(&folder);
    }
    if from.is_dir() { newest_model(from) } else { Ok(from.to_owned()) }
}

/// The model in a folder, or in the newest of its folders: botocore names them by the date of the API.
fn newest_model(folder: &Path) -> Result<PathBuf, Failure> {
    let unreadable = |error: io::Error| unusable("read", folder, &error);
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        folders.push(entry.map_err(unreadable)?.path());
    }
    folders.sort();
    let model = |folder: &Path| MODEL.iter().map(|name| folder.join(name)).find(|file| file.is_file());
    let found = model(folder).or_else(|| folders.iter().rev().find_map(|folder| model(folder)));
    found.ok_or_else(|| {
        Failure::usage(format!(
            "no {} is in {} or in a folder of it\n\nhint: name a service, such as botocore/data/ecr",
            MODEL.join(" or "),
            folder.display()
        ))
    })
}

/// The folder of the botocore that Python would import.
fn installed_botocore() -> Result<PathBuf, Failure> {
    const ASK: &str =
        "import importlib.util as u; print(u.find_spec('botocore').submodule_search_locations[0])";
    for python in ["python3", "python"] {
        let answer = Command::new(python).args(["-c", ASK]).stdin(Stdio::null()).output();
        let Some(answer) = answer.ok().filter(|answer| answer.status.success()) else { continue };
        let folder = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
        if folder.is_dir() {
            return Ok(folder);
        }
    }
    Err(Failure::usage(
        "no Python with botocore was found\n\nhint: activate the environment that has it, or name the folder: \
         botocore/data/ecr",
    ))
}

/// What botocore keeps beside a service model.
pub(super) fn sibling(model: &Path, name: &str) -> Option<PathBuf> {
    MODEL.contains(&model.file_name()?.to_str()?).then_some(())?;
    [name.to_owned(), format!("{name}.gz")]
        .iter()
        .map(|name| model.with_file_name(name))
        .find(|file| file.is_file())
}
