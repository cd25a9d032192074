"""The ids of the findings that only a Git tree or commit can have, each with its meaning."""

RULES: dict[str, str] = {
    "file-unnamed-document": "A document's kind, name or namespace cannot be told.",
    "file-without-digest": "A document holds a number that JSON cannot say.",
    "git-executable-file": "A YAML file is marked executable, which is not read.",
    "git-file-too-large": "A YAML file is larger than is read.",
    "git-hostile-name": "A name that could lead a checkout out of its folder, or into `.git`.",
    "git-names-collide": "Two files have names that only differ in case or Unicode form: some systems keep only one.",
    "git-odd-name": "A file's name holds characters that cannot be shown safely, or is not UTF-8.",
    "git-shadowed-folder": "A link or submodule stands where a folder with YAML files was, or differs from it in case.",
    "git-submodule": "A submodule is named like a YAML file; submodules are not read.",
    "git-symbolic-link": "A YAML file is a symbolic link, which is never followed.",
    "git-too-many-problems": "A tree or commit has more problems with files than are told at once.",
    "git-trailer-malformed": "A trailer of ours in a commit message cannot be read, so it does not count.",
    "git-trailer-misplaced": "A trailer of ours stands outside the message's last paragraph, so it does not count.",
}
