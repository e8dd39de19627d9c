//! What runs have made and not removed: a private file a run.
//!
//! In: names of repositories, before they are made and after they are removed. Out: the same after a run that
//! was killed. What must stay true: a note is on the disk before the request that it is of is sent; only the
//! user may read it; the file of a run that left nothing is removed.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

/// The number of the next journal: a process may run against several targets.
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// The version of the journal's format.
const FORMAT: u32 = 1;

/// What a journal is about: its first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct About {
    format: u32,
    /// The address of the target.
    pub endpoint: String,
    /// The region that requests were signed for.
    pub region: String,
    /// How the names of the run's repositories begin.
    pub prefix: String,
    /// The account whose registry the target is, where that was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl About {
    /// What a journal of this version is about.
    pub fn new(endpoint: &str, region: &str, prefix: &str) -> Self {
        let [endpoint, region, prefix] = [endpoint, region, prefix].map(str::to_owned);
        Self { format: FORMAT, endpoint, region, prefix, account: None }
    }
}

/// One further line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Entry {
    Made(String),
    Removed(String),
}

/// The journal of a run, locked as long as the run lasts.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    open: BTreeSet<String>,
}

impl Journal {
    /// Begins the journal of a run in that folder.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn begin(folder: &Path, about: &About) -> io::Result<Self> {
        make_private_folder(folder)?;
        let (word, number) = (about.prefix.trim_end_matches('/'), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = folder.join(format!("{word}-{}-{number}.jsonl", std::process::id()));
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        file.lock()?;
        let mut journal = Self { path, file, open: BTreeSet::new() };
        journal.write(&serde_json::to_string(about).map_err(io::Error::other)?)?;
        Ok(journal)
    }

    /// Opens the journal of a run that is over; nothing if the run still goes on.
    ///
    /// # Errors
    /// If the file can't be read or is no journal.
    pub fn open(path: &Path) -> io::Result<Option<(About, Self)>> {
        let file = OpenOptions::new().read(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        let text = fs::read_to_string(path)?;
        let mut lines = text.lines();
        let about: About =
            serde_json::from_str(lines.next().unwrap_or_default()).map_err(io::Error::other)?;
        let mut open = BTreeSet::new();
        // A last line that was cut is of a repository whose request was never sent.
        for entry in lines.filter_map(|line| serde_json::from_str(line).ok()) {
            match entry {
                Entry::Made(name) => open.insert(name),
                Entry::Removed(name) => open.remove(&name),
            };
        }
        Ok(Some((about, Self { path: path.to_owned(), file, open })))
    }

    /// The repositories that were made and not removed.
    pub fn open_repositories(&self) -> Vec<String> {
        self.open.iter().cloned().collect()
    }

    /// Notes that a repository is about to be made.
    ///
    /// # Errors
    /// If the note can't be written: then the repository must not be made.
    pub fn note_made(&mut self, name: &str) -> io::Result<()> {
        self.open.insert(name.to_owned());
        self.write(&serde_json::to_string(&Entry::Made(name.to_owned())).map_err(io::Error::other)?)
    }

    /// Notes that a repository is gone. Once none is left, the journal goes too, with its last use.
    ///
    /// # Errors
    /// If the note can't be written.
    pub fn note_removed(&mut self, name: &str) -> io::Result<()> {
        self.open.remove(name);
        self.write(&serde_json::to_string(&Entry::Removed(name.to_owned())).map_err(io::Error::other)?)
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(format!("{line}\n").as_bytes())?;
        self.file.sync_data()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if self.open.is_empty() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The folder of the journals: `ECRSPEC_STATE_DIR`, or where the system keeps such things.
pub fn state_folder() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("ECRSPEC_STATE_DIR")
        .or_else(|| set("XDG_STATE_HOME").map(|folder| folder.join("ecrspec")))
        .or_else(|| set("LOCALAPPDATA").map(|folder| folder.join("ecrspec")))
        .or_else(|| set("HOME").map(|folder| folder.join(".local/state/ecrspec")))
}

/// The journals in a folder; none if there is no such folder.
///
/// # Errors
/// If the folder can't be read.
pub fn journals(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
