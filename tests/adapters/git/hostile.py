"""A corpus of hostile repositories, each built in a folder of its own, and what must come of each.

Whatever would be executed or followed leaves a mark beside the repositories, so that one look tells.
"""

import subprocess
import zlib
from dataclasses import dataclass, field
from functools import partial

from adapters.git.building import EXECUTABLE, FILE, FOLDER, LINK, PERSON, SUBMODULE, Key, Repository, module

CASES = {}
X = {"x.yaml": module("x")}
EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


@dataclass
class Outcome:
    """What must come of a repository: `error` is part of the refusal; the rest is what the head's tree says.

    `rules` are the findings of the newest commit, and of its tree unless `tree` says otherwise.
    `unsigned` is part of why the newest commit proves nobody; None: it does prove somebody.
    """

    error: str = ""
    documents: str = "Module/x"
    rules: str = ""
    tree: str | None = None
    unsigned: str | None = "carries no signature"
    skipped: int = 0


@dataclass
class Case:
    """What a builder gets: a repository with one honest commit, and a command that must never run."""

    repository: Repository
    mark: str
    base: str = ""
    files: dict = field(default_factory=lambda: dict(X))

    def evil(self, name):
        """A shell command that leaves a mark."""
        return f"touch {self.mark}-{name}"

    def on_top(self, files=None, **options):
        """The newest commit: files beside the honest one."""
        self.repository.head(self.repository.commit(self.files | (files or {}), self.base, **options))

    def tree(self, *entries, keep=True):
        """The newest commit, with these raw entries beside the honest file."""
        honest = [(FILE, "x.yaml", self.repository.blob(module("x")))] if keep else []
        ordered = sorted([*honest, *entries], key=_order)
        self.on_top(tree=self.repository.raw_tree(*ordered))


def _order(entry):
    name = entry[1] if isinstance(entry[1], bytes) else entry[1].encode()
    return name + b"/" * (entry[0] == FOLDER)


def case(name, **outcome):
    """Puts a builder into the corpus."""

    def add(build):
        assert name not in CASES
        CASES[name] = (build, Outcome(**outcome))
        return build

    return add


def git(folder, *arguments):
    subprocess.run(["git", f"--git-dir={folder}", *arguments], check=True, capture_output=True)


def build(root):
    """Builds the whole corpus below a folder; gives name → (folder, base)."""
    made = {}
    for number, (name, (builder, _)) in enumerate(CASES.items()):
        one = Case(Repository(root / f"{number:03}.git"), str(root / "MARK"))
        one.base = one.repository.head(one.repository.commit(X))
        builder(one)
        made[name] = (str(one.repository.folder), one.base)
    return made


# Modes ---------------------------------------------------------------------------------------------------------------


def _file(mode, path, text, one):
    one.on_top({path: (mode, one.repository.blob(text))})


for _name, _mode, _path, _text, _rules in (
    ("a link to a file of the system", LINK, "roles.yaml", "/etc/passwd", "git-symbolic-link"),
    ("a link to a file of the tree", LINK, "roles.yaml", "x.yaml", "git-symbolic-link"),
    ("a link to itself", LINK, "roles.yaml", "roles.yaml", "git-symbolic-link"),
    ("a link out of the tree", LINK, "a/b/roles.yml", "../../../../roles.yml", "git-symbolic-link"),
    ("a link to a device", LINK, "roles.yaml", "/dev/zero", "git-symbolic-link"),
    ("a link whose target is a document", LINK, "roles.yaml", module("evil"), "git-symbolic-link"),
    ("an executable document", EXECUTABLE, "roles.yaml", module("evil"), "git-executable-file"),
    ("a set-uid document", "104755", "roles.yaml", module("evil"), "git-executable-file"),
    ("a device", "60000", "roles.yaml", "x", "git-submodule"),
    ("a mode of nothing", "0", "roles.yaml", "x", "git-submodule"),
    ("an ordinary script", EXECUTABLE, "deploy.sh", "#!/bin/sh\ntouch /tmp/pwned\n", ""),
    ("an ordinary link", LINK, "latest", "deploy.sh", ""),
    ("a link in the place of .git", LINK, ".git", "/etc", "git-hostile-name"),
    ("a link named like a hidden folder", LINK, ".github", "/etc", ""),
):
    case(_name, rules=_rules)(partial(_file, _mode, _path, _text))


