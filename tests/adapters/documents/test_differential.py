"""What we accept, kubectl, PyYAML and a reader of YAML 1.2 read the same (rule 35)."""

import itertools
import os
import random
import re
import time

import pytest

from adapters.documents import readers, words
from assent.adapters.documents import load
from fuzz import mutation, shapes

SECONDS = float(os.environ.get("ASSENT_FUZZ_SECONDS", "0"))
SEED = random.randrange(1 << 32) if SECONDS else 1
BATCH = 2_000
HEADER = b"apiVersion: v1\nkind: Note\nmetadata:\n  name: note\n"
FORMS = ("- {}\n", "- [{}]\n", "- {{a: {}}}\n", "- {}: a\n", "- {{{}: a}}\n", "- - {}\n", "- [a, {} ]\n")
LETTERS = "019_.:-+eExXoObBanNyYt~=T"


def scalars(source):
    """Spellings that are read or refused by a hair: all short ones, those that were collected, and longer ones."""
    yield from (*words.AMBIGUOUS, *words.TEXTS, *words.NUMBERS_KEPT, *words.NULLS, "true", "false")
    yield from map("".join, itertools.product(LETTERS, repeat=2))
    while True:
        yield "".join(source.choices(LETTERS, k=3))
        yield "".join(source.choices("0123456789" * 2 + "_.:-+eExXoObBTZ tT", k=source.randint(4, 12)))


def documents(source):
    """Texts in every form under a header that makes kubectl take them, as they are and changed at random."""
    texts = [headed(text) for text in mutation.corpus("documents", "good-")]
    while True:
        shaped = headed(shapes.document(source).encode())
        yield shaped
        yield mutation.mutated(source, [shaped], pieces=mutation.GENTLE, changes=2)
        yield mutation.mutated(source, texts, pieces=mutation.GENTLE, changes=2)
        yield headed(mutation.mutated(source, texts, pieces=mutation.GENTLE, changes=2))


def headed(text):
    return HEADER + re.sub(rb"(?m)^(---.*\n)", rb"\1" + HEADER, text)


def note(items):
    """One document with many forms in a list."""
    return HEADER + b"spec:\n" + "".join(items).encode()


def accepted_scalars(source, count):
    """Documents that hold `count` spellings in every form in which we accept them."""
    spellings = list(dict.fromkeys(itertools.islice(scalars(source), count)))
    items = [form.format(word) for word in spellings for form in FORMS]
    fine = [item for item in items if load(note([item])).documents]
    return [note(fine[start : start + 2_000]) for start in range(0, len(fine), 2_000)]


def accepted_documents(source, count):
    """Texts that we accept and kubectl can show, each with what we read."""
    for text in itertools.islice(documents(source), count):
        values = [document.value for document in load(text).documents]
        if values and readers.kubectl_can_show(values):
            yield text, values


def batches(make):
    """One batch, or as many as the seconds asked for allow."""
    source, end = random.Random(SEED), time.monotonic() + SECONDS / 6
    yield make(source, BATCH)
    while time.monotonic() < end:
        yield make(source, BATCH)


@readers.needs_kubectl
def test_rule_35_kubectl_reads_scalars_alike(tmp_path):
    """Rule 35: every spelling that we accept, in every form, has the same value for kubectl."""
    for number, texts in enumerate(batches(accepted_scalars)):
        values = [document.value for text in texts for document in load(text).documents]
        theirs, complaints = readers.kubectl(texts, _folder(tmp_path, number))

        assert "" == complaints
        differing = [pair for pair in _items(values, theirs) if not readers.same(*pair)]
        assert [] == differing, f"seed {SEED}"
        assert len(values) > 1


@readers.needs_kubectl
def test_rule_35_kubectl_reads_documents_alike(tmp_path):
    """Rule 35: every text that we accept, however it came about, has the same documents for kubectl."""
    for number, pairs in enumerate(batches(accepted_documents)):
        texts, ours = zip(*pairs, strict=True)
        theirs, complaints = readers.kubectl(texts, _folder(tmp_path, number))

        assert "" == complaints, [text for number, text in enumerate(texts) if f"{number:06}" in complaints]
        expected = [readers.labelled(value) for values in ours for value in values]
        assert len(expected) == len(theirs)
        differing = [pair for pair in zip(expected, theirs, strict=True) if not readers.same(*pair)]
        assert [] == differing, f"seed {SEED}"
        assert len(texts) > BATCH / 10


@pytest.mark.parametrize("reader", ["PyYAML", "PyYAML without libyaml", "YAML 1.2"])
def test_rule_35_others_read_scalars_alike(reader):
    """Rule 35: every spelling that we accept has the same value for the readers that people's tools are made of."""
    for text in accepted_scalars(random.Random(SEED), BATCH // 3):
        values = [document.value for document in load(text).documents]
        differing = [pair for pair in _items(values, readers.READERS[reader](text)) if not readers.same(*pair)]

        assert [] == differing, f"seed {SEED}"


@pytest.mark.parametrize("reader", ["PyYAML", "PyYAML without libyaml"])
def test_rule_35_pyyaml_reads_documents_alike(reader):
    """Rule 35: every text that we accept has the same documents for PyYAML."""
    for text, values in accepted_documents(random.Random(SEED), BATCH):
        assert readers.same(values, readers.READERS[reader](text)), text


def test_rule_35_yaml_1_2_reads_documents_alike_or_not_at_all():
    """Rule 35: a reader of YAML 1.2 never reads another value; a few rare forms it does not read."""
    for text, values in accepted_documents(random.Random(SEED), BATCH // 5):
        try:
            theirs = readers.yaml_1_2(text)
        except readers.YAML_1_2_ERROR:
            continue
        assert readers.same(values, theirs), text


def _items(ours, theirs):
    """The items of the notes in pairs: a difference is then shown as itself, not as two documents."""
    left = [item for value in ours for item in value["spec"]]
    right = [item for value in theirs for item in value["spec"]]
    assert len(left) == len(right)
    return zip(left, right, strict=True)


def _folder(tmp_path, number):
    folder = tmp_path / str(number)
    folder.mkdir()
    return folder
