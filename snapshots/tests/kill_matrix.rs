//! The kill matrix: which check fails on which mutant of the emulator.

#![expect(clippy::expect_used, reason = "a test that can't go on has failed")]

mod support;

use ecrspec::mutant::Matrix;
use support::{assert_golden, revision, suite};

#[test]
fn every_mutant_is_killed_as_expected_and_every_check_kills_one() {
    let matrix = Matrix::run(&suite(&[]), revision(), &[], |_| {}).expect("a runtime starts");
    let complaints = matrix.complaints();
    assert_golden("kill-matrix", revision().name, &matrix.to_string());
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
