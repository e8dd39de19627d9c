//! The mutants that the constraints of a `DescribeImages` request make.
//!
//! In: the table of a revision. Out: for each constraint that the emulator enforces a mutant that does not; for
//! each bound one that lies one off either way; for each value of an enum one that does not know it; for each
//! member of an entry those that leave it out, send null, or send another JSON type.

use ecrspec_api::table::{Constraint, ConstraintKind, Enforced, Member, Revision, Shape, ShapeKind};
use ecrspec_api::{Document, Violation};

use super::edit::{Members, get, number, objects, remove, set, text};
use super::fault::Fault;
use super::specimen::{Asked, Specimen, refusal};
use super::{Expected, Mutant};
use crate::case::derive;
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
    /// This good value counts as bad.
    Unknown(String),
}

/// A server that breaks over what breaks a constraint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crash {
    member: &'static str,
    kind: &'static str,
}

impl Crash {
    /// Answers a request of `DescribeImages`.
    pub(super) fn describe(self, specimen: &mut Specimen, asked: Asked<'_>) -> Response {
        let violations =
            specimen.operation.map(|operation| (operation.check_request)(&asked.request.body).violations);
        let strikes = |violation: &Violation| {
            violation.member == self.member && violation.constraint.kind.name() == self.kind
        };
        if violations.unwrap_or_default().iter().any(strikes) {
            return refusal(500, "ServerException", "Internal failure");
        }
        specimen.pass(asked.request, asked.now)
    }
}

/// The mutants of a revision's constraints.
pub(super) fn mutants(revision: &'static Revision) -> impl Iterator<Item = Mutant> {
    let members = revision.operation("DescribeImages").map_or(&[][..], |operation| operation.input.members());
    let mut places = Vec::new();
    for member in members {
        collect(&[], member, &mut places);
    }
    let constraints = places.into_iter().flat_map(|place| {
        place.member.constraints.iter().flat_map(move |constraint| of_constraint(&place, constraint))
    });
    constraints.chain(entry_members(revision).iter().flat_map(of_entry_member))
}

/// The members of an entry of the answer.
fn entry_members(revision: &'static Revision) -> &'static [Member] {
    let answer = revision.operation("DescribeImages").map_or(&[][..], |operation| operation.output.members());
    let list = answer.iter().find_map(|member| match member.target.kind {
        ShapeKind::List { member } => Some(member.target),
        _ => None,
    });
    list.map_or(&[], Shape::members)
}

/// A member of an entry that is not as the model has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryMember {
    member: &'static Member,
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Absent,
    Null,
    Listed,
    OtherType,
}

/// The members that an entry of a tagged image always has.
const ALWAYS: [&str; 8] = [
    "registryId",
    "repositoryName",
    "imageDigest",
    "imageTags",
    "imageSizeInBytes",
    "imagePushedAt",
    "imageManifestMediaType",
    "artifactMediaType",
];

fn of_entry_member(member: &'static Member) -> Vec<Mutant> {
    let name = member.name;
    let forms = [
        (Form::Absent, "absent", format!("Entries have no `{name}`."), "*#*"),
        (Form::Null, "null", format!("`{name}` of an entry is null."), "*#no-nulls"),
        (Form::Listed, "listed", format!("`{name}` of an entry stands in a list."), "describe.plain#typed"),
        (
            Form::OtherType,
            "other-type",
            format!("`{name}` of an entry has another type."),
            "describe.plain#typed",
        ),
    ];
    let is_sent = ALWAYS.contains(&name);
    forms
        .into_iter()
        .filter(|(form, ..)| is_sent || !matches!(form, Form::Absent))
        .map(|(form, what, sentence, catcher)| Mutant {
            name: format!("{what}.imageDetails.{name}"),
            sentence,
            seen: Vec::new(),
            expected: Expected::KilledBy(vec![catcher.to_owned()]),
            blunt: false,
            fault: Fault::Member(EntryMember { member, form }),
        })
        .collect()
}

impl EntryMember {
    /// Changes the member in every entry of an answer.
    pub(super) fn change(self, answer: &mut Members) {
        let name = self.member.name;
        for entry in objects(answer, "imageDetails") {
            let value = get(entry, name).cloned();
            match self.form {
                Form::Absent => drop(remove(entry, name)),
                Form::Null => set(entry, name, Document::Null),
                Form::Listed => {
                    let value = value.unwrap_or_else(|| self.of_other_type());
                    set(entry, name, Document::Array(vec![value]));
                }
                Form::OtherType => set(entry, name, self.of_other_type()),
            }
        }
    }

    fn of_other_type(self) -> Document {
        match self.member.target.kind {
            ShapeKind::String | ShapeKind::Enum { .. } | ShapeKind::Blob => number(7),
            _ => text("7"),
        }
    }
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
        let crash = Fault::Crash(Crash { member: place.member.name, kind });
        let sentence = format!("What breaks `{kind}` of `{path}` breaks the server.");
        mutants.push(mutant("crash", sentence, catcher, crash));
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
        ConstraintKind::Pattern(_) => {
            for (number, text) in (1..).zip(derive::examples(place.member, constraint)) {
                let sentence = format!("`{text}` is no `{path}`, though its pattern allows it.");
                let catcher = format!("pattern.good-{number}");
                let mut of_text = mutant("stricter", sentence, &catcher, edge(Shift::Unknown(text)));
                of_text.name = format!("{}.{number}", of_text.name);
                mutants.push(of_text);
            }
        }
        ConstraintKind::Enum(values) => {
            for value in values {
                let lower = value.to_ascii_lowercase();
                let mut of_value = mutant(
                    "unknown",
                    format!("The value `{value}` of `{path}` is not known."),
                    &format!("enum.{lower}"),
                    edge(Shift::Unknown((*value).to_owned())),
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
        match &self.shift {
            Shift::Wider if values.iter().any(|value| self.lies_off_by(value, 1)) => {
                specimen.answer_blindly(asked, Blindness::To { member: self.place.member.name, kind })
            }
            Shift::Narrower if values.iter().any(|value| self.lies_off_by(value, 0)) => self.refuse(),
            Shift::Unknown(unknown)
                if values.iter().any(|value| value.as_str() == Some(unknown.as_str())) =>
            {
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