for _name, _mode in (("a group-writable document", "100664"), ("a document of mode 100600", "100600")):
    case(_name, documents="Module/new Module/x")(partial(_file, _mode, "roles.yaml", module("new")))


@case("a submodule named like a document", rules="git-submodule")
def _(one):
    one.tree((SUBMODULE, "roles.yaml", one.base))


@case("a submodule with a program for an update")
def _(one):
    text = f'[submodule "s"]\n\tpath = s\n\turl = ext::sh -c "{one.evil("url")}"\n\tupdate = !{one.evil("update")}\n'
    one.tree((FILE, ".gitmodules", one.repository.blob(text)), (SUBMODULE, "s", one.base))


@case("a submodule that is not there")
def _(one):
    one.tree((SUBMODULE, "s", "12" * 20))


@case("a link in the place of a folder", documents="", rules="git-shadowed-folder", tree="")
def _(one):
    one.base = one.repository.head(one.repository.commit({"teams/x.yaml": module("x")}))
    one.files = {}
    one.on_top({"teams": (LINK, one.repository.blob("/etc"))})


@case("a link that differs from a folder in case", documents="Module/t Module/x", rules="git-shadowed-folder")
def _(one):
    one.on_top({"teams/t.yaml": module("t"), "Teams": (LINK, one.repository.blob("/etc"))})


@case("a submodule in the place of a folder", documents="", rules="git-shadowed-folder", tree="")
def _(one):
    one.base = one.repository.head(one.repository.commit({"teams/x.yaml": module("x")}))
    one.files = {}
    one.tree((SUBMODULE, "teams", one.base), keep=False)


@case("a document that becomes a link keeps what it said", rules="git-symbolic-link")
def _(one):
    one.files = {}
    one.on_top({"x.yaml": (LINK, one.repository.blob("/etc/passwd"))})


# Names ---------------------------------------------------------------------------------------------------------------


def _in_folder(folder, one):
    one.tree((FOLDER, folder, one.repository.raw_tree((FILE, "config", one.repository.blob("[core]\n")))))


for _name, _folder in (
    (".git", ".git"),
    (".GIT", ".GIT"),
    (".git with a joiner", ".g\u200cit"),
    (".git with a byte order mark", "\ufeff.git"),
    ("git~1", "GIT~1"),
    (".git and a blank", ".git "),
    (".git and dots", ".git..."),
    (".git and a stream", ".git::$INDEX_ALLOCATION"),
    (".git in wide letters", "\uff0e\uff47\uff49\uff54"),
    ("two dots", ".."),
    ("one dot", "."),
    ("two dots and a backslash", "..\\..\\x"),
    (".git behind a backslash", "a\\.git"),
):
    case(f"a folder named {_name}", rules="git-hostile-name")(partial(_in_folder, _folder))


def _named(path, one):
    one.tree((FILE, path, one.repository.blob(module("evil"))))


for _name, _path, _rules in (
    ("a line feed", "a\nb.yaml", "git-odd-name"),
    ("an escape sequence", "a\x1b[2Jb.yaml", "git-odd-name"),
    ("a direction override", "a\u202eb.yaml", "git-odd-name"),
    ("an invisible character", "a\u200bb.yaml", "git-odd-name"),
    ("a byte that is no UTF-8", b"a\xff.yaml", "git-odd-name"),
    ("an overlong .git", b".g\xe2\x80\x8cit", "git-hostile-name"),
    ("a backslash", "..\\evil.yaml", "git-hostile-name"),
    ("a lone backslash", "a\\b.yaml", "git-odd-name"),
    ("a tab", "a\tb.yaml", "git-odd-name"),
    ("a carriage return", "a\rb.yaml", "git-odd-name"),
    ("a soft hyphen", "a\u00adb.yaml", "git-odd-name"),
):
    case(f"a name with {_name}", rules=_rules)(partial(_named, _path))

for _name, _path in (
    ("an option", "--output=evil.yaml"),
    ("a command", "$(touch pwned);`touch pwned`.yaml"),
    ("a pathspec", ":(exclude)x.yaml"),
    ("a pattern", "*?[a].yaml"),
    ("a device of Windows", "CON.yaml"),
    ("quotes", "a\"b'c.yaml"),
    ("a letter beyond ASCII", "é.yaml"),
):
    case(f"a name like {_name}", documents="Module/evil Module/x")(partial(_named, _path))


