//! The emulator, through its public face: what it answers, byte for byte where ECR's bytes are known.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use ecrspec::client::Transport as _;
use ecrspec::emulator::{Emulator, EmulatorDoor, Settings};
use ecrspec::exchange::{Request, Response};
use ecrspec_api::table::Revision;
use proptest::prelude::*;
use serde_json::{Value, json};

const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The digests of the bytes `config` and `layer`, by another program.
const CONFIG: &str = "sha256:b79606fb3afea5bd1609ed40b622142f1c98125abcfe89a76a661b0e8e343910";
const LAYER: &str = "sha256:dac1d7cfa95021764849fd102524e141488c5e3a90f861dbb5a12d9ac8584f85";
const NOWHERE: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A moment whose milliseconds were seen in an answer of ECR.
const NOW: Duration = Duration::from_millis(1_787_198_543_563);

/// A fixed one: the bytes below are those of its members.
fn revision() -> &'static Revision {
    ecrspec_api::revisions().iter().copied().find(|revision| revision.name == "2025-04").expect("a revision")
}

/// An emulator and the hands of a client.
struct Ecr {
    emulator: Emulator,
    now: SystemTime,
}

impl Ecr {
    fn new() -> Self {
        Self::with_seed(1)
    }

    fn with_seed(seed: u64) -> Self {
        let settings = Settings { seed, ..Settings::new(revision()) };
        Self { emulator: Emulator::new(settings), now: SystemTime::UNIX_EPOCH + NOW }
    }

    /// An emulator with repositories that hold the layer and the config of every manifest here.
    fn with_repositories(names: &[&str]) -> Self {
        let mut ecr = Self::new();
        for name in names {
            ecr.ok("CreateRepository", &json!({"repositoryName": name}));
            ecr.upload(name, "Y29uZmln", 6, CONFIG);
            ecr.upload(name, "bGF5ZXI=", 5, LAYER);
        }
        ecr
    }

    fn send(&mut self, target: &str, body: &[u8]) -> Response {
        let response = self.emulator.answer(&request(target, body), self.now);
        assert_well_formed(&response);
        response
    }

    fn call(&mut self, operation: &str, body: &Value) -> Response {
        self.send(&target(operation), body.to_string().as_bytes())
    }

    fn ok(&mut self, operation: &str, body: &Value) -> Value {
        let response = self.call(operation, body);
        assert_eq!(response.status, 200, "{operation} {body}: {}", text(&response));
        let reading = (revision().operation(operation).expect("an operation").read_response)(&response.body);
        assert_eq!(reading.deviations, [], "{operation} {body}");
        // The bounds of this list are those of requests: ECR too lists more ids than one may ask for.
        let is_of_requests = |id: &str| id == "com.amazonaws.ecr#ImageIdentifierList";
        let broken = reading.violations.iter().find(|found| !is_of_requests(found.constraint.declared_by));
        assert_eq!(broken, None, "{operation} {body}");
        serde_json::from_slice(&response.body).expect("JSON")
    }

    fn refused(&mut self, operation: &str, body: &Value) -> String {
        let response = self.call(operation, body);
        assert_eq!(response.status, 400, "{operation} {body}: {}", text(&response));
        text(&response)
    }

    /// The `__type` of a refusal.
    fn code(&mut self, operation: &str, body: &Value) -> String {
        let answer: Value = serde_json::from_str(&self.refused(operation, body)).expect("JSON");
        answer["__type"].as_str().expect("a code").to_owned()
    }

    fn upload(&mut self, repository: &str, base64: &str, length: u64, digest: &str) {
        let id = self.ok("InitiateLayerUpload", &json!({"repositoryName": repository}))["uploadId"].clone();
        self.ok("UploadLayerPart", &part(repository, &id, 0, length - 1, base64));
        let complete = json!({"repositoryName": repository, "uploadId": id, "layerDigests": [digest]});
        let answer = self.ok("CompleteLayerUpload", &complete);
        assert_eq!(answer["layerDigest"], digest);
    }

    /// Pushes a manifest and gives its digest.
    fn push(&mut self, repository: &str, manifest: &str, tag: Option<&str>) -> String {
        let mut body = json!({"repositoryName": repository, "imageManifest": manifest});
        if let Some(tag) = tag {
            body["imageTag"] = json!(tag);
        }
        let answer = self.ok("PutImage", &body);
        answer["image"]["imageId"]["imageDigest"].as_str().expect("a digest").to_owned()
    }

    fn describe(&mut self, body: &Value) -> Vec<Value> {
        list(&self.ok("DescribeImages", body), "imageDetails")
    }

    /// Follows the tokens from the first page to the last.
    fn walk(&mut self, operation: &str, items: &str, first: &Value) -> Vec<Vec<Value>> {
        let mut request = first.clone();
        let mut pages = Vec::new();
        loop {
            let page = self.ok(operation, &request);
            pages.push(list(&page, items));
            assert!(pages.len() <= 1000, "the tokens lead nowhere");
            match page.get("nextToken") {
                Some(token) => request["nextToken"] = token.clone(),
                None => return pages,
            }
        }
    }
}

fn request(target: &str, body: &[u8]) -> Request {
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: vec![("X-Amz-Target".to_owned(), target.to_owned())],
        body: body.to_vec(),
    }
}

