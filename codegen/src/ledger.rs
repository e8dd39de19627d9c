//! The trait ledger: every trait that a model or an overlay may carry, and what becomes of it.
//!
//! What must stay true: a trait that is not here is refused as unknown, so that a model never says something
//! that is silently lost.

use std::fmt;

/// One trait, or with an id that ends in `#` every trait of a namespace.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The trait's id: `smithy.api#length`.
    pub id: &'static str,
    /// What becomes of it.
    pub fate: Fate,
    /// What may carry it.
    pub(crate) carrier: Carrier,
    /// Whether only an overlay may carry it.
    pub(crate) overlay_only: bool,
}

/// What becomes of a trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A value that breaks it is a violation.
    Enforced,
    /// It shapes the generated code or the table.
    Used,
    /// It changes nothing, for this reason.
    Ignored(&'static str),
    /// A model that carries it is refused, for this reason.
    Refused(&'static str),
}

impl fmt::Display for Fate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enforced => formatter.write_str("enforced"),
            Self::Used => formatter.write_str("used"),
            Self::Ignored(reason) => write!(formatter, "ignored: {reason}"),
            Self::Refused(reason) => write!(formatter, "refused: {reason}"),
        }
    }
}

/// What may carry a trait. A member counts as what it targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Anything,
    Service,
    Operation,
    Structure,
    StructureMember,
    EnumMember,
    /// A shape of one of these types, or a member that targets one.
    Value(&'static [&'static str]),
    /// A value of any type, or the service itself.
    ValueOrService,
}

impl fmt::Display for Carrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anything => formatter.write_str("anything"),
            Self::Service => formatter.write_str("the service"),
            Self::Operation => formatter.write_str("an operation"),
            Self::Structure => formatter.write_str("a structure"),
            Self::StructureMember => formatter.write_str("a member of a structure"),
            Self::EnumMember => formatter.write_str("a member of an enum"),
            Self::Value(kinds) => write!(formatter, "values of type {}", kinds.join(", ")),
            Self::ValueOrService => formatter.write_str("a value or the service"),
        }
    }
}

/// The whole ledger, sorted by id.
pub fn lines() -> &'static [Line] {
    LEDGER
}

/// The line of a trait.
pub fn find(id: &str) -> Option<&'static Line> {
    let line = |id: &str| LEDGER.binary_search_by_key(&id, |line| line.id).ok().and_then(|at| LEDGER.get(at));
    line(id).or_else(|| line(id.split_inclusive('#').next()?))
}

const fn line(id: &'static str, fate: Fate, carrier: Carrier) -> Line {
    Line { id, fate, carrier, overlay_only: false }
}

const fn own(id: &'static str, fate: Fate, carrier: Carrier) -> Line {
    Line { id, fate, carrier, overlay_only: true }
}

const fn ignored(id: &'static str, reason: &'static str) -> Line {
    line(id, Fate::Ignored(reason), Carrier::Anything)
}

const fn refused(id: &'static str, reason: &'static str) -> Line {
    line(id, Fate::Refused(reason), Carrier::Anything)
}

/// Why many a trait changes nothing here.
const OTHER_TOOLS: &str = "it is for other tools and changes nothing on the wire";
const CLIENT: &str = "it tells a client how to behave and changes nothing on the wire";
const SENDER: &str = "headers and compression are left to whoever sends the body";
const EVENTS: &str = "a stream of events is no JSON body, which is all that is read and written here";
const NUMBERS: &[&str] = &["byte", "short", "integer", "long", "float", "double", "bigInteger", "bigDecimal"];
const SHORTEN: &[&str] = &["string", "blob", "list", "map"];

