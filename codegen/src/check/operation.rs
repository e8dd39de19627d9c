//! The service and its operations.

use super::{Checker, value};
use crate::diagnostic::Code;
use crate::lower::members;
use crate::model::{CONSTRAINT_NAMES, ErrorEntry, Operation, Pagination, Service, Shape, ShapeIndex};
use crate::parse::{self, Body, Target};
use crate::source::Node;
use crate::{name, suggest};

impl Checker<'_, '_, '_, '_> {
    pub(super) fn service(&mut self) -> Service {
        let shape = self.scope.service;
        self.judge_statements(shape.id, CONSTRAINT_NAMES);
        let field = |id: &str, name: &str| {
            let value = self.scope.find(shape.id, id)?.line.value.get(name)?;
            value.as_str().map(str::to_owned)
        };
        let name = shape.id.split_once('#').map_or(shape.id, |(_, name)| name);
        let sdk_id = field("aws.api#service", "sdkId").unwrap_or_else(|| name.to_owned());
        let short = sdk_id.to_lowercase().replace(' ', "");
        let signing_name = field("aws.auth#sigv4", "name").unwrap_or_else(|| short.clone());
        let endpoint_prefix = field("aws.api#service", "endpointPrefix").unwrap_or(short);
        let speaks = |id: &str| self.scope.find(shape.id, id).is_some();
        let content_type = if speaks("aws.protocols#awsJson1_1") {
            "application/x-amz-json-1.1"
        } else if speaks("aws.protocols#awsJson1_0") {
            "application/x-amz-json-1.0"
        } else {
            self.diagnostics.report(
                Code::UnsupportedProtocol,
                shape.place,
                "the service speaks neither awsJson1_1 nor awsJson1_0",
                "add the trait aws.protocols#awsJson1_1 if it does: the generator knows no other protocol",
            );
            ""
        };
        Service {
            id: shape.id.to_owned(),
            documentation: self.documentation_of(shape.id),
            sdk_id,
            signing_name,
            endpoint_prefix,
            target_prefix: name.to_owned(),
            content_type,
            query_compatible: speaks("aws.protocols#awsQueryCompatible"),
        }
    }

    pub(super) fn operations(&mut self, shapes: &[Shape]) -> Vec<Operation> {
        let index =
            |id: &str| shapes.binary_search_by(|shape| shape.id.as_str().cmp(id)).ok().map(ShapeIndex);
        let common = match &self.scope.service.body {
            Body::Service { errors, .. } => errors.as_slice(),
            _ => &[],
        };
        let mut operations = Vec::new();
        for shape in self.scope.operations.clone() {
            let Body::Operation { input, output, errors: own } = &shape.body else { continue };
            let mut errors: Vec<ErrorEntry> = Vec::new();
            for target in own.iter().chain(common) {
                let Some(index) = index(target.id) else { continue };
                if let Some(entry) = self.error(target, index)
                    && !errors.iter().any(|known| known.shape == index)
                {
                    errors.push(entry);
                }
            }
            let pagination = self.pagination(shape, input.as_ref(), output.as_ref());
            let end =
                |target: &Option<Target<'_, '_>>| index(target.map_or("smithy.api#Unit", |target| target.id));
            let (Some(input), Some(output)) = (end(input), end(output)) else { continue };
            let name = shape.id.split_once('#').map_or(shape.id, |(_, name)| name);
            operations.push(Operation {
                id: shape.id.to_owned(),
                name: name.to_owned(),
                documentation: self.documentation_of(shape.id),
                error_type: format!("{}Error", name::type_name(name)),
                input,
                output,
                errors,
                pagination,
                host_prefix: self.host_prefix(shape),
            });
        }
        operations
    }

