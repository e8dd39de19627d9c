//! Cases made from the table's constraints.
//!
//! In: a revision's table. Out: for each constraint of a `DescribeImages` request the last good and the first
//! bad value, for each member the wrong JSON types, each as a case; a bad one has its valid twin. What must
//! stay true: values come from the slow interpreter in [`interpreter`], not from the generated code that they
//! judge; what another revision disputes is information, and a value of a member that another revision lacks is at
//! most a `should`.

pub mod interpreter;
mod pattern;
mod readable;
mod standing;
mod values;

pub(crate) use readable::examples;

use std::collections::BTreeMap;

use ecrspec_api::table::{Constraint, ConstraintKind, Enforced, Member, Operation, Revision, ShapeKind};
use serde_json::{Value, json};

use crate::case::Suite;
use crate::case::format::{
    Body, Case, Check, EnvelopeRule, Expectation, HeaderChanges, Send, Step, TextMatcher,
};
use crate::evidence::Ledger;
use crate::level::Level;
use crate::world::WorldRecipe;

/// The world of the derived cases: a repository without images.
const WORLD: &str = "derived";

/// The most patterns' counter-examples that become cases, a member.
const COUNTER_EXAMPLES: usize = 8;

/// The derived cases of a revision with their world.
pub fn derive(revision: &'static Revision) -> Suite {
    let mut suite = Suite::default();
    let Some(operation) = revision.operation("DescribeImages") else { return suite };
    suite.worlds.insert(
        WORLD.to_owned(),
        WorldRecipe {
            sentence: "A repository without images.".to_owned(),
            images: BTreeMap::new(),
            repositories: BTreeMap::from([("main".to_owned(), Vec::new())]),
            below: BTreeMap::new(),
        },
    );
    for member in operation.input.members() {
        let place = Place { operation, outer: member, inner: Vec::new(), member };
        place.derive(&mut suite.cases);
    }
    suite
}

/// A member of the request, or one of its parts.
struct Place {
    operation: &'static Operation,
    /// The member of the request itself.
    outer: &'static Member,
    /// How to come from there to the member in question.
    inner: Vec<Descent>,
    /// The member in question.
    member: &'static Member,
}

/// One level down.
#[derive(Clone)]
enum Descent {
    Member(&'static str),
    Element,
}

/// What proves that a request passed validation.
struct Proof {
    status: u16,
    code: Option<&'static str>,
    evidence: &'static [&'static str],
}

impl Place {
    fn derive(&self, cases: &mut Vec<Case>) {
        let good = self.good();
        cases.push(self.accepted("good", "A usual value passes validation.", &good, &["D-1"], Level::Must));
        self.derive_constraints(cases);
        self.derive_examples(cases);
        self.derive_types(cases);
        self.derive_elements(cases);
        match self.member.target.kind {
            ShapeKind::Structure { members } => {
                for member in members {
                    self.below(Descent::Member(member.name), member).derive(cases);
                }
            }
            ShapeKind::List { member } => {
                if let ShapeKind::Structure { members } = member.target.kind {
                    let element = self.below(Descent::Element, member);
                    for member in members {
                        element.below(Descent::Member(member.name), member).derive(cases);
                    }
                }
            }
            _ => {}
        }
    }

    fn below(&self, step: Descent, member: &'static Member) -> Self {
        let mut inner = self.inner.clone();
        inner.push(step);
        Self { operation: self.operation, outer: self.outer, inner, member }
    }

    fn derive_constraints(&self, cases: &mut Vec<Case>) {
        for constraint in self.member.constraints {
            match constraint.kind {
                ConstraintKind::Required => {
                    cases.push(self.rejected("required.absent", constraint, None));
                    cases.push(self.rejected("required.null", constraint, Some(Value::Null)));
                }
                ConstraintKind::Pattern(pattern) => {
                    let bad = pattern::counter_examples(pattern, self.member);
                    for (number, text) in (1..).zip(bad.into_iter().take(COUNTER_EXAMPLES)) {
                        let name = format!("pattern.bad-{number}");
                        cases.push(self.rejected(&name, constraint, Some(Value::String(text))));
                    }
                }
                ConstraintKind::Enum(known) => {
                    for value in known {
                        let name = format!("enum.{}", value.to_ascii_lowercase());
                        let sentence = format!("The value `{value}` passes validation.");
                        let value = json!(value);
                        let level = standing::of_good(self.member, &value);
                        cases.push(self.accepted(&name, &sentence, &value, constraint.evidence, level));
                    }
                    let lower = known.first().map(|known| known.to_lowercase()).unwrap_or_default();
                    for (name, bad) in [("enum.unknown", "NONE_OF_THEM"), ("enum.lower-case", &lower)] {
                        cases.push(self.rejected(name, constraint, Some(json!(bad))));
                    }
                }
                // No value is on either side of it: authored cases ask, and evidence leaves the answer open.
                ConstraintKind::Excludes(_) => {}
                _ => {
                    let name = constraint.kind.name();
                    if let Some(good) = values::last_good(self.member, constraint) {
                        let sentence = format!("A value at the bound `{name}` passes validation.");
                        cases.push(self.accepted(
                            &format!("{name}.good"),
                            &sentence,
                            &good,
                            constraint.evidence,
                            standing::of_good(self.member, &good),
                        ));
                    }
                    if let Some(bad) = values::first_bad(self.member, constraint) {
                        cases.push(self.rejected(&format!("{name}.bad"), constraint, Some(bad)));
                    }
                }
            }
        }
    }

