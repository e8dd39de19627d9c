//! Faults in looking at signatures.

use super::Fault;
pub(in crate::mutant) use crate::signature::Blindness;

pub(super) const FAULTS: &[(&str, Fault)] = &[
    ("signature-absent-accepted", Fault::Signature(Blindness::ToAbsence)),
    ("signature-of-any-key", Fault::Signature(Blindness::ToTheKey)),
    ("signature-of-any-time", Fault::Signature(Blindness::ToTime)),
    ("signature-errors-in-other-words", Fault::Signature(Blindness::ToTexts)),
    ("signature-errors-of-other-services", Fault::Signature(Blindness::ToNames)),
];
