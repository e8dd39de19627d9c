//! Mixins taken over: members and traits of a mixin become those of the shape that uses it.
//!
//! What must stay true: what the shape says itself wins; the members of a mixin stand before its own, in the
//! order in which the mixins are named; a circle of mixins is reported, not followed.

use std::collections::BTreeMap;

use super::members;
use crate::diagnostic::{Code, Diagnostics};
use crate::parse::{Body, Member, Model, Shape, Target, Trait};

/// What stays with a mixin.
const LOCAL: &[&str] = &["smithy.api#mixin", "smithy.api#documentation", "smithy.api#error"];

/// What a shape takes over.
type Taken<'n, 's> = (Vec<Member<'n, 's>>, Vec<Trait<'n, 's>>);

/// Gives every shape what its mixins have.
pub(crate) fn flatten(model: &mut Model<'_, '_>, diagnostics: &mut Diagnostics) {
    let shapes: BTreeMap<&str, &Shape<'_, '_>> = model.shapes.iter().map(|shape| (shape.id, shape)).collect();
    let mut taken = Vec::new();
    for (index, shape) in model.shapes.iter().enumerate().filter(|(_, shape)| !shape.mixins.is_empty()) {
        let mut path = vec![shape.id];
        taken.push((index, take(shape, &shapes, &mut path, diagnostics)));
    }
    for (index, (mut all, traits)) in taken {
        let Some(shape) = model.shapes.get_mut(index) else { continue };
        for line in traits {
            if !shape.traits.iter().any(|own| own.id == line.id) {
                shape.traits.push(line);
            }
        }
        if let Body::Structure(own) | Body::Enum(own) = &mut shape.body {
            all.append(own);
            *own = all;
        }
    }
}

fn take<'n, 's>(
    shape: &Shape<'n, 's>,
    shapes: &BTreeMap<&str, &Shape<'n, 's>>,
    path: &mut Vec<&'n str>,
    diagnostics: &mut Diagnostics,
) -> Taken<'n, 's> {
    let (mut all, mut traits): Taken<'n, 's> = Default::default();
    for target in &shape.mixins {
        let Some(mixin) = find(target, shapes, path, diagnostics) else { continue };
        path.push(mixin.id);
        let (inherited, lines) = take(mixin, shapes, path, diagnostics);
        path.pop();
        all.extend(inherited);
        all.extend(members(mixin).into_iter().cloned());
        traits.extend(lines);
        traits.extend(mixin.traits.iter().filter(|line| !LOCAL.contains(&line.id)));
    }
    (all, traits)
}

fn find<'a, 'n, 's>(
    target: &Target<'n, 's>,
    shapes: &BTreeMap<&str, &'a Shape<'n, 's>>,
    path: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<&'a Shape<'n, 's>> {
    if path.contains(&target.id) {
        diagnostics.report(
            Code::UnsupportedFeature,
            target.place,
            format!("{} is a mixin of itself", target.id),
            "take it out of its own mixins",
        );
        return None;
    }
    let found = shapes.get(target.id).copied();
    if found.is_none() {
        diagnostics.report(
            Code::UnknownTarget,
            target.place,
            format!("no shape has the id {}", target.id),
            "add the shape, or name one that is there",
        );
    }
    found
}
