//! Cases: what an endpoint must do, as data.
//!
//! In: case files, and the table of the API's revision. Out: a [`Suite`]: authored and derived cases with the
//! worlds they need, in the order in which they are reported. What must stay true: a case that cites no
//! evidence, or weighs more than its evidence, is refused before anything is sent.

pub mod bindings;
mod cost;
pub mod derive;
pub mod format;
mod lint;
mod load;
mod schema;

use std::collections::{BTreeMap, BTreeSet};

use ecrspec_api::table::Revision;

pub use cost::Cost;
pub use load::{Problem, built_in, check, is_built_in};
pub use schema::schema;

use crate::case::format::{Case, Check};
use crate::law::{self, Law};
use crate::level::Level;
use crate::run::{Plan, WorldKey};
use crate::verdict::check_id;
use crate::world::WorldRecipe;

/// Cases with the worlds they need.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// The cases, in the order in which they are reported.
    pub cases: Vec<Case>,
    /// The worlds, by name.
    pub worlds: BTreeMap<String, WorldRecipe>,
    /// The worlds that are a repository which stands already, by its name.
    standing: BTreeSet<String>,
    /// Cases that run only because another needs them as its valid twin.
    unselected: BTreeSet<String>,
}

/// Operations that change nothing. A case that calls any other has a world of its own.
const READING: [&str; 4] =
    ["DescribeImages", "DescribeRegistry", "ListImages", "BatchCheckLayerAvailability"];

/// The cases that hold of any repository: they name nothing of their world but the repository.
const OF_ANY_REPOSITORY: [&str; 5] =
    [PLAIN, "envelope.entry", "envelope.image-not-found", "missing.tag", "missing.digest"];

/// A plain list, the valid twin of what is rejected.
const PLAIN: &str = "envelope.success";

impl Suite {
    /// A suite of these cases and worlds.
    pub fn new(cases: Vec<Case>, worlds: BTreeMap<String, WorldRecipe>) -> Self {
        Self { cases, worlds, ..Self::default() }
    }

    /// All cases that hold in a revision: authored and derived.
    ///
    /// # Errors
    /// Every problem of the case files.
    pub fn for_revision(
        revision: &'static Revision,
        own: &[ecrspec_codegen::source::Source],
    ) -> Result<Self, Vec<Problem>> {
        let derived = derive::derive(revision);
        let mut suite = built_in(&derived)?;
        let mut of_user = check(own, &suite, revision)?;
        suite.cases.extend(law::cases());
        suite.cases.append(&mut of_user.cases);
        suite.worlds.append(&mut of_user.worlds);
        suite.cases.retain(|case| holds_in(case, revision.name));
        Ok(suite)
    }

    /// What holds of repositories that stand already: every law on each of them, and the cases that only read and
    /// hold of any repository, whatever is in it.
    #[must_use]
    pub fn on_standing(self, repositories: &[String]) -> Self {
        let mut cases = Vec::new();
        for repository in repositories {
            let there = |id: &str| format!("{id}@{repository}");
            let of_any =
                OF_ANY_REPOSITORY.iter().filter_map(|id| self.cases.iter().find(|case| case.id == *id));
            cases.extend(of_any.map(|case| Case {
                id: there(&case.id),
                world: Some(repository.clone()),
                twin: case.twin.is_some().then(|| there(PLAIN)),
                ..case.clone()
            }));
            cases.extend(Law::ALL.map(|law| law.case(repository)));
        }
        Self { cases, standing: repositories.iter().cloned().collect(), ..Self::default() }
    }

    /// Whether a world is a repository that stands already.
    pub fn stands(&self, world: &str) -> bool {
        self.standing.contains(world)
    }

    /// Keeps the cases whose id, or one of whose check ids, fits one of the filters, with the twins they need.
    /// A filter with `*` is a pattern for the whole id; any other fits anywhere in it. No filter keeps all.
    #[must_use]
    pub fn select(self, filters: &[String]) -> Self {
        if filters.is_empty() {
            return self;
        }
        let selected =
            self.cases.iter().filter(|case| fits_any(case, filters)).map(|case| case.id.clone()).collect();
        self.keep(&selected)
    }

