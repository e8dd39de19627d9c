//! The page is held, the model is exercised, and tiers and costs are what they say.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use ecrspec::case::{Cost, Suite};
use ecrspec::level::Level;
use ecrspec::tier::Tier;
use ecrspec::trace::{Requirements, coverage};

#[test]
fn every_sentence_of_the_page_is_held_by_checks_that_exist() {
    for revision in ecrspec_api::revisions() {
        let suite = Suite::for_revision(revision, &[]).expect("the built-in cases have no problem");
        for requirement in &Requirements::built_in().requirements {
            let without = requirement.without_check(&suite);
            assert!(without.is_empty(), "{} in {}: no check fits {without:?}", requirement.id, revision.name);
        }
    }
}

#[test]
fn every_part_of_the_model_is_exercised_or_has_a_reason() {
    for revision in ecrspec_api::revisions() {
        let suite = Suite::for_revision(revision, &[]).expect("the built-in cases have no problem");
        let coverage = coverage(revision, &suite);
        let bare: Vec<_> =
            coverage.items.iter().filter(|item| item.is_bare()).map(|item| &item.name).collect();
        assert!(bare.is_empty(), "in {} no case exercises {bare:#?}", revision.name);
        assert!(!coverage.items.is_empty());
    }
}

#[test]
fn a_reason_for_what_is_not_exercised_is_still_needed() {
    let used: Vec<_> = ecrspec_api::revisions()
        .iter()
        .flat_map(|revision| {
            let suite = Suite::for_revision(revision, &[]).expect("the built-in cases have no problem");
            coverage(revision, &suite).items
        })
        .filter_map(|item| item.reason)
        .collect();
    for unexercised in &Requirements::built_in().unexercised {
        assert!(used.contains(&unexercised.reason.as_str()), "{:?} is exercised", unexercised.of);
    }
}

#[test]
fn what_no_json_reader_can_see_weighs_may_at_most() {
    let suite = support::suite(&[]);
    let lexical: Vec<_> = suite.checks().filter(|(.., check)| check.that.tier() == Tier::Lexical).collect();
    assert_eq!(lexical.len(), 2);
    assert!(lexical.iter().all(|(.., check)| check.level <= Level::May));
    let tiers: std::collections::BTreeSet<_> = suite.checks().map(|(.., check)| check.that.tier()).collect();
    assert_eq!(tiers.into_iter().collect::<Vec<_>>(), Tier::ALL);
}

#[test]
fn a_quick_suite_has_no_world_of_hundreds_and_every_twin_that_it_needs() {
    let whole = support::suite(&[]);
    let slow: Vec<_> = whole
        .cases
        .iter()
        .filter(|case| whole.cost(case) == Cost::Slow)
        .map(|case| case.id.clone())
        .collect();
    assert!(slow.contains(&"paging.default-page-size".to_owned()), "{slow:?}");
    let quick = support::suite(&[]).quick();
    assert_eq!(quick.cases.len() + slow.len(), whole.cases.len());
    assert!(slow.len() < 12, "{slow:?}");
    for case in &quick.cases {
        assert_ne!(case.world.as_deref(), Some("hundred-and-one"), "{}", case.id);
        if let Some(twin) = &case.twin {
            assert!(quick.cases.iter().any(|case| case.id == *twin), "{} has no twin", case.id);
        }
    }
}
