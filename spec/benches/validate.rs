//! The validator of a request with 100 images, against one written by hand on the `regex` crate.
//!
//! ```console
//! $ cargo bench -p ecrspec-api --bench validate
//! ```

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so")]

mod ratio;

use std::hint::black_box;

use ecrspec_api::Validate as _;
use ecrspec_api::v2025_04::{DescribeImagesRequest, ImageIdentifier};
use regex::Regex;

/// What a careful person writes: the same constraints, every one that breaks named with its place.
struct ByHand {
    registry: Regex,
    repository: Regex,
    digest: Regex,
    tag: Regex,
}

impl ByHand {
    fn new(request: &DescribeImagesRequest) -> Self {
        let pattern = |pointer: &str| {
            let broken = request.violations();
            let found =
                broken.iter().find(|one| one.pointer == pointer && one.constraint.kind.name() == "pattern");
            let found = found.map(|one| match one.constraint.kind {
                ecrspec_api::table::ConstraintKind::Pattern(pattern) => pattern.source,
                _ => "",
            });
            let source = found.expect("the pattern breaks").replace("0-9-_", "0-9\\-_");
            Regex::new(&format!("^(?:{source})$")).expect("a pattern")
        };
        Self {
            registry: pattern("/registryId"),
            repository: pattern("/repositoryName"),
            digest: pattern("/imageIds/0/imageDigest"),
            tag: pattern("/imageIds/0/imageTag"),
        }
    }

    fn violations(&self, request: &DescribeImagesRequest) -> Vec<String> {
        let mut broken = Vec::new();
        if let Some(registry) = &request.registry_id
            && !self.registry.is_match(registry)
        {
            broken.push("/registryId: pattern".to_owned());
        }
        match &request.repository_name {
            None => broken.push("/repositoryName: required".to_owned()),
            Some(name) => {
                let length = name.chars().count();
                if length < 2 {
                    broken.push("/repositoryName: length.min".to_owned());
                }
                if length > 256 {
                    broken.push("/repositoryName: length.max".to_owned());
                }
                if !self.repository.is_match(name) {
                    broken.push("/repositoryName: pattern".to_owned());
                }
            }
        }
        if let Some(images) = &request.image_ids {
            if images.is_empty() {
                broken.push("/imageIds: length.min".to_owned());
            }
            if images.len() > 100 {
                broken.push("/imageIds: length.max".to_owned());
            }
            for (index, image) in images.iter().enumerate() {
                if let Some(digest) = &image.image_digest
                    && !self.digest.is_match(digest)
                {
                    broken.push(format!("/imageIds/{index}/imageDigest: pattern"));
                }
                if let Some(tag) = &image.image_tag {
                    let length = tag.chars().count();
                    if length < 1 {
                        broken.push(format!("/imageIds/{index}/imageTag: length.min"));
                    }
                    if length > 300 {
                        broken.push(format!("/imageIds/{index}/imageTag: length.max"));
                    }
                    if !self.tag.is_match(tag) {
                        broken.push(format!("/imageIds/{index}/imageTag: pattern"));
                    }
                }
            }
        }
        if request.max_results.is_some_and(|most| most < 1) {
            broken.push("/maxResults: range.min".to_owned());
        }
        if request.max_results.is_some_and(|most| most > 1000) {
            broken.push("/maxResults: range.max".to_owned());
        }
        broken
    }
}

fn main() {
    let image = |index: usize| ImageIdentifier {
        image_digest: index
            .is_multiple_of(2)
            .then(|| format!("sha256:{}", format!("{index:04x}").repeat(16))),
        image_tag: (!index.is_multiple_of(2)).then(|| format!("release-1.{index}.{}-amd64", index * 7)),
    };
    let request = DescribeImagesRequest {
        registry_id: Some("012345678910".to_owned()),
        repository_name: Some("team/service".to_owned()),
        image_ids: Some((0..100).map(image).collect()),
        ..Default::default()
    };
    let wrong = DescribeImagesRequest {
        registry_id: Some("0".to_owned()),
        repository_name: Some("A//b".to_owned()),
        image_ids: Some(vec![ImageIdentifier {
            image_digest: Some("sha256".to_owned()),
            image_tag: Some("a b".to_owned()),
        }]),
        ..Default::default()
    };
    let by_hand = ByHand::new(&wrong);
    let told: Vec<String> = wrong
        .violations()
        .iter()
        .map(|one| format!("{}: {}", one.pointer, one.constraint.kind.name()))
        .collect();
    assert_eq!(told, by_hand.violations(&wrong), "both say the same of a wrong request");
    assert!(request.violations().is_empty() && by_hand.violations(&request).is_empty(), "it is right");

    println!("a right request with 100 images:");
    ratio::compare(
        ("the generated validator", &mut || {
            black_box(black_box(&request).validate().is_ok());
        }),
        ("by hand, on regex", &mut || {
            black_box(by_hand.violations(black_box(&request)));
        }),
    );
}
