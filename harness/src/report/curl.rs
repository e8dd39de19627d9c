//! A request as a command line that anybody can run.

use crate::exchange::Request;
use crate::report::Subject;

/// The `curl` command that sends this request again; nothing where the target has no address.
pub(super) fn curl(request: &Request, subject: &Subject<'_>) -> Option<String> {
    let endpoint = subject.endpoint?.trim_end_matches('/');
    let url = quote(&format!("{endpoint}{}", request.path));
    let mut words = vec![format!("curl -sS -X {} {url}", request.method)];
    for (name, value) in &request.headers {
        if ["content-type", "x-amz-target"].contains(&name.to_ascii_lowercase().as_str()) {
            words.push(format!("-H {}", quote(&format!("{name}: {value}"))));
        }
    }
    // Mocks of many services tell by the signature which one is asked, whoever signed.
    if request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
        let scope = quote(&format!("aws:amz:{}:ecr", subject.region));
        let user = if subject.signed { "\"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\"" } else { "test:test" };
        words.push(format!("--aws-sigv4 {scope} --user {user}"));
    }
    if let Ok(body) = std::str::from_utf8(&request.body) {
        words.push(format!("--data-binary {}", quote(body)));
    } else {
        // Octal, for that is what every `printf` reads.
        let escaped: Vec<String> = request.body.iter().map(|byte| format!("\\{byte:03o}")).collect();
        words.insert(0, format!("printf {} |", quote(&escaped.concat())));
        words.push("--data-binary @-".to_owned());
    }
    Some(words.join(" "))
}

/// A word as a shell reads it.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
