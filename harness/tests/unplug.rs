//! Targets that are unplugged, broken, or no ECR at all: each ends in bounded time and memory, with a cause.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ecrspec::client::BODY_LIMIT;
use support::program::{Ended, Program};
use support::server::{Server, nobody, read_request, write_response};
use support::{emulator_door, operation};

/// Longer than the program waits.
const FOREVER: Duration = Duration::from_mins(10);

/// What the program may hold at most. Eight cases run at once, each with a body of [`BODY_LIMIT`] at most.
const MOST_KILOBYTES: u64 = 300_000;

/// How a broken target answers, once a request came.
type Answer = fn(&mut TcpStream) -> io::Result<()>;

/// A target that answers nothing well.
fn all_broken(answer: Answer) -> Server {
    Server::start(move |mut stream| {
        while read_request(&mut stream)?.is_some() {
            answer(&mut stream)?;
        }
        Ok(())
    })
}

/// A target that is well but for `DescribeImages`.
fn describe_images_broken(answer: Answer) -> Server {
    let door = Arc::new(emulator_door());
    Server::start(move |mut stream| {
        while let Some(request) = read_request(&mut stream)? {
            if operation(&request) == "DescribeImages" {
                answer(&mut stream)?;
            } else {
                write_response(&mut stream, &door.answer(&request))?;
            }
        }
        Ok(())
    })
}

fn run(server: &Server, arguments: &[&str]) -> Ended {
    run_with_timeout(server, "1", arguments)
}

fn run_with_timeout(server: &Server, seconds: &str, arguments: &[&str]) -> Ended {
    let endpoint = server.endpoint();
    let mut all = vec!["run", "--endpoint", &endpoint, "--timeout", seconds];
    all.extend(arguments);
    let ended = Program::new(&all).run();
    assert!(ended.peak_kilobytes < MOST_KILOBYTES, "{} kB at most", ended.peak_kilobytes);
    assert!(matches!(ended.code, Some(1 | 3)), "{:?}\n{}\n{}", ended.code, ended.stdout, ended.stderr);
    ended
}

/// A target that is broken from the start ends the program with a cause, and so does one of which only
/// `DescribeImages` is broken.
#[track_caller]
fn check(answer: Answer, whole: (i32, &str), describe_images: (i32, &str)) {
    let ended = run(&all_broken(answer), &[]);
    expect(&ended, whole);
    let ended =
        run(&describe_images_broken(answer), &["--filter", "describe.plain", "--filter", "identifiers.tag"]);
    expect(&ended, describe_images);
}

#[track_caller]
fn expect(ended: &Ended, (code, said): (i32, &str)) {
    let Ended { stdout, stderr, .. } = ended;
    assert_eq!(ended.code, Some(code), "{stdout}\n{stderr}");
    assert!(stdout.contains(said) || stderr.contains(said), "nothing says `{said}`:\n{stdout}\n{stderr}");
}

fn write_all(stream: &mut TcpStream, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())
}

fn end() -> io::Result<()> {
    Err(io::ErrorKind::Other.into())
}

#[test]
fn nobody_listens() {
    let ended = Program::new(&["run", "--endpoint", &nobody(), "--timeout", "1"]).run();
    expect(&ended, (3, "no connection"));
}

#[test]
fn the_name_is_unknown() {
    // `.invalid` is reserved to be nobody's, so no packet leaves for it but a question to the resolver.
    let ended = Program::new(&["run", "--endpoint", "http://nobody.invalid:1", "--timeout", "2"]).run();
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("nobody.invalid"), "{}", ended.stderr);
}

#[test]
fn it_accepts_and_never_answers() {
    fn silent(stream: &mut TcpStream) -> io::Result<()> {
        thread::sleep(FOREVER);
        stream.flush()
    }
    check(silent, (3, "nothing came in time"), (1, "nothing came in time"));
}

#[test]
fn it_answers_a_byte_a_moment() {
    fn drip(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")?;
        loop {
            write_all(stream, " ")?;
            thread::sleep(Duration::from_millis(100));
        }
    }
    check(drip, (1, "then nothing in time"), (1, "then nothing in time"));
}

#[test]
fn it_hangs_inside_a_header() {
    fn hang(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ncontent-le")?;
        thread::sleep(FOREVER);
        Ok(())
    }
    check(hang, (3, "nothing came in time"), (1, "nothing came in time"));
}

#[test]
fn it_hangs_inside_a_body() {
    fn hang(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"imageDetails\":")?;
        thread::sleep(FOREVER);
        Ok(())
    }
    check(hang, (1, "16 bytes, then nothing in time"), (1, "16 bytes, then nothing in time"));
}

