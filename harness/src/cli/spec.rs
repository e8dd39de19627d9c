//! `ecrspec spec …`

use std::fmt::Display;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ecrspec::exit::Exit;
use ecrspec_codegen::Diagnostic;
use ecrspec_codegen::import::{Import, import as import_model};
use ecrspec_codegen::source::Source;
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use crate::cli::Failure;
use crate::cli::arguments::ImportArguments;
use crate::cli::output::{print, say};

/// The most bytes that a model may have once it is unpacked.
const LARGEST: u64 = 256 * 1024 * 1024;

/// How a packed file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Makes a model file of a revision.
pub(super) fn import(arguments: &ImportArguments) -> Result<Exit, Failure> {
    let target = arguments.folder.join(format!("{}.json", arguments.name));
    let source = read(&arguments.file)?;
    let paginators = paginators_beside(&arguments.file).map(|file| read(&file)).transpose()?;
    let wanted = Import {
        operations: &arguments.operation,
        without_documentation: arguments.without_docs,
        unchecked: &arguments.unchecked,
        paginators: paginators.as_ref(),
    };
    let text = import_model(&source, &arguments.name, wanted).map_err(|mistakes| refused(&mistakes))?;
    // Never over a file that is there: a revision is frozen.
    let mut file = fs::File::create_new(&target).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format!(
            "revision {} is there already: {}\n\nhint: a revision is frozen; give another name",
            arguments.name,
            target.display()
        )),
        _ => unusable("write", &target, &error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| unusable("write", &target, &error))?;
    let hash = Sha256::digest(&text).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    say(&format!("wrote {}; a rebuild makes it a revision", target.display()));
    print(&format!("{hash}  {}\n", target.display()))?;
    Ok(Exit::Conforms)
}

/// botocore's file of paginators, where a service model of botocore has one beside it.
fn paginators_beside(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?;
    ["service-2.json", "service-2.json.gz"].contains(&name).then_some(())?;
    ["paginators-1.json", "paginators-1.json.gz"]
        .into_iter()
        .map(|name| file.with_file_name(name))
        .find(|beside| beside.exists())
}

/// A file, or standard input for `-`; unpacked where it is packed.
fn read(file: &Path) -> Result<Source, Failure> {
    let is_input = file == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { file.display().to_string() };
    let packed: Result<Vec<u8>, io::Error> =
        if is_input { read_all(io::stdin().lock()) } else { fs::File::open(file).and_then(read_all) };
    let packed = packed.map_err(|error| unusable("read", Path::new(&name), &error))?;
    let bytes = if packed.starts_with(&GZIP) {
        read_all(MultiGzDecoder::new(packed.as_slice()))
            .map_err(|error| unusable("unpack", Path::new(&name), &error))?
    } else {
        packed
    };
    Source::from_bytes(name, &bytes).map_err(Failure::usage)
}

fn read_all(reader: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other(format!("more than {} MiB", LARGEST / 1024 / 1024)));
    }
    Ok(bytes)
}

fn unusable(what: &str, file: &Path, error: &dyn Display) -> Failure {
    Failure::usage(format!("failed to {what} {}: {error}", file.display()))
}

fn refused(mistakes: &[Diagnostic]) -> Failure {
    let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let count = match mistakes.len() {
        1 => "the model has a mistake".to_owned(),
        count => format!("the model has {count} mistakes"),
    };
    Failure::usage(format!("{count}\n\n{}", mistakes.join("\n").trim_end()))
}
