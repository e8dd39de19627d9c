//! Servers on loopback: bare sockets, and the emulator behind `wiremock`.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ecrspec::exchange::{Request, Response};
use wiremock::{Mock, MockServer, Respond, matchers::any};

/// A server that lives as long as the test program, a thread a connection.
pub(crate) struct Server {
    port: u16,
}

impl Server {
    /// What `serve` does with a connection; an error ends it, for the client may go away at any time.
    pub(crate) fn start(serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().expect("a listener has an address").port();
        let serve = Arc::new(serve);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serve = Arc::clone(&serve);
                thread::spawn(move || {
                    let _ = serve(stream);
                });
            }
        });
        Self { port }
    }

    /// One that gives an answer to each request.
    pub(crate) fn answering(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        Self::start(move |mut stream| {
            while let Some(request) = read_request(&mut stream)? {
                write_response(&mut stream, &answer(&request))?;
            }
            Ok(())
        })
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The address of a port where nobody listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    format!("http://{}", listener.local_addr().expect("a listener has an address"))
}

/// Reads one request; nothing at the end of the connection.
pub(crate) fn read_request(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut chunk)? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&chunk[..read]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, path) =
        (first.next().unwrap_or_default().to_owned(), first.next().unwrap_or_default().to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut request = Request { method, path, headers, body: bytes.split_off(head_end + 4) };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while request.body.len() < length {
        match stream.read(&mut chunk)? {
            0 => return Ok(None),
            read => request.body.extend_from_slice(&chunk[..read]),
        }
    }
    Ok(Some(request))
}

/// Writes a response whole.
pub(crate) fn write_response(stream: &mut TcpStream, response: &Response) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} X\r\n", response.status);
    for (name, value) in
        response.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
    {
        // Writing to a string can't fail.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "content-length: {}\r\n\r\n", response.body.len());
    // In one write: the second of two waits for the client to acknowledge the first, 40 ms a response.
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&response.body);
    stream.write_all(&bytes)
}

/// A `wiremock` server with one mock for everything, which keeps no requests.
pub(crate) async fn mock(respond: impl Respond + 'static) -> MockServer {
    let server = MockServer::builder().disable_request_recording().start().await;
    Mock::given(any()).respond_with(respond).mount(&server).await;
    server
}
