//! Laws: what holds of every repository, whatever is in it.
//!
//! In: the name of a world or of a repository that stands. Out: a [`Case`] a law, whose checks name what must hold
//! between its answers rather than what one answer is. What must stay true: a law sends reading operations only; its
//! first and last step are the same list, and it is judged only if both came out the same; the number of its calls
//! is bounded, however large the repository is; its check ids are promises like those of any case.
//!
//! `run` asks what a law asks, [`verdict`](crate::verdict) says what came of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::case::format::{Body, Case, Check, Expectation, HeaderChanges, Send, Step};
use crate::level::Level;

/// The most pages that a list is followed for: 20,000 images, which is what a repository of ECR holds by default.
pub const LIST_PAGES: u32 = 20;

/// The most pages of the walk that a list is compared with. A page may be short, so it is more than it takes.
pub const WALK_PAGES: u32 = 60;

/// The most images, or tags, that are asked for one by one. Of more, as many are taken evenly from the sorted list.
pub const MOST_ASKED: usize = 20;

/// The most calls that all laws together make on one repository.
pub const MOST_CALLS: u32 = 14 * LIST_PAGES + WALK_PAGES + 2 * 20;

/// What the size of a page is bound to, once the list is known.
pub(crate) const PAGE_SIZE: &str = "law.page-size";

/// What one digest, or one tag, is bound to while it is asked for.
pub(crate) const ASKED: &str = "law.asked";

/// The worlds of the suite that each law is tried on.
const ON_WORLDS: [(Law, &str); 6] = [
    (Law::Pages, "mixed"),
    (Law::Pages, "pages"),
    (Law::Partition, "mixed"),
    (Law::ByDigest, "several-tags"),
    (Law::ByTag, "several-tags"),
    (Law::OwnRegistry, "mixed"),
];

/// What holds of every repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// The pages are the list.
    Pages,
    /// Tagged and untagged images are all images.
    Partition,
    /// A digest of the list gives its image back.
    ByDigest,
    /// A tag of the list gives its image back.
    ByTag,
    /// The caller's own registry is the one that is asked without any.
    OwnRegistry,
}

/// What a check of a law asserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Each request was answered with 200 and a list.
    Answered,
    /// What the list has is in the pages.
    NoneLost,
    /// What is in the pages is in the list.
    NoneElse,
    /// Nothing comes in the pages twice.
    NoneTwice,
    /// No page has more than were asked for.
    PageSize,
    /// The filter TAGGED gives images with tags only.
    TaggedHaveTags,
    /// The filter UNTAGGED gives images without tags only.
    UntaggedHaveNone,
    /// TAGGED and UNTAGGED have no image in common.
    Apart,
    /// TAGGED and UNTAGGED together are ANY.
    Together,
    /// ANY is what comes without a filter.
    AnyIsAll,
    /// The answer has the image that was asked for, and no other.
    ItsImage,
    /// It has the tags that the list says.
    SameTags,
    /// Both lists have the same images.
    SameList,
}

/// A check of a law as the law's case has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LawCheck {
    /// The law.
    pub law: Law,
    /// What of it.
    pub rule: Rule,
}

impl Law {
    /// Every law, in the order in which they are reported.
    pub const ALL: [Self; 5] = [Self::Pages, Self::Partition, Self::ByDigest, Self::ByTag, Self::OwnRegistry];

    /// The law that a case is of.
    pub fn of(case: &Case) -> Option<Self> {
        case.steps.iter().flat_map(|step| &step.expect).find_map(|check| match &check.that {
            Expectation::Law(check) => Some(check.law),
            _ => None,
        })
    }