@case("a hidden folder", documents="Module/x")
def _(one):
    one.on_top({".github/workflows/x.yaml": module("evil"), "a/.b/c.yaml": module("evil")})


@case("names that differ in case", documents="Module/a Module/b Module/x", rules="git-names-collide git-names-collide")
def _(one):
    one.on_top({"a.yaml": module("a"), "A.yaml": module("b")})


@case(
    "names that differ in Unicode form",
    documents="Module/a Module/b Module/x",
    rules="git-names-collide git-names-collide",
)
def _(one):
    one.on_top({"\u00e9.yaml": module("a"), "e\u0301.yaml": module("b")})


@case("names that fold to one", documents="Module/a Module/b Module/x", rules="git-names-collide git-names-collide")
def _(one):
    one.on_top({"strasse.yaml": module("a"), "straße.yaml": module("b")})


@case("a path that is too long", rules="git-odd-name")
def _(one):
    one.on_top({"/".join(["d" * 200] * 21) + "/evil.yaml": module("evil")})


@case("folders within folders without end", documents="Module/evil Module/x")
def _(one):
    tree = one.repository.raw_tree((FILE, "evil.yaml", one.repository.blob(module("evil"))))
    for _ in range(1000):
        tree = one.repository.raw_tree((FOLDER, "d", tree))
    one.tree((FOLDER, "d", tree))


@case("a tree that names a file twice", error="is not as Git writes it")
def _(one):
    blobs = [one.repository.blob(module(name)) for name in ("a", "b")]
    one.tree(*((FILE, "twice.yaml", blob) for blob in blobs))


@case("a tree that names a file and a folder alike", error="is not as Git writes it")
def _(one):
    folder = one.repository.raw_tree((FILE, "a.yaml", one.repository.blob(module("a"))))
    one.tree((FILE, "twice", one.repository.blob("x")), (FOLDER, "twice", folder))


@case("a tree out of order", error="is not as Git writes it")
def _(one):
    blob = one.repository.blob(module("x"))
    one.on_top(tree=one.repository.raw_tree((FILE, "z.yaml", blob), (FILE, "x.yaml", blob), (FILE, "a.yaml", blob)))


@case("a name with a slash", error="is not as Git writes it")
def _(one):
    one.tree((FILE, "../evil.yaml", one.repository.blob(module("evil"))))


@case("a name from the root", error="is not as Git writes it")
def _(one):
    one.tree((FILE, "/etc/evil.yaml", one.repository.blob(module("evil"))))


@case("an empty name", error="is not as Git writes it")
def _(one):
    one.tree((FILE, "", one.repository.blob(module("evil"))))


@case("a tree that ends early", error="is not as Git writes it")
def _(one):
    one.on_top(tree=one.repository.object("tree", b"100644 x.yaml\0short"))


@case("a mode that is no number", error="is not as Git writes it")
def _(one):
    one.on_top(tree=one.repository.object("tree", b"1z0644 x.yaml\0" + bytes(20)))


# Contents ------------------------------------------------------------------------------------------------------------


API = "apiVersion: assent.dev/v1alpha1\n"
BOMB = "a: &a [1,1]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]\n" for n in range(20))

for _name, _text, _rules in (
    ("an alias bomb", API + BOMB, "yaml"),
    ("nesting without end", f"{API}x: " + "[" * 100_000, "yaml"),
    ("a tag that runs Python", f"{API}x: !!python/object/apply:os.system ['touch pwned']\n", "yaml"),
    ("UTF-16", module("evil").encode("utf-16"), "yaml"),
    ("a byte that is no UTF-8 inside", module("evil").encode() + b"# \xff\n", "yaml"),
    ("NULs", module("evil").encode() + b"\0", "yaml"),
    ("two megabytes", module("evil") + "#" * (2 << 20), "git-file-too-large"),
    ("zeros that grow a thousandfold", bytes(64 << 20), "git-file-too-large"),
    ("a kind of somebody else's", f"{module('evil')}---\napiVersion: v1\nkind: Secret\n", "file-foreign-kind"),
    ("a kind that is a list", f"{API}kind: [Module]\nmetadata: {{name: evil}}\n", "file-foreign-kind"),
    ("another version of ours", module("evil").replace("v1alpha1", "v9"), "file-foreign-kind"),
    ("no name", f"{API}kind: Module\nmetadata: {{}}\n", "file-unnamed-document"),
    ("no namespace", f"{API}kind: User\nmetadata: {{name: evil}}\n", "file-unnamed-document"),
    ("a number that JSON cannot say", module("evil") + "size: 12345678901234567890\n", "yaml"),
):  # fmt: skip
    case(f"a file with {_name}", rules=_rules)(partial(_file, FILE, "evil.yaml", _text))

