"""Reads the reports of a run with programs that share no line with this project.

In: a folder with junit.xml, report.json and report.schema.json of the same run, and the schema of Jenkins' xUnit
plugin (junit-10.xsd, as pytest's source distribution has it). Out: exit code 0 if each file fits its schema and a
JUnit reader counts what the JSON report counts.
"""

import json
import pathlib
import sys

import jsonschema
from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree


def main(folder, xsd):
    folder = pathlib.Path(folder)
    schema = etree.XMLSchema(etree.parse(xsd))
    schema.assertValid(etree.parse(folder / "junit.xml"))
    report = json.loads((folder / "report.json").read_text())
    rules = json.loads(pathlib.Path("harness/report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(rules)
    jsonschema.Draft202012Validator(rules).validate(report)

    counts = {Failure: 0, Error: 0, Skipped: 0, None: 0}
    for suite in JUnitXml.fromfile(str(folder / "junit.xml")):
        for case in suite:
            kinds = {type(result) for result in case.result} or {None}
            assert len(kinds) == 1, f"{case.name} ended in several ways: {kinds}"
            counts[kinds.pop()] += 1
    checks = report["checks"]
    conform = sum(check["outcome"] == "conform" for check in checks)
    fails = sum(
        check["outcome"] == "nonconform" and check["level"] == "must" and "known" not in check for check in checks
    )
    stale = len(report.get("baseline", {}).get("stale", []))
    assert counts[None] == conform, (counts, conform)
    assert counts[Failure] == fails + stale, (counts, fails, stale)
    assert sum(counts.values()) == len(checks) + stale, (counts, len(checks))
    assert (counts[Failure] + counts[Error] > 0) == (report["exit"] != 0), (counts, report["exit"])
    print(f"{len(checks)} checks: {conform} passed, {counts[Failure]} failed, {counts[Skipped]} skipped")


if __name__ == "__main__":
    main(*sys.argv[1:])
