//! Names that are two in the model and one in Rust.

use std::collections::BTreeMap;

use super::Checker;
use crate::diagnostic::Code;
use crate::lower::members;
use crate::model::{Kind, Operation, Shape};
use crate::source::Place;

impl<'s> Checker<'_, '_, '_, 's> {
    fn place_of(&self, id: &str) -> Option<Place<'s>> {
        self.scope.shapes.get(id).map(|shape| shape.place.clone())
    }

    pub(super) fn names(&mut self, shapes: &[Shape], operations: &[Operation]) {
        let mut types: BTreeMap<String, &str> = BTreeMap::new();
        for shape in shapes {
            let place = self.place_of(&shape.id);
            let known = match &shape.kind {
                Kind::Structure(_) | Kind::Union(_) | Kind::Enum(_) | Kind::IntEnum(_) => {
                    types.insert(shape.type_name.clone(), &shape.id)
                }
                _ => None,
            };
            if let (Some(known), Some(place)) = (known, &place) {
                self.conflict(&shape.id, known, place);
            }
        }
        for shape in shapes {
            if !matches!(shape.kind, Kind::Structure(_)) {
                continue;
            }
            if let (Some(known), Some(place)) =
                (types.get(format!("{}View", shape.type_name).as_str()), self.place_of(&shape.id))
            {
                self.conflict(&format!("the checked view of {}", shape.id), known, &place);
            }
        }
        for operation in operations {
            if let (Some(known), Some(place)) =
                (types.get(&operation.error_type).copied(), self.place_of(&operation.id))
            {
                self.conflict(&format!("the error type of {}", operation.id), known, &place);
            }
        }
        for shape in shapes {
            let Some(declared) = self.scope.shapes.get(shape.id.as_str()).copied() else { continue };
            let names: Vec<&str> = match &shape.kind {
                Kind::Structure(members) | Kind::Union(members) => {
                    members.iter().map(|member| member.field.as_str()).collect()
                }
                Kind::Enum(values) => values.iter().map(|value| value.variant.as_str()).collect(),
                Kind::IntEnum(values) => values.iter().map(|value| value.variant.as_str()).collect(),
                _ => continue,
            };
            let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
            for (name, member) in names.into_iter().zip(members(declared)) {
                if let Some(known) = seen.insert(name, member.name)
                    && known != member.name
                {
                    let known = format!("{}${known}", shape.id);
                    self.conflict(&format!("{}${}", shape.id, member.name), &known, member.place);
                }
            }
        }
    }

    fn conflict(&mut self, new: &str, known: &str, place: &Place<'_>) {
        self.diagnostics.report(
            Code::NameConflict,
            place,
            format!("{new} and {known} have one name in Rust"),
            "rename one of the two in the model",
        );
    }
}
