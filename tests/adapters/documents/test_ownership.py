"""Which documents and files are ours."""

import pytest

from assent.adapters.documents import foreign, load, may_be_mistaken, may_be_ours, mistaken, ours


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


USER = {"kind": "User", "metadata": {"name": "maria", "namespace": "acme"}}


@pytest.mark.parametrize(
    ("path", "hint", "value"),
    [
        pytest.param("apiVersion", "did you mean assent.dev/v1alpha1?", {"apiVersion": version}, id=version)
        for version in ("asent.dev/v1alpha1", "Assent.dev/v1alpha1", "assent.de/v1alpha1", "assent/v1", "assent.dev")
    ]
    + [
        pytest.param(key, "write `apiVersion: assent.dev/v1alpha1`", {key: "assent.dev/v1alpha1"}, id=key)
        for key in ("apiversion", "ApiVersion", "apiVerison", "api-version")
    ]
    + [pytest.param("kind", "write `apiVersion: assent.dev/v1alpha1`", {}, id="none")],
)
def test_what_was_probably_meant_to_be_ours_is_told(path, hint, value):
    """A document of one of our kinds that misses ours by a slip of the pen is a warning that names it and its field."""
    found = mistaken(USER | value)

    assert found
    assert ("file-passed-over", "warning", path, hint) == (found.rule, found.severity, found.path, found.hint)
    assert ("User", "acme", "maria") == (found.kind, found.namespace, found.name)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(USER | {"apiVersion": version}, id=str(version)[:30])
        for version in ("v1", "iam.example.com/v1alpha1", "agent.dev/v1", "assent.dev.example/v1", "a" * 10**6, 1)
    ]
    + [
        pytest.param(USER | {"apiversion": "iam.example.com/v1"}, id="others'-with-a-misspelt-key"),
        pytest.param({"kind": "User", "name": "maria"}, id="no-object"),
        pytest.param({"kind": "Deployment", "apiVersion": "asent.dev/v1alpha1"}, id="no-kind-of-ours"),
        pytest.param({"kind": ["User"], "apiVersion": "asent.dev/v1alpha1"}, id="no-kind"),
        pytest.param(USER | {"apiVersion": "assent.dev/v1"}, id="ours"),
    ],
)
def test_others_kinds_of_the_same_names_are_nothing_to_us(value):
    """A `User` or `Module` of another API group is somebody else's, and nothing is said of it."""
    assert mistaken(value) is None


@pytest.mark.parametrize(
    ("expected", "data"),
    [
        (True, b"kind: User\n"),
        (True, b"apiVersion: x/v1\n'kind' : \"Request\"\n"),
        (False, b"subjects:\n- kind: User\n"),
        (False, b"kind: Users\n"),
        (False, b"mankind: User\n"),
    ],
)
def test_only_a_file_that_has_a_kind_of_ours_is_read_for_it(expected, data):
    """Somebody else's file is looked through once; what stands further in belongs to another object."""
    assert expected is may_be_mistaken(data)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("did you mean assent.dev/v1alpha1?", USER | {"apiVersion": "assent.dev/v1"}),
        ("did you mean assent.dev/v1alpha1?", USER | {"apiVersion": "test.assent.dev/v1alpha1"}),
        ("did you mean test.assent.dev/v1alpha1?", {"kind": "Scenario", "apiVersion": "test.assent.dev/v2"}),
        ("did you mean assent.dev/v1alpha1?", USER | {"apiVersion": "asent.dev/v1alpha1"}),
        ("write `apiVersion: assent.dev/v1alpha1`", USER),
        ("did you mean User?", USER | {"apiVersion": "assent.dev/v1alpha1", "kind": "Usr"}),
        ("keep it in a file of its own", USER | {"apiVersion": "iam.example.com/v1"}),
    ],
)
def test_what_stands_in_a_file_of_ours_and_is_not(expected, value):
    """The hint names the version that was meant; what is somebody else's belongs into another file."""
    found = foreign(value)

    assert found
    assert ("file-foreign-kind", expected) == (found.rule, found.hint)