fn target(operation: &str) -> String {
    format!("AmazonEC2ContainerRegistry_V20150921.{operation}")
}

fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).expect("UTF-8")
}

fn list(answer: &Value, member: &str) -> Vec<Value> {
    answer[member].as_array().unwrap_or_else(|| panic!("no {member} in {answer}")).clone()
}

fn part(repository: &str, upload: &Value, first: u64, last: u64, base64: &str) -> Value {
    json!({
        "repositoryName": repository, "uploadId": upload,
        "partFirstByte": first, "partLastByte": last, "layerPartBlob": base64,
    })
}

/// An image manifest that no other note gives, of 6 + 2819878 bytes.
fn manifest(media_type: &str, config_type: &str, note: &str) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{media_type}","config":{{"mediaType":"{config_type}","size":6,"digest":"{CONFIG}"}},"layers":[{{"size":2819878,"digest":"{LAYER}"}}],"annotations":{{"note":"{note}"}}}}"#
    )
}

fn docker(note: &str) -> String {
    manifest(DOCKER_MANIFEST, DOCKER_CONFIG, note)
}

fn tags(image: &Value) -> BTreeSet<String> {
    let tags = image["imageTags"].as_array().cloned().unwrap_or_default();
    tags.iter().map(|tag| tag.as_str().expect("a text").to_owned()).collect()
}

fn digests<'a>(images: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    images.into_iter().map(|image| image["imageDigest"].as_str().expect("a digest").to_owned()).collect()
}

