//! What a world is made of, as a case file says it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Repositories and images that must exist before a case's first step. Each is made once a run, under random
/// names, and shared by the cases that only read.
///
/// A case sees it through bindings: `{{repository.KEY}}` (name), `.start` and `.end` (what stands before the first
/// slash of the name and behind the last), `.digests`; `{{image.KEY.digest}}`, `.digestStart` (its first twelve
/// hexadecimal digits), `.digestHex` (all of them), `.manifest` (the text that was pushed), `.size`, `.mediaType`, `.artifactMediaType`, `.pushedFrom` and `.pushedUntil` (epoch seconds). Where a
/// push is counted out its images have no `.manifest`; `{{image.KEY.next}}` is that of the one that would come next.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldRecipe {
    /// What there is, as one sentence.
    pub sentence: String,
    /// The images, by the name that the cases use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, ImageRecipe>,
    /// The repositories, by the name that the cases use, each with what is pushed to it, in order.
    pub repositories: BTreeMap<String, Vec<Push>>,
    /// Repositories whose name is another's, a slash and more: the other's name in this recipe by theirs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub below: BTreeMap<String, String>,
}

impl WorldRecipe {
    /// How many images are pushed to make it.
    pub fn pushes(&self) -> u32 {
        let all = self.repositories.values().flatten();
        all.map(|push| push.count.unwrap_or(1)).fold(0, u32::saturating_add)
    }
}

/// How an image is made.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImageRecipe {
    /// A manifest with a config and layers of its own.
    Image(SingleImage),
    /// An index (OCI) or manifest list (Docker) over other images, by their names.
    Index(IndexOf),
}

/// A manifest with a config and layers of its own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SingleImage {
    /// Whose media types it uses.
    pub format: ManifestFormat,
    /// The size of each layer in bytes.
    #[schemars(length(min = 1))]
    pub layers: Vec<u32>,
    /// The media type of its config, where it is another than the format's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_type: Option<String>,
    /// The name of the image that its manifest says it is about. It must be pushed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Whether its manifest says nothing of its own media type, so that only the push does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untyped: bool,
}

/// An index over other images.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexOf {
    /// Whose media types it uses.
    pub format: ManifestFormat,
    /// The names of its children. They must be pushed before it.
    #[schemars(length(min = 1))]
    pub of: Vec<String>,
}

/// Whose media types a manifest uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ManifestFormat {
    /// Docker's image manifest version 2, schema 2.
    Docker,
    /// The Open Container Initiative's image specification, version 1.
    Oci,
}

/// One push.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// The image's name.
    pub image: String,
    /// The tag it gets; none if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Push this many different images instead of one, with as few layers among them as that takes, of the
    /// sizes of this one's; they are called `KEY-1`, `KEY-2`, and so are their tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Let so many seconds go by before the push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 60))]
    pub after: Option<u32>,
}
