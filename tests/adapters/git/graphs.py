"""Commit graphs in a few words, and what came of them in the same words.

A document is `name=version`, a Request (whose name begins with r) may carry entries: `r=1+maria`, `r=1+maria:no`.
A file is a text of documents; `!` is a file of ours that cannot be read.
What a commit brought in reads `x=2`, `x=-` for absence, `x=1,2` for two declarations, `r+maria` for an entry, and
`~x=2` for what a merge only took.
"""

from adapters.git.building import Repository, module, request, several
from assent.adapters.git import history
from assent.adapters.git.contents import read
from assent.adapters.git.objects import Store

UNREADABLE = "apiVersion: assent.dev/v1alpha1\nkind: Module\nmetadata: [oops\n"


def text_of(words):
    """A file's text."""
    if words.startswith("!"):
        return UNREADABLE + f"# {words}\n"
    return several(*(_document(word) for word in words.split())) if words else "# empty\n"


def _document(word):
    what, *entries = word.split("+")
    name, _, version = what.partition("=")
    if not name.startswith("r"):
        return module(name, version)
    return request(
        name, version, [(key, text or "yes") for key, _, text in (entry.partition(":") for entry in entries)]
    )


def digests(words):
    """The digest of each document in some words to its version."""
    return {
        said.version.digest: (said.ident.name, word.partition("+")[0].partition("=")[2])
        for word in words
        for said in read("", _document(word).encode())[0].said
    }


class Graph:
    """A repository that is written commit by commit, each by a label."""

    def __init__(self, folder, algorithm="sha1"):
        self.repository = Repository(folder, algorithm)
        self.ids = {}
        self.files = {}
        self.words = set()

    def commit(self, label, parents=(), change=None, **options):
        """A commit whose files are its first parent's with a change; None takes a file away."""
        parents = parents.split() if isinstance(parents, str) else parents
        files = dict(self.files[parents[0]]) if parents else {}
        for name, words in (change or {}).items():
            files.pop(name, None)
            if words is not None:
                files[name] = words
                self.words.update(() if words.startswith("!") else words.split())
        texts = {f"{name}.yaml": text_of(words) for name, words in files.items()}
        # Two commits that say the same at the same time would be one and the same.
        options.setdefault("message", f"{label}\n")
        self.files[label] = files
        self.ids[label] = self.repository.commit(texts, *(self.ids[one] for one in parents), **options)
        return self.ids[label]

    def label(self, commit):
        return next(label for label, name in self.ids.items() if name == commit)

    def walk(self, base, head):
        """The commits between two labels, read by a store of their own."""
        self.repository.head(self.ids[head])
        with Store(self.repository.folder) as store:
            return list(history.commits(store, self.ids[base], self.ids[head]))

    def told(self, base, head):
        """Label to what that commit brought in, in words."""
        known = digests(self.words)
        return {self.label(commit.id): self._words(commit, known) for commit in self.walk(base, head)}

    def _words(self, commit, known):
        changes = [f"{change.ident.name}={_versions(change, known)}" for change in commit.changes]
        entries = [
            f"{entry.request.name}+{entry.key}" + (f":{entry.value}" if entry.value != "yes" else "")
            for entry in commit.entries
        ]
        taken = [f"~{change.ident.name}={_versions(change, known)}" for change in commit.taken]
        return " ".join([*changes, *entries, *taken])


def _versions(change, known):
    return ",".join(sorted(known[version.digest][1] for version in change.after)) or "-"