fn assert_well_formed(response: &Response) {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_else(|error| {
        panic!("{error} in {}", String::from_utf8_lossy(&response.body));
    });
    assert!(body.is_object(), "{body}");
    if response.status == 200 {
        assert_eq!(body.get("__type"), None);
    } else {
        assert_eq!(response.status, 400, "{body}");
        assert!(body["__type"].as_str().is_some_and(|code| code.ends_with("Exception")), "{body}");
        assert!(body["message"].is_string(), "{body}");
    }
    let length = response.body.len().to_string();
    assert_eq!(response.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(response.header("content-length"), Some(length.as_str()));
    assert_eq!(response.header("x-amzn-requestid").map(str::len), Some(36));
    assert_eq!(response.broken, None);
}

#[test]
fn a_plain_answer_has_these_bytes() {
    let mut ecr = Ecr::with_repositories(&["team/app"]);
    ecr.push("team/app", &docker("plain"), Some("latest"));
    let response = ecr.call("DescribeImages", &json!({"repositoryName": "team/app"}));
    assert_eq!(
        text(&response),
        r#"{"imageDetails":[{"artifactMediaType":"application/vnd.docker.container.image.v1+json","imageDigest":"sha256:b1d53de29ffb904eb649529603a9f9c13a30b03429161b200b364158538fe21c","imageManifestMediaType":"application/vnd.docker.distribution.manifest.v2+json","imagePushedAt":1.787198543563E9,"imageSizeInBytes":2819884,"imageTags":["latest"],"registryId":"123456789012","repositoryName":"team/app"}]}"#
    );
    let names: Vec<&str> = response.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x-amzn-requestid", "date", "content-type", "content-length"]);
    assert_eq!(response.header("date"), Some("Thu, 20 Aug 2026 04:02:23 GMT"));
}

#[test]
fn an_empty_repository_answers_an_empty_list() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    let response = ecr.call("DescribeImages", &json!({"repositoryName": "app"}));
    assert_eq!((response.status, text(&response).as_str()), (200, r#"{"imageDetails":[]}"#));
}

#[test]
fn errors_have_the_texts_of_ecr() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    ecr.push("app", &docker("one"), Some("one"));
    let two = ecr.push("app", &docker("two"), Some("two"));
    let id = |id: Value| json!({"repositoryName": "app", "imageIds": [id]});
    let image_not_found = |digest: &str, tag: &str| {
        (
            "ImageNotFoundException",
            format!(
                "The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the \
                 repository with name 'app' in the registry with id '123456789012'"
            ),
        )
    };
    let invalid = |member: &str, constraint: &str| {
        let message = format!("Invalid parameter at '{member}' failed to satisfy constraint: '{constraint}'");
        ("InvalidParameterException", message)
    };
    let no_repository = (
        "RepositoryNotFoundException",
        "The repository with name 'nowhere' does not exist in the registry with id '123456789012'".to_owned(),
    );
    let denied = (
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:assumed-role/emulator/session is not authorized to perform: \
         ecr:DescribeImages on resource: arn:aws:ecr:us-east-1:999999999999:repository/app because no \
         resource-based policy allows the ecr:DescribeImages action"
            .to_owned(),
    );
    let name_pattern =
        r"must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'";
    let digest_pattern = "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'";
    let tag_pattern = "must satisfy regular expression '[a-zA-Z0-9-_.]+'";
    let many = vec![json!({"imageTag": "one"}); 101];
    let cases = [
        (json!({"repositoryName": "nowhere"}), no_repository),
        (id(json!({"imageTag": "28f3d25"})), image_not_found("null", "28f3d25")),
        (id(json!({"imageTag": "null"})), image_not_found("null", "null")),
        (id(json!({"imageDigest": NOWHERE})), image_not_found(NOWHERE, "null")),
        (id(json!({"imageDigest": "sha256:abc"})), image_not_found("sha256:abc", "null")),
        (id(json!({"imageDigest": NOWHERE, "imageTag": "one"})), image_not_found(NOWHERE, "one")),
        (id(json!({"imageDigest": two, "imageTag": "one"})), image_not_found(&two, "one")),
        (
            json!({"repositoryName": "app", "imageIds": [{"imageTag": "one"}, {"imageTag": "gone"}]}),
            image_not_found("null", "gone"),
        ),
        (json!({}), invalid("repositoryName", "must not be null")),
        (json!({"repositoryName": null}), invalid("repositoryName", "must not be null")),
        (
            json!({"repositoryName": ""}),
            invalid("repositoryName", "must have length greater than or equal to 2"),
        ),
        (
            json!({"repositoryName": "a".repeat(257)}),
            invalid("repositoryName", "must have length less than or equal to 256"),
        ),
        (json!({"repositoryName": "App"}), invalid("repositoryName", name_pattern)),
        (id(json!({"imageDigest": "", "imageTag": "one"})), invalid("imageDigest", digest_pattern)),
        (id(json!({"imageDigest": "latest"})), invalid("imageDigest", digest_pattern)),
        (id(json!({"imageTag": "a/b"})), invalid("imageTag", tag_pattern)),
        (
            json!({"repositoryName": "app", "imageIds": []}),
            invalid("imageIds", "Member must have length greater than or equal to 1"),
        ),
        (
            json!({"repositoryName": "app", "imageIds": many}),
            invalid("imageIds", "Member must have length less than or equal to 100"),
        ),
        (
            json!({"repositoryName": "app", "maxResults": 1001}),
            invalid("maxResults", "Member must have value less than or equal to 1000"),
        ),
        (
            json!({"repositoryName": "app", "registryId": "12"}),
            invalid("registryId", "must satisfy regular expression [0-9]{12}"),
        ),
        (json!({"repositoryName": "app", "registryId": "999999999999"}), denied),
    ];
    for (request, (code, message)) in cases {
        let expected = format!(r#"{{"__type":"{code}","message":{}}}"#, json!(message));
        assert_eq!(ecr.refused("DescribeImages", &request), expected, "{request}");
    }
}

#[test]
fn validation_comes_before_the_look_up() {
    let mut ecr = Ecr::new();
    for request in [
        json!({"repositoryName": "nowhere", "maxResults": 1001}),
        json!({"repositoryName": "nowhere", "imageIds": [{}]}),
        json!({"repositoryName": "nowhere", "filter": {"tagStatus": "SOME"}}),
    ] {
        assert_eq!(ecr.code("DescribeImages", &request), "InvalidParameterException", "{request}");
    }
}

#[test]
fn an_element_without_either_half_is_refused() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    ecr.push("app", &docker("one"), Some("null"));
    for id in [json!({}), json!({"imageTag": null, "imageDigest": null}), json!({"imageTagg": "null"})] {
        let request = json!({"repositoryName": "app", "imageIds": [{"imageTag": "null"}, id]});
        assert_eq!(ecr.code("DescribeImages", &request), "InvalidParameterException", "{request}");
    }
}

#[test]
fn null_is_absent_and_unknown_members_do_not_matter() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    ecr.push("app", &docker("one"), Some("one"));
    let plain = text(&ecr.call("DescribeImages", &json!({"repositoryName": "app"})));
    for request in [
        json!({"repositoryName": "app", "registryId": "123456789012"}),
        json!({
            "repositoryName": "app", "registryId": null, "imageIds": null, "maxResults": null, "nextToken": null,
            "filter": null,
        }),
        json!({"repositoryName": "app", "filter": {"tagStatus": null}}),
        json!({"repositoryName": "app", "noSuchMember": {"deep": [1, 2]}}),
        json!({"repositoryName": "app", "imageIds": [{"imageTag": "one", "imageDigest": null}]}),
    ] {
        assert_eq!(text(&ecr.call("DescribeImages", &request)), plain, "{request}");
    }
}

#[test]
fn a_body_that_cannot_be_read_is_a_serialization_error() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    for body in [
        "",
        " ",
        "{",
        "nothing",
        "[]",
        "null",
        "\"app\"",
        r#"{"repositoryName":"app"} x"#,
        r#"{"repositoryName":5}"#,
        r#"{"repositoryName":["app"]}"#,
        r#"{"repositoryName":"app","maxResults":"5"}"#,
        r#"{"repositoryName":"app","maxResults":1.5}"#,
        r#"{"repositoryName":"app","maxResults":true}"#,
        r#"{"repositoryName":"app","imageIds":{}}"#,
        r#"{"repositoryName":"app","imageIds":["one"]}"#,
        r#"{"repositoryName":"app","imageIds":[{"imageTag":1}]}"#,
        r#"{"repositoryName":"app","filter":"TAGGED"}"#,
        r#"{"repositoryName":"app","filter":{"tagStatus":1}}"#,
        r#"{"repositoryName":"app","nextToken":{}}"#,
    ] {
        let response = ecr.send(&target("DescribeImages"), body.as_bytes());
        let expected = r#"{"__type":"SerializationException","message":""#;
        assert!(text(&response).starts_with(expected), "{body}: {}", text(&response));
        assert_eq!(response.status, 400);
    }
    let response = ecr.send(&target("DescribeImages"), b"{\"repositoryName\":\"\xff\"}");
    assert!(text(&response).contains("SerializationException"), "{}", text(&response));
}

