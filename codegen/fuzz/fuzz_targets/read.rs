//! Any bytes as a request and as a response of every operation of every revision. A body is JSON or it is not,
//! whatever the shape; every deviation and violation prints.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for revision in ecrspec_api::revisions() {
        for operation in revision.operations {
            let request = (operation.check_request)(bytes);
            let response = (operation.read_response)(bytes);
            assert_eq!(request.document.is_some(), response.document.is_some());
            for reading in [request, response] {
                assert!(reading.deviations.iter().all(|one| !one.to_string().is_empty()));
                assert!(reading.violations.iter().all(|one| !one.to_string().is_empty()));
            }
        }
    }
});
