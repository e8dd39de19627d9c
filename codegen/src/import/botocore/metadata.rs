//! The metadata of a service.

use super::super::json::Json;
use super::{LeftOut, only};
use crate::diagnostic::{Code, Diagnostics};
use crate::parse::{Fields, text};
use crate::source::{Entry, Node};

const LEFT_OUT: &[LeftOut] = &[
    ("auth", "requests are signed with Signature Version 4"),
    ("checksumFormat", "no checksum is written"),
    ("globalEndpoint", "the caller names the endpoint"),
    ("ripServiceName", "it is for botocore alone"),
    ("serviceAbbreviation", "the full name is taken"),
    ("signatureVersion", "requests are signed with Signature Version 4"),
    ("uid", "it is for botocore alone"),
    ("xmlNamespace", "the protocol writes no XML"),
];

/// What every shape of a service needs to know of it.
pub(super) struct Service<'n> {
    namespace: String,
    target_prefix: &'n str,
    sdk_id: &'n str,
    signing_name: &'n str,
    endpoint_prefix: &'n str,
    version: &'n str,
    title: Option<&'n str>,
    protocol: &'static str,
    query_compatible: bool,
}

impl<'n> Service<'n> {
    pub(super) fn read(node: &'n Node<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let fields = Fields::of(node, "metadata", diagnostics)?;
        let carried = [
            "apiVersion",
            "awsQueryCompatible",
            "endpointPrefix",
            "jsonVersion",
            "protocol",
            "protocols",
            "serviceFullName",
            "serviceId",
            "signingName",
            "targetPrefix",
        ];
        only(&fields, &carried, LEFT_OUT, diagnostics);
        let protocol = protocol(&fields, node, diagnostics);
        let mut required = |name| text(fields.require(name, diagnostics)?, name, diagnostics);
        let (sdk_id, endpoint_prefix) = (required("serviceId"), required("endpointPrefix"));
        let (version, target_prefix) = (required("apiVersion"), required("targetPrefix"));
        let mut optional = |name| text(fields.get(name)?, name, diagnostics);
        let (title, signing_name) = (optional("serviceFullName"), optional("signingName"));
        Some(Self {
            namespace: sdk_id?.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase(),
            target_prefix: target_prefix?,
            sdk_id: sdk_id?,
            signing_name: signing_name.or(endpoint_prefix)?,
            endpoint_prefix: endpoint_prefix?,
            version: version?,
            title,
            protocol: protocol?,
            query_compatible: fields.get("awsQueryCompatible").is_some(),
        })
    }

    pub(super) fn id(&self) -> String {
        self.qualify(self.target_prefix)
    }

    pub(super) fn is_query_compatible(&self) -> bool {
        self.query_compatible
    }

    /// The id of a shape of that name.
    pub(super) fn qualify(&self, name: &str) -> String {
        format!("com.amazonaws.{}#{name}", self.namespace)
    }

    pub(super) fn shape(&self, operations: &[Entry<'_>], documentation: Option<&Node<'_>>) -> Json {
        let pair = |name: &str, value: &str| (name.to_owned(), Json::text(value));
        let mut traits = vec![
            (
                "aws.api#service".to_owned(),
                Json::Object(vec![pair("sdkId", self.sdk_id), pair("endpointPrefix", self.endpoint_prefix)]),
            ),
            ("aws.auth#sigv4".to_owned(), Json::Object(vec![pair("name", self.signing_name)])),
        ];
        traits.push((self.protocol.to_owned(), Json::empty()));
        if self.query_compatible {
            traits.push(("aws.protocols#awsQueryCompatible".to_owned(), Json::empty()));
        }
        traits.extend(documentation.map(|node| ("smithy.api#documentation".to_owned(), Json::of(node))));
        traits.extend(self.title.map(|title| pair("smithy.api#title", title)));
        let mut names: Vec<&str> = operations.iter().map(|entry| entry.key.as_str()).collect();
        names.sort_unstable();
        let operations = names.into_iter().map(|name| Json::target(self.qualify(name))).collect();
        Json::Object(vec![
            pair("type", "service"),
            pair("version", self.version),
            ("operations".to_owned(), Json::Array(operations)),
            ("traits".to_owned(), Json::Object(traits)),
        ])
    }
}

fn protocol(fields: &Fields<'_, '_>, node: &Node<'_>, diagnostics: &mut Diagnostics) -> Option<&'static str> {
    let first = fields.get("protocol").and_then(Node::as_str);
    let others = fields.array("protocols", diagnostics).iter().filter_map(Node::as_str);
    let version = fields.get("jsonVersion").and_then(Node::as_str);
    match (first.into_iter().chain(others).any(|name| name == "json"), version) {
        (true, Some("1.0")) => return Some("aws.protocols#awsJson1_0"),
        (true, Some("1.1")) => return Some("aws.protocols#awsJson1_1"),
        _ => {}
    }
    diagnostics.report(
        Code::UnsupportedProtocol,
        fields.get("protocol").map_or(&node.place, |node| &node.place),
        format!("the service speaks {}", first.unwrap_or("no protocol that has a name")),
        "the protocol must be json, with a jsonVersion of 1.0 or 1.1",
    );
    None
}
