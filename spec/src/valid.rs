//! Validation: every constraint that a value breaks, collected.
//!
//! In: a value of a generated type. Out: its violations, or a [`Valid`] view of it. What must stay true: a
//! check never stops at the first violation, and the order is that of the model: members in their order,
//! each with its own constraints before what it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use crate::table::{Constraint, Shape};
use crate::wire::{Place, WriteJson, shorten};
use crate::{Blob, Violation};

/// Which way a value travels: some constraints bind requests only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the service.
    Request,
    /// From the service.
    Response,
}

/// A type that knows its constraints. Generated for every structure.
pub trait Validate: Sized {
    /// The shape of the type.
    const SHAPE: &'static Shape;
    /// Which way [`violations`](Self::violations) takes it to travel: a structure that some request holds, to
    /// the service.
    const DIRECTION: Direction;
    /// What a [`Valid`] value dereferences to: required members are no options there.
    type View<'a>
    where
        Self: 'a;

    /// Reports every constraint that the value breaks. Generated code calls it; others call
    /// [`violations`](Self::violations) or [`validate`](Self::validate).
    fn check(&self, checker: &mut Checker, at: &Place<'_>);

    /// The checked view; `None` where a required member is missing.
    fn view(&self) -> Option<Self::View<'_>>;

    /// Every constraint that the value breaks.
    fn violations(&self) -> Vec<Violation> {
        self.violations_as(Self::DIRECTION)
    }

    /// Every constraint that the value breaks when it travels that way.
    fn violations_as(&self, direction: Direction) -> Vec<Violation> {
        let mut checker = Checker { direction, violations: Vec::new() };
        self.check(&mut checker, &Place::root(Self::SHAPE));
        checker.violations
    }

    /// A checked view of the value.
    ///
    /// # Errors
    ///
    /// Every constraint that the value breaks.
    fn validate(&self) -> Result<Valid<'_, Self>, Vec<Violation>> {
        let violations = self.violations();
        match self.view() {
            Some(view) if violations.is_empty() => Ok(Valid { value: self, view }),
            _ => Err(violations),
        }
    }
}

/// A value that breaks no constraint. Only [`Validate::validate`] makes one.
pub struct Valid<'a, T: Validate + 'a> {
    value: &'a T,
    view: T::View<'a>,
}

impl<'a, T: Validate> Valid<'a, T> {
    /// The value as it was checked.
    pub fn get(&self) -> &'a T {
        self.value
    }
}

impl<'a, T: Validate> Deref for Valid<'a, T> {
    type Target = T::View<'a>;

    fn deref(&self) -> &Self::Target {
        &self.view
    }
}

impl<T: Validate + std::fmt::Debug> std::fmt::Debug for Valid<'_, T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Valid").field(self.value).finish()
    }
}

/// Collects violations. Generated code fills it.
#[derive(Debug)]
pub struct Checker {
    direction: Direction,
    violations: Vec<Violation>,
}

impl Checker {
    /// Reports the constraint unless it holds, or binds requests only and this is none.
    pub fn hold(
        &mut self,
        at: &Place<'_>,
        constraint: &'static Constraint,
        holds: bool,
        value: &(impl WriteJson + ?Sized),
    ) {
        if !holds {
            self.report(at, constraint, Some(shorten(&value.to_json())));
        }
    }

    /// Reports that a member is not there.
    pub fn missing(&mut self, at: &Place<'_>, constraint: &'static Constraint) {
        self.report(at, constraint, None);
    }

    fn report(&mut self, at: &Place<'_>, constraint: &'static Constraint, value: Option<String>) {
        if constraint.request_only && self.direction == Direction::Response {
            return;
        }
        self.violations.push(Violation {
            pointer: at.pointer(),
            member: at.member_name(),
            constraint,
            value,
        });
    }
}

/// Whether no two elements are written alike.
pub fn is_unique<T: WriteJson>(elements: &[T]) -> bool {
    let mut seen = BTreeSet::new();
    elements.iter().all(|element| seen.insert(element.to_json()))
}

/// Length in the units of the model.
pub trait Length {
    /// Unicode scalar values of a string, bytes of a blob, elements of a list, entries of a map.
    fn length(&self) -> u64;

    /// Whether the length is that or more.
    fn at_least(&self, bound: u64) -> bool {
        self.length() >= bound
    }

    /// Whether the length is that or less.
    fn at_most(&self, bound: u64) -> bool {
        self.length() <= bound
    }
}

/// No scalar value has more than four bytes: most texts need not be counted.
impl Length for str {
    fn length(&self) -> u64 {
        self.chars().count() as u64
    }

    fn at_least(&self, bound: u64) -> bool {
        self.len().div_ceil(4) as u64 >= bound || self.length() >= bound
    }

    fn at_most(&self, bound: u64) -> bool {
        self.len() as u64 <= bound || self.length() <= bound
    }
}

impl Length for String {
    fn length(&self) -> u64 {
        self.as_str().length()
    }

    fn at_least(&self, bound: u64) -> bool {
        self.as_str().at_least(bound)
    }

    fn at_most(&self, bound: u64) -> bool {
        self.as_str().at_most(bound)
    }
}

impl Length for Blob {
    fn length(&self) -> u64 {
        self.0.len() as u64
    }
}

impl<T> Length for Vec<T> {
    fn length(&self) -> u64 {
        self.len() as u64
    }
}

impl<K, V> Length for BTreeMap<K, V> {
    fn length(&self) -> u64 {
        self.len() as u64
    }
}