    /// The law's name: the end of its id.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Partition => "partition",
            Self::ByDigest => "by-digest",
            Self::ByTag => "by-tag",
            Self::OwnRegistry => "own-registry",
        }
    }

    /// The law as one sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Pages => "The pages of a list are the list: nothing is lost, nothing comes twice.",
            Self::Partition => "Tagged and untagged images are all images, and no image is both.",
            Self::ByDigest => "Asking by a digest of the list gives that image back.",
            Self::ByTag => "Asking by a tag of the list gives back the image that has it.",
            Self::OwnRegistry => "Naming one's own registry gives the list that comes without naming any.",
        }
    }

    /// The law on a world, or on a repository that stands: `law.pages@mixed`.
    pub fn case(self, world: &str) -> Case {
        let mut steps = vec![list(json!({}))];
        steps.extend(self.asked());
        let mut again = list(json!({}));
        again.expect = self.checks();
        steps.push(again);
        Case {
            id: format!("law.{}@{world}", self.name()),
            sentence: self.sentence().to_owned(),
            about: Some(self.about().to_owned()),
            world: Some(world.to_owned()),
            needs: Vec::new(),
            since: None,
            until: None,
            twin: None,
            steps,
        }
    }

    /// Whether its second step asks for one image after the other: the member of the image id that it asks by.
    pub(crate) fn asks_by(self) -> Option<&'static str> {
        match self {
            Self::ByDigest => Some("imageDigest"),
            Self::ByTag => Some("imageTag"),
            _ => None,
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Pages => "maxResults",
            Self::Partition => "filter",
            Self::ByDigest => "imageDigest",
            Self::ByTag => "imageTag",
            Self::OwnRegistry => "registryId",
        }
    }

    /// What is asked between the two lists.
    fn asked(self) -> Vec<Step> {
        let filtered = |status: &str| list(json!({"filter": {"tagStatus": status}}));
        match self {
            Self::Pages => {
                let size = format!("{{{{{PAGE_SIZE}}}}}");
                vec![step(json!({"maxResults": size}), Some(WALK_PAGES))]
            }
            Self::Partition => ["TAGGED", "UNTAGGED", "ANY"].map(filtered).into(),
            Self::ByDigest | Self::ByTag => {
                let asked = format!("{{{{{ASKED}}}}}");
                let member = self.asks_by().unwrap_or_default();
                vec![step(json!({"imageIds": [{member: asked}]}), None)]
            }
            Self::OwnRegistry => vec![list(json!({"registryId": "{{registry.id}}"}))],
        }
    }

    fn checks(self) -> Vec<Check> {
        let evidence: &[&str] = match self {
            Self::Pages => &["D-8"],
            Self::Partition => &["D-11"],
            Self::ByDigest | Self::ByTag => &["D-3"],
            Self::OwnRegistry => &["D-25"],
        };
        let rules: &[Rule] = match self {
            Self::Pages => &[Rule::Answered, Rule::PageSize, Rule::NoneLost, Rule::NoneElse, Rule::NoneTwice],
            Self::Partition => &[
                Rule::Answered,
                Rule::TaggedHaveTags,
                Rule::UntaggedHaveNone,
                Rule::Apart,
                Rule::Together,
                Rule::AnyIsAll,
            ],
            Self::ByDigest | Self::ByTag => &[Rule::Answered, Rule::ItsImage, Rule::SameTags],
            Self::OwnRegistry => &[Rule::Answered, Rule::SameList],
        };
        rules
            .iter()
            .map(|rule| Check {
                when: Vec::new(),
                name: Some(rule.name().to_owned()),
                that: Expectation::Law(LawCheck { law: self, rule: *rule }),
                level: Level::Must,
                evidence: match rule {
                    Rule::PageSize => vec!["D-6".to_owned()],
                    _ => evidence.iter().map(|id| (*id).to_owned()).collect(),
                },
                breaks: rule.breaks().map(str::to_owned),
            })
            .collect()
    }
}

impl Rule {
    /// The rule's name: the end of its check's id.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NoneLost => "none-lost",
            Self::NoneElse => "none-else",
            Self::NoneTwice => "none-twice",
            Self::PageSize => "page-size",
            Self::TaggedHaveTags => "tagged-have-tags",
            Self::UntaggedHaveNone => "untagged-have-none",
            Self::Apart => "apart",
            Self::Together => "together",
            Self::AnyIsAll => "any-is-all",
            Self::ItsImage => "its-image",
            Self::SameTags => "same-tags",
            Self::SameList => "same-list",
        }
    }

    /// What the rule asserts, in words.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Answered => "each request is answered with 200 and a list of images",
            Self::NoneLost => "what the list has is in the pages",
            Self::NoneElse => "what is in the pages is in the list",
            Self::NoneTwice => "no image is in the pages twice",
            Self::PageSize => "no page has more images than were asked for",
            Self::TaggedHaveTags => "TAGGED gives images with tags only",
            Self::UntaggedHaveNone => "UNTAGGED gives images without tags only",
            Self::Apart => "TAGGED and UNTAGGED have no image in common",
            Self::Together => "TAGGED and UNTAGGED together are ANY",
            Self::AnyIsAll => "ANY gives what comes without a filter",
            Self::ItsImage => "the answer has the image that was asked for and no other",
            Self::SameTags => "the image has the tags that the list says",
            Self::SameList => "both lists have the same images",
        }
    }

    fn breaks(self) -> Option<&'static str> {
        match self {
            Self::NoneLost => Some("every pager: images are missed"),
            Self::NoneTwice => Some("code that counts or deletes: an image is worked on twice"),
            Self::PageSize => Some("code that sizes its work or its memory by the page"),
            Self::TaggedHaveTags | Self::UntaggedHaveNone | Self::Apart | Self::Together => {
                Some("clean-up jobs that ask for untagged images and delete what they get")
            }
            Self::SameTags => Some("clean-up jobs that delete an image because of the one tag they see"),
            _ => None,
        }
    }
}

/// The laws on worlds of the suite, so that they are tried where all is known.
pub fn cases() -> impl Iterator<Item = Case> {
    ON_WORLDS.into_iter().map(|(law, world)| law.case(world))
}

/// A step that lists all images that fit.
fn list(members: Value) -> Step {
    let mut members = members;
    members["maxResults"] = json!(1000);
    step(members, Some(LIST_PAGES))
}

fn step(mut members: Value, walk: Option<u32>) -> Step {
    members["repositoryName"] = json!("{{repository.main}}");
    Step {
        send: Send {
            operation: "DescribeImages".to_owned(),
            body: Body::Value(members),
            headers: HeaderChanges::default(),
            walk,
        },
        capture: BTreeMap::new(),
        expect: Vec::new(),
    }
}
