"""Checks the derived values against engines that share no line with this project.

In: the name of a revision, the snapshot of its derived cases, and the botocore whose model it is. Out: exit
code 0 if every value that the snapshot calls accepted fits the model and every one that it calls rejected does
not, as `re.fullmatch` and botocore's validator see it.
"""

import gzip
import json
import pathlib
import re
import sys

import botocore
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

ROOT = pathlib.Path(__file__).parent.parent
SNAPSHOT = ROOT / "snapshots" / "derived" / f"{sys.argv[1]}.snap"
MODEL = pathlib.Path(botocore.__file__).parent / "data" / "ecr" / "2015-09-21" / "service-2.json.gz"

# What the names in a derived request stand for.
NAMES = {
    "repository.main": "team/app",
    "absent.repository": "team/none",
    "absent.tag": "none",
    "absent.digest": "sha256:" + "0" * 64,
    "registry.id": "123456789012",
}


def fill(value):
    if isinstance(value, str):
        return re.sub(r"\{\{([^}]+)\}\}", lambda name: NAMES[name[1]], value)
    if isinstance(value, list):
        return [fill(element) for element in value]
    if isinstance(value, dict):
        return {name: fill(element) for name, element in value.items()}
    return value


def request_patterns():
    """Patterns that ECR enforces on requests though no model has them, from the overlay."""
    overlay = json.loads((ROOT / "spec" / "overlay.json").read_text())
    found = {}
    for statement in overlay["statements"]:
        pattern = statement["traits"].get("ecrspec.api#requestPattern")
        if pattern:
            found[statement["apply"].split("#")[1]] = pattern
    return found


def breaks(model, shapes, extra, name, value, path):
    """The constraints of the raw model that a value breaks: patterns and upper bounds, which botocore's own
    validator leaves to the service."""
    shape = shapes[name]
    pattern = extra.get(path) or shape.get("pattern")
    if isinstance(value, str):
        if pattern and not re.fullmatch(pattern, value, re.ASCII):
            yield f"{path}: pattern"
        if len(value) > shape.get("max", len(value)):
            yield f"{path}: too long"
        if "enum" in shape and value not in shape["enum"]:
            yield f"{path}: no value of the enum"
    elif isinstance(value, list) and shape["type"] == "list":
        if len(value) > shape.get("max", len(value)):
            yield f"{path}: too many"
        for element in value:
            yield from breaks(model, shapes, extra, shape["member"]["shape"], element, path)
    elif isinstance(value, dict) and shape["type"] == "structure":
        for member, element in value.items():
            if member in shape["members"]:
                target = shape["members"][member]["shape"]
                yield from breaks(model, shapes, extra, target, element, f"{name}${member}")
    elif isinstance(value, int) and value > shape.get("max", value):
        yield f"{path}: too great"


def main():
    raw = json.loads(gzip.decompress(MODEL.read_bytes()))
    operation = ServiceModel(raw, "ecr").operation_model("DescribeImages")
    extra = request_patterns()
    lines = SNAPSHOT.read_text().split("\n---\n", 1)[1].splitlines()
    counts, wrong = {"accepted": 0, "rejected": 0}, []
    for line in lines:
        if not line.startswith("derived."):
            continue
        case, outcome, text = line.split(None, 2)
        if outcome not in counts:
            continue
        request = fill(json.loads(text))
        # botocore takes null for a wrong type; to ECR an optional null is absent.
        if outcome == "accepted":
            request = {name: value for name, value in request.items() if value is not None}
        errors = ParamValidator().validate(request, operation.input_shape)
        found = list(breaks(operation, raw["shapes"], extra, operation.input_shape.name, request, ""))
        if errors.has_errors():
            found.append(errors.generate_report())
        if (outcome == "rejected") != bool(found):
            wrong.append(f"{case}: called {outcome}, but here {found or 'nothing is wrong'}: {text[:200]}")
        counts[outcome] += 1
    print(f"{sys.argv[1]}: {counts['accepted']} accepted and {counts['rejected']} rejected values, {len(wrong)} disputed")
    if wrong or min(counts.values()) < 10:
        sys.exit("\n".join(wrong) or "too few values: is the snapshot empty?")


if __name__ == "__main__":
    main()