    fn error(&mut self, target: &Target<'_, '_>, shape: ShapeIndex) -> Option<ErrorEntry> {
        let Some(fault) = self.text_of(target.id, "smithy.api#error") else {
            let mistyped = self.scope.find(target.id, "smithy.api#error").is_some();
            if !mistyped && self.scope.kind(target.id) == Some("structure") {
                self.diagnostics.report(
                    Code::ErrorTraitMissing,
                    target.place,
                    format!("{} is named as an error and has no trait smithy.api#error", target.id),
                    "add the trait with the value \"client\" or \"server\"",
                );
            }
            return None;
        };
        let client_fault = fault != "server";
        let given = self.scope.find(target.id, "smithy.api#httpError");
        let given = given.and_then(|applied| value::whole(applied.line.value));
        let status = given.and_then(|status| u16::try_from(status).ok()).unwrap_or(if client_fault {
            400
        } else {
            500
        });
        let query = self.scope.find(target.id, "aws.protocols#awsQueryError");
        let query_code =
            query.and_then(|applied| applied.line.value.get("code")?.as_str().map(str::to_owned));
        Some(ErrorEntry { shape, status, client_fault, query_code })
    }

    fn host_prefix(&mut self, operation: &parse::Shape<'_, '_>) -> Option<String> {
        let node = self.scope.find(operation.id, "smithy.api#endpoint")?.line.value.get("hostPrefix")?;
        let prefix = node.as_str()?;
        let Body::Operation { input, .. } = &operation.body else { return None };
        let input = input.map_or("smithy.api#Unit", |target| target.id);
        for label in prefix.split('{').skip(1).filter_map(|piece| piece.split_once('}')) {
            let id = format!("{input}${}", label.0);
            if self.scope.find(&id, "smithy.api#hostLabel").is_none() {
                self.diagnostics.report(
                    Code::UnknownMember,
                    &node.place,
                    format!("{input} has no member {:?} with smithy.api#hostLabel", label.0),
                    "give the trait to the member, or take the label out of the prefix",
                );
            }
        }
        Some(prefix.to_owned())
    }

    fn pagination(
        &mut self,
        operation: &parse::Shape<'_, '_>,
        input: Option<&Target<'_, '_>>,
        output: Option<&Target<'_, '_>>,
    ) -> Option<Pagination> {
        let default_page_size = self
            .scope
            .find(operation.id, "ecrspec.api#defaultPageSize")
            .and_then(|applied| value::whole(applied.line.value))
            .and_then(|size| u32::try_from(size).ok());
        let node = self.scope.find(operation.id, "smithy.api#paginated")?.line.value;
        let input = input.map_or("smithy.api#Unit", |target| target.id);
        let output = output.map_or("smithy.api#Unit", |target| target.id);
        let input_token = self.page_member(node, "inputToken", input);
        let output_token = self.page_member(node, "outputToken", output);
        let page_size = self.page_member(node, "pageSize", input);
        let items = self.page_member(node, "items", output);
        Some(Pagination {
            input_token: input_token?,
            output_token: output_token?,
            page_size,
            items,
            default_page_size,
        })
    }

    fn page_member(&mut self, node: &Node<'_>, field: &str, shape: &str) -> Option<String> {
        let node = node.get(field)?;
        let name = parse::text(node, field, self.diagnostics)?;
        // The items may lie deeper: a path with dots.
        let mut holder = shape;
        for step in name.split('.') {
            let found: Vec<_> = self.scope.shapes.get(holder).map(|shape| members(shape)).unwrap_or_default();
            let Some(member) = found.iter().find(|member| member.name == step) else {
                let names: Vec<&str> = found.iter().map(|member| member.name).collect();
                self.diagnostics.report(
                    Code::UnknownMember,
                    &node.place,
                    format!("{holder} has no member {step:?}"),
                    suggest::hint(
                        step,
                        names.iter().copied(),
                        format!("its members are {}", names.join(", ")),
                    ),
                );
                break;
            };
            holder = member.target.id;
        }
        Some(name.to_owned())
    }
}
