"""`assent check`: everything that is wrong, at once, each with its place, in every format that is promised."""

import copy
import gc
import json
import random
import subprocess
import sys
from itertools import starmap
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.api import kinds
from assent.cli import reading, sources
from assent.cli.check import declared
from assent.cli.reading import Spot
from assent.core.checks import check
from assent.core.world import world

ROOT = Path(__file__).parents[2]
API = "apiVersion: assent.dev/v1alpha1\n"
PLATFORM = f"{API}kind: Organization\nmetadata: {{name: platform}}\nspec: {{type: Platform}}\n"
CLIENT = f"{API}kind: Organization\nmetadata: {{name: acme}}\nspec: {{type: Client}}\n"
SCENARIO = "apiVersion: test.assent.dev/v1alpha1\nkind: Scenario\nmetadata: {name: s}\nspec: {}\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: platform}\n"
USER = f"{API}kind: User\nmetadata: {{name: maria, namespace: acme}}\nspec: {{username: maria}}\n"


@pytest.fixture
def checked(assent, tmp_path, monkeypatch):
    """Writes these files, checks the folder, and gives the exit code and the findings as programs get them."""
    monkeypatch.chdir(tmp_path)

    def check(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        ran = assent("check", "-o", "json")
        return ran.code, json.loads(ran.out)

    return check


def places(report):
    return [(f"{one['file']}:{one['line']}:{one['column']}", one["rule"]) for one in report["findings"]]


def test_what_is_shipped_is_clean(assent):
    """The shipped policy and the first example have nothing wrong with them, not even a warning."""
    ran = assent("check", ROOT / "policies", ROOT / "examples" / "01-automate")

    assert (0, "") == (ran.code, ran.out)
    assert ran.err.startswith("no problems in ")


BROKEN = [
    pytest.param(
        {"a.yaml": PLATFORM + "---\n" + CLIENT.replace("Client", "Klient")},
        [("a.yaml:9:14", "document-invalid")],
        id="a-wrong-word",
    ),
    pytest.param(
        {"a.yaml": PLATFORM, "b/c.yml": CLIENT.replace("spec: {type: Client}", "spec:\n  typ: Client\n  parent: x")},
        [("b/c.yml:4:1", "document-invalid"), ("b/c.yml:5:8", "document-invalid")],
        id="two-problems-of-one-document",
    ),
    pytest.param(
        {"a.yaml": PLATFORM, "b.yaml": CLIENT, "c.yaml": CLIENT + "---\n" + USER},
        [("b.yaml:1:1", "declared-twice"), ("c.yaml:1:1", "declared-twice")],
        id="declared-in-two-files",
    ),
    pytest.param(
        {"a.yaml": PLATFORM + "---\n" + CLIENT + "---\napiVersion: v1\nkind: ConfigMap\n"},
        [("a.yaml:12:7", "file-foreign-kind")],
        id="somebody-else's-kind-in-a-file-of-ours",
    ),
    pytest.param(
        {"a.yaml": PLATFORM + "---\n" + CLIENT.replace("kind: Organization", "kind: Organisation")},
        [("a.yaml:7:7", "file-foreign-kind")],
        id="a-misspelt-kind",
    ),
    pytest.param(
        {"a.yaml": PLATFORM + "---\n" + API + "kind: User\nmetadata: {name: maria}\nspec: {username: maria}\n"},
        [("a.yaml:8:11", "document-invalid")],
        id="no-namespace",
    ),
    pytest.param(
        {"a.yaml": PLATFORM, "b.yaml": CLIENT + "status: {phase: Ready}\n"},
        [("b.yaml:5:9", "document-invalid")],
        id="a-status-in-a-file",
    ),
    pytest.param(
        {
            "a.yaml": PLATFORM + "---\n" + CLIENT,
            "b.yaml": USER.replace("maria}\n", "maria, role: {name: x}}\n"),
        },
        [("b.yaml:4:31", "reference-missing")],
        id="a-role-that-is-not-there",
    ),
    pytest.param(
        {"a.yaml": PLATFORM, "b.yaml": USER},
        [("b.yaml:3:36", "organization-missing")],
        id="an-organization-that-is-not-there",
    ),
    pytest.param(
        {"a.yaml": PLATFORM + "---\n" + CLIENT, "b.yaml": USER.replace("maria}", "no}")},
        [("b.yaml:4:18", "yaml-ambiguous-scalar")],
        id="a-word-that-readers-differ-on",
    ),
    pytest.param(
        {"a.yaml": PLATFORM, "b.yaml": SCENARIO},
        [("b.yaml:4:7", "document-invalid")],
        id="a-scenario-that-says-nothing",
    ),
]


@pytest.mark.parametrize(("files", "expected"), BROKEN)
def test_what_is_wrong_is_told_with_its_place(checked, files, expected):
    """Each problem has file, line and column of the value that is wrong, or of what it should stand in."""
    code, report = checked(files)

    assert 1 == code
    assert expected == places(report)


@pytest.mark.parametrize(
    ("files", "documents", "skipped"),
    [
        pytest.param({}, 0, 0, id="nothing"),
        pytest.param({"a.yaml": PLATFORM + "---\n" + CLIENT}, 2, 0, id="two-documents"),
        pytest.param({"a.yaml": PLATFORM, "b.yaml": "kind: Deployment\n", "c.yml": "- 1\n"}, 1, 2, id="others'-files"),
        pytest.param({"a.yaml": PLATFORM, ".git/b.yaml": "}", "c.txt": "}"}, 1, 0, id="not-read"),
        pytest.param({"a.yaml": PLATFORM + "---\n" + NAMESPACE}, 1, 0, id="namespace"),
        pytest.param({"a.yaml": "# assent.dev\nkey: [\n", "b.yaml": PLATFORM}, 1, 0, id="unreadable"),
    ],
)
def test_what_is_read_and_passed_over_is_counted(checked, files, documents, skipped):
    """Documents of the eight kinds are counted, and files of others; folders with a dot are not looked into."""
    _, report = checked(files)

    assert (documents, skipped) == (report["documents"], report["skipped"])


def test_everything_is_told_at_once(checked):
    """A broken tree gives every problem in one run: of the text, of documents, and of the world."""
    everything = {}
    for at, case in enumerate(BROKEN):
        everything |= {f"{at}/{name}": text for name, text in case.values[0].items() if name != "a.yaml"}
    code, report = checked({"a.yaml": PLATFORM, **everything})
    rules = {one["rule"] for one in report["findings"]}

    assert 1 == code
    assert {"yaml-ambiguous-scalar", "declared-twice", "document-invalid"} <= rules
    assert sorted(places(report), key=lambda one: (one[0].split(":")[0], *map(int, one[0].split(":")[1:]))) == places(
        report
    )


def test_rule_34_a_bomb_is_one_finding_and_hides_nothing(checked):
    """Rule 34: a file of hostile YAML is a typed finding with its place, and the others are checked all the same."""
    bomb = API + "kind: User\na: &a [x, x]\n" + "".join(f"b{at}: &b{at} [*a, *a]\n" for at in range(20))
    code, report = checked(
        {"a.yaml": PLATFORM, "bomb.yaml": bomb, "deep.yaml": "assent.dev: " + "[" * 5000, "b.yaml": USER}
    )
    files = {one["file"] for one in report["findings"] if one["line"] and one["rule"].startswith("yaml-")}

    assert 1 == code
    assert {"bomb.yaml", "deep.yaml"} == files
    assert ("b.yaml:3:36", "organization-missing") in places(report)


def test_rule_28_nobody_is_called_wrong_for_a_file_that_cannot_be_read(checked):
    """Rule 28: a mistake in the file of an organization is told there, not at everything that is in it."""
    _, report = checked({"a.yaml": PLATFORM, "acme.yaml": CLIENT + "spec: {}\n", "b.yaml": USER})

    assert ["acme.yaml"] == sorted({one["file"] for one in report["findings"]})


def test_a_finding_says_what_where_which_value_and_what_to_do(checked):
    """The fields of a finding are those that scripts rely on, each with what it promises."""
    role = "\n  username: maria\n  role: {name: admins}\n"
    _, report = checked({"a.yaml": PLATFORM + "---\n" + CLIENT, "b.yaml": USER.replace(" {username: maria}\n", role)})

    assert ["documents", "skipped", "findings"] == list(report)
    assert [
        {
            "rule": "reference-missing",
            "severity": "error",
            "message": "spec.role: names AccessRole/acme/admins, which does not exist",
            "hint": "declare AccessRole/acme/admins, or name one that exists",
            "file": "b.yaml",
            "line": 6,
            "column": 9,
            "kind": "User",
            "namespace": "acme",
            "name": "maria",
            "path": "spec.role",
        }
    ] == report["findings"]


def test_people_get_a_line_a_finding_and_a_summary(assent, tmp_path, monkeypatch):
    """The place comes first, as compilers write it; the summary is a note beside the result."""
    monkeypatch.chdir(tmp_path)
    Path("b.yaml").write_text(CLIENT + "---\n" + USER.replace("acme", "amce"))

    ran = assent("check")
    quiet = assent("check", "-q")

    first, second, third, fourth = ran.out.splitlines()

    assert first.startswith("b.yaml:1:1: warning: Organization/acme: is in a world without an Organization of type Pl")
    assert first.endswith("[platform-missing]")
    assert "    declare one; policies/platform.yaml is ready to copy" == second
    assert (
        "b.yaml:8:36: error: User/amce/maria: metadata.namespace: names Organization/amce, which does not exist "
        "[organization-missing]"
    ) == third
    assert "    did you mean acme?" == fourth
    assert "1 error and 1 warning in 2 documents\n" == ran.err
    assert (1, ran.out, "") == tuple(quiet)


def test_a_warning_is_no_failure(assent, tmp_path):
    """Warnings leave the exit code 0."""
    (tmp_path / "a.yaml").write_text(CLIENT)
    ran = assent("check", tmp_path, "-o", "json")

    assert 0 == ran.code
    assert ["warning"] == [one["severity"] for one in json.loads(ran.out)["findings"]]


@pytest.mark.parametrize(
    ("arguments", "code"), [(["no-such-folder"], 1), (["-o", "xml"], 2), (["--no-such-option"], 2)]
)
def test_wrong_calls_are_refused(assent, arguments, code):
    """What is not there, and what is no option, end with a sentence and the promised code."""
    ran = assent("check", *arguments)

    assert (code, "") == (ran.code, ran.out)
    assert ran.err


def test_a_file_that_two_paths_lead_to_is_read_once(assent, tmp_path, monkeypatch):
    """Naming a folder and a file in it declares nothing twice."""
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(PLATFORM)

    assert 0 == assent("check", ".", "a.yaml", tmp_path).code


def test_links_are_not_followed(checked, tmp_path):
    """A link named like a YAML file is told of and not read, wherever it leads."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.yaml").symlink_to("/etc/passwd")
    _, report = checked({"a.yaml": PLATFORM})

    assert [("sub/b.yaml:0:0", "tree-not-a-file")] == places(report)


class Plain(yaml.SafeDumper):
    """Writes no anchors, which are not read."""

    def ignore_aliases(self, _):
        return True


def shuffled(documents, order, sizes, folder):
    """The documents in this order, over files of these many documents each."""
    rest = [documents[at] for at in order]
    for number, size in enumerate(sizes):
        part, rest = rest[:size], rest[size:]
        if part:
            (folder / f"{number}.yaml").write_text(yaml.dump_all(part, Dumper=Plain, width=10**6))
    if rest:
        (folder / "rest.yaml").write_text(yaml.dump_all(rest, Dumper=Plain, width=10**6))


def example():
    """Every document of the first example, each third of them broken in some way."""
    found = []
    for folder in ("policies", "examples/01-automate"):
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            declared = yaml.safe_load_all(path.read_text())
            found += [one for one in declared if one and one["apiVersion"] == "assent.dev/v1alpha1"]
    for at, one in enumerate(found):
        if at % 9 == 0 and one["kind"] in ("User", "AccessRole", "EnabledMicroservice"):
            one["metadata"]["namespace"] += "x"
        if at % 9 == 3:
            one["spec"]["unknown"] = 1
    return found


EXAMPLE = example()


@settings(max_examples=8)
@given(order=st.permutations(range(len(EXAMPLE))), sizes=st.lists(st.integers(1, 20), max_size=12))
def test_findings_do_not_depend_on_order_or_on_the_split_into_files(tmp_path_factory, order, sizes):
    """The same documents in any order and in any files have the same findings."""
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    shuffled(EXAMPLE, order, sizes, one)
    shuffled(EXAMPLE, range(len(EXAMPLE)), [], other)

    def told(folder):
        found = sources.read([folder]).checked()
        return sorted((one.rule, one.kind, one.namespace, one.name, one.path, one.message, one.hint) for one in found)

    assert told(other) == told(one) != []


JUNK = st.sampled_from(
    [None, True, -1, 2**70, 1e300, "", "x", "\x1b", "*", [], {}, ["x"], {"name": "x"}, {"$ref": "#"}, {"type": []}]
)


def fields(value, path=()):
    """The path of every field within."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from fields(item, (*path, key))


def invalid(documents):
    """Which documents have findings of their own; the world of all others is checked on the way."""
    spots = [(one, Spot("a.yaml", number, number + 1, bytes)) for number, one in enumerate(documents)]
    said = reading.declared(starmap(reading.parsed, spots))
    check(world(one for one in said.documents.values()), unread=said.unread)
    return {one.place.line - 1 for one in said.findings if one.place.line}


INVALID = invalid(EXAMPLE)


@settings(max_examples=25)
@given(data=st.data(), junk=JUNK)
def test_rule_28_one_poisoned_document_is_told_of_and_no_other(data, junk):
    """Rule 28: whatever stands in whichever field of one document, the others are as good as before."""
    at = data.draw(st.integers(0, len(EXAMPLE) - 1))
    path = data.draw(st.sampled_from(list(fields(EXAMPLE[at]))))
    poisoned = copy.deepcopy(EXAMPLE)
    inside = poisoned[at]
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = junk

    assert invalid(poisoned) - {at} <= INVALID | {
        number for number, one in enumerate(poisoned) if kinds.identify(one) == kinds.identify(poisoned[at])
    }


def test_rule_36_a_commit_says_what_its_files_say(tmp_path):
    """Rule 36: a commit is read from its objects; what is found there is what is found in its files."""
    from assent.adapters.git.repository import opened  # noqa: PLC0415 -- the others need no Git

    shuffled(EXAMPLE, random.Random(1).sample(range(len(EXAMPLE)), len(EXAMPLE)), [9, 9, 9], tmp_path)
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True)
    files = sources.read([tmp_path])
    with opened(str(tmp_path)) as repository:
        commit = sources.read_commit(repository.store, repository.head())

        assert files.world == commit.world
        assert [(one.rule, one.message, one.place.line, one.place.column) for one in files.checked()] == [
            (one.rule, one.message, one.place.line, one.place.column) for one in commit.checked()
        ]
    assert (files.documents, files.skipped) == (commit.documents, commit.skipped)


