//! Validators: every constraint of every member, none left out because another broke.

use super::layout::indent;
use super::paths::{Paths, constraints_static, members_static, shape_static};
use super::structs;
use super::table::pattern_static;
use crate::model::{Constraint, ConstraintKind, Kind, Member, Shape, Trait};

pub(super) fn structure(shape: &Shape, members: &[Member], paths: &Paths<'_>) -> String {
    let name = &shape.type_name;
    let checks: String =
        members.iter().enumerate().filter_map(|(index, one)| member(shape, index, one, paths)).collect();
    let (view_type, view) = if members.iter().any(Member::is_required) {
        let fields: String = members.iter().map(|member| structs::lend(member, paths) + ",\n").collect();
        let lifetime = if structs::borrows(members, paths) { "<'a>" } else { "" };
        (
            format!("{name}View{lifetime}"),
            format!("::core::option::Option::Some({name}View {{\n{fields}}})\n"),
        )
    } else {
        ("&'a Self".to_owned(), "::core::option::Option::Some(self)\n".to_owned())
    };
    implementation(shape, &checks, &view_type, &view, paths)
}

/// The implementation of `Validate` with those checks and that view.
pub(super) fn implementation(
    shape: &Shape,
    checks: &str,
    view_type: &str,
    view: &str,
    paths: &Paths<'_>,
) -> String {
    let home = &paths.home_text;
    let name = &shape.type_name;
    let shape_static = shape_static(shape);
    let direction = if shape.response { "Response" } else { "Request" };
    let (checker, at) = if checks.is_empty() { ("_checker", "_at") } else { ("checker", "at") };
    indent(&format!(
        "impl {home}::Validate for {name} {{
        const SHAPE: &'static {home}::table::Shape = &{shape_static};
        const DIRECTION: {home}::Direction = {home}::Direction::{direction};
        type View<'a> = {view_type};

        fn check(&self, {checker}: &mut {home}::Checker, {at}: &{home}::wire::Place<'_>) {{
        {checks}}}

        fn view(&self) -> ::core::option::Option<Self::View<'_>> {{
        {view}}}
        }}"
    ))
}

/// The checks of one member; none where nothing can be wrong with it.
fn member(shape: &Shape, index: usize, member: &Member, paths: &Paths<'_>) -> Option<String> {
    let members = members_static(shape);
    let field = &member.field;
    let some = held(member, paths).unwrap_or_default();
    let missing = member.constraints.iter().position(|one| matches!(one.kind, ConstraintKind::Required));
    let body = match missing {
        Some(required) => {
            let constraints = constraints_static(member);
            let (value, some) =
                if some.is_empty() { ("_", String::new()) } else { ("value", format!("\n{some}")) };
            format!(
                "match &self.{field} {{
                ::core::option::Option::None => checker.missing(at, &{constraints}[{required}]),
                ::core::option::Option::Some({value}) => {{{some}}}
                }}\n"
            )
        }
        None if some.is_empty() => return None,
        None => format!("if let ::core::option::Option::Some(value) = &self.{field} {{\n{some}}}\n"),
    };
    Some(format!("{{\nlet at = &at.member(&{members}[{index}]);\n{body}}}\n"))
}

/// The checks of `value` and of what it holds; none where nothing can be wrong with it.
pub(super) fn held(member: &Member, paths: &Paths<'_>) -> Option<String> {
    let text = constraints(member, paths) + &within(member, paths).unwrap_or_default();
    (!text.is_empty()).then_some(text)
}

/// The checks of `value`, but for required.
fn constraints(member: &Member, paths: &Paths<'_>) -> String {
    let constraints = constraints_static(member);
    let checks = member.constraints.iter().enumerate().filter_map(|(index, constraint)| {
        let holds = condition(constraint, member, paths)?;
        let told = if member.has(&Trait::Sensitive) {
            format!("&{}::Redacted", paths.home_text)
        } else {
            "value".to_owned()
        };
        Some(format!("checker.hold(at, &{constraints}[{index}], {holds}, {told});\n"))
    });
    checks.collect()
}

/// What must be true of `value`; none where the type itself says so.
fn condition(constraint: &Constraint, member: &Member, paths: &Paths<'_>) -> Option<String> {
    let home = &paths.home_text;
    let kind = &paths.shape(member.target).kind;
    Some(match &constraint.kind {
        ConstraintKind::Required => return None,
        ConstraintKind::MinLength(0)
        | ConstraintKind::Minimum(i64::MIN)
        | ConstraintKind::Maximum(i64::MAX) => {
            return None;
        }
        ConstraintKind::MinLength(bound) => format!("{home}::Length::at_least(value, {bound})"),
        ConstraintKind::MaxLength(bound) => format!("{home}::Length::at_most(value, {bound})"),
        ConstraintKind::Minimum(bound) => compared(kind, *bound, ">=", "is_ge"),
        ConstraintKind::Maximum(bound) => compared(kind, *bound, "<=", "is_le"),
        ConstraintKind::Pattern(_) => format!("{}.matches(value)", pattern_static(constraint)),
        ConstraintKind::Enum(_) | ConstraintKind::IntEnum(_) => "value.is_known()".to_owned(),
        ConstraintKind::UniqueItems => format!("{home}::is_unique(value)"),
        ConstraintKind::Excludes(siblings) if siblings.is_empty() => return None,
        ConstraintKind::Excludes(siblings) => {
            let absent = siblings.iter().map(|sibling| format!("self.{}.is_none()", sibling.field));
            absent.collect::<Vec<_>>().join(" && ")
        }
    })
}

/// A number against a bound.
fn compared(kind: &Kind, bound: i64, operator: &str, ordering: &str) -> String {
    match kind {
        // What a bound loses in the conversion no model spells out.
        Kind::Float | Kind::Double => format!("f64::from(*value) {operator} {bound} as f64"),
        Kind::BigInteger | Kind::BigDecimal => format!("value.compare({bound}).{ordering}()"),
        _ => format!("i64::from(*value) {operator} {bound}"),
    }
}

/// Goes past what is null in a list or map that has room for it.
fn present(member: &Member) -> &'static str {
    if member.has(&Trait::Sparse) {
        "let ::core::option::Option::Some(value) = value else { continue };\n"
    } else {
        ""
    }
}

/// The checks of what `value` holds; none where it holds nothing that can be wrong.
fn within(member: &Member, paths: &Paths<'_>) -> Option<String> {
    let home = &paths.home_text;
    match &paths.shape(member.target).kind {
        Kind::Structure(_) | Kind::Union(_) if member.boxed => {
            Some(format!("{home}::Validate::check(&**value, checker, at);\n"))
        }
        Kind::Structure(_) | Kind::Union(_) => {
            Some(format!("{home}::Validate::check(value, checker, at);\n"))
        }
        Kind::List(element) => {
            let held = held(element, paths)?;
            let present = present(element);
            Some(format!(
                "for (index, value) in value.iter().enumerate() {{
                {present}let at = &at.element(index);
                {held}}}\n"
            ))
        }
        Kind::Map { key, value } => {
            let held = held(value, paths);
            let key = constraints(key, paths);
            if key.is_empty() && held.is_none() {
                return None;
            }
            let key = if key.is_empty() { key } else { format!("{{\nlet value = key;\n{key}}}\n") };
            let (value, held) = match held {
                Some(held) => ("value", format!("{}{held}", present(value))),
                None => ("_", String::new()),
            };
            Some(format!(
                "for (key, {value}) in value {{
                let at = &at.entry(key.as_str());
                {key}{held}}}\n"
            ))
        }
        _ => None,
    }
}
