"""The usual check of files as a whole process: PyYAML's C loader, and a compiled JSON Schema of each kind.

usage: files.py SCHEMAS FOLDER...; prints the files that are wrong, then how many documents there were.
"""

import gc
import json
import sys
from pathlib import Path

import jsonschema_rs
import yaml

gc.disable()  # as Assent does: nothing that is read is dropped
valid = {
    path.stem: jsonschema_rs.validator_for(json.loads(path.read_text())).is_valid
    for path in Path(sys.argv[1]).iterdir()
}
documents = 0
wrong = []
for folder in sys.argv[2:]:
    for path in sorted(Path(folder).rglob("*.yaml")):
        try:
            found = list(yaml.load_all(path.read_bytes(), yaml.CSafeLoader))
        except yaml.YAMLError:
            wrong.append(path)
            continue
        documents += len(found)
        if not all(isinstance(one, dict) and one.get("kind") in valid and valid[one["kind"]](one) for one in found):
            wrong.append(path)
sys.stdout.write("".join(f"{one}\n" for one in [*wrong, documents]))