def test_keys_behind_two_blanks_are_two_keys(checked):
    """What stands between a key's type and the key is no part of it."""
    told = "spec: {{username: u{0}, signingKeys: [{{publicKey: ssh-ed25519  AAAAC3NzaC1lZDI1NTE5AAAAI{1}}}]}}\n"
    users = [
        f"{API}kind: User\nmetadata: {{name: u{at}, namespace: acme}}\n{told.format(at, letter * 43)}"
        for at, letter in enumerate("AB")
    ]

    code, report = checked({"a.yaml": "---\n".join([PLATFORM, CLIENT, *users])})

    assert (0, []) == (code, places(report))


def test_progress_is_shown_on_a_terminal_alone(monkeypatch, capsys):
    """Nothing is drawn into a pipe; on a terminal all items still come through."""
    from assent.cli import progress  # noqa: PLC0415 -- the module is looked into

    assert [1, 2, 3] == list(progress.watched([1, 2, 3]))
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(range(50)) == list(progress.watched(range(50)))
    assert "" == capsys.readouterr().out


def test_the_command_loads_no_more_than_it_needs():
    """Git, the ledger and the schema library stay out of a check that has no use for them."""
    code = (
        "import sys; from assent.cli import check; "
        "print([one for one in ('git', 'sqlalchemy', 'cryptography', 'jsonschema', 'rich') if one in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == ran.stdout.strip()


def test_a_ledger_without_a_base_is_wrong_usage(assent, tmp_path):
    """`--ledger` says what is in force for `--base`; by itself it would be passed over unseen."""
    ran = assent("check", str(tmp_path), "--ledger", str(tmp_path / "ledger.sqlite"))

    assert 2 == ran.code
    assert "--base" in ran.err


def table(text):
    """The rows of all Markdown tables: first cell to last cell."""
    rows = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): row[-1].strip() for row in rows}