    /// Values of a JSON type that no reader takes for the right one, and `null` where the member is optional.
    fn derive_types(&self, cases: &mut Vec<Case>) {
        // A good value that is answered with 400 too does not tell these rejections from any other.
        let twin = if self.proof().status == 200 { self.id("good") } else { "describe.plain".to_owned() };
        for (name, value) in values::wrong_types(&self.member.target.kind) {
            cases.push(self.case(
                &format!("type.{name}"),
                &format!(
                    "{name} where the API has {} is the client's fault.",
                    values::json_name(&self.member.target.kind)
                ),
                Some(value),
                Some(twin.clone()),
                vec![
                    check(Expectation::Status(vec![400]), Level::Should, &["A-10"]),
                    check(Expectation::Envelope(EnvelopeRule::AwsJson), Level::Must, &["A-1", "A-2"]),
                ],
            ));
        }
        let required = self
            .member
            .constraints
            .iter()
            .any(|constraint| matches!(constraint.kind, ConstraintKind::Required));
        // An image id without its only half is another question.
        if !required && self.inner.is_empty() {
            let proof = plain_proof();
            let mut checks = vec![check(Expectation::Status(vec![proof.status]), Level::Should, &["D-31"])];
            checks.extend(
                proof
                    .code
                    .map(|code| check(Expectation::Code(vec![code.to_owned()]), Level::Should, &["D-31"])),
            );
            cases.push(self.case(
                "null",
                "An optional member that is null counts as absent.",
                Some(Value::Null),
                None,
                checks,
            ));
        }
    }

    /// A case whose value is good.
    fn accepted(&self, name: &str, sentence: &str, value: &Value, evidence: &[&str], level: Level) -> Case {
        let proof = self.proof();
        let evidence: Vec<&str> = evidence.iter().chain(proof.evidence).copied().collect();
        let mut checks = vec![check(Expectation::Status(vec![proof.status]), level, &evidence)];
        checks
            .extend(proof.code.map(|code| check(Expectation::Code(vec![code.to_owned()]), level, &evidence)));
        self.case(name, sentence, Some(value.clone()), None, checks)
    }

    /// A case whose value is bad, or missing.
    fn rejected(&self, name: &str, constraint: &'static Constraint, value: Option<Value>) -> Case {
        let broken = match &value {
            Some(value) => interpreter::broken(self.member, value),
            None => vec![constraint],
        };
        let enforced: Vec<&Constraint> =
            broken.iter().copied().filter(|broken| broken.enforced == Enforced::Yes).collect();
        let standing = standing::of_bad(self.member, value.as_ref());
        let is_open = enforced.is_empty() || standing == Level::Information;
        let checks = if is_open {
            vec![check(Expectation::Status(vec![200, 400]), Level::Information, constraint.evidence)]
        } else {
            self.rejection(constraint, &enforced, &broken, value.as_ref(), standing)
        };
        let sentence = match (&constraint.kind, is_open) {
            (ConstraintKind::Required, _) => format!("A request needs `{}`.", self.member.name),
            (_, true) => format!("What becomes of a value beyond `{}` is not known.", constraint.kind.name()),
            (kind, false) => format!("A value that breaks `{}` is rejected.", kind.name()),
        };
        self.case(name, &sentence, value, Some(self.id("good")), checks)
    }