#[test]
fn an_unknown_operation_is_named_as_such() {
    let mut ecr = Ecr::new();
    let well_known = request(&target("DescribeImages"), b"{}");
    let requests = [
        request(&target("DescribeImage"), b"{}"),
        request("DescribeImages", b"{}"),
        request("", b"not JSON"),
        Request { headers: vec![], ..well_known.clone() },
        Request { method: "GET".to_owned(), body: vec![], ..well_known.clone() },
        Request { path: "/v2/".to_owned(), ..well_known },
    ];
    for request in requests {
        let response = ecr.emulator.answer(&request, ecr.now);
        assert_well_formed(&response);
        assert!(text(&response).starts_with(r#"{"__type":"UnknownOperationException","#), "{request:?}");
    }
}

#[test]
fn pages_of_any_size_make_up_the_whole() {
    let mut ecr = Ecr::with_repositories(&["app", "other"]);
    ecr.push("other", &docker("other"), Some("other"));
    let pushed: Vec<String> =
        (0..250).map(|number| ecr.push("app", &docker(&number.to_string()), None)).collect();
    for (size, page_count) in
        [(Some(1), 250), (Some(7), 36), (Some(100), 3), (None, 3), (Some(250), 1), (Some(1000), 1)]
    {
        let request = match size {
            Some(size) => json!({"repositoryName": "app", "maxResults": size}),
            None => json!({"repositoryName": "app"}),
        };
        let pages = ecr.walk("DescribeImages", "imageDetails", &request);
        assert_eq!(pages.len(), page_count, "{request}");
        assert!(pages.iter().all(|page| (1..=size.unwrap_or(100)).contains(&page.len())), "{request}");
        assert_eq!(digests(pages.iter().flatten()), pushed, "{request}");
        let ids = ecr.walk("ListImages", "imageIds", &request);
        assert_eq!(digests(ids.iter().flatten()), pushed, "{request}");
    }
}

#[test]
fn a_page_goes_on_where_the_last_one_ended_whatever_happens_between() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    let pushed: Vec<String> =
        (0..5).map(|number| ecr.push("app", &docker(&number.to_string()), None)).collect();
    let first = ecr.ok("DescribeImages", &json!({"repositoryName": "app", "maxResults": 2}));
    ecr.ok("BatchDeleteImage", &json!({"repositoryName": "app", "imageIds": [{"imageDigest": pushed[1]}]}));
    let token = first["nextToken"].clone();
    for size in [2, 3] {
        let request = json!({"repositoryName": "app", "maxResults": size, "nextToken": token});
        assert_eq!(digests(&ecr.describe(&request)), pushed[2..2 + size], "{size}");
    }
}

#[test]
fn a_token_goes_with_its_repository_its_operation_and_its_emulator() {
    let mut ecr = Ecr::with_repositories(&["app", "app/part"]);
    for repository in ["app", "app/part"] {
        for note in ["one", "two", "three"] {
            ecr.push(repository, &docker(note), Some(note));
        }
    }
    let first = json!({"repositoryName": "app", "maxResults": 1});
    let token = ecr.ok("DescribeImages", &first)["nextToken"].as_str().expect("a token").to_owned();
    let mut tampered = token.clone().into_bytes();
    tampered[3] = if tampered[3] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).expect("ASCII");
    let listed = ecr.ok("ListImages", &first)["nextToken"].clone();
    for (repository, token) in [
        ("app/part", json!(token)),
        ("app", json!(tampered)),
        ("app", json!(token[..token.len() - 4])),
        ("app", json!("")),
        ("app", json!("bm90IGEgdG9rZW4=")),
        ("app", json!("%%%")),
        ("app", listed),
    ] {
        let request = json!({"repositoryName": repository, "nextToken": token});
        assert_eq!(ecr.code("DescribeImages", &request), "InvalidParameterException", "{request}");
    }
    assert_eq!(ecr.describe(&json!({"repositoryName": "app", "nextToken": token})).len(), 2);

    ecr.ok("DeleteRepository", &json!({"repositoryName": "app", "force": true}));
    ecr.ok("CreateRepository", &json!({"repositoryName": "app"}));
    let request = json!({"repositoryName": "app", "nextToken": token});
    assert_eq!(ecr.code("DescribeImages", &request), "InvalidParameterException");
}

#[test]
fn the_filter_parts_the_tagged_from_the_untagged() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    let mut pushed = [Vec::new(), Vec::new()];
    for number in 0..20_usize {
        let tag = format!("tag-{number}");
        let is_tagged = number % 3 == 0;
        let digest = ecr.push("app", &docker(&tag), is_tagged.then_some(tag.as_str()));
        pushed[usize::from(is_tagged)].push(digest);
    }
    let [untagged, tagged] = pushed;
    for size in [1, 3, 100] {
        for (status, expected) in [("TAGGED", &tagged), ("UNTAGGED", &untagged)] {
            let request =
                json!({"repositoryName": "app", "maxResults": size, "filter": {"tagStatus": status}});
            let pages = ecr.walk("DescribeImages", "imageDetails", &request);
            assert_eq!(&digests(pages.iter().flatten()), expected);
            assert!(
                pages.iter().flatten().all(|image| image.get("imageTags").is_some() == (status == "TAGGED"))
            );
            let ids = ecr.walk("ListImages", "imageIds", &request);
            assert_eq!(&digests(ids.iter().flatten()), expected);
        }
    }
    let any = ecr.describe(&json!({"repositoryName": "app", "filter": {"tagStatus": "ANY"}}));
    assert_eq!(any, ecr.describe(&json!({"repositoryName": "app"})));
    assert_eq!(any.len(), 20);
}