def test_every_rule_is_on_the_page_with_its_meaning():
    """docs/reference/findings.md lists every id that a finding can have, and no other."""
    from assent.cli.reports import RULES  # noqa: PLC0415 -- the page and the table side by side

    page = (ROOT / "docs" / "reference" / "findings.md").read_text()

    assert {rule: meaning.replace("|", "\\|") for rule, meaning in RULES.items()} == table(page)


SLIPS = [
    pytest.param(USER.replace("apiVersion", "apiversion"), "b.yaml:1:13", id="the-key"),
    pytest.param(USER.replace("assent.dev", "asent.dev"), "b.yaml:1:13", id="the-group"),
    pytest.param(USER.replace(API, ""), "b.yaml:1:7", id="no-version"),
    pytest.param("kind: Deployment\n---\n" + USER.replace("assent.dev", "assent.de"), "b.yaml:3:13", id="the-second"),
]


@pytest.mark.parametrize(("text", "place"), SLIPS)
def test_a_document_of_ours_is_not_passed_over_for_a_slip_of_the_pen(checked, text, place):
    """It counts as somebody else's, and a warning names file, line and document."""
    code, report = checked({"a.yaml": PLATFORM + "---\n" + CLIENT, "b.yaml": text})
    (found,) = report["findings"]

    assert (0, 2, 1) == (code, report["documents"], report["skipped"])
    assert [(place, "file-passed-over")] == places(report)
    assert ("warning", "User", "acme", "maria") == (
        found["severity"],
        found["kind"],
        found["namespace"],
        found["name"],
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(USER.replace("assent.dev", "iam.example.com"), id="another-group"),
        pytest.param("kind: User\nmetadata: {name: &a x}\nspec: *a\n", id="not-to-be-read"),
        pytest.param("subjects: [{kind: User, name: maria}]\n", id="further-in"),
    ],
)
def test_somebody_elses_kind_of_the_same_name_is_nothing_to_us(checked, text):
    """Other API groups have a `User` as well; nothing is said of theirs."""
    code, report = checked({"a.yaml": PLATFORM, "b.yaml": text})

    assert (0, 1, []) == (code, report["skipped"], report["findings"])