const LEDGER: &[Line] = &[
    ignored("aws.api#arn", OTHER_TOOLS),
    ignored("aws.api#arnReference", OTHER_TOOLS),
    ignored("aws.api#clientDiscoveredEndpoint", "the caller names the endpoint"),
    ignored("aws.api#clientEndpointDiscovery", "the caller names the endpoint"),
    ignored("aws.api#clientEndpointDiscoveryId", "the caller names the endpoint"),
    ignored("aws.api#controlPlane", OTHER_TOOLS),
    ignored("aws.api#data", OTHER_TOOLS),
    ignored("aws.api#dataPlane", OTHER_TOOLS),
    line("aws.api#service", Fate::Used, Carrier::Service),
    ignored("aws.api#tagEnabled", OTHER_TOOLS),
    ignored("aws.api#taggable", OTHER_TOOLS),
    line("aws.auth#sigv4", Fate::Used, Carrier::Service),
    refused("aws.auth#sigv4a", "requests are signed for one region"),
    refused("aws.auth#unsignedPayload", "the payload hash is signed"),
    ignored("aws.cloudformation#", OTHER_TOOLS),
    ignored("aws.cloudtrail#", OTHER_TOOLS),
    ignored("aws.customizations#", OTHER_TOOLS),
    ignored("aws.endpoints#", "the caller names the endpoint"),
    ignored("aws.iam#", OTHER_TOOLS),
    line("aws.protocols#awsJson1_0", Fate::Used, Carrier::Service),
    line("aws.protocols#awsJson1_1", Fate::Used, Carrier::Service),
    line("aws.protocols#awsQueryCompatible", Fate::Used, Carrier::Service),
    line("aws.protocols#awsQueryError", Fate::Used, Carrier::Structure),
    ignored("aws.protocols#httpChecksum", SENDER),
    ignored("aws.test#", OTHER_TOOLS),
    own("ecrspec.api#defaultPageSize", Fate::Used, Carrier::Operation),
    own("ecrspec.api#enforced", Fate::Used, Carrier::ValueOrService),
    own("ecrspec.api#excludes", Fate::Enforced, Carrier::StructureMember),
    own("ecrspec.api#messages", Fate::Used, Carrier::ValueOrService),
    own("ecrspec.api#patternMatch", Fate::Used, Carrier::Service),
    own("ecrspec.api#requestPattern", Fate::Enforced, Carrier::Value(&["string"])),
    line("ecrspec.api#uncheckedPattern", Fate::Used, Carrier::Value(&["string"])),
    ignored("smithy.api#addedDefault", "wire types keep an absent member apart from a default"),
    ignored("smithy.api#auth", "requests are signed with Signature Version 4"),
    ignored("smithy.api#authDefinition", OTHER_TOOLS),
    ignored("smithy.api#box", "every member of a wire type is optional"),
    ignored("smithy.api#clientOptional", "every member of a wire type is optional"),
    ignored("smithy.api#cors", OTHER_TOOLS),
    line("smithy.api#default", Fate::Used, Carrier::Anything),
    ignored("smithy.api#deprecated", "a deprecated member is on the wire like any other"),
    line("smithy.api#documentation", Fate::Used, Carrier::Anything),
    line("smithy.api#endpoint", Fate::Used, Carrier::Operation),
    refused("smithy.api#enum", "Smithy 2.0 has enum shapes in its place"),
    line("smithy.api#enumValue", Fate::Used, Carrier::EnumMember),
    line("smithy.api#error", Fate::Used, Carrier::Structure),
    refused("smithy.api#eventHeader", EVENTS),
    refused("smithy.api#eventPayload", EVENTS),
    ignored("smithy.api#examples", "cases are written by hand, each with its evidence"),
    ignored("smithy.api#externalDocumentation", "only the documentation itself is carried over"),
    line("smithy.api#hostLabel", Fate::Used, Carrier::StructureMember),
    ignored("smithy.api#http", "the awsJson protocols send every operation as POST /"),
    ignored("smithy.api#httpBearerAuth", "requests are signed with Signature Version 4"),
    ignored("smithy.api#httpChecksumRequired", SENDER),
    line("smithy.api#httpError", Fate::Used, Carrier::Structure),
    line("smithy.api#idempotencyToken", Fate::Used, Carrier::StructureMember),
    ignored("smithy.api#idempotent", CLIENT),
    ignored("smithy.api#input", "an operation names its own input"),
    ignored("smithy.api#internal", OTHER_TOOLS),
    ignored("smithy.api#jsonName", "the awsJson protocols do not use it"),
    line("smithy.api#length", Fate::Enforced, Carrier::Value(SHORTEN)),
    line("smithy.api#mediaType", Fate::Used, Carrier::Value(&["string", "blob"])),
    ignored("smithy.api#mixin", "whoever uses it has its members and traits"),
    ignored("smithy.api#notProperty", OTHER_TOOLS),
    ignored("smithy.api#optionalAuth", "requests are signed with Signature Version 4"),
    ignored("smithy.api#output", "an operation names its own output"),
    line("smithy.api#paginated", Fate::Used, Carrier::Operation),
    line("smithy.api#pattern", Fate::Enforced, Carrier::Value(&["string"])),
    ignored("smithy.api#private", OTHER_TOOLS),
    line("smithy.api#range", Fate::Enforced, Carrier::Value(NUMBERS)),
    ignored("smithy.api#readonly", CLIENT),
    ignored("smithy.api#recommended", OTHER_TOOLS),
    ignored("smithy.api#references", OTHER_TOOLS),
    ignored("smithy.api#requestCompression", SENDER),
    line("smithy.api#required", Fate::Enforced, Carrier::StructureMember),
    ignored("smithy.api#requiresLength", OTHER_TOOLS),
    ignored("smithy.api#resourceIdentifier", OTHER_TOOLS),
    ignored("smithy.api#retryable", CLIENT),
    line("smithy.api#sensitive", Fate::Used, Carrier::Anything),
    ignored("smithy.api#since", OTHER_TOOLS),
    line("smithy.api#sparse", Fate::Used, Carrier::Value(&["list", "map"])),
    refused("smithy.api#streaming", EVENTS),
    ignored("smithy.api#suppress", OTHER_TOOLS),
    ignored("smithy.api#tags", OTHER_TOOLS),
    line("smithy.api#timestampFormat", Fate::Used, Carrier::Value(&["timestamp"])),
    ignored("smithy.api#title", OTHER_TOOLS),
    line("smithy.api#uniqueItems", Fate::Enforced, Carrier::Value(&["list"])),
    ignored("smithy.api#unstable", OTHER_TOOLS),
    ignored("smithy.api#xmlAttribute", "the awsJson protocols do not use it"),
    ignored("smithy.api#xmlFlattened", "the awsJson protocols do not use it"),
    ignored("smithy.api#xmlName", "the awsJson protocols do not use it"),
    ignored("smithy.api#xmlNamespace", "the awsJson protocols do not use it"),
    ignored("smithy.rules#", "the caller names the endpoint"),
    ignored("smithy.test#", OTHER_TOOLS),
    ignored("smithy.waiters#", CLIENT),
];

#[cfg(test)]
mod tests {
    use super::{LEDGER, find};

    #[test]
    fn the_ledger_is_sorted_and_says_each_trait_once() {
        assert!(LEDGER.is_sorted_by(|left, right| left.id < right.id));
    }

    #[test]
    fn a_namespace_covers_its_traits() {
        assert_eq!(find("smithy.rules#endpointRuleSet").map(|line| line.id), Some("smithy.rules#"));
        assert!(find("smithy.api#nothing").is_none());
    }
}