#[test]
fn beside_image_ids_the_filter_and_the_page_have_no_say() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    ecr.push("app", &docker("one"), Some("one"));
    ecr.push("app", &docker("two"), Some("two"));
    let ids = json!([{"imageTag": "two"}, {"imageTag": "one"}]);
    let plain = ecr.describe(&json!({"repositoryName": "app", "imageIds": ids}));
    let filtered = json!({"repositoryName": "app", "imageIds": ids, "filter": {"tagStatus": "UNTAGGED"}});
    assert_eq!(ecr.describe(&filtered), plain);
    let paged =
        json!({"repositoryName": "app", "imageIds": ids, "maxResults": 1, "nextToken": "not a token"});
    assert_eq!(ecr.describe(&paged), plain);
    assert_eq!(plain.len(), 2);
}

#[test]
fn an_image_has_one_entry_with_all_its_tags() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    let digest = ecr.push("app", &docker("one"), Some("one"));
    ecr.push("app", &docker("one"), Some("uno"));
    let ids = [
        json!([{"imageTag": "uno"}]),
        json!([{"imageDigest": digest}]),
        json!([{"imageDigest": digest, "imageTag": "one"}]),
        json!([{"imageTag": "one"}, {"imageTag": "uno"}, {"imageDigest": digest}, {"imageTag": "one"}]),
    ];
    for ids in ids {
        let images = ecr.describe(&json!({"repositoryName": "app", "imageIds": ids}));
        assert_eq!(digests(&images), [digest.as_str()], "{ids}");
        assert_eq!(tags(&images[0]), BTreeSet::from(["one".to_owned(), "uno".to_owned()]), "{ids}");
    }
    let listed = list(&ecr.ok("ListImages", &json!({"repositoryName": "app"})), "imageIds");
    assert_eq!(
        listed,
        [
            json!({"imageDigest": digest, "imageTag": "one"}),
            json!({"imageDigest": digest, "imageTag": "uno"})
        ]
    );
}

#[test]
fn a_tag_moves_and_the_former_image_stays_untagged() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    let former = ecr.push("app", &docker("former"), Some("latest"));
    ecr.now += Duration::from_mins(1);
    let latter = ecr.push("app", &docker("latter"), Some("latest"));
    let images = ecr.describe(&json!({"repositoryName": "app"}));
    assert_eq!(digests(&images), [former.clone(), latter.clone()]);
    assert_eq!(images[0].get("imageTags"), None);
    assert_eq!(images[1]["imageTags"], json!(["latest"]));
    let by_tag = ecr.describe(&json!({"repositoryName": "app", "imageIds": [{"imageTag": "latest"}]}));
    assert_eq!(digests(&by_tag), [latter]);

    ecr.now += Duration::from_mins(1);
    ecr.push("app", &docker("former"), Some("latest"));
    let images_after = ecr.describe(&json!({"repositoryName": "app"}));
    assert_eq!(images_after[0]["imageTags"], json!(["latest"]));
    assert_eq!(images_after[0]["imagePushedAt"], images[0]["imagePushedAt"]);
    assert_eq!(images_after[1].get("imageTags"), None);
}

#[test]
fn an_index_stands_beside_its_untagged_manifests() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    let big = ecr.push("app", &manifest(OCI_MANIFEST, OCI_CONFIG, "big"), None);
    let small = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"{OCI_CONFIG}","size":6,"digest":"{CONFIG}"}},"layers":[{{"size":5,"digest":"{LAYER}"}}]}}"#
    );
    let body = json!({"repositoryName": "app", "imageManifest": small});
    assert_eq!(ecr.code("PutImage", &body), "InvalidParameterException");
    let body =
        json!({"repositoryName": "app", "imageManifest": small, "imageManifestMediaType": OCI_MANIFEST});
    let small = ecr.ok("PutImage", &body)["image"]["imageId"]["imageDigest"].clone();
    let index = |second: &Value| {
        json!({
            "schemaVersion": 2, "mediaType": OCI_INDEX,
            "manifests": [{"digest": big, "size": 400}, {"digest": second, "size": 400}],
        })
    };
    let body = json!({"repositoryName": "app", "imageManifest": index(&json!(NOWHERE)).to_string()});
    assert_eq!(ecr.code("PutImage", &body), "ReferencedImagesNotFoundException");
    let index = ecr.push("app", &index(&small).to_string(), Some("multi"));

    let images = ecr.describe(&json!({"repositoryName": "app"}));
    let of = |digest: &str| images.iter().find(|image| image["imageDigest"] == digest).expect("an entry");
    assert_eq!(images.len(), 3);
    assert_eq!(of(&index)["imageManifestMediaType"], OCI_INDEX);
    assert_eq!(of(&index).get("artifactMediaType"), None);
    assert_eq!(of(&index)["imageSizeInBytes"], 2_819_884);
    assert_eq!(of(&big)["artifactMediaType"], OCI_CONFIG);
    assert_eq!(of(&big).get("imageTags"), None);
    assert_eq!(of(small.as_str().expect("a digest"))["imageSizeInBytes"], 11);

    let delete = json!({"repositoryName": "app", "imageIds": [{"imageDigest": big}]});
    let answer = ecr.ok("BatchDeleteImage", &delete);
    assert_eq!(answer["failures"][0]["failureCode"], "ImageReferencedByManifestList");
    let both = json!({"repositoryName": "app", "imageIds": [{"imageTag": "multi"}, {"imageDigest": big}]});
    assert_eq!(list(&ecr.ok("BatchDeleteImage", &both), "failures"), Vec::<Value>::new());
    assert_eq!(
        digests(&ecr.describe(&json!({"repositoryName": "app"}))),
        [small.as_str().expect("a digest")]
    );
}

