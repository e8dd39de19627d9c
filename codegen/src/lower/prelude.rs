//! The shapes that every model has without declaring them.

/// What an operation without input or output has.
pub(super) const UNIT: &str = "smithy.api#Unit";

const SHAPES: &[(&str, &str)] = &[
    ("smithy.api#BigDecimal", "bigDecimal"),
    ("smithy.api#BigInteger", "bigInteger"),
    ("smithy.api#Blob", "blob"),
    ("smithy.api#Boolean", "boolean"),
    ("smithy.api#Byte", "byte"),
    ("smithy.api#Document", "document"),
    ("smithy.api#Double", "double"),
    ("smithy.api#Float", "float"),
    ("smithy.api#Integer", "integer"),
    ("smithy.api#Long", "long"),
    ("smithy.api#PrimitiveBoolean", "boolean"),
    ("smithy.api#PrimitiveByte", "byte"),
    ("smithy.api#PrimitiveDouble", "double"),
    ("smithy.api#PrimitiveFloat", "float"),
    ("smithy.api#PrimitiveInteger", "integer"),
    ("smithy.api#PrimitiveLong", "long"),
    ("smithy.api#PrimitiveShort", "short"),
    ("smithy.api#Short", "short"),
    ("smithy.api#String", "string"),
    ("smithy.api#Timestamp", "timestamp"),
    (UNIT, "structure"),
];

/// The type of a shape of the prelude.
pub(crate) fn kind(id: &str) -> Option<&'static str> {
    SHAPES.iter().find(|(known, _)| *known == id).map(|(_, kind)| *kind)
}

pub(super) fn ids<'a>() -> impl Iterator<Item = &'a str> {
    SHAPES.iter().map(|(id, _)| *id)
}

/// Whether the generator refuses a type.
pub(crate) fn is_unsupported(kind: &str) -> bool {
    matches!(kind, "apply" | "resource" | "set")
}
