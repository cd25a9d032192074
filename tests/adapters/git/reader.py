"""Reads the corpus in a process of its own, and tells what came of it and what was started or opened meanwhile.

Usage: python reader.py MANIFEST RESULTS
"""

import json
import sys
from pathlib import Path

STARTED, OPENED = [], []


def watch(event, arguments):
    """Notes every process that Python starts, in whatever way, and every file that it opens."""
    if event == "subprocess.Popen":
        STARTED.append([str(argument) for argument in arguments[1]])
    elif event in {"os.exec", "os.posix_spawn", "os.system", "os.spawn", "pty.spawn"}:
        STARTED.append([event, str(arguments[0])])
    elif event == "open" and isinstance(arguments[0], str | bytes | Path):
        OPENED.append(str(arguments[0]))


def told(folder, base):
    """What a repository says, as plain values."""
    from assent.adapters.git import history, repository, trees  # noqa: PLC0415 -- after the watch has begun

    opened = repository.open_path(Path(folder))
    with opened.store as store:
        head = opened.head()
        commits = list(history.commits(store, base, head))
        tree = trees.snapshot(store, head)
        for versions in tree.versions.values():
            for version in versions:
                tree.document(version)
    last = commits[-1]
    return {
        "documents": " ".join(sorted(str(ident) for ident in tree.versions)),
        "rules": " ".join(finding.rule for finding in last.unreadable),
        "tree": " ".join(finding.rule for finding in tree.findings),
        "unsigned": None if last.signer else last.unsigned,
        "skipped": tree.skipped,
        "shown": all(str(finding.place).isprintable() for finding in (*tree.findings, *last.unreadable)),
    }


def main(manifest, results):
    sys.addaudithook(watch)
    found = {}
    for name, (folder, base) in json.loads(Path(manifest).read_text()).items():
        try:
            found[name] = told(folder, base)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the test looks at it
            found[name] = {"error": type(error).__name__, "message": str(error)}
    Path(results).write_text(json.dumps({"told": found, "started": STARTED, "opened": OPENED}))


if __name__ == "__main__":
    main(*sys.argv[1:])
