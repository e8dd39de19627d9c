//! What a case costs: about how many calls it takes, with the world that it needs.

use std::collections::BTreeSet;

use crate::case::Suite;
use crate::case::format::{Case, Step};
use crate::world::{ImageRecipe, WorldRecipe};

/// The most calls of a case that is quick.
const QUICK_CALLS: u32 = 100;

/// The calls that upload one config or layer.
const CALLS_A_BLOB: u32 = 4;

/// What a case costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// It takes a few calls and a few images.
    Quick,
    /// It takes a hundred calls and more.
    Slow,
}

impl Cost {
    /// The cost as reports print it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Slow => "slow",
        }
    }
}

impl Suite {
    /// What a case costs, the world and the valid twins that it needs included.
    pub fn cost(&self, case: &Case) -> Cost {
        let mut calls = 0;
        let mut worlds = BTreeSet::new();
        let mut next = Some(case);
        // A twin may have a twin of its own, and a wrong file may have them in a circle.
        for _ in 0..self.cases.len() {
            let Some(case) = next else { break };
            let world = case.world.as_deref().and_then(|world| self.worlds.get_key_value(world));
            let images = world.map_or(0, |(_, world)| images(world));
            calls += case.steps.iter().map(|step| calls_of(step, images)).sum::<u32>();
            // A world is made once for all cases that read it.
            calls += world.filter(|(name, _)| worlds.insert(*name)).map_or(0, |(_, world)| calls_for(world));
            next = case.twin.as_ref().and_then(|twin| self.cases.iter().find(|case| case.id == *twin));
        }
        if calls <= QUICK_CALLS { Cost::Quick } else { Cost::Slow }
    }

    /// Keeps the quick cases.
    #[must_use]
    pub fn quick(mut self) -> Self {
        let quick: Vec<bool> = self.cases.iter().map(|case| self.cost(case) == Cost::Quick).collect();
        let mut quick = quick.into_iter();
        self.cases.retain(|_| quick.next().unwrap_or(false));
        self
    }
}

/// The calls of a step: for a walk, a page an image at the most.
fn calls_of(step: &Step, images: u32) -> u32 {
    step.send.walk.map_or(1, |most| most.min(images + 1))
}

fn images(world: &WorldRecipe) -> u32 {
    world.repositories.values().flatten().map(|push| push.count.unwrap_or(1)).sum()
}

fn calls_for(world: &WorldRecipe) -> u32 {
    let repositories = u32::try_from(world.repositories.len()).unwrap_or(u32::MAX);
    let blobs = |image: &String| match world.images.get(image) {
        Some(ImageRecipe::Image(single)) => 1 + u32::try_from(single.layers.len()).unwrap_or(u32::MAX),
        _ => 0,
    };
    let uploads: u32 = world.repositories.values().flatten().map(|push| blobs(&push.image)).sum();
    2 * repositories + CALLS_A_BLOB * uploads + images(world)
}
