"""Which documents and files are ours."""

import pytest

from assent.adapters.documents import load, may_be_ours, ours


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("assent.dev/v1alpha1", True),
        ("assent.dev/v9", True),
        ("test.assent.dev/v1alpha1", True),
        ("assent.dev", False),
        ("v1", False),
        ("apps/v1", False),
        ("x.assent.dev/v1", False),
        ("assent.dev.example/v1", False),
        ("Assent.dev/v1", False),
        (1, False),
        (["assent.dev/v1"], False),
    ],
)
def test_ours_by_group(version, expected):
    """A document is ours by the group of its `apiVersion`, byte for byte, whatever the version."""
    assert expected is ours({"apiVersion": version})


@pytest.mark.parametrize("value", [None, "assent.dev/v1", [], {}, {"kind": "Request"}])
def test_what_is_no_object_is_not_ours(value):
    """Anything but a mapping with an `apiVersion` is somebody else's."""
    assert not ours(value)


@pytest.mark.parametrize(
    "data",
    [
        b"apiVersion: assent.dev/v1alpha1\n",
        b'"apiVersion": "assent\\u002edev/v1alpha1"\n',
        b'apiVersion: "assent\\\n  .dev/v1alpha1"\n',
        "apiVersion: assent.dev/v1alpha1\n".encode("utf-16"),
        b"a: [\n# assent.dev\n",
    ],
)
def test_a_file_that_may_be_ours(data):
    """However the group is spelt, by escapes or another encoding, the file is not passed over."""
    assert may_be_ours(data)


def test_a_file_that_cannot_be_ours():
    """A file without the group's letters and without a way to spell them otherwise need not be read."""
    assert not may_be_ours(b"services: &x\n  - <<: *y\n")
    assert not any(ours(document.value) for document in load(b"apiVersion: v1\n").documents)