#[test]
fn put_image_refuses_what_it_cannot_keep() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    ecr.ok("CreateRepository", &json!({"repositoryName": "bare"}));
    ecr.ok("CreateRepository", &json!({"repositoryName": "fixed", "imageTagMutability": "IMMUTABLE"}));
    ecr.upload("fixed", "Y29uZmln", 6, CONFIG);
    ecr.upload("fixed", "bGF5ZXI=", 5, LAYER);
    let digest = ecr.push("app", &docker("one"), Some("one"));
    ecr.push("fixed", &docker("one"), Some("one"));
    ecr.push("fixed", &docker("one"), Some("uno"));
    let put =
        |repository: &str, note: &str| json!({"repositoryName": repository, "imageManifest": docker(note)});
    let with = |mut body: Value, member: &str, value: &str| {
        body[member] = json!(value);
        body
    };
    for (request, code) in [
        (put("nowhere", "one"), "RepositoryNotFoundException"),
        (put("bare", "one"), "LayersNotFoundException"),
        (put("app", "one"), "ImageAlreadyExistsException"),
        (with(put("app", "one"), "imageTag", "one"), "ImageAlreadyExistsException"),
        (with(put("app", "two"), "imageDigest", &digest), "ImageDigestDoesNotMatchException"),
        (with(put("fixed", "two"), "imageTag", "one"), "ImageTagAlreadyExistsException"),
        (with(put("fixed", "one"), "imageTag", "one"), "ImageAlreadyExistsException"),
        (with(put("app", "two"), "imageManifestMediaType", OCI_INDEX), "InvalidParameterException"),
        (json!({"repositoryName": "app", "imageManifest": "{"}), "InvalidParameterException"),
        (json!({"repositoryName": "app", "imageManifest": "[1]"}), "InvalidParameterException"),
        (
            json!({"repositoryName": "app", "imageManifest": "{\"mediaType\":\"x/y\"}"}),
            "InvalidParameterException",
        ),
        (
            json!({"repositoryName": "app", "imageManifest": format!("{{\"mediaType\":\"{OCI_MANIFEST}\"}}")}),
            "InvalidParameterException",
        ),
    ] {
        assert_eq!(ecr.code("PutImage", &request), code, "{request}");
    }
    assert_eq!(ecr.describe(&json!({"repositoryName": "app"})).len(), 1);
    ecr.ok("PutImage", &with(with(put("app", "one"), "imageDigest", &digest), "imageTag", "uno"));
}

#[test]
fn deleting_by_tag_takes_the_image_only_with_its_last_tag() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    let one = ecr.push("app", &docker("one"), Some("one"));
    ecr.push("app", &docker("one"), Some("uno"));
    let two = ecr.push("app", &docker("two"), Some("two"));
    ecr.push("app", &docker("two"), Some("due"));
    let delete = |id: Value| json!({"repositoryName": "app", "imageIds": [id]});

    let answer = ecr.ok("BatchDeleteImage", &delete(json!({"imageTag": "one"})));
    assert_eq!(answer, json!({"failures": [], "imageIds": [{"imageDigest": one, "imageTag": "one"}]}));
    assert_eq!(digests(&ecr.describe(&json!({"repositoryName": "app"}))), [one.clone(), two.clone()]);
    ecr.ok("BatchDeleteImage", &delete(json!({"imageTag": "uno"})));
    assert_eq!(digests(&ecr.describe(&json!({"repositoryName": "app"}))), [two.as_str()]);

    for (id, code) in [
        (json!({"imageTag": "one"}), "ImageNotFound"),
        (json!({"imageDigest": one}), "ImageNotFound"),
        (json!({"imageDigest": two, "imageTag": "one"}), "ImageTagDoesNotMatchDigest"),
        (json!({}), "MissingDigestAndTag"),
    ] {
        let answer = ecr.ok("BatchDeleteImage", &delete(id.clone()));
        assert_eq!(answer["failures"][0]["failureCode"], code);
        assert_eq!(answer["failures"][0]["imageId"], id);
        assert_eq!(answer["imageIds"], json!([]));
    }

    let answer = ecr.ok("BatchDeleteImage", &delete(json!({"imageDigest": two})));
    assert_eq!(list(&answer, "imageIds").len(), 2);
    assert_eq!(ecr.describe(&json!({"repositoryName": "app"})), Vec::<Value>::new());
    assert_eq!(
        ecr.code("DescribeImages", &json!({"repositoryName": "app", "imageIds": [{"imageTag": "due"}]})),
        "ImageNotFoundException"
    );
}

