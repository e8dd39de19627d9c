//! Which check holds which sentence of the API page, and what of the model is exercised.

#![expect(clippy::expect_used, reason = "a test that can't go on has failed")]

mod support;

use ecrspec::case::Suite;
use ecrspec::trace::{Requirements, coverage};
use support::assert_golden;

#[test]
fn what_holds_the_page_and_exercises_the_model_stands_in_a_snapshot() {
    for revision in ecrspec_api::revisions() {
        let suite = Suite::for_revision(revision, &[]).expect("the built-in cases hold together");
        assert_golden("trace", &format!("page-{}", revision.name), &Requirements::built_in().text(&suite));
        assert_golden("trace", &format!("model-{}", revision.name), &coverage(revision, &suite).text());
    }
}
