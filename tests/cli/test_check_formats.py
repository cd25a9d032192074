"""The formats of `assent check` are what the tools behind them read, whatever stands in a finding."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from assent.api.findings import Finding, Place
from assent.cli import reports
from assent.cli.output import Form
from assent.cli.reports import Report

HOSTILE = "evil\x1b[31m \u202e% :,::error::\r\n<&\"'>]]>\x00\ufffe\ud800 end"
FINDINGS = (
    Finding("tree-odd-name", "a file has a name that cannot be shown", "rename it"),
    Finding(
        "reference-missing",
        "spec.role: names nothing",
        "declare it",
        place=Place("a b/ñ,%.yaml", 12, 3),
        kind="User",
        namespace="acme",
        name="maria",
        path="spec.role",
    ),
    Finding("schema-open", "is open", severity="warning", place=Place("/abs/x.yaml", 1), kind="Module", name="m"),
    Finding("document-invalid", HOSTILE, HOSTILE, place=Place(HOSTILE, 2, 5), kind="User", namespace="x", name=HOSTILE),
)
REPORT = Report(FINDINGS, 41, 2)
EMPTY = Report((), 41, 0)

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
COUNT = {"type": "integer", "minimum": 1}
ARTIFACT = {
    "required": ["uri"],
    "properties": {"uri": {"type": "string", "pattern": "^[!-~]*$"}, "uriBaseId": {"type": "string"}},
}
REGION = {"required": ["startLine"], "properties": {"startLine": COUNT, "startColumn": COUNT}}
LOCATION = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "physicalLocation": {
            "required": ["artifactLocation"],
            "properties": {"artifactLocation": ARTIFACT, "region": REGION},
        },
        "logicalLocations": {"items": {"properties": {"fullyQualifiedName": {"type": "string"}}}},
    },
}
RESULT = {
    "type": "object",
    "required": ["message", "ruleId", "ruleIndex", "level"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": TEXT,
        "partialFingerprints": {"additionalProperties": {"type": "string"}},
        "locations": {"minItems": 1, "items": LOCATION},
    },
}
RULE = {"required": ["id", "shortDescription"], "properties": {"shortDescription": TEXT}}
DRIVER = {
    "required": ["name", "rules"],
    "properties": {"name": {"type": "string"}, "rules": {"uniqueItems": True, "items": RULE}},
}
RUN = {
    "type": "object",
    "required": ["tool", "results"],
    "additionalProperties": False,
    "properties": {
        "columnKind": {"const": "unicodeCodePoints"},
        "tool": {"required": ["driver"], "properties": {"driver": DRIVER}},
        "results": {"items": RESULT},
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {"minItems": 1, "items": RUN},
    },
}
"""The part of SARIF 2.1.0 that is used, after sections 3.14, 3.19, 3.27, 3.28 and 3.29 of the standard."""


@pytest.mark.parametrize("report", [REPORT, EMPTY], ids=["findings", "none"])
def test_sarif_is_what_the_standard_says(report):
    """Every required property is there, URIs are encoded, lines and columns count from 1, and rules are found."""
    text = reports.FORMS[Form.SARIF](report)
    whole = json.loads(text)
    (run,) = whole["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert [] == [error.message for error in Draft202012Validator(SARIF).iter_errors(whole)]
    assert [one.rule for one in report.findings] == [rules[one["ruleIndex"]]["id"] for one in run["results"]]
    assert all(reports.RULES[rule["id"]] == rule["shortDescription"]["text"] for rule in rules)


def test_sarif_places_are_relative_to_the_repository_and_fingerprints_do_not_move():
    """A relative path hangs on the source root; a finding that moved to another line is the same finding."""
    one = FINDINGS[1]
    moved = replace(one, place=Place("b.yaml", 99))
    (first, second) = json.loads(reports.sarif(Report((one, moved), 1, 0)))["runs"][0]["results"]
    (absolute,) = json.loads(reports.sarif(Report(FINDINGS[2:3], 1, 0)))["runs"][0]["results"]

    assert {"uri": "a%20b/%C3%B1%2C%25.yaml", "uriBaseId": "%SRCROOT%"} == first["locations"][0]["physicalLocation"][
        "artifactLocation"
    ]
    assert first["partialFingerprints"] == second["partialFingerprints"]
    assert {"uri": "file:///abs/x.yaml"} == absolute["locations"][0]["physicalLocation"]["artifactLocation"]


def test_github_reads_back_what_was_meant():
    """Each finding is one command on one line, whose fields and message come back as they were."""
    lines = reports.github(REPORT).splitlines()
    found = [re.fullmatch(r"::(error|warning) ([^:]*)::(.*)", line) for line in lines]

    assert len(FINDINGS) == len(lines)
    assert all(found)
    fields = dict(pair.split("=", 1) for pair in found[1][2].split(","))
    assert {"file": "a b/ñ%2C%25.yaml", "line": "12", "col": "3", "title": "reference-missing"} == fields
    assert "User/acme/maria: spec.role: names nothing (declare it)" == found[1][3]
    assert {"title": "tree-odd-name"} == dict(pair.split("=", 1) for pair in found[0][2].split(","))
    assert "" == reports.github(EMPTY)


def test_junit_is_well_formed_and_counts():
    """XML that any reader takes: a case a finding, failed where it is an error; a passing one where nothing is."""
    root = ET.fromstring(reports.junit(REPORT))  # noqa: S314 -- our own text
    (suite,) = root
    (passed,) = ET.fromstring(reports.junit(EMPTY)).iter("testcase")  # noqa: S314 -- the same

    assert ("4", "3") == (root.get("tests"), root.get("failures")) == (suite.get("tests"), suite.get("failures"))
    assert [1, 1, 0, 1] == [len(case.findall("failure")) for case in suite]
    assert "reference-missing" == suite[1].get("classname")
    assert ("no problems in 41 documents", 0) == (passed.get("name"), len(passed))


def test_json_has_the_fields_that_scripts_rely_on():
    """Every finding has all fields, empty or 0 where they are unknown."""
    whole = json.loads(reports.as_json(REPORT))
    fields = ["rule", "severity", "message", "hint", "file", "line", "column", "kind", "namespace", "name", "path"]

    assert (41, 2) == (whole["documents"], whole["skipped"])
    assert all(fields == list(one) for one in whole["findings"])
    assert ("", 0, 0) == tuple(whole["findings"][0][name] for name in ("file", "line", "column"))


@pytest.mark.parametrize("form", list(Form))
def test_rule_44_no_format_lets_a_finding_mislead(form):
    """Rule 44: control, bidirectional and line-breaking characters in names and messages are escaped or encoded."""
    text = reports.FORMS[form](REPORT)

    text.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\ufffe]", text)
    if form in (Form.TABLE, Form.GITHUB):
        assert len(FINDINGS) <= text.count("\n") <= 2 * len(FINDINGS)


def test_a_table_is_read_by_whatever_reads_compilers():
    """`file:line:column: severity: message [rule]`, the hint indented below; the summary says the rest."""
    lines = reports.table(Report(FINDINGS[:3], 41, 2)).splitlines()

    assert "-: error: a file has a name that cannot be shown [tree-odd-name]" == lines[0]
    assert "a b/ñ,%.yaml:12:3: error: User/acme/maria: spec.role: names nothing [reference-missing]" == lines[2]
    assert "    declare it" == lines[3]
    assert "/abs/x.yaml:1: warning: Module/m: is open [schema-open]" == lines[4]
    assert "3 errors and 1 warning in 41 documents; 2 files of others passed over" == REPORT.summary
    assert "no problems in 1 document" == Report((), 1, 0).summary


@pytest.mark.parametrize(("colored", "expected"), [(True, "\x1b[31m"), (False, "")])
def test_colours_are_for_terminals(monkeypatch, colored, expected):
    """The severity is red or yellow where somebody sees it, and plain text everywhere else."""
    monkeypatch.setattr(reports.output, "colored", lambda: colored)

    assert expected in reports.table(REPORT)
    assert colored == ("\x1b[" in reports.table(REPORT))