    /// Keeps the cases of these ids, with the twins they need.
    #[must_use]
    pub fn keep(mut self, selected: &BTreeSet<String>) -> Self {
        let mut needed = selected.clone();
        // A twin may have a twin of its own.
        loop {
            let twins: BTreeSet<String> = self
                .cases
                .iter()
                .filter(|case| needed.contains(&case.id))
                .filter_map(|case| case.twin.clone())
                .filter(|twin| !needed.contains(twin))
                .collect();
            if twins.is_empty() {
                break;
            }
            needed.extend(twins);
        }
        self.cases.retain(|case| needed.contains(&case.id));
        self.unselected = needed.difference(selected).cloned().collect();
        self
    }

    /// The same without the cases whose worlds take more than so many pushes.
    #[must_use]
    pub fn without_worlds_above(mut self, pushes: u32) -> Self {
        let worlds = &self.worlds;
        let fits = |case: &Case| {
            let world = case.world.as_ref().and_then(|world| worlds.get(world));
            world.is_none_or(|world| world.pushes() <= pushes)
        };
        self.cases.retain(fits);
        self
    }

    /// Keeps one part of the selected cases. The `of` parts have every case once between them; `part` counts
    /// from 1.
    #[must_use]
    pub fn shard(self, part: usize, of: usize) -> Self {
        let mine = self.selected().enumerate().filter(|(index, _)| index % of + 1 == part);
        let mine = mine.map(|(_, case)| case.id.clone()).collect();
        self.keep(&mine)
    }

    /// The cases that were asked for.
    pub fn selected(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| !self.unselected.contains(&case.id))
    }

    /// The ids of all checks.
    pub fn check_ids(&self) -> BTreeSet<String> {
        self.checks().map(|(id, _, _)| id).collect()
    }

    /// How many checks have this level.
    pub fn count(&self, level: Level) -> usize {
        self.checks().filter(|(_, _, check)| check.level == level).count()
    }

    /// Every check with its id and its case, in order.
    pub fn checks(&self) -> impl Iterator<Item = (String, &Case, &Check)> {
        self.cases.iter().flat_map(|case| {
            let checks = case.steps.iter().flat_map(|step| &step.expect);
            checks.map(move |check| (check_id(&case.id, check.name()), case, check))
        })
    }

    /// How each case is run.
    pub fn plans(&self) -> Vec<Plan> {
        self.cases
            .iter()
            .map(|case| Plan {
                world: case.world.as_ref().map(|recipe| WorldKey {
                    recipe: recipe.clone(),
                    owner: writes(case).then(|| case.id.clone()),
                }),
                selected: !self.unselected.contains(&case.id),
                case: case.clone(),
            })
            .collect()
    }
}

fn writes(case: &Case) -> bool {
    case.steps.iter().any(|step| !is_reading(&step.send.operation))
}

/// Whether an operation changes nothing.
pub(crate) fn is_reading(operation: &str) -> bool {
    READING.contains(&operation)
}

fn holds_in(case: &Case, revision: &str) -> bool {
    let since = case.since.as_deref().is_none_or(|since| since <= revision);
    let until = case.until.as_deref().is_none_or(|until| revision <= until);
    since && until
}

fn fits_any(case: &Case, filters: &[String]) -> bool {
    let mut ids = vec![case.id.clone()];
    let checks = case.steps.iter().flat_map(|step| &step.expect);
    ids.extend(checks.map(|check| check_id(&case.id, check.name())));
    filters.iter().any(|filter| ids.iter().any(|id| fits(id, filter)))
}

/// Whether an id fits a filter.
pub(crate) fn fits(id: &str, filter: &str) -> bool {
    let Some((first, rest)) = filter.split_once('*') else { return id.contains(filter) };
    let Some(mut id) = id.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match id.find(part) {
            Some(at) => id = &id[at + part.len()..],
            None => return false,
        }
    }
    id.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_filter_with_a_star_is_for_the_whole_id() {
        assert!(fits("paging.page-size#status", "paging"));
        assert!(fits("paging.page-size#status", "paging.*"));
        assert!(fits("paging.page-size#status", "*#status"));
        assert!(fits("paging.page-size#status", "p*page*status"));
        assert!(!fits("paging.page-size#status", "page*"));
        assert!(!fits("paging.page-size#status", "*size"));
    }
}
