//! Doors for Rust tests: the emulator and the replayer as `wiremock` responders.
//!
//! Give one to a server with a single mock, and turn request recording off, for it keeps every request:
//!
//! ```
//! # #[tokio::main] async fn main() {
//! use ecrspec::emulator::{Emulator, EmulatorDoor, Settings};
//! use wiremock::{Mock, MockServer, matchers::any};
//!
//! let revision = ecrspec_api::revisions().last().expect("a revision is built in");
//! let server = MockServer::builder().disable_request_recording().start().await;
//! let door = EmulatorDoor::new(Emulator::new(Settings::new(revision)));
//! Mock::given(any()).respond_with(door).mount(&server).await;
//! // Point an SDK at `server.uri()`.
//! # }
//! ```

use wiremock::{Request as WireRequest, Respond, ResponseTemplate};

use crate::emulator::EmulatorDoor;
use crate::exchange::{Request, Response};
use crate::recording::Replayer;

/// Headers that the server writes itself.
const OF_THE_SERVER: [&str; 5] =
    ["content-type", "content-length", "transfer-encoding", "connection", "date"];

impl Respond for EmulatorDoor {
    fn respond(&self, request: &WireRequest) -> ResponseTemplate {
        template(self.answer(&read(request)))
    }
}

impl Respond for Replayer {
    fn respond(&self, request: &WireRequest) -> ResponseTemplate {
        template(self.answer(&read(request)))
    }
}

fn read(request: &WireRequest) -> Request {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Request {
        method: request.method.to_string(),
        path: request.url.path().to_owned(),
        headers: request
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect(),
        body: request.body.clone(),
    }
}

fn template(response: Response) -> ResponseTemplate {
    let content_type = response.header("content-type").unwrap_or_default().to_owned();
    response
        .headers
        .iter()
        .filter(|(name, _)| !OF_THE_SERVER.contains(&name.to_ascii_lowercase().as_str()))
        .fold(ResponseTemplate::new(response.status), |template, (name, value)| {
            template.append_header(name.as_str(), value.as_str())
        })
        .set_body_raw(response.body, &content_type)
}
