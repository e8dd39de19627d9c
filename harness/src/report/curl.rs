//! A request as a command line that anybody can run.

use crate::exchange::Request;
use crate::report::Subject;

/// The `curl` command that sends this request again; nothing where the target has no address.
pub(super) fn curl(request: &Request, subject: &Subject<'_>) -> Option<String> {
    let endpoint = subject.endpoint?.trim_end_matches('/');
    let mut command = format!("curl -sS -X {} {}", request.method, quote(&format!("{endpoint}{}", request.path)));
    for (name, value) in &request.headers {
        if ["content-type", "x-amz-target"].contains(&name.to_ascii_lowercase().as_str()) {
            command.push_str(&format!(" -H {}", quote(&format!("{name}: {value}"))));
        }
    }
    if subject.signed {
        let scope = format!("aws:amz:{}:ecr", subject.region);
        command.push_str(&format!(" --aws-sigv4 {} --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\"", quote(&scope)));
    }
    match std::str::from_utf8(&request.body) {
        Ok(body) => command.push_str(&format!(" --data-binary {}", quote(body))),
        Err(_) => {
            let escaped: String = request.body.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            command = format!("printf {} | {command} --data-binary @-", quote(&escaped));
        }
    }
    Some(command)
}

/// A word as a shell reads it.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
