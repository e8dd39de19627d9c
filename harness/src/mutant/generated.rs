//! The mutants that the constraints of a `DescribeImages` request make.
//!
//! In: the table of a revision. Out: for each constraint that the emulator enforces a mutant that does not; for
//! each bound one that lies one off either way; for each value of an enum one that does not know it.

use ecrspec_api::Document;
use ecrspec_api::table::{Constraint, ConstraintKind, Enforced, Member, Revision, ShapeKind};

use super::edit::Members;
use super::fault::Fault;
use super::specimen::{Asked, Specimen, refusal};
use super::{Expected, Mutant};
use crate::emulator::Blindness;
use crate::exchange::Response;

/// A place in a request, from its members down.
#[derive(Clone, Debug)]
struct Place {
    /// The names of members on the way; elements of lists have none.
    path: Vec<&'static str>,
    member: &'static Member,
}

/// A constraint one value off.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    place: Place,
    constraint: &'static Constraint,
    shift: Shift,
}

#[derive(Clone, Debug)]
enum Shift {
    /// The first bad value counts as good.
    Wider,
    /// The last good value counts as bad.
    Narrower,
    /// This value of an enum counts as bad.
    Unknown(&'static str),
}

/// The mutants of a revision's constraints.
pub(super) fn mutants(revision: &'static Revision) -> impl Iterator<Item = Mutant> {
    let members = revision.operation("DescribeImages").map_or(&[][..], |operation| operation.input.members());
    let mut places = Vec::new();
    for member in members {
        collect(&[], member, &mut places);
    }
    places.into_iter().flat_map(|place| {
        place.member.constraints.iter().flat_map(move |constraint| of_constraint(&place, constraint))
    })
}

fn collect(above: &[&'static str], member: &'static Member, places: &mut Vec<Place>) {
    let path = [above, &[member.name]].concat();
    let below = match member.target.kind {
        ShapeKind::List { member } => member.target.members(),
        _ => member.target.members(),
    };
    places.push(Place { path: path.clone(), member });
    for member in below {
        collect(&path, member, places);
    }
}

fn of_constraint(place: &Place, constraint: &'static Constraint) -> Vec<Mutant> {
    let path = place.path.join(".");
    let kind = constraint.kind.name();
    let mutant = |what: &str, sentence: String, catcher: &str, fault: Fault| Mutant {
        name: format!("{what}.{path}.{kind}"),
        sentence,
        seen: Vec::new(),
        expected: Expected::KilledBy(vec![format!("derived.{path}.{catcher}#*")]),
        blunt: false,
        fault,
    };
    let edge = |shift| Fault::Edge(Edge { place: place.clone(), constraint, shift });
    let mut mutants = Vec::new();
    if constraint.enforced == Enforced::Yes && !matches!(constraint.kind, ConstraintKind::Excludes(_)) {
        let catcher = match constraint.kind {
            ConstraintKind::Required => "required.*",
            ConstraintKind::Pattern(_) => "pattern.bad-*",
            ConstraintKind::Enum(_) => "enum.unknown",
            _ => &format!("{kind}.bad"),
        };
        let blindness = Blindness::To { member: place.member.name, kind };
        mutants.push(mutant(
            "unchecked",
            format!("`{kind}` of `{path}` is not checked."),
            catcher,
            Fault::Blind(blindness),
        ));
    }
    match constraint.kind {
        ConstraintKind::MinLength(_)
        | ConstraintKind::MaxLength(_)
        | ConstraintKind::Minimum(_)
        | ConstraintKind::Maximum(_) => {
            if constraint.enforced == Enforced::Yes {
                let sentence = format!("`{kind}` of `{path}` lets one more value through.");
                mutants.push(mutant("wider", sentence, &format!("{kind}.bad"), edge(Shift::Wider)));
            }
            let sentence = format!("`{kind}` of `{path}` lets one value less through.");
            mutants.push(mutant("narrower", sentence, &format!("{kind}.good"), edge(Shift::Narrower)));
        }
        ConstraintKind::Enum(values) => {
            for value in values {
                let lower = value.to_ascii_lowercase();
                let mut of_value = mutant(
                    "unknown",
                    format!("The value `{value}` of `{path}` is not known."),
                    &format!("enum.{lower}"),
                    edge(Shift::Unknown(value)),
                );
                of_value.name = format!("{}.{lower}", of_value.name);
                mutants.push(of_value);
            }
        }
        _ => {}
    }
    mutants
}

impl Edge {
    /// Answers a request of `DescribeImages`.
    pub(super) fn describe(&self, specimen: &mut Specimen, asked: Asked<'_>) -> Response {
        let kind = self.constraint.kind.name();
        let mut values = Vec::new();
        self.place.values(asked.body, &mut values);
        match self.shift {
            Shift::Wider if values.iter().any(|value| self.lies_off_by(value, 1)) => {
                specimen.answer_blindly(asked, Blindness::To { member: self.place.member.name, kind })
            }
            Shift::Narrower if values.iter().any(|value| self.lies_off_by(value, 0)) => self.refuse(),
            Shift::Unknown(unknown) if values.iter().any(|value| value.as_str() == Some(unknown)) => {
                self.refuse()
            }
            _ => specimen.pass(asked.request, asked.now),
        }
    }

    /// Whether a value lies so far beyond the bound.
    fn lies_off_by(&self, value: &Document, far: i64) -> bool {
        let bound = |bound: u64| i64::try_from(bound).unwrap_or(i64::MAX);
        let wanted = match self.constraint.kind {
            ConstraintKind::MinLength(least) => bound(least) - far,
            ConstraintKind::MaxLength(most) => bound(most).saturating_add(far),
            ConstraintKind::Minimum(least) => least - far,
            ConstraintKind::Maximum(most) => most.saturating_add(far),
            _ => return false,
        };
        measure(value) == Some(wanted)
    }

    fn refuse(&self) -> Response {
        let member = self.place.member.name;
        let message = match &self.constraint.message {
            Some(message) => message.template.replace("{member}", member),
            None => format!("Invalid parameter at '{member}'"),
        };
        refusal(400, "InvalidParameterException", &message)
    }
}

impl Place {
    /// The values that a request has here.
    fn values<'a>(&self, body: &'a Members, values: &mut Vec<&'a Document>) {
        let Some((first, rest)) = self.path.split_first() else { return };
        let found = body.iter().filter(|(name, _)| name == first).map(|(_, value)| value);
        values.extend(found);
        for step in rest {
            *values = values
                .iter()
                .flat_map(|value| match value {
                    Document::Array(elements) => elements.iter().collect(),
                    other => vec![*other],
                })
                .filter_map(|value| value.get(step))
                .collect();
        }
    }
}

fn measure(value: &Document) -> Option<i64> {
    match value {
        Document::String(text) => i64::try_from(text.chars().count()).ok(),
        Document::Array(elements) => i64::try_from(elements.len()).ok(),
        Document::Number(number) => number.parse().ok(),
        _ => None,
    }
}