for _name, _text in (
    ("a chart's template", "apiVersion: v1\nmetadata: {{ .Values.x }}\n"),
    ("a pointer to large storage", f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"),
    ("somebody else's resources", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
    ("nothing", ""),
):
    case(f"a file with {_name}", skipped=1)(partial(_file, FILE, "other.yaml", _text))


@case("attributes that name programs")
def _(one):
    lines = "* filter=evil diff=evil merge=evil text eol=crlf ident export-subst working-tree-encoding=UTF-16\n"
    one.on_top({".gitattributes": lines, "a/.gitattributes": lines})
    with (one.repository.folder / "config").open("a") as file:
        for section in ("filter", "diff", "merge"):
            for key in ("smudge", "clean", "process", "textconv", "command", "driver"):
                file.write(f'[{section} "evil"]\n\t{key} = {one.evil(f"{section}-{key}")}\n')


@case("more files than are read", error="50,001 YAML files")
def _(one):
    blob = one.repository.blob(module("many"))
    one.on_top(tree=one.repository.raw_tree(*((FILE, f"f{number:05}.yaml", blob) for number in range(50_001))))


@case("more bytes than are read", error="66 MiB of YAML")
def _(one):
    blob = one.repository.blob(b"# nothing\n" + b"#" * ((1 << 20) - 11) + b"\n")
    one.on_top(tree=one.repository.raw_tree(*((FILE, f"f{number:02}.yaml", blob) for number in range(66))))


@case("a hundred thousand files of other kinds")
def _(one):
    blob = one.repository.blob("x")
    many = one.repository.raw_tree(*((FILE, f"f{number:06}.txt", blob) for number in range(100_000)))
    one.tree((FOLDER, "many", many))


@case("an embedded bare repository")
def _(one):
    one.on_top(
        {
            "sub/HEAD": "ref: refs/heads/main\n",
            "sub/config": f"[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = {one.evil('embedded')}\n",
            "sub/objects/.keep": "",
            "sub/refs/.keep": "",
            "sub/hooks/post-checkout": (EXECUTABLE, one.repository.blob(f"#!/bin/sh\n{one.evil('hook')}\n")),
        }
    )


# The repository itself -----------------------------------------------------------------------------------------------


def _replace(one, what, by):
    folder = one.repository.folder / "refs" / "replace"
    folder.mkdir(exist_ok=True)
    (folder / what).write_text(f"{by}\n")


@case("a replaced document", documents="Module/honest Module/x")
def _(one):
    one.on_top({"y.yaml": module("honest")})
    _replace(one, one.repository.blob(module("honest")), one.repository.blob(module("evil")))


@case("a replaced document, where the configuration asks for it", documents="Module/honest Module/x")
def _(one):
    one.on_top({"y.yaml": module("honest")})
    _replace(one, one.repository.blob(module("honest")), one.repository.blob(module("evil")))
    with (one.repository.folder / "config").open("a") as file:
        file.write("[core]\n\tuseReplaceRefs = true\n")


@case("a replaced commit", documents="Module/honest Module/x")
def _(one):
    one.on_top({"y.yaml": module("honest")})
    head = (one.repository.folder / "refs/heads/main").read_text().strip()
    _replace(one, head, one.repository.commit({"y.yaml": module("evil")}, one.base))


@case("a grafted history", documents="Module/x Module/y")
def _(one):
    middle = one.repository.commit(X | {"y.yaml": module("y")}, one.base)
    head = one.repository.head(one.repository.commit(X | {"y.yaml": module("y")}, middle))
    (one.repository.folder / "info").mkdir()
    (one.repository.folder / "info/grafts").write_text(f"{head}\n")


@case("a shallow clone", error="is a shallow clone")
def _(one):
    one.on_top({})
    (one.repository.folder / "shallow").write_text(f"{one.base}\n")


@case("objects borrowed from another folder", error="borrows objects")
def _(one):
    one.on_top({})
    (one.repository.folder / "objects/info/alternates").write_text("/etc\n")


@case("an edited commit-graph", documents="Module/x Module/y")
def _(one):
    middle = one.repository.commit(X | {"y.yaml": module("y")}, one.base)
    one.repository.head(one.repository.commit(X | {"y.yaml": module("y")}, middle, at=9))
    git(one.repository.folder, "commit-graph", "write", "--reachable")
    path = one.repository.folder / "objects/info/commit-graph"
    data = bytearray(path.read_bytes())
    path.chmod(0o644)
    start = next(
        int.from_bytes(data[at + 4 : at + 12], "big") for at in range(8, 100, 12) if data[at : at + 4] == b"CDAT"
    )
    for row in range(start, start + 3 * 36, 36):
        data[row + 20 : row + 28] = b"\x70\0\0\0" * 2
    path.write_bytes(data)


def _forge(one, name, kind, data):
    path = one.repository.path(name)
    path.unlink()
    one.repository.object(kind, data, name)


@case("a document that is not what it is named", error="blob .* is not what it is named")
def _(one):
    one.on_top({"y.yaml": module("honest")})
    _forge(one, one.repository.blob(module("honest")), "blob", module("evil").encode())


@case("a commit that is not what it is named", error="hash mismatch")
def _(one):
    one.on_top({})
    head = (one.repository.folder / "refs/heads/main").read_text().strip()
    raw = zlib.decompress(one.repository.path(head).read_bytes()).partition(b"\0")[2]
    _forge(one, head, "commit", raw.replace(b"A change", b"Another change"))


@case("an older commit that is not what it is named", error="commit .* is not what it is named")
def _(one):
    middle = one.repository.commit(X, one.base)
    one.repository.head(one.repository.commit(X, middle))
    raw = zlib.decompress(one.repository.path(middle).read_bytes()).partition(b"\0")[2]
    _forge(one, middle, "commit", raw.replace(b"A change", b"Another change"))


@case("a tree that is not what it is named", error="tree .* is not what it is named")
def _(one):
    files = X | {"y.yaml": module("y")}
    one.on_top(files)
    evil = one.repository.blob(module("evil"))
    entries = [(FILE, "x.yaml", one.repository.blob(module("x"))), (FILE, "y.yaml", evil)]
    raw = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(to) for mode, name, to in entries)
    _forge(one, one.repository.tree(files), "tree", raw)


@case("an inner tree that is not what it is named", error="tree .* is not what it is named")
def _(one):
    one.on_top({"d/y.yaml": module("y")})
    raw = b"100644 z.yaml\0" + bytes.fromhex(one.repository.blob(module("evil")))
    _forge(one, one.repository.tree({"y.yaml": module("y")}), "tree", raw)


@case("a document that is missing", error="blob .* is missing")
def _(one):
    one.on_top({"y.yaml": module("gone")})
    one.repository.path(one.repository.blob(module("gone"))).unlink()


@case("a document that a promisor would fetch", error="blob .* is missing")
def _(one):
    one.on_top({"y.yaml": module("gone")})
    one.repository.path(one.repository.blob(module("gone"))).unlink()
    (one.repository.folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tpartialClone = origin\n"
        f'[remote "origin"]\n\turl = ext::sh -c "{one.evil("promisor")}"\n\tpromisor = true\n'
        f"\tuploadpack = {one.evil('uploadpack')}\n"
    )


@case("a parent that is missing", error="git (failed|ended)")
def _(one):
    one.repository.head(one.repository.commit(X, one.base, "ab" * 20))


@case("a tree that is missing", error="cannot be compared|is missing|git (failed|ended)")
def _(one):
    one.on_top({"y.yaml": module("y")})
    one.repository.path(one.repository.tree(X | {"y.yaml": module("y")})).unlink()


@case("an object that is no zlib", error="git (failed|ended)|is missing")
def _(one):
    one.on_top({"y.yaml": module("broken")})
    path = one.repository.path(one.repository.blob(module("broken")))
    path.write_bytes(b"not zlib")


@case("a tree that is a document", error="git (failed|ended)|cannot be compared|is no tree")
def _(one):
    one.on_top(tree=one.repository.blob("x"))


@case("a document that is a tree", error="is no blob")
def _(one):
    one.tree((FILE, "y.yaml", one.repository.tree(X)))


@case("a document that is a commit", error="is no blob")
def _(one):
    one.tree((FILE, "y.yaml", one.base))


@case("a configuration full of programs", documents="Module/x Module/y")
def _(one):
    one.on_top({"y.yaml": module("y")})
    keys = (
        "core.fsmonitor core.hooksPath core.sshCommand core.pager core.editor core.askPass core.gitProxy "
        "core.alternateRefsCommand diff.external diff.orderFile sequence.editor credential.helper gpg.program "
        "gpg.ssh.program uploadpack.packObjectsHook browser.x.cmd alias.diff-tree alias.cat-file pager.diff-tree "
        "trace2.normalTarget interactive.diffFilter gc.recentObjectsHook"
    )
    with (one.repository.folder / "config").open("a") as file:
        for key in keys.split():
            section, _, name = key.rpartition(".")
            outer, _, inner = section.partition(".")
            file.write(f"[{outer}{f' {chr(34)}{inner}{chr(34)}' if inner else ''}]\n\t{name} = {one.evil(key)}\n")


@case("every hook")
def _(one):
    one.on_top({})
    folder = one.repository.folder / "hooks"
    folder.mkdir()
    for name in ("reference-transaction", "post-checkout", "post-index-change", "fsmonitor-watchman", "pre-auto-gc"):
        (folder / name).write_text(f"#!/bin/sh\n{one.evil(name)}\n")
        (folder / name).chmod(0o755)


@case("a work tree that lies elsewhere")
def _(one):
    one.on_top({})
    with (one.repository.folder / "config").open("a") as file:
        file.write("[core]\n\tbare = false\n\tworktree = ../nowhere\n")


@case("submodules that a comparison would leave out", rules="git-submodule")
def _(one):
    one.tree((SUBMODULE, "roles.yaml", one.base))
    with (one.repository.folder / "config").open("a") as file:
        file.write('[diff]\n\tignoreSubmodules = all\n[submodule "roles.yaml"]\n\tpath = roles.yaml\n\tignore = all\n')


@case("a format that nobody knows", error="(?i)repositor|git failed")
def _(one):
    one.on_top({})
    (one.repository.folder / "config").write_text("[core]\n\trepositoryformatversion = 99\n\tbare = true\n")


@case("an extension that nobody knows", error="git failed")
def _(one):
    one.on_top({})
    (one.repository.folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tevil = true\n"
    )


@case("a configuration that includes a file of the system", error="no Git repository|git failed")
def _(one):
    one.on_top({})
    with (one.repository.folder / "config").open("a") as file:
        file.write("[include]\n\tpath = /etc/passwd\n")


@case("branches named like options and commits", documents="Module/x Module/y")
def _(one):
    one.on_top({"y.yaml": module("y")})
    for name in (f"--upload-pack={one.evil('ref')}".replace(" ", "_").replace("/", "_"), one.base, "HEAD"):
        one.repository.head(one.base, name)


@case("an attributes file of the repository's own")
def _(one):
    one.on_top({})
    (one.repository.folder / "info").mkdir()
    (one.repository.folder / "info/attributes").write_text("* diff=evil filter=evil\n")
    with (one.repository.folder / "config").open("a") as file:
        file.write(f'[diff "evil"]\n\tcommand = {one.evil("command")}\n\ttextconv = {one.evil("textconv")}\n')


@case("a pack that is cut short", error="git failed: .*pack")
def _(one):
    one.on_top({"y.yaml": module("y")})
    git(one.repository.folder, "repack", "-adq")
    git(one.repository.folder, "prune-packed")
    (pack,) = (one.repository.folder / "objects/pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:-60])


# Commits -------------------------------------------------------------------------------------------------------------


def _raw(one, *lines, text=b"text\n"):
    """The newest commit, of exactly these header lines."""
    head = "\n".join([f"tree {one.repository.tree(X)}", f"parent {one.base}", *lines])
    one.repository.head(one.repository.object("commit", head.encode() + b"\n\n" + text))


AUTHOR, COMMITTER = f"author {PERSON} 1 +0000", f"committer {PERSON} 1 +0000"
ARMOR = "-----BEGIN SSH SIGNATURE-----\n AAAA\n -----END SSH SIGNATURE-----"

for _name, _lines, _unsigned in (
    ("two signatures", [AUTHOR, COMMITTER, f"gpgsig {ARMOR}", f"gpgsig {ARMOR}"], "more than one signature"),
    ("a signature for other names", [AUTHOR, COMMITTER, f"gpgsig-sha256 {ARMOR}"], "gpgsig-sha256"),
    ("a signature in front", [f"gpgsig {ARMOR}", AUTHOR, COMMITTER], "odd header"),
    ("no author", [COMMITTER], "odd header"),
    ("two authors", [AUTHOR, AUTHOR, COMMITTER], "odd header"),
    ("a second tree", [AUTHOR, COMMITTER, f"tree {'0' * 40}"], "a second tree"),
    ("a late parent", [AUTHOR, COMMITTER, f"parent {'0' * 40}"], "a second parent"),
    ("a NUL", [AUTHOR, COMMITTER, "note a\0b"], "a NUL"),
    ("a line without a name", [AUTHOR, COMMITTER, "?"], "without a field name"),
    ("dates beyond all time", [f"author {PERSON} {'9' * 30} +9999", COMMITTER], "carries no signature"),
    ("negative dates", [f"author {PERSON} -1 -0000", f"committer {PERSON} -99999999999 +0000"], "carries no signature"),
    ("a person without an address", ["author", "committer"], "odd header"),
    ("a signature of PGP", [AUTHOR, COMMITTER, "gpgsig -----BEGIN PGP SIGNATURE-----\n x"], "signed with PGP"),
    ("a signature of X.509", [AUTHOR, COMMITTER, "gpgsig -----BEGIN SIGNED MESSAGE-----\n x"], "signed with X.509"),
    ("a signature of nothing", [AUTHOR, COMMITTER, "gpgsig "], "no armored SSH signature"),
    ("a broken signature", [AUTHOR, COMMITTER, f"gpgsig {ARMOR}"], "does not count"),
):
    case(f"a commit with {_name}", unsigned=_unsigned)(partial(lambda lines, one: _raw(one, *lines), _lines))


@case("a commit without a message", unsigned="odd header")
def _(one):
    head = f"tree {one.repository.tree(X)}\nparent {one.base}\n{AUTHOR}\n{COMMITTER}\n"
    one.repository.head(one.repository.object("commit", head.encode()))


@case("a commit in another encoding", unsigned=None)
def _(one):
    one.on_top(header=b"encoding ISO-8859-1\n", message="Grüße\n".encode("latin-1"), by=Key())


@case("a commit with a signed tag inside", unsigned=None)
def _(one):
    tag = f"object {one.base}\n type commit\n tag v1\n tagger {PERSON} 1 +0000\n \n v1\n gpgsig {ARMOR}"
    one.on_top(header=f"mergetag {tag}\n".encode(), by=Key())


@case("a commit with fields of other tools", unsigned=None)
def _(one):
    one.on_top(header=b"HG:extra x\nchange-id abc\n", by=Key())


@case("a commit whose signature fits another", unsigned="does not fit")
def _(one):
    one.on_top(header=b"gpgsig " + Key().sign(b"another").rstrip(b"\n").replace(b"\n", b"\n ") + b"\n")


@case("a commit with an endless message", error="at most 1,048,576 are read")
def _(one):
    one.on_top(message="x" * (2 << 20))


@case("a commit with the same parent twice")
def _(one):
    one.repository.head(one.repository.commit(X, one.base, one.base))


@case("a commit with a hundred parents")
def _(one):
    parents = [one.repository.commit(X, one.base, at=at) for at in range(1, 101)]
    one.repository.head(one.repository.commit(X, *parents))


@case("a commit whose tree comes second", error="git failed: .*bogus commit")
def _(one):
    head = f"parent {one.base}\ntree {one.repository.tree(X)}\n{AUTHOR}\n{COMMITTER}\n\nx\n"
    one.repository.head(one.repository.object("commit", head.encode()))


@case("a commit with upper-case names", error="proper header")
def _(one):
    tree = one.repository.tree(X).upper()
    head = f"tree {tree}\nparent {one.base}\n{AUTHOR}\n{COMMITTER}\n\nx\n"
    one.repository.head(one.repository.object("commit", head.encode()))


@case("a branch that leads to no commit", error="git failed: .*commit")
def _(one):
    one.repository.head(one.repository.blob("no commit"))
