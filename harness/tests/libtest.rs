//! The door for test programs, as a third party's crate opens it: each check of the suite is a test here.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use ecrspec::libtest::Target;
use support::Altered;
use support::server::Server;

ecrspec::suite!({
    let target = Altered::untouched();
    let server = Server::answering(move |request| target.answer(request));
    Target::at(server.endpoint()).kept_alive_by(server)
});
