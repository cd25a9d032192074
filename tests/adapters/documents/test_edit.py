"""`edit`: a file changes in what was asked, and in nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.documents import readers
from assent.adapters.documents import edit, load
from assent.errors import AssentError, NotFoundError

KEY = "approval.assent.dev/maria"
LINE = 'approve as maria@acme.example for sha256:00ff because "two: reasons" # é'
WRITTEN = '"approve as maria@acme.example for sha256:00ff because \\"two: reasons\\" # é"'

# In each text the lines that begin with `+` are those that the edit adds; the others stay as they are.
ADDED = {
    "no annotations yet": """
kind: Request
metadata:
  name: x      # the name
  namespace: acme
+  annotations:
+    KEY: VALUE

# what is wanted
spec: {a: b}
""",
    "among others": """
metadata:
  annotations:
    note:   'it''s mine'   # spaced
    approval.assent.dev/paul: "reject as paul because no"
+    KEY: VALUE
    # about the labels
  labels:
    a: "yes"
""",
    "indented by four, lists by two": """
metadata:
    name: x
    finalizers:
      - a
      -   b:  c
+    annotations:
+      KEY: VALUE
spec:
    list:
      - one   # first
""",
    "behind a block text": """
metadata:
  annotations:
    text: |
      some

      lines
+    KEY: VALUE
    # comment
spec: x
""",
    "behind a kept block text": """
metadata:
  annotations:
    text: |+
      some


+    KEY: VALUE
spec: x
""",
    "behind text over lines": """
metadata:
  annotations:
    text: "some
      long \\
      text"   # ends here
+    KEY: VALUE
  name: x
""",
    "behind a list in brackets over lines": """
metadata:
  finalizers: [
    a, # one
    b,
  ]   # all
+  annotations:
+    KEY: VALUE
spec: x
""",
    "lists at the column of their field": """
metadata:
  finalizers:
  - a
  - b: c
    d: e
+  annotations:
+    KEY: VALUE
spec: x
""",
    "no metadata at all": """
kind: Request
spec:
  a: b
+metadata:
+  annotations:
+    KEY: VALUE
# the end
""",
    "explicit keys": """
? metadata
: ? name
  : x
+  annotations:
+    KEY: VALUE
""",
    "trailing blanks and empty lines": """
metadata:
  name: x  \x20
+  annotations:
+    KEY: VALUE