#[test]
fn it_closes_inside_a_body() {
    fn close(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"imageDetails\":")?;
        end()
    }
    check(close, (1, "16 bytes, then the connection ended"), (1, "16 bytes, then the connection ended"));
}

#[test]
fn it_closes_inside_a_chunk() {
    fn close(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"imageDetails\":")?;
        end()
    }
    check(close, (1, "then the connection ended"), (1, "then the connection ended"));
}

#[test]
fn it_closes_without_an_answer() {
    fn close(_stream: &mut TcpStream) -> io::Result<()> {
        end()
    }
    check(close, (3, "the connection ended"), (1, "the connection ended"));
}

#[test]
fn its_body_has_a_hundred_megabytes() {
    fn flood(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n")?;
        let megabyte = vec![b' '; 1 << 20];
        (0..100).try_for_each(|_| stream.write_all(&megabyte))
    }
    // With time enough that the size is the cause.
    let ended = run_with_timeout(&describe_images_broken(flood), "20", &["--filter", "identifiers.*"]);
    expect(&ended, (1, &format!("more than {BODY_LIMIT} bytes")));
    // In the time that it has, one may be too slow instead.
    run(&all_broken(flood), &[]);
}

#[test]
fn its_body_has_no_end() {
    fn flood(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        let mut chunk = b"10000\r\n".to_vec();
        chunk.resize(chunk.len() + 0x10000, b' ');
        chunk.extend_from_slice(b"\r\n");
        loop {
            stream.write_all(&chunk)?;
        }
    }
    let ended = run_with_timeout(&describe_images_broken(flood), "20", &["--filter", "identifiers.*"]);
    expect(&ended, (1, &format!("more than {BODY_LIMIT} bytes")));
    run(&all_broken(flood), &[]);
}

#[test]
fn its_headers_have_no_end() {
    fn flood(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\n")?;
        let line = format!("x: {}\r\n", "y".repeat(8000));
        loop {
            write_all(stream, &line)?;
        }
    }
    check(flood, (3, "the connection ended"), (1, "the connection ended"));
}

#[test]
fn its_answer_is_a_web_page() {
    fn page(stream: &mut TcpStream) -> io::Result<()> {
        let body = "<html><body>It works!</body></html>";
        let length = body.len();
        write_all(
            stream,
            &format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n{body}"),
        )
    }
    check(page, (1, "It works!"), (1, "text/html"));
}

#[test]
fn it_sends_elsewhere() {
    fn redirect(stream: &mut TcpStream) -> io::Result<()> {
        // Whoever followed it would wait for ever.
        write_all(stream, "HTTP/1.1 307 X\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n")
    }
    check(redirect, (1, "307"), (1, "307"));
}

#[test]
fn it_does_not_speak_http() {
    fn noise(stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(&[0x16, 0x03, 0x01, 0x00, 0xff, 0xfe, 0x0d, 0x0a, 0x0d, 0x0a])?;
        end()
    }
    check(noise, (3, "the connection ended"), (1, "the connection ended"));
}

#[test]
fn it_speaks_another_protocol() {
    fn ssh(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "SSH-2.0-OpenSSH_9.6\r\n")?;
        thread::sleep(FOREVER);
        Ok(())
    }
    check(ssh, (3, "the connection ended"), (1, "the connection ended"));
}

#[test]
fn its_length_is_a_lie() {
    fn lie(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}")?;
        end()
    }
    check(lie, (3, "the connection ended"), (1, "the connection ended"));
}

#[test]
fn its_length_is_beyond_64_bits() {
    fn huge(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551614\r\n\r\n{}")?;
        end()
    }
    run(&all_broken(huge), &[]);
    run(&describe_images_broken(huge), &["--filter", "describe.plain"]);
}

#[test]
fn it_says_it_is_compressed() {
    fn compressed(stream: &mut TcpStream) -> io::Result<()> {
        write_all(stream, "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}")
    }
    run(&all_broken(compressed), &[]);
}

#[test]
fn it_goes_away_midway_and_what_was_found_is_kept() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    let door = Arc::new(emulator_door());
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |mut stream| {
        while let Some(request) = read_request(&mut stream)? {
            if operation(&request) == "DescribeImages" {
                asked.fetch_add(1, Ordering::SeqCst);
            }
            if asked.load(Ordering::SeqCst) > 60 {
                return end();
            }
            write_response(&mut stream, &door.answer(&request))?;
        }
        Ok(())
    });
    let ended = run(&server, &["--format", "json"]);
    expect(&ended, (3, "could not be reached to the end"));
    let report = ended.json();
    assert!(report["summary"]["all"]["conform"].as_u64().expect("a number") > 0, "{}", report["summary"]);
    assert!(!report["leftBehind"].as_array().expect("a list").is_empty(), "what is left there is said");
}
