"""Random graphs against the rule written out word by word, by sets alone."""

import random
from functools import cache, partial

import pytest

from adapters.git.graphs import Graph, digests
from assent.adapters.git import trees
from assent.adapters.git.objects import Store
from assent.errors import HistoryError

PATHS = ["p", "q", "d/s", "d/t"]
WORDS = ["x=1", "x=2", "x=3", "y=1", "y=2", "r=1", "r=1+ana", "r=1+ana+leo", "r=1+ana:no", "r=2+leo", "!", "!!", ""]


class Model:
    """The rule as it is written: slow, and plain enough to be read."""

    def __init__(self, parents, files):
        self.parents, self.files = parents, files
        self.file = cache(self.file)
        self.says = cache(self.says)
        self.reach = cache(self.reach)

    def file(self, commit, path):
        """What a path says: (name, version, entries) of each document; None where there is no such file."""
        words = self.files[commit].get(path)
        if words is None:
            return None
        if not words.startswith("!"):
            return [(*word.partition("+")[0].split("="), frozenset(word.split("+")[1:])) for word in words.split()]
        there = [parent for parent in self.parents[commit] if path in self.files[parent]]
        same = [parent for parent in there if self.files[parent][path] == words]
        return next((self.file(parent, path) for parent in same or there), [])

    def says(self, commit, name):
        said = [one for path in sorted(self.files[commit]) for one in self.file(commit, path) if one[0] == name]
        return tuple(sorted(one[1] for one in said)), frozenset().union(*(one[2] for one in said))

    def reach(self, commit):
        return frozenset({commit}).union(*(self.reach(parent) for parent in self.parents[commit]))

    def bases(self, one, two):
        common = self.reach(one) & self.reach(two)
        return [name for name in common if not any(name in self.reach(other) - {other} for other in common)]

    def had(self, one, other, wanted):
        """Whether other's history had it since it diverged from one."""
        bases = self.bases(one, other)
        since = self.reach(other) - self.reach(one)
        return any(wanted(name) for name in [*bases, *since]) or (not bases and wanted(None))

    def own(self, commit, holds):
        """Whether a commit brought in itself what `holds` is true of."""
        holders = [parent for parent in self.parents[commit] if holds(parent)]
        others = [parent for parent in self.parents[commit] if not holds(parent)]
        return all(any(self.had(holder, other, holds) for other in others) for holder in holders)

    def told(self, commit):
        found = []
        for name in ("x", "y"):
            found += self._document(commit, name)
        found += self._document(commit, "r")
        for entry in self.says(commit, "r")[1]:
            if not self._everywhere(commit, entry) and self.own(commit, partial(self._has, entry)):
                found.append(f"r+{entry}")
        return set(found)

    def _has(self, entry, at):
        return at is not None and entry in self.says(at, "r")[1]

    def _everywhere(self, commit, entry):
        return self.parents[commit] and all(self._has(entry, parent) for parent in self.parents[commit])

    def _document(self, commit, name):
        now = self.says(commit, name)[0]
        before = [self.says(parent, name)[0] for parent in self.parents[commit]] or [()]
        if all(now == one for one in before):
            return []
        own = self.own(commit, lambda at: (self.says(at, name)[0] if at is not None else ()) == now)
        return [f"{'' if own else '~'}{name}={','.join(now) or '-'}"]


def made(folder, chance):
    """A random graph, as a repository and as a model."""
    graph = Graph(folder)
    parents, files = {}, {}
    labels = [str(number) for number in range(chance.randint(4, 14))]
    for at, label in enumerate(labels):
        many = 0 if not at else chance.choices([0, 1, 2, 3], [2, 60, 33, 5])[0]
        parents[label] = (
            chance.sample(labels[:at], min(many, at)) if chance.random() < 0.4 else labels[max(0, at - many) : at]
        )
        texts = {}
        for path in PATHS:
            source = chance.choice(parents[label]) if parents[label] else None
            words = files[source].get(path) if source else None
            if chance.random() < (0.8 if source is None else 0.2):
                words = chance.choice([None, *WORDS, f"{chance.choice(WORDS[:5])} {chance.choice(WORDS[5:10])}"])
            if words is not None:
                texts[path] = words
        files[label] = texts
        everything = dict.fromkeys(PATHS) | texts
        graph.commit(label, parents[label], everything, at=chance.randint(1, 10**9))
    return graph, Model(parents, files), labels


@pytest.mark.parametrize("seed", range(30))
def test_random_graphs_agree_with_the_rule(tmp_path, seed):
    """Whatever the graph, the walk and the snapshot say what the rule says, and refuse what it refuses."""
    chance = random.Random(seed)
    for number in range(6):
        graph, model, labels = made(tmp_path / str(number), chance)
        head, base = labels[-1], chance.choice(labels)
        if base not in model.reach(head):
            with pytest.raises(HistoryError):
                graph.walk(base, head)
            continue
        expected = {label: model.told(label) for label in model.reach(head) - model.reach(base)}
        found = {label: set(words.split()) for label, words in graph.told(base, head).items()}
        assert expected == found

        known = digests(graph.words)
        with Store(graph.repository.folder) as store:
            versions = trees.snapshot(store, graph.ids[head]).versions
        said = {ident.name: tuple(sorted(known[one.digest][1] for one in all_)) for ident, all_ in versions.items()}
        assert {name: told for name in "xyr" if (told := model.says(head, name)[0])} == said
