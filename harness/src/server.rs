//! An endpoint of our own: HTTP/1.1 on a socket, answered by anything that answers requests.
//!
//! In: a listener and a [`Transport`]: the emulator, a replayer, a proxy. Out: what that answers, on the wire,
//! bodies byte for byte. What must stay true: no request is read without bound, neither in bytes nor in time;
//! no more connections than [`CONNECTIONS`]; a body that is not whole ends with its connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request as HttpRequest, Response as HttpResponse};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::client::Transport;
use crate::exchange::{NoResponse, Request, Response};

/// The most connections at a time. One more waits.
pub const CONNECTIONS: usize = 256;

/// The most bytes of a request's body. A part of a layer has at most 20 MiB, in base64.
pub const REQUEST_LIMIT: usize = 32 * 1024 * 1024;

/// How long a client may take to send a request's head, and again for its body.
const PATIENCE: Duration = Duration::from_secs(30);

/// Headers of one connection only, which are not passed on.
const OF_THE_CONNECTION: [&str; 5] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// Answers every request that comes to `listener` until `stop` turns true; `answer_time` is how long an answer
/// may take. Connections that are under way then are ended.
pub async fn serve(
    listener: TcpListener,
    transport: Arc<dyn Transport>,
    answer_time: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, _)) = accepted else {
            // Such as too many open files: others may close theirs.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (transport, mut stop) = (Arc::clone(&transport), stop.clone());
        tokio::spawn(async move {
            let _place = place;
            tokio::select! {
                () = talk(stream, transport, answer_time) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }
}

/// One connection to its end. What goes wrong on it is the client's to see.
async fn talk(stream: TcpStream, transport: Arc<dyn Transport>, answer_time: Duration) {
    let service = service_fn(move |request| {
        let transport = Arc::clone(&transport);
        async move { answer(request, transport.as_ref(), answer_time).await }
    });
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// # Errors
/// If there is no response to give: the connection then ends.
async fn answer(
    request: HttpRequest<Incoming>,
    transport: &dyn Transport,
    answer_time: Duration,
) -> Result<HttpResponse<Answer>, io::Error> {
    let (head, body) = request.into_parts();
    let body = match timeout(PATIENCE, Limited::new(body, REQUEST_LIMIT).collect()).await {
        Ok(Ok(body)) => body.to_bytes().to_vec(),
        Ok(Err(_)) => return Ok(plain(413, format!("a request has at most {REQUEST_LIMIT} bytes\n"))),
        Err(_elapsed) => return Ok(plain(408, "the request did not end in time\n".to_owned())),
    };
    let path = head.uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned();
    let headers = head
        .headers
        .iter()
        .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()))
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let request = Request { method: head.method.as_str().to_owned(), path, headers, body };
    match transport.send(request, answer_time).await {
        Ok(response) => Ok(written(response)),
        Err(NoResponse::Closed { reason }) => Err(io::Error::other(reason)),
        Err(no_response) => Ok(plain(502, format!("no answer came: {no_response}\n"))),
    }
}

/// A response as it goes on the wire.
fn written(response: Response) -> HttpResponse<Answer> {
    let mut http = HttpResponse::new(Answer {
        whole: response.broken.is_none(),
        written: false,
        bytes: Some(Bytes::from(response.body)).filter(|bytes| !bytes.is_empty()),
    });
    *http.status_mut() =
        hyper::StatusCode::from_u16(response.status).unwrap_or(hyper::StatusCode::BAD_GATEWAY);
    let length = http.body().bytes.as_ref().map_or(0, Bytes::len).to_string();
    for (name, value) in &response.headers {
        let wrong_length =
            http.body().whole && name.eq_ignore_ascii_case("content-length") && *value != length;
        if OF_THE_CONNECTION.contains(&name.to_ascii_lowercase().as_str()) || wrong_length {
            continue;
        }
        let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        else {
            continue;
        };
        http.headers_mut().append(name, value);
    }
    http
}

fn plain(status: u16, text: String) -> HttpResponse<Answer> {
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    written(Response { status, headers, body: text.into_bytes(), broken: None })
}

/// A body: its bytes, and whether these are all.
struct Answer {
    bytes: Option<Bytes>,
    whole: bool,
    /// Of one that is not whole: whether its bytes had time to be written.
    written: bool,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.bytes.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None if self.whole => Poll::Ready(None),
            // What came so far is written only once there is nothing more for the moment.
            None if !self.written => {
                self.written = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            None => Poll::Ready(Some(Err(io::Error::other("the body ended here")))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.whole && self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.bytes.as_ref().map_or(0, Bytes::len) as u64;
        let mut hint = SizeHint::new();
        hint.set_lower(length);
        if self.whole {
            hint.set_upper(length);
        }
        hint
    }
}
