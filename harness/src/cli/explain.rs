//! `ecrspec explain`

use ecrspec::exit::Exit;
use ecrspec::explain::Library;
use ecrspec_api::table::Revision;

use crate::cli::output::print;
use crate::cli::{Failure, case};

/// Prints what has these ids, whole; without any, every id that there is.
pub(super) fn explain(revision: &'static Revision, ids: &[String]) -> Result<Exit, Failure> {
    let suite = case::suite(revision, None)?;
    let library = Library::new(&suite, revision);
    if ids.is_empty() {
        print(&library.index())?;
        return Ok(Exit::Conforms);
    }
    let explained = ids.iter().map(|id| library.explain(id).map_err(|like| unknown(id, &like)));
    print(&explained.collect::<Result<Vec<_>, _>>()?.join("\n"))?;
    Ok(Exit::Conforms)
}

fn unknown(id: &str, like: &[String]) -> Failure {
    let hint = match like {
        [] => "`ecrspec explain` prints every id that there is".to_owned(),
        like => {
            format!("did you mean `{}`? `ecrspec explain` prints every id that there is", like.join("`, `"))
        }
    };
    Failure::usage(format!("nothing is called `{id}`\n\nhint: {hint}"))
}
