//! Two ways to do the same, one after the other in turn, so that what else the machine does weighs on both.

#![allow(dead_code, unreachable_pub, reason = "each benchmark uses its part")]
#![allow(clippy::print_stdout, reason = "this is how a benchmark talks")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// How often each of the two is measured, at most.
const ROUNDS: usize = 401;
/// How long a comparison may take.
const MOST: Duration = Duration::from_secs(8);
/// How long one measurement should take, so that the clock is no part of it.
const LEAST: Duration = Duration::from_millis(1);

/// Prints the median and the least time of both, and their ratios: how many times as fast the first is. The least
/// times are what counts where others use the machine too.
pub fn compare(first: (&str, &mut dyn FnMut()), second: (&str, &mut dyn FnMut())) {
    let (first_name, first) = first;
    let (second_name, second) = second;
    let counts = (count(first), count(second));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while ours.len() < ROUNDS && (ours.len() < 5 || start.elapsed() < MOST) {
        ours.push(time(first, counts.0));
        theirs.push(time(second, counts.1));
    }
    ours.sort();
    theirs.sort();
    for (name, times) in [(first_name, &ours), (second_name, &theirs)] {
        println!("  {name:<32} median {:>10.2?}  least {:>10.2?}", times[times.len() / 2], times[0]);
    }
    let ratio = |index: usize| theirs[index].as_secs_f64() / ours[index].as_secs_f64();
    println!(
        "  {second_name} / {first_name}: {:.2} (medians), {:.2} (least)",
        ratio(ours.len() / 2),
        ratio(0)
    );
}

fn count(run: &mut dyn FnMut()) -> u32 {
    run();
    let start = Instant::now();
    run();
    let once = start.elapsed().max(Duration::from_nanos(20));
    u32::try_from(LEAST.as_nanos() / once.as_nanos()).unwrap_or(u32::MAX).max(1)
}

fn time(run: &mut dyn FnMut(), count: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        run();
    }
    start.elapsed() / count
}

/// A page of images as ECR answers it: compact, members in its order, times as numbers with an exponent seldom.
pub fn page(images: usize) -> Vec<u8> {
    let mut text = String::from(r#"{"imageDetails":["#);
    for index in 0..images {
        let comma = if index == 0 { "" } else { "," };
        let digest = format!("{index:04x}").repeat(16);
        write!(
            text,
            r#"{comma}{{"registryId":"012345678910","repositoryName":"team/service-{}","imageDigest":"sha256:{digest}","#,
            index % 7
        )
        .and_then(|()| write!(text, r#""imageTags":["v1.{index}","build-{}"],"#, index * 31))
        .and_then(|()| write!(text, r#""imageSizeInBytes":{},"#, 50_000_000 + index * 977))
        .and_then(|()| write!(text, r#""imagePushedAt":{}.{:02}{},"#, 1_705_072_146 + index, index % 90, index % 9 + 1))
        .and_then(|()| {
            text.write_str(r#""imageScanStatus":{"status":"COMPLETE","description":"The scan was completed."},"#)
        })
        .and_then(|()| {
            write!(
                text,
                r#""imageScanFindingsSummary":{{"imageScanCompletedAt":{},"vulnerabilitySourceUpdatedAt":{},"findingSeverityCounts":{{"MEDIUM":{},"HIGH":{},"CRITICAL":1}}}},"#,
                1_705_072_200 + index,
                1_705_000_000 + index,
                index % 40,
                index % 9
            )
        })
        .and_then(|()| {
            text.write_str(
                r#""imageManifestMediaType":"application/vnd.docker.distribution.manifest.v2+json","artifactMediaType":"application/vnd.docker.container.image.v1+json","#,
            )
        })
        .and_then(|()| write!(text, r#""lastRecordedPullTime":{}.5}}"#, 1_705_100_000 + index))
        // Writing to a string cannot fail.
        .unwrap_or_default();
    }
    text.push_str("]}");
    text.into_bytes()
}