#[test]
fn a_layer_is_there_once_its_bytes_are() {
    let mut ecr = Ecr::new();
    ecr.ok("CreateRepository", &json!({"repositoryName": "app"}));
    let check = json!({"repositoryName": "app", "layerDigests": [CONFIG]});
    let before = ecr.ok("BatchCheckLayerAvailability", &check);
    assert_eq!(before["layers"][0]["layerAvailability"], "UNAVAILABLE");

    let id = ecr.ok("InitiateLayerUpload", &json!({"repositoryName": "app"}))["uploadId"].clone();
    let complete = |digest: &str| json!({"repositoryName": "app", "uploadId": id, "layerDigests": [digest]});
    assert_eq!(ecr.code("CompleteLayerUpload", &complete(CONFIG)), "EmptyUploadException");
    for (first, last, bytes) in [(1, 3, "Y29u"), (1, 2, "Y29u"), (0, 3, "Y29u"), (0, 1, "Y29u"), (0, 0, "")] {
        let code = ecr.code("UploadLayerPart", &part("app", &id, first, last, bytes));
        assert!(code.starts_with("Invalid"), "{first} {last} {bytes}: {code}");
    }
    assert_eq!(ecr.code("UploadLayerPart", &part("app", &id, 0, 2, "Y29%")), "SerializationException");
    ecr.ok("UploadLayerPart", &part("app", &id, 0, 2, "Y29u"));
    assert_eq!(ecr.code("UploadLayerPart", &part("app", &id, 0, 2, "Y29u")), "InvalidLayerPartException");
    assert_eq!(ecr.code("CompleteLayerUpload", &complete(CONFIG)), "InvalidLayerException");
    let answer = ecr.ok("UploadLayerPart", &part("app", &id, 3, 5, "Zmln"));
    assert_eq!(answer["lastByteReceived"], 5);
    ecr.ok("CompleteLayerUpload", &complete(CONFIG));
    assert_eq!(ecr.code("CompleteLayerUpload", &complete(CONFIG)), "UploadNotFoundException");

    let after = ecr.ok("BatchCheckLayerAvailability", &check);
    assert_eq!(after["layers"][0]["layerAvailability"], "AVAILABLE");
    assert_eq!(after["layers"][0]["layerSize"], 6);
}

#[test]
fn uploads_that_nobody_completes_expire() {
    let mut ecr = Ecr::with_repositories(&["app"]);
    let mut start = || ecr.ok("InitiateLayerUpload", &json!({"repositoryName": "app"}))["uploadId"].clone();
    let ids: Vec<Value> = (0..101).map(|_| start()).collect();
    let refused = ecr.code("UploadLayerPart", &part("app", &ids[0], 0, 2, "Y29u"));
    assert_eq!(refused, "UploadNotFoundException");
    for id in &ids[1..] {
        ecr.ok("UploadLayerPart", &part("app", id, 0, 2, "Y29u"));
    }
}

#[test]
fn repositories_come_stand_apart_and_go() {
    let mut ecr = Ecr::with_repositories(&["team", "team/app"]);
    ecr.push("team/app", &docker("one"), Some("one"));
    assert_eq!(ecr.describe(&json!({"repositoryName": "team"})), Vec::<Value>::new());
    let by_tag = json!({"repositoryName": "team", "imageIds": [{"imageTag": "one"}]});
    assert_eq!(ecr.code("DescribeImages", &by_tag), "ImageNotFoundException");

    let name = json!({"repositoryName": "team/app"});
    assert_eq!(ecr.code("CreateRepository", &name), "RepositoryAlreadyExistsException");
    assert_eq!(ecr.code("DeleteRepository", &name), "RepositoryNotEmptyException");
    let answer = ecr.ok("DeleteRepository", &json!({"repositoryName": "team/app", "force": true}));
    assert_eq!(
        answer["repository"]["repositoryArn"],
        "arn:aws:ecr:us-east-1:123456789012:repository/team/app"
    );
    assert_eq!(ecr.code("DescribeImages", &name), "RepositoryNotFoundException");
    assert_eq!(ecr.code("ListImages", &name), "RepositoryNotFoundException");
    ecr.ok("DeleteRepository", &json!({"repositoryName": "team"}));
    assert_eq!(ecr.ok("DescribeRegistry", &json!({}))["registryId"], "123456789012");
}

