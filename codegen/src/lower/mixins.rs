//! Mixins taken over: members and traits of a mixin become those of the shape that uses it.
//!
//! What must stay true: what the shape says itself wins; the members of a mixin stand before its own, in the
//! order in which the mixins are named, each once; a circle of mixins is reported, not followed; nothing
//! recurses, and what all shapes take over together is bounded.

use std::collections::{BTreeMap, BTreeSet};

use super::members;
use crate::diagnostic::{Code, Diagnostics};
use crate::parse::{Body, Member, Model, Shape, Target, Trait};

/// What stays with a mixin.
const LOCAL: &[&str] = &["smithy.api#mixin", "smithy.api#documentation", "smithy.api#error"];

/// The most members and traits that shapes may take over from mixins, all together: mixins of mixins multiply.
const MAXIMUM_TAKEN: usize = 100_000;

/// What a shape takes over.
type Taken<'n, 's> = (Vec<Member<'n, 's>>, Vec<Trait<'n, 's>>);

/// Gives every shape what its mixins have.
pub(crate) fn flatten<'n, 's>(model: &mut Model<'n, 's>, diagnostics: &mut Diagnostics) {
    let shapes: BTreeMap<&str, &Shape<'n, 's>> = model.shapes.iter().map(|shape| (shape.id, shape)).collect();
    let mut all: BTreeMap<&str, Taken<'n, 's>> = BTreeMap::new();
    let mut room = MAXIMUM_TAKEN;
    for shape in model.shapes.iter().filter(|shape| !shape.mixins.is_empty()) {
        if all.contains_key(shape.id) {
            continue;
        }
        // Each mixin before what takes it over; the path is what a recursion would be in.
        let mut path: Vec<(&Shape<'n, 's>, usize)> = vec![(shape, 0)];
        let mut on_path = BTreeSet::from([shape.id]);
        while let Some((top, next)) = path.last_mut() {
            let (shape, target) = (*top, top.mixins.get(*next));
            *next += 1;
            if let Some(target) = target {
                let mixin = find(target, &shapes, &on_path, diagnostics);
                let mixin = mixin.filter(|mixin| !mixin.mixins.is_empty() && !all.contains_key(mixin.id));
                if let Some(mixin) = mixin {
                    on_path.insert(mixin.id);
                    path.push((mixin, 0));
                }
                continue;
            }
            path.pop();
            on_path.remove(shape.id);
            if !all.contains_key(shape.id) {
                let taken = take(shape, &shapes, &all);
                let size = taken.0.len() + taken.1.len();
                if size > room {
                    diagnostics.report(
                        Code::UnsupportedFeature,
                        shape.place,
                        format!("mixins give more than {MAXIMUM_TAKEN} members and traits to shapes"),
                        "name fewer mixins of mixins",
                    );
                    return;
                }
                room -= size;
                all.insert(shape.id, taken);
            }
        }
    }
    for shape in &mut model.shapes {
        let Some((mut taken, traits)) = all.remove(shape.id) else { continue };
        let own: BTreeSet<&str> = shape.traits.iter().map(|own| own.id).collect();
        shape.traits.extend(traits.into_iter().filter(|line| !own.contains(line.id)));
        if let Body::Structure(own) | Body::Enum(own) = &mut shape.body {
            let names: BTreeSet<&str> = own.iter().map(|member| member.name).collect();
            taken.retain(|member| !names.contains(member.name));
            taken.append(own);
            *own = taken;
        }
    }
}

/// What the mixins of a shape give it; those of the mixins themselves are known.
fn take<'n, 's>(
    shape: &Shape<'n, 's>,
    shapes: &BTreeMap<&str, &Shape<'n, 's>>,
    all: &BTreeMap<&str, Taken<'n, 's>>,
) -> Taken<'n, 's> {
    let (mut taken, mut traits): Taken<'n, 's> = Default::default();
    let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for mixin in shape.mixins.iter().filter_map(|target| shapes.get(target.id)) {
        let own = members(mixin);
        let own_names: BTreeSet<&str> = own.iter().map(|member| member.name).collect();
        let (inherited, inherited_traits) =
            all.get(mixin.id).map(|(all, traits)| (&all[..], &traits[..])).unwrap_or_default();
        let inherited = inherited.iter().filter(|member| !own_names.contains(member.name));
        taken.extend(inherited.chain(own).filter(|member| names.insert(member.name)).cloned());
        let own = mixin.traits.iter().filter(|line| !LOCAL.contains(&line.id));
        traits.extend(own.chain(inherited_traits).filter(|line| ids.insert(line.id)));
    }
    (taken, traits)
}

fn find<'a, 'n, 's>(
    target: &Target<'n, 's>,
    shapes: &BTreeMap<&str, &'a Shape<'n, 's>>,
    on_path: &BTreeSet<&str>,
    diagnostics: &mut Diagnostics,
) -> Option<&'a Shape<'n, 's>> {
    if on_path.contains(target.id) {
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
