"""`scan`: the files of a folder, as data (rule 36)."""

import os
import resource

import pytest

from assent.adapters.documents import limits, load, scan
from assent.errors import NotFoundError, RepositoryError


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_all_yaml_files_in_order(tmp_path):
    """Both endings, in every folder, sorted by the whole name, whatever order the folder has them in."""
    names = ["b/a.yaml", "b.yaml", "a.yml", "b/c/d.yaml", "b-c.yaml", "x.json", "yaml", "a.yaml.orig"]
    write(tmp_path, {name: name for name in names})

    assert ["a.yml", "b-c.yaml", "b.yaml", "b/a.yaml", "b/c/d.yaml"] == [name for name, _ in scan(tmp_path)]
    assert all(name.encode() == data for name, data in scan(tmp_path))


def test_hidden_folders_are_left_out(tmp_path):
    """Folders whose name begins with a dot are not entered, at any depth."""
    write(tmp_path, {"a/b.yaml": "", ".git/x.yaml": "", "a/.cache/x.yaml": ""})

    assert ["a/b.yaml"] == [name for name, _ in scan(tmp_path)]


def test_a_file_can_be_given_itself(tmp_path):
    """A file that was named is read whatever its ending."""
    write(tmp_path, {"a.txt": "a: 1\n"})

    assert [("a.txt", b"a: 1\n")] == list(scan(tmp_path / "a.txt"))


def test_a_root_that_is_not_there(tmp_path):
    """The refusal names the path."""
    with pytest.raises(NotFoundError, match="nowhere"):
        list(scan(tmp_path / "nowhere"))


def test_rule_36_links_and_devices_are_told_and_not_followed(tmp_path):
    """Rule 36: no link is followed, no pipe waited for; each is a finding that names it."""
    write(tmp_path, {"a.yaml": "", "outside/secret.yaml": ""})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "outside" / "secret.yaml")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "outside")
    (tmp_path / "in" / "folder.yaml").symlink_to(tmp_path / "outside")
    (tmp_path / "in" / "broken.yaml").symlink_to("nowhere")
    (tmp_path / "in" / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "in" / "pipe.yaml")
    told = []

    names = [name for name, _ in scan(tmp_path, refused=told.append)]

    assert ["a.yaml", "outside/secret.yaml"] == names
    expected = {f"in/{name}.yaml": "tree-not-a-file" for name in ("link", "folder", "broken", "pipe")}
    assert expected == {finding.place.file: finding.rule for finding in told}


@pytest.mark.parametrize("name", [b"a\n.yaml", b"\x1b[0m.yaml", b"\xff.yaml", "\u202elmay.yaml".encode()])
def test_rule_44_names_that_mislead_are_told_and_not_read(tmp_path, name):
    """Rule 44: a name that would break or turn a line of output is refused, and shown escaped."""
    (tmp_path / os.fsdecode(name)).touch()
    told = []

    assert [] == list(scan(tmp_path, refused=told.append))
    assert ["tree-odd-name"] == [finding.rule for finding in told]
    assert told[0].message.isprintable()


def test_a_large_file_is_not_read_whole(tmp_path):
    """Of a file beyond the limit a byte more than the limit is read, and `load` says what is wrong."""
    with (tmp_path / "a.yaml").open("wb") as file:
        file.truncate(1 << 40)

    ((_, data),) = scan(tmp_path)

    assert limits.FILE_BYTES + 1 == len(data)
    assert "yaml-too-large" == load(data).findings[0].rule


def test_rule_36_a_link_put_there_meanwhile_is_not_followed(tmp_path):
    """Rule 36: a file that becomes a link between listing and reading is refused, not followed."""
    write(tmp_path, {"a.yaml": "", "b.yaml": "", "secret": "x: 1\n"})
    found = scan(tmp_path)
    next(found)
    (tmp_path / "b.yaml").unlink()
    (tmp_path / "b.yaml").symlink_to(tmp_path / "secret")

    with pytest.raises(RepositoryError, match=r"'b\.yaml' cannot be read"):
        next(found)


def test_rule_36_too_many_bytes(tmp_path):
    """Rule 36: beyond 64 MiB the folder is refused with a sentence."""
    for number in range(65):
        with (tmp_path / f"{number}.yaml").open("wb") as file:
            file.truncate(1 << 20)

    with pytest.raises(RepositoryError, match="more than 64 MiB"):
        list(scan(tmp_path))


def test_rule_36_too_many_files(tmp_path, monkeypatch):
    """Rule 36: beyond 50,000 files the folder is refused before any is read."""
    monkeypatch.setattr(limits, "TREE_FILES", 5)
    write(tmp_path, {f"{number}.yaml": "" for number in range(6)})

    with pytest.raises(RepositoryError, match="more than 5 YAML files"):
        list(scan(tmp_path))
    (tmp_path / "0.yaml").unlink()
    assert 5 == len(list(scan(tmp_path)))


def test_no_file_stays_open(tmp_path):
    """However far the files are read, none is left open."""
    write(tmp_path, {f"{number}.yaml": "a: 1\n" for number in range(50)})
    low, high = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(low, 64), high))
    try:
        assert 100 == len([*scan(tmp_path), *scan(tmp_path)])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (low, high))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read(tmp_path):
    """The refusal names the file and says why."""
    write(tmp_path, {"a.yaml": ""})
    (tmp_path / "a.yaml").chmod(0)

    with pytest.raises(RepositoryError, match=r"'a\.yaml' cannot be read"):
        list(scan(tmp_path))