@pytest.mark.parametrize("form", ["table", "json", "sarif", "github", "junit"])
@pytest.mark.parametrize("files", [{}, {"a.yaml": "kind: Deployment\n"}], ids=["nothing", "others'"])
def test_a_check_of_nothing_says_so(assent, tmp_path, files, form):
    """A job with a wrong path stays green, but not silently: the warning is shown even with `--quiet`."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    ran = assent("check", tmp_path, "-q", "-o", form)

    assert 0 == ran.code
    assert [
        f"warning: nothing was checked: no document of assent.dev/v1alpha1 is in '{tmp_path}'",
        "hint: name the folder that holds them: `assent check PATH`",
    ] == ran.err.splitlines()
    assert "warning: nothing" not in ran.out


@pytest.mark.parametrize(
    "text",
    [
        PLATFORM,
        API + "kind: User\nkey: [\n",
        (ROOT / "examples" / "01-automate" / "scenarios.yaml").read_text(),
    ],
    ids=["a document", "a file that cannot be read", "a scenario"],
)
def test_where_something_was_checked_no_warning_is_needed(assent, tmp_path, text):
    """Whatever is ours was looked at, be it fine or not."""
    (tmp_path / "a.yaml").write_text(text)

    assert "nothing was checked" not in assent("check", tmp_path).err


def test_a_check_of_nothing_names_the_repository_that_it_is_in(assent, tmp_path):
    """A folder of a repository that holds nothing of ours is most often one level too deep."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "sub").mkdir()
    real = tmp_path.resolve()

    assert (
        f"hint: {real}/sub is a folder of the repository {real}: assent check {real} takes all of it\n"
        in assent("check", tmp_path / "sub").err
    )


def test_a_process_that_goes_on_gets_back_what_a_check_has_read(tmp_path):
    """What is read is left lying for a process that ends; in any other the collector finds it."""
    (tmp_path / "a.yaml").write_text(CLIENT)
    before = _sources()
    assert 1 == declared([tmp_path]).documents

    assert before == _sources()


def _sources():
    gc.collect()
    return sum(isinstance(one, sources.Source) for one in gc.get_objects())
