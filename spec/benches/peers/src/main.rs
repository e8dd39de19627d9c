//! The generated reader against the AWS SDK for Rust, each making owned values of a page of 1,000 images.
//!
//! ```console
//! $ cargo run --release --manifest-path spec/benches/peers/Cargo.toml
//! ```
//!
//! The SDK has no reader that others may call, so it reads through its client: whose HTTP side is a stub that has
//! the page at hand. To say what of it is reading, the same call is made with a page that is empty, too.

#![forbid(unsafe_code)]

#[path = "../../ratio/mod.rs"]
mod ratio;

use std::hint::black_box;

use aws_sdk_ecr::config::{Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use ecrspec_api::v2025_04::DescribeImagesResponse;
use ecrspec_api::{Direction, wire};

/// Answers every request with that page.
#[derive(Clone, Debug)]
struct Stub(&'static [u8]);

impl HttpConnector for Stub {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let mut response = HttpResponse::new(200.try_into().expect("a status"), SdkBody::from(self.0));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.1");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Stub {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn client(page: &'static [u8]) -> aws_sdk_ecr::Client {
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(aws_sdk_ecr::config::BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("dummy", "dummy", None, None, "bench"))
        .endpoint_url("http://localhost")
        .http_client(Stub(page))
        .build();
    aws_sdk_ecr::Client::from_conf(config)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let page: &'static [u8] = ratio::page(1000).leak();
    let (full, empty) = (client(page), client(br#"{"imageDetails":[]}"#));
    let ask = |client: &aws_sdk_ecr::Client| {
        runtime.block_on(client.describe_images().repository_name("team/service").send()).expect("a page")
    };
    let theirs = ask(&full).image_details.expect("images");
    let read = || wire::read::<DescribeImagesResponse>(black_box(page), Direction::Response);
    let ours = read().value.and_then(|page| page.image_details).expect("images");
    assert_eq!((theirs.len(), ours.len()), (1000, 1000));
    assert_eq!(theirs[7].image_digest, ours[7].image_digest);

    println!("a page of 1,000 images, {} bytes:", page.len());
    ratio::compare(
        ("the generated reader", &mut || {
            black_box(read());
        }),
        ("aws-sdk-ecr", &mut || {
            black_box(ask(&full));
        }),
    );
    println!("an empty page: what the SDK does beside reading");
    ratio::compare(
        ("the generated reader", &mut || {
            black_box(read());
        }),
        ("aws-sdk-ecr, an empty page", &mut || {
            black_box(ask(&empty));
        }),
    );
}
