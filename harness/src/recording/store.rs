//! Folders of recordings: a file a case, so that a change of one answer is a change of one file.
//!
//! In: paths, and recordings. Out: recordings, and files. What must stay true: a file that is no recording is
//! named, with line and column, and stops nothing else; a file is written whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::recording::{Recording, RecordingError};

/// The most bytes of one file: what is longer is refused before it is read.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Recordings that were read, and what could not be.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The recordings, each with its file.
    pub recordings: Vec<(PathBuf, Recording)>,
    /// The files that are none.
    pub broken: Vec<Broken>,
}

/// A file that is no recording.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {reason}", .file.display(), .line_and_column.map_or(String::new(), |(line, column)| format!(":{line}:{column}")))]
pub struct Broken {
    /// The file.
    pub file: PathBuf,
    /// Where in the file, if that is known.
    pub line_and_column: Option<(usize, usize)>,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads files, and of folders every `*.json` file, sorted by name.
pub fn load(paths: &[PathBuf]) -> Loaded {
    let mut loaded = Loaded::default();
    for path in paths {
        let files = if path.is_dir() { files_of(path) } else { Ok(vec![path.clone()]) };
        match files {
            Ok(files) if files.is_empty() => loaded.broken.push(Broken {
                file: path.clone(),
                line_and_column: None,
                reason: "the folder has no `*.json` file; `ecrspec record --into DIR` writes some".to_owned(),
            }),
            Ok(files) => files.into_iter().for_each(|file| loaded.read(file)),
            Err(error) => loaded.broken.push(unreadable(path.clone(), &error)),
        }
    }
    loaded
}

/// Writes every session of a recording to a file of its own. Gives the files.
///
/// # Errors
/// If a file can't be written.
pub fn save(recording: &Recording, folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut written = Vec::new();
    for session in &recording.sessions {
        let one = Recording { sessions: vec![session.clone()], ..without_sessions(recording) };
        let file = folder.join(file_name(&session.case));
        write_whole(&file, &one.to_text())?;
        written.push(file);
    }
    Ok(written)
}

/// The name of the file that the session of a case is kept in.
pub fn file_name(case: &str) -> String {
    let usual = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let name: String = case.chars().map(|character| if usual(character) { character } else { '_' }).collect();
    format!("{}.json", name.trim_start_matches('.'))
}

/// Writes a file beside its place and moves it there.
pub(super) fn write_whole(file: &Path, text: &str) -> io::Result<()> {
    let beside = file.with_extension("json.part");
    fs::write(&beside, text)?;
    fs::rename(&beside, file)
}

fn without_sessions(recording: &Recording) -> Recording {
    Recording {
        format: recording.format,
        tool: recording.tool.clone(),
        spec_hash: recording.spec_hash.clone(),
        endpoint: recording.endpoint,
        region: recording.region.clone(),
        date: recording.date.clone(),
        account: recording.account.clone(),
        signed_again: recording.signed_again,
        ..Recording::new(&recording.revision, &recording.target)
    }
}

impl Loaded {
    fn read(&mut self, file: PathBuf) {
        let text = match fs::metadata(&file) {
            Ok(found) if found.len() > LARGEST => Err(io::Error::other("it is larger than 256 MiB")),
            Ok(_) => fs::read_to_string(&file),
            Err(error) => Err(error),
        };
        match text.map(|text| Recording::parse(&text)) {
            Ok(Ok(recording)) => self.recordings.push((file, recording)),
            Ok(Err(error)) => {
                let line_and_column = match &error {
                    RecordingError::NotARecording(error) => Some((error.line(), error.column())),
                    _ => None,
                };
                self.broken.push(Broken { file, line_and_column, reason: error.to_string() });
            }
            Err(error) => self.broken.push(unreadable(file, &error)),
        }
    }
}

fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(file: PathBuf, error: &io::Error) -> Broken {
    Broken { file, line_and_column: None, reason: format!("failed to read it: {error}") }
}
