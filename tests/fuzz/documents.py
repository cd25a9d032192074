"""What must hold of the documents adapter for any bytes whatever (rules 34 and 35)."""

import time

from adapters.documents.readers import pyyaml, same
from assent.adapters.documents import RULES, edit, load, place_of
from assent.adapters.documents.sections import sections
from assent.errors import AssentError

SECONDS = 0.1
SMALL = 64 << 10


def check(data):
    """Raises AssertionError where `load` breaks a promise; whatever else it raises is a broken promise too."""
    loaded = load(data, "f.yaml")

    assert len(data) > SMALL or _in_time(data), f"took more than {SECONDS} s"
    assert not (loaded.findings and loaded.documents)
    for finding in loaded.findings:
        _check_finding(finding, data)
    if loaded.documents:
        _check_documents(data, loaded)


def _in_time(data):
    """Asks again for a slow answer, since others use the machine as well."""
    for _ in range(5):
        started = time.process_time()
        load(data)
        if time.process_time() - started < SECONDS:
            return True
    return False


def _check_finding(finding, data):
    lines = data.replace(b"\r\n", b"\n").count(b"\n") + 1
    assert finding.rule in RULES
    assert finding.message.isprintable()
    assert finding.hint
    assert "f.yaml" == finding.place.file
    assert 1 <= finding.place.line <= lines + 1
    assert 1 <= finding.place.column <= len(data) + 1


def _check_documents(data, loaded):
    values = [document.value for document in loaded.documents]
    theirs = pyyaml(data)
    assert same(values, theirs), (values, theirs)
    held = [one for one in sections(data) if load(data[one.body : one.end]).documents]
    assert len(values) == len(held)
    for document in loaded.documents:
        assert document.line <= place_of(data, "f.yaml", document.index, tuple(document.value)[:1], key=True).line
    _check_edits(data, values)


def _check_edits(data, values):
    index = len(values) - 1
    try:
        edited = edit.add_annotation(data, index, "approval.assent.dev/maria", "approve as maria for sha256:0")
    except AssentError:
        pass
    else:
        assert values[:index] == [document.value for document in load(edited).documents][:index]
    rest = edit.remove_document(data, index)
    assert values[:index] == ([] if rest is None else [document.value for document in load(rest).documents])
