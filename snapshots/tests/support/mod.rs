//! What the golden tests share: runs, and snapshots in a folder an area.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of what is public here")]
#![expect(clippy::expect_used, reason = "a test that can't go on has failed")]

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ecrspec::case::Suite;
use ecrspec::client::{Client, Signer, Transport};
use ecrspec::level::Level;
use ecrspec::run::{self, Run, Settings, Silence};
use ecrspec::world::Seed;
use ecrspec_api::table::Revision;
use tokio::sync::watch;

/// The newest revision.
pub fn revision() -> &'static Revision {
    ecrspec_api::revisions().last().expect("a revision is built in")
}

/// All built-in cases, or those that fit the filters.
pub fn suite(filters: &[&str]) -> Suite {
    let filters: Vec<String> = filters.iter().map(|filter| (*filter).to_owned()).collect();
    Suite::for_revision(revision(), &[]).expect("the built-in cases hold together").select(&filters)
}

/// How many `must` checks the whole suite has.
pub fn must_in_suite() -> usize {
    suite(&[]).count(Level::Must)
}

/// A run of these cases.
pub async fn run(transport: Arc<dyn Transport>, authority: &str, filters: &[&str], jobs: usize) -> Run {
    let signer = Signer::with_dummy_credentials("us-east-1", revision().service.signing_name);
    let timeout = Duration::from_secs(30);
    let client = Client::new(transport, &revision().service, signer, authority.to_owned(), timeout);
    let settings = Settings {
        jobs: NonZeroUsize::new(jobs).expect("at least one job"),
        account: None,
        may_write: Ok(()),
        seed: Seed::default(),
        keep_bodies: true,
    };
    let (_stop, stopped) = watch::channel(false);
    run::run(&suite(filters), Arc::new(client), revision(), &settings, Arc::new(Silence), stopped).await
}

/// Compares text with `snapshots/<area>/<name>.snap`.
pub fn assert_golden(area: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join(area));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// A text with everything that changes from run to run named instead.
pub fn settled(text: &str) -> String {
    let rules = [
        (r"sha256:[0-9a-f]{64}", "<digest>"),
        (r"sha256:[0-9a-f]{8,63}…?", "<digest>…"),
        (r"\b[a-z]{8}/[a-z]{8}\b", "<repository>"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
        (r#"(spec |specHash": "|specHash" value=")[0-9a-f]{12,64}"#, "$1<hash>"),
        (r"\b1[789]\d{8}(\.\d+)?(E9)?\b", "<seconds>"),
        (r#"\btime="[0-9.]+""#, "time=\"<time>\""),
        (r"\([0-9]+ bytes\)", "(<size> bytes)"),
        // In what order one mock answers depends on where its objects lie in memory.
        (r"(identifiers\.order#order) .*", "$1  <some order>"),
        (r"(x-amzn-requestid:) \w{20,}", "$1 <request id>"),
        // The names of things that are not there.
        (r#"imageTag((?:[\\"':]|&apos;)+)[a-z]{10}\b"#, "imageTag$1<tag>"),
    ];
    rules.iter().fold(text.to_owned(), |text, (pattern, name)| {
        regex::Regex::new(pattern).expect("a pattern of this file").replace_all(&text, *name).into_owned()
    })
}

/// The text block of the README behind this mark.
pub fn readme_block(mark: &str) -> String {
    let readme = readme();
    let (_, after) = readme.split_once(&format!("<!-- {mark} -->\n")).expect("the README has the mark");
    let (_, after) = after.split_once("```text\n").expect("a block stands behind the mark");
    let (block, _) = after.split_once("```").expect("the block ends");
    block.to_owned()
}

/// The README.
pub fn readme() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    std::fs::read_to_string(file).expect("there is a README")
}
