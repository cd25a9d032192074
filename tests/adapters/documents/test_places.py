"""`place_of`: where a node stands, found when it is asked for."""

import time

import pytest

from assent.adapters.documents import load, place_of

TEXT = b"""\
apiVersion: v1
kind: Note
---
# the second document
apiVersion: assent.dev/v1alpha1
metadata: {name: x, labels: {a: b}}
spec:
  stages:
  - name: first
    quorum: 2
  -   - deep
      - "quoted"
  reason: |
    some
    lines
  "odd key": [1, [2, 3]]
  \xe3\x82\xad\xe3\x83\xbc: {a: value}
"""


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), "5:1", "5:1"),
        (("apiVersion",), "5:13", "5:1"),
        (("metadata",), "6:11", "6:1"),
        (("metadata", "name"), "6:18", "6:12"),
        (("metadata", "labels", "a"), "6:33", "6:30"),
        (("spec",), "7:1", "7:1"),
        (("spec", "stages"), "8:3", "8:3"),
        (("spec", "stages", 0), "9:5", "9:5"),
        (("spec", "stages", 0, "quorum"), "10:13", "10:5"),
        (("spec", "stages", 1), "11:7", "11:7"),
        (("spec", "stages", 1, 1), "12:9", "12:9"),
        (("spec", "reason"), "13:11", "13:3"),
        (("spec", "odd key", 1, 1), "16:22", "16:22"),
        (("spec", "キー", "a"), "17:11", "17:8"),
    ],
)
def test_a_node_has_a_place(path, value, key):
    """A value stands where it begins, a block below its key where the key is; columns count characters."""
    assert f"f.yaml:{value}" == str(place_of(TEXT, "f.yaml", 1, path))
    assert f"f.yaml:{key}" == str(place_of(TEXT, "f.yaml", 1, path, key=True))


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("spec", "parent"), "7:1"),
        (("spec", "stages", 7, "name"), "8:3"),
        (("spec", "stages", "name"), "8:3"),
        (("spec", "stages", 0, "name", "more"), "9:11"),
        (("nothing", "at", "all"), "5:1"),
        (("metadata", 0), "6:11"),
    ],
)
def test_a_missing_field_has_the_place_of_what_it_is_missing_from(path, place):
    """Of a path that is not there, the longest known beginning gives the place."""
    assert f"f.yaml:{place}" == str(place_of(TEXT, "f.yaml", 1, path))


@pytest.mark.parametrize(
    ("data", "index"),
    [(TEXT, 2), (TEXT, -1), (b"a: yes\n", 0), (b"a: [\n", 0), (b"", 0), (b"\xff", 0)],
)
def test_what_is_not_there_gives_the_file_alone(data, index):
    """A document that is not there, and bytes that `load` refuses, have no line; nothing is raised."""
    assert "f.yaml" == str(place_of(data, "f.yaml", index, ("a",)))


def test_documents_count_as_load_counts_them():
    """Empty documents have no number, here as there."""
    text = b"---\n---\n# x\n---\na: 1\n---\n---\nb: 2\n"

    assert [(0, 5), (1, 8)] == [(document.index, document.line) for document in load(text).documents]
    assert ["5:4", "8:4"] == [
        f"{place.line}:{place.column}" for place in (place_of(text, "", 0, ("a",)), place_of(text, "", 1, ("b",)))
    ]


def test_a_thousand_questions_about_one_file_cost_one_reading():
    """The last file is remembered: many findings in a large file do not cost a reading each."""
    text = b"a:\n" + b"- {b: c, d: [1, 2]}\n" * 10_000
    started = time.process_time()

    lines = [place_of(text, "f.yaml", 0, ("a", number, "d", 1)).line for number in range(1_000)]

    assert list(range(2, 1_002)) == lines
    assert time.process_time() - started < 2