#[test]
fn times_are_spelled_as_java_spells_doubles() {
    for (millis, expected, date) in [
        (0, "0.0", "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1, "0.001", "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1500, "1.5", "Thu, 01 Jan 1970 00:00:01 GMT"),
        (9_999_999_999, "9999999.999", "Sun, 26 Apr 1970 17:46:39 GMT"),
        (10_000_000_000, "1.0E7", "Sun, 26 Apr 1970 17:46:40 GMT"),
        (951_868_800_000, "9.518688E8", "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_481_916_693_000, "1.481916693E9", "Fri, 16 Dec 2016 19:31:33 GMT"),
        (1_563_223_656_000, "1.563223656E9", "Mon, 15 Jul 2019 20:47:36 GMT"),
        (1_705_072_146_000, "1.705072146E9", "Fri, 12 Jan 2024 15:09:06 GMT"),
        (1_709_251_199_000, "1.709251199E9", "Thu, 29 Feb 2024 23:59:59 GMT"),
        (4_133_937_600_010, "4.13393760001E9", "Fri, 31 Dec 2100 12:00:00 GMT"),
        (253_402_300_800_000, "2.534023008E11", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ] {
        let mut ecr = Ecr::new();
        ecr.now = SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        let response = ecr.call("CreateRepository", &json!({"repositoryName": "app"}));
        let expected = format!(r#"{{"repository":{{"createdAt":{expected},"#);
        assert!(text(&response).starts_with(&expected), "{expected} {}", text(&response));
        assert_eq!(response.header("date"), Some(date));
    }
    let mut ecr = Ecr::new();
    ecr.now = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert!(
        text(&ecr.call("CreateRepository", &json!({"repositoryName": "app"}))).contains(r#""createdAt":0.0"#)
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let play = |seed| {
        let mut ecr = Ecr::with_seed(seed);
        ecr.ok("CreateRepository", &json!({"repositoryName": "app"}));
        (0..3).map(|_| ecr.call("InitiateLayerUpload", &json!({"repositoryName": "app"}))).collect::<Vec<_>>()
    };
    let (one, again, two) = (play(1), play(1), play(2));
    assert_eq!(one, again);
    let ids: BTreeSet<String> = one
        .iter()
        .chain(&two)
        .flat_map(|response| {
            let body: Value = serde_json::from_slice(&response.body).expect("JSON");
            let upload = body["uploadId"].as_str().expect("an id").to_owned();
            [upload, response.header("x-amzn-requestid").expect("an id").to_owned()]
        })
        .collect();
    assert_eq!(ids.len(), 12);
}

#[test]
fn the_door_answers_at_once() {
    let door = EmulatorDoor::new(Emulator::new(Settings::new(revision())));
    let answer = pin!(door.send(request(&target("DescribeRegistry"), b"{}"), Duration::ZERO));
    let Poll::Ready(Ok(response)) = answer.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("no answer");
    };
    assert_eq!(response.status, 200);
    assert_well_formed(&response);
}

#[cfg(feature = "wiremock")]
#[tokio::test]
async fn the_door_answers_through_wiremock() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use wiremock::matchers::any;
    use wiremock::{Mock, MockServer};

    let server = MockServer::builder().disable_request_recording().start().await;
    let door = EmulatorDoor::new(Emulator::new(Settings::new(revision())));
    Mock::given(any()).respond_with(door).mount(&server).await;

    let mut connection = tokio::net::TcpStream::connect(server.address()).await.expect("a connection");
    let (target, body) = (target("DescribeImages"), r#"{"repositoryName":"nowhere"}"#);
    let request = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: {target}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.expect("a request");
    let mut response = String::new();
    connection.read_to_string(&mut response).await.expect("a response");

    assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
    assert_eq!(response.matches("content-length: ").count(), 1, "{response}");
    assert!(response.contains("\r\ncontent-type: application/x-amz-json-1.1\r\n"), "{response}");
    assert!(response.contains("\r\nx-amzn-requestid: "), "{response}");
    assert!(response.contains("\r\n\r\n{\"__type\":\"RepositoryNotFoundException\","), "{response}");
}

/// A JSON value of any form, with the members of the API more often than chance has it.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![
            "app",
            "one",
            "TAGGED",
            "123456789012",
            CONFIG,
            "bGF5ZXI=",
            "IMMUTABLE",
            "",
            "{}",
            "[]"
        ])
        .prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![
            prop::sample::select(vec![
                "repositoryName",
                "registryId",
                "imageIds",
                "imageTag",
                "imageDigest",
                "maxResults",
                "nextToken",
                "filter",
                "tagStatus",
                "imageManifest",
                "imageManifestMediaType",
                "uploadId",
                "layerDigests",
                "partFirstByte",
                "partLastByte",
                "layerPartBlob",
                "force",
                "config",
                "layers",
                "manifests",
            ])
            .prop_map(str::to_owned),
            ".{0,8}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..8).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// A body: JSON that names the repository, any JSON, JSON that was cut, or no JSON at all.
fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let bytes = |value: Value| value.to_string().into_bytes();
    prop_oneof![
        3 => any_json().prop_map(move |mut value| {
            if let Some(members) = value.as_object_mut() {
                members.insert("repositoryName".to_owned(), json!("app"));
                if let Some(manifest) = members.get_mut("imageManifest").filter(|manifest| !manifest.is_string()) {
                    *manifest = json!(manifest.to_string());
                }
            }
            bytes(value)
        }),
        2 => any_json().prop_map(bytes),
        1 => (any_json(), any::<prop::sample::Index>()).prop_map(move |(value, cut)| {
            let mut bytes = bytes(value);
            bytes.truncate(cut.index(bytes.len() + 1));
            bytes
        }),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

fn any_target() -> impl Strategy<Value = String> {
    let known: Vec<&str> = revision().operations.iter().map(|operation| operation.target).collect();
    prop_oneof![9 => prop::sample::select(known).prop_map(str::to_owned), 1 => ".*"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_is_answered_in_form(requests in prop::collection::vec((any_target(), any_body()), 1..12)) {
        let mut ecr = Ecr::with_repositories(&["app"]);
        ecr.push("app", &docker("one"), Some("one"));
        for (target, body) in requests {
            ecr.send(&target, &body);
        }
    }
}
