"""The other readers that ours is compared with: `kubectl`, PyYAML and a reader of YAML 1.2."""

import json
import shutil
import subprocess
import unicodedata

import pytest
import ruamel.yaml
import yaml

KUBECTL = shutil.which("kubectl")
needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl on this machine to compare with")
YAML_1_2_ERROR = ruamel.yaml.error.YAMLError
LABEL = "assent-differential"


def pyyaml(data):
    """What PyYAML reads, with libyaml."""
    return _without_empty(yaml.load_all(data, yaml.CSafeLoader))


def pyyaml_pure(data):
    """What PyYAML's own scanner reads."""
    return _without_empty(yaml.load_all(data, yaml.SafeLoader))


def yaml_1_2(data):
    """What ruamel.yaml reads, as YAML 1.2."""
    return _without_empty(ruamel.yaml.YAML(typ="safe", pure=True).load_all(data.decode()))


READERS = {"PyYAML": pyyaml, "PyYAML without libyaml": pyyaml_pure, "YAML 1.2": yaml_1_2}


def same(left, right):
    """Whether two values are equal and of the same type all through; numbers are compared as JSON compares them."""
    if isinstance(left, dict):
        return (
            isinstance(right, dict) and list(left) == list(right) and all(same(left[key], right[key]) for key in left)
        )
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    if type(left) in (int, float):
        return type(right) in (int, float) and left == right
    return type(left) is type(right) and left == right


def is_nfc(text):
    return unicodedata.is_normalized("NFC", text)


def kubectl_can_show(values):
    """Whether `kubectl label --local` takes these documents: objects with a kind, a name and labels of text."""
    return all(_is_object(value) for value in values)


def kubectl(texts, folder):
    """What kubectl reads in each of the texts, in one process: all documents in order, and what it complains of."""
    for number, text in enumerate(texts):
        (folder / f"{number:06}.yaml").write_bytes(text)
    command = [KUBECTL, "label", "--local", "--overwrite", "--output=json", f"--filename={folder}", f"{LABEL}=x"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    return list(_objects(done.stdout.decode())), done.stderr.decode()


def labelled(value):
    """The document as kubectl shows it: with one label more, its fields sorted."""
    metadata = value["metadata"] | {"labels": value["metadata"].get("labels", {}) | {LABEL: "x"}}
    return sorted_all(value | {"metadata": metadata})


def sorted_all(value):
    if isinstance(value, dict):
        return {key: sorted_all(value[key]) for key in sorted(value)}
    return [sorted_all(inner) for inner in value] if isinstance(value, list) else value


def _without_empty(documents):
    return [document for document in documents if document is not None]


def _is_object(value):
    metadata, kind = value.get("metadata"), value.get("kind")
    if not isinstance(metadata, dict) or not metadata.keys() <= {"name", "namespace", "labels", "annotations"}:
        return False
    texts = [kind, *(metadata.get(field, "x") for field in ("name", "namespace"))]
    maps = [metadata.get(field, {}) for field in ("labels", "annotations")]
    texts += [text for one in maps if isinstance(one, dict) for text in one.values()]
    plain = all(isinstance(text, str) and text for text in texts) and all(isinstance(one, dict) for one in maps)
    return plain and value.get("apiVersion") == "v1" and "name" in metadata and _is_no_list(value)


def _is_no_list(value):
    """Of a list, kubectl shows the items one by one."""
    return not value["kind"].endswith("List") and "items" not in value


def _objects(text):
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip():
        at = len(text) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        yield sorted_all(value)
