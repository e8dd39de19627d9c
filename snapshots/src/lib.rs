//! The golden tests of ecrspec stand in `tests/`, their snapshots in a folder an area.
