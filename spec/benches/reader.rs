//! The reader of a page of 1,000 images, with every deviation, against `serde_json` into equal owned types.
//!
//! ```console
//! $ cargo bench -p ecrspec-api --bench reader
//! ```

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so")]

mod ratio;

use std::collections::BTreeMap;
use std::hint::black_box;

use ecrspec_api::v2025_04::DescribeImagesResponse;
use ecrspec_api::{Direction, WriteJson as _, wire};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct Response {
    image_details: Option<Vec<ImageDetail>>,
    next_token: Option<String>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct ImageDetail {
    registry_id: Option<String>,
    repository_name: Option<String>,
    image_digest: Option<String>,
    image_tags: Option<Vec<String>>,
    image_size_in_bytes: Option<i64>,
    image_pushed_at: Option<f64>,
    image_scan_status: Option<ImageScanStatus>,
    image_scan_findings_summary: Option<ImageScanFindingsSummary>,
    image_manifest_media_type: Option<String>,
    artifact_media_type: Option<String>,
    last_recorded_pull_time: Option<f64>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct ImageScanStatus {
    status: Option<ScanStatus>,
    description: Option<String>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct ImageScanFindingsSummary {
    image_scan_completed_at: Option<f64>,
    vulnerability_source_updated_at: Option<f64>,
    finding_severity_counts: Option<BTreeMap<FindingSeverity, i32>>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ScanStatus {
    InProgress,
    Complete,
    Failed,
    UnsupportedImage,
    Active,
    Pending,
    ScanEligibilityExpired,
    FindingsUnavailable,
    #[serde(untagged)]
    Unknown(String),
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum FindingSeverity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
    Undefined,
    #[serde(untagged)]
    Unknown(String),
}

fn main() {
    let page = ratio::page(1000);
    let ours = wire::read::<DescribeImagesResponse>(&page, Direction::Response);
    assert_eq!(ours.deviations, [], "the page is as the shape has it");
    let value = ours.value.expect("a page");
    assert_eq!(value.to_json().len(), page.len(), "nothing of it is lost");
    let theirs: Response = serde_json::from_slice(&page).expect("a page");
    assert_eq!(
        theirs.image_details.map(|images| images.len()),
        value.image_details.map(|images| images.len())
    );

    println!("a page of 1,000 images, {} bytes:", page.len());
    ratio::compare(
        ("the generated reader", &mut || {
            black_box(wire::read::<DescribeImagesResponse>(black_box(&page), Direction::Response));
        }),
        ("serde_json", &mut || {
            black_box(serde_json::from_slice::<Response>(black_box(&page)).is_ok());
        }),
    );
}
