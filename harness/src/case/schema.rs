//! The JSON Schema of case files, made from the types that read them.

use schemars::{Schema, generate::SchemaSettings};

use crate::case::format::CaseFile;

/// The JSON Schema (2020-12) of a case file.
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<CaseFile>()
}