    fn rejection(
        &self,
        tried: &Constraint,
        enforced: &[&Constraint],
        broken: &[&'static Constraint],
        value: Option<&Value>,
        standing: Level,
    ) -> Vec<Check> {
        let ledger = Ledger::built_in();
        let evidence: Vec<&str> =
            enforced.iter().flat_map(|constraint| constraint.evidence).copied().collect();
        // That a bound nobody has seen at work is caught by another constraint is a conclusion; and of enums one
        // was seen at work, not this one.
        let deduced = tried.enforced != Enforced::Yes || matches!(tried.kind, ConstraintKind::Enum(_));
        let highest = if deduced { Level::Should } else { Level::Must };
        let level = ledger.highest_level(evidence.iter().copied()).min(highest).min(standing);
        let mut checks = vec![
            check(Expectation::Status(vec![400]), level, &evidence),
            check(Expectation::Code(vec!["InvalidParameterException".to_owned()]), level, &evidence),
            Check {
                name: Some("cause".to_owned()),
                breaks: Some("people who read which member is wrong".to_owned()),
                ..check(
                    Expectation::Text(TextMatcher::Contains(self.member.name.to_owned())),
                    level.min(Level::Should),
                    &evidence,
                )
            },
        ];
        // Where a value breaks more than one constraint, which of the texts comes is not known.
        if let [only] = broken {
            let (texts, evidence) = standing::texts(self.member, value.unwrap_or(&Value::Null), only);
            let level = match ledger.highest_level(evidence.iter().copied()) {
                Level::Must => Level::Should,
                Level::Should => Level::May,
                lower => lower,
            };
            if level > Level::Information {
                checks.push(check(Expectation::Text(TextMatcher::Exact(texts)), level, &evidence));
            }
        }
        checks
    }

    fn case(
        &self,
        name: &str,
        sentence: &str,
        value: Option<Value>,
        twin: Option<String>,
        expect: Vec<Check>,
    ) -> Case {
        let request = self.request(value);
        let needs_world = self.outer.name != "repositoryName";
        Case {
            id: self.id(name),
            sentence: format!("`{}`: {sentence}", self.path()),
            about: Some(self.member.name.to_owned()),
            world: needs_world.then(|| WORLD.to_owned()),
            needs: Vec::new(),
            since: None,
            until: None,
            twin,
            steps: vec![Step {
                send: Send {
                    operation: self.operation.name.to_owned(),
                    body: Body::Value(request),
                    headers: HeaderChanges::default(),
                    walk: None,
                },
                capture: BTreeMap::new(),
                expect,
            }],
        }
    }

    /// The request that has this value at this place and is usual everywhere else.
    fn request(&self, value: Option<Value>) -> Value {
        let mut request = serde_json::Map::new();
        if self.outer.name != "repositoryName" {
            request.insert("repositoryName".to_owned(), json!("{{repository.main}}"));
        }
        let nested = self.inner.iter().rev().fold(value, |value, step| {
            Some(match step {
                Descent::Element => Value::Array(value.into_iter().collect()),
                Descent::Member(name) => {
                    Value::Object(value.map(|value| ((*name).to_owned(), value)).into_iter().collect())
                }
            })
        });
        if let Some(nested) = nested {
            request.insert(self.outer.name.to_owned(), nested);
        }
        Value::Object(request)
    }

    fn id(&self, name: &str) -> String {
        format!("derived.{}.{name}", self.path())
    }

    fn path(&self) -> String {
        let mut path = self.outer.name.to_owned();
        for step in &self.inner {
            if let Descent::Member(name) = step {
                path.push('.');
                path.push_str(name);
            }
        }
        path
    }

    /// A value that is good and harmless.
    fn good(&self) -> Value {
        match self.member.name {
            "repositoryName" => json!("{{absent.repository}}"),
            "registryId" => json!("{{registry.id}}"),
            "imageDigest" => json!("{{absent.digest}}"),
            "imageTag" => json!("{{absent.tag}}"),
            "imageIds" => json!([{"imageTag": "{{absent.tag}}"}]),
            // The page's own bound: a token can't be made up.
            "nextToken" => Value::Null,
            _ => values::usual(self.member),
        }
    }

    /// The answer to a good value here: it names what does not exist, or it lists an empty repository.
    fn proof(&self) -> Proof {
        match self.outer.name {
            "repositoryName" => {
                Proof { status: 400, code: Some("RepositoryNotFoundException"), evidence: &["B-1"] }
            }
            "imageIds" => {
                Proof { status: 400, code: Some("ImageNotFoundException"), evidence: &["B-2", "B-6"] }
            }
            _ => plain_proof(),
        }
    }
}

/// The answer to a request that names the empty repository and nothing else.
fn plain_proof() -> Proof {
    Proof { status: 200, code: None, evidence: &["D-2"] }
}

fn check(that: Expectation, level: Level, evidence: &[&str]) -> Check {
    let mut evidence: Vec<String> = evidence.iter().map(|id| (*id).to_owned()).collect();
    evidence.sort();
    evidence.dedup();
    Check { name: None, that, level, evidence, when: Vec::new(), breaks: None }
}
