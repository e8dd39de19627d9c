//! A table entry of one's own in the harness: it sends the requests of that API, and judges answers by its
//! shapes.

#![expect(clippy::expect_used, reason = "a test that can't go on has failed")]

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use ecrspec::case::Suite;
use ecrspec::case::format::CaseFile;
use ecrspec::client::{Answer, Client, Signer, Transport};
use ecrspec::exchange::{Request, Response};
use ecrspec::run::{Settings, Silence, run};
use ecrspec::verdict::{CheckResult, Outcome};
use ecrspec::world::Seed;
use ecrspec_example_weather::revisions;
use tokio::sync::watch;

/// A service of the weather that gives every request the same forecast.
struct Service(&'static str);

impl Transport for Service {
    fn send(&self, request: Request, _timeout: Duration) -> Answer<'_> {
        let is_target = |name: &str| name.eq_ignore_ascii_case("x-amz-target");
        let target =
            request.headers.iter().find(|(name, _)| is_target(name)).map(|(_, value)| value.as_str());
        let known = target == Some("Weather.GetForecast");
        let (status, body) = if known { (200, self.0) } else { (400, r#"{"__type":"UnknownOperation"}"#) };
        let response = Response { status, headers: Vec::new(), body: body.as_bytes().to_vec(), broken: None };
        Box::pin(async { Ok(response) })
    }
}

/// The ids of the checks that conform, and of those that do not.
async fn judge(service: Service) -> (Vec<String>, Vec<String>) {
    let revision = revisions()[0];
    let file: CaseFile = serde_json::from_str(include_str!("case.json")).expect("it is a case file");
    let suite = Suite::new(file.cases, file.worlds);
    let signer = Signer::with_dummy_credentials("us-east-1", revision.service.signing_name);
    let timeout = Duration::from_secs(10);
    let client = Client::new(Arc::new(service), &revision.service, signer, "localhost".to_owned(), timeout);
    let settings = Settings {
        jobs: NonZeroUsize::MIN,
        account: None,
        may_write: Err("the weather cannot be made".to_owned()),
        seed: Seed::default(),
        keep_bodies: false,
    };
    let (_stop, stopped) = watch::channel(false);
    let run = run(&suite, Arc::new(client), revision, &settings, Arc::new(Silence), stopped).await;
    let (conforming, others): (Vec<CheckResult>, Vec<CheckResult>) = run
        .cases
        .into_iter()
        .flat_map(|case| case.results)
        .partition(|result| matches!(result.outcome, Outcome::Conform));
    let ids = |results: Vec<CheckResult>| results.into_iter().map(|result| result.id).collect();
    (ids(conforming), ids(others))
}

#[tokio::test]
async fn a_service_that_answers_as_the_model_says_conforms() {
    let (conforming, others) = judge(Service(r#"{"skies":["CLEAR","CLOUDED"]}"#)).await;
    assert_eq!(conforming, ["forecast.plain#status", "forecast.plain#shape"]);
    assert_eq!(others, [""; 0]);
}

#[tokio::test]
async fn a_forecast_of_another_shape_does_not() {
    let (conforming, others) = judge(Service(r#"{"skies":"CLEAR"}"#)).await;
    assert_eq!(conforming, ["forecast.plain#status"]);
    assert_eq!(others, ["forecast.plain#shape"]);
}
