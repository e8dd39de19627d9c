//! Faults in looking at signatures.

use super::Fault;
pub(in crate::mutant) use crate::signature::Blindness;

pub(super) const FAULTS: &[(&str, Fault)] = &[
    ("signature-absent-accepted", Fault::Signature(Blindness::Absence)),
    ("signature-of-any-key", Fault::Signature(Blindness::Key)),
    ("signature-of-any-time", Fault::Signature(Blindness::Time)),
    ("signature-errors-in-other-words", Fault::Signature(Blindness::Texts)),
    ("signature-errors-of-other-services", Fault::Signature(Blindness::Names)),
];