""",
}
REPLACED = {
    "an empty flow": ("metadata: {name: x, annotations: {}}\n", "metadata: {name: x, annotations: {KEY: VALUE}}\n"),
    "an empty block": ("metadata:\n  annotations: {}  # none\n", "metadata:\n  annotations: {KEY: VALUE}  # none\n"),
    "a flow": ("metadata: { name: x }  # c\n", "metadata: { name: x, annotations: {KEY: VALUE} }  # c\n"),
    "an empty flow of metadata": ("metadata: {}\nb: c\n", "metadata: {annotations: {KEY: VALUE}}\nb: c\n"),
    "a flow with a comma at its end": ("metadata: {name: x,}\n", "metadata: {name: x, annotations: {KEY: VALUE},}\n"),
    "a flow over lines": (
        "metadata: {\n  name: 'x',  # c\n  }\n",
        "metadata: {\n  name: 'x', annotations: {KEY: VALUE},  # c\n  }\n",
    ),
    "no line feed at the end": ("metadata:\n  name: x # y", "metadata:\n  name: x # y\n  annotations:\n    KEY: VALUE"),
    "CRLF": (
        "metadata:\r\n  name: x\r\nspec: y2\r\n",
        "metadata:\r\n  name: x\r\n  annotations:\r\n    KEY: VALUE\r\nspec: y2\r\n",
    ),
    "another value": (
        "metadata:\n  annotations:\n    KEY: old  # c\n",
        "metadata:\n  annotations:\n    KEY: VALUE  # c\n",
    ),
    "another value in quotes": (
        "metadata: {annotations: {'KEY': 'o''ld'}}\n",
        "metadata: {annotations: {'KEY': VALUE}}\n",
    ),
    "another value that ends in a blank": (
        "metadata: {annotations: {KEY: old\u00a0}}\n",
        "metadata: {annotations: {KEY: VALUE}}\n",
    ),
    "another value over lines": (
        "metadata:\n  annotations:\n    KEY: >-\n      o\n      ld\n\n    z: q\n",
        "metadata:\n  annotations:\n    KEY: VALUE\n\n    z: q\n",
    ),
}


def filled(text):
    return text.replace("KEY", KEY).replace("VALUE", WRITTEN).encode()


def lined(text):
    """The text before and after, from a text whose added lines begin with `+`."""
    lines = text[1:].split("\n")
    before = "\n".join(line for line in lines if not line.startswith("+"))
    return filled(before), filled("\n".join(line.removeprefix("+") for line in lines))


PAIRS = {name: lined(text) for name, text in ADDED.items()}
PAIRS |= {name: (filled(before), filled(after)) for name, (before, after) in REPLACED.items()}


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
def test_an_annotation_is_added_and_nothing_else_changes(before, after):
    """Comments, order, quotes, spacing and blank lines stay; the new line stands with its like."""
    assert after == edit.add_annotation(before, 0, KEY, LINE)
    assert LINE == load(after).documents[0].value["metadata"]["annotations"][KEY]


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
def test_adding_twice_is_adding_once(before, after):
    """An annotation that stands there already changes no byte."""
    assert before != after
    assert after == edit.add_annotation(after, 0, KEY, LINE)


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize(
    "around", [(b"# top\na: 1 # one\n---\n", b"", 1), (b"---\n", b"", 0), (b"a:  [1]\n---\n", b"---\nb: 2\n", 1)]
)
def test_the_other_documents_of_the_file_stay(before, after, around):
    """Only the document that is meant changes, wherever in the file it stands."""
    head, tail, index = around
    if tail and not before.endswith(b"\n"):
        pytest.skip("nothing can follow a file's unfinished last line")

    assert head + after + tail == edit.add_annotation(head + before + tail, index, KEY, LINE)


def test_long_lines_stay_long():
    """A line that a writer of YAML would fold is left as it is."""
    text = f"metadata:\n  name: x\nspec:\n  a: {'word ' * 100}end\n  b: '{'word ' * 100}'\n".encode()

    assert text == edit.add_annotation(text, 0, "a", "b").replace(b'  annotations:\n    a: "b"\n', b"")


@pytest.mark.parametrize(
    ("text", "index", "key", "value", "message"),
    [
        (b"a: yes\n", 0, "k", "v", "line 1, column 4"),
        (b"metadata: x\n", 0, "k", "v", "'metadata' is not a mapping"),
        (b"metadata:\n  annotations: [a]\n", 0, "k", "v", "'annotations' is not a mapping"),
        (b"metadata: {}\n", 0, "k", "two\ttabs", "U+0009"),
        (b"metadata: {}\n", 0, "k", "\u202e", "U+202E"),
        (b"metadata: {}\n", 0, "e\u0301", "v", "two ways"),
        (b"metadata: {}\na: |\n \n  x\n", 0, "k", "v", "cannot be edited"),
        (b"metadata: {}\n", 0, "k", "x" * 300_000, "more than 262,144"),
    ],
)
def test_what_cannot_be_done_is_refused(text, index, key, value, message):
    """A file that cannot be read, or a value that a document cannot hold, is a refusal with a sentence."""
    with pytest.raises(AssentError) as caught:
        edit.add_annotation(text, index, key, value)

    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("index", [-1, 1, 99])
def test_a_document_that_is_not_there(index):
    """The refusal says how many there are."""
    with pytest.raises(NotFoundError, match="has no document"):
        edit.add_annotation(b"a: 1\n", index, "k", "v")
    with pytest.raises(NotFoundError, match="has no document"):
        edit.remove_document(b"a: 1\n", index)


@pytest.mark.parametrize(
    ("text", "index", "rest"),
    [
        pytest.param("a: 1\n---\nb: 2\n", 0, "b: 2\n", id="the first"),
        pytest.param("a: 1\n---\nb: 2\n", 1, "a: 1\n", id="the last"),
        pytest.param("a: 1\n---\n# b\nb: 2 # c\n\n---\nc:  3\n", 1, "a: 1\n---\nc:  3\n", id="the middle"),
        pytest.param("---\na: 1\n---\nb: 2\n", 0, "---\nb: 2\n", id="with a marker before it"),
        pytest.param("--- # one\na: 1\n--- # two\nb: 2", 1, "--- # one\na: 1\n", id="without an end"),
        pytest.param("# ours\n\n# one\na: 1\n---\nb: 2\n", 0, "# ours\n\nb: 2\n", id="the file's own comment stays"),
        pytest.param("# one\na: 1\n---\nb: 2\n", 0, "b: 2\n", id="its own comment goes"),
        pytest.param(
            "# ours\n---\na: 1\n---\nb: 2\n", 0, "# ours\n---\nb: 2\n", id="a comment in a section of its own"
        ),
        pytest.param(
            "a: 1\n---\n---\n# none\n---\nb: 2\n---\n", 1, "a: 1\n---\n---\n# none\n---\n", id="empty sections"
        ),
        pytest.param("a: |\r\n  x\r\n---\r\nb: 2\r\n", 1, "a: |\r\n  x\r\n", id="CRLF"),
        pytest.param("a: 1\n", 0, None, id="the only one"),
        pytest.param("# c\n---\na: 1\n---\n", 0, None, id="the only one among empty ones"),
    ],
)
def test_a_document_is_removed(text, index, rest):
    """The document goes with its marker and the comments between; all other bytes stay."""
    assert rest == (None if (done := edit.remove_document(text.encode(), index)) is None else done.decode())


@given(
    st.lists(st.sampled_from(["a: 1\n", "# c\nb: |\n  x\n", "", "# none\n", "c: {}\n\n"]), max_size=6),
    st.booleans(),
    st.data(),
)
def test_removing_leaves_the_others(pieces, marked, data):
    """Whatever the sections, removing one document leaves the values of the others, in their order."""
    text = ("---\n" * marked + "---\n".join(pieces)).encode()
    values = [document.value for document in load(text).documents]
    if not values:
        return
    index = data.draw(st.integers(0, len(values) - 1))

    rest = edit.remove_document(text, index)

    assert values[:index] + values[index + 1 :] == [document.value for document in load(rest or b"").documents]
    assert (rest is None) == (len(values) == 1)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Cn"]))


@given(TEXT.filter(lambda key: key and readers.is_nfc(key)), TEXT, st.sampled_from(sorted(PAIRS)))
def test_any_key_and_text_can_be_added(key, value, name):
    """Whatever readable text is to be written stands there afterwards, in every form of file."""
    after = edit.add_annotation(PAIRS[name][0], 0, key, value)

    assert value == load(after).documents[0].value["metadata"]["annotations"][key]
