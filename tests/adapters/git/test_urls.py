"""Rule 37: URLs, branches and revisions by an allow-list; every GitPython advisory's input is refused."""

import pytest

from assent.adapters.git import repository, urls
from assent.errors import AssentError, UsageError

TAKEN = [
    "https://git.example.com/team/approvals.git",
    "https://git.example.com:8443/team/approvals",
    "https://127.0.0.1:8443/r.git",
    "https://[::1]:8443/r.git",
    "https://example.com/~user/a%20b/c+d",
    "ssh://git@git.example.com/team/approvals.git",
    "ssh://git.example.com:2222/team/approvals.git",
    "git@git.example.com:team/approvals.git",
    "git@git.example.com:/srv/approvals.git",
]

ADVISORIES = {
    "CVE-2022-24439 ext": "ext::sh -c touch% /tmp/pwned",
    "CVE-2022-24439 fd": "fd::17/foo",
    "CVE-2023-40267 upload-pack": "--upload-pack=touch /tmp/pwned",
    "CVE-2023-40267 short option": "-u touch /tmp/pwned",
    "CVE-2017-1000117 host as an option": "ssh://-oProxyCommand=touch%20pwned/x",
    "host as an option, scp form": "git@-oProxyCommand=touch:x",
    "user as an option": "ssh://-oProxyCommand=x@host/x",
    "path as an option": "git@host:-x",
    "path as an option behind a slash": "git@host:/-x",
    "GHSA-rpm5 underscores": "--upload_pack=touch",
    "GHSA-x2qx split into words": "https://h/x --config core.fsmonitor=touch",
    "GHSA-v87r line feed": "https://h/x\n[core]\n\tfsmonitor = touch",
    "GHSA-rwj8 variables": "https://h/${AWS_SECRET_ACCESS_KEY}",
    "GHSA-94p4 variables": "$HOME/x://h",
    "GHSA-94p4 Windows variables": "https://h/%AWS_SECRET%$x",
    "GHSA-3rp5 section name": 'https://h/x"]\n[core',
    "GHSA-3f7w bundle": "https://h/x --bundle-uri=file:///etc/passwd",
    "a file URL": "file:///srv/approvals.git",
    "a file URL without a host": "file:/srv/approvals.git",
    "plain http": "http://git.example.com/x",
    "the git protocol": "git://git.example.com/x",
    "ftp": "ftp://git.example.com/x",
    "a data URL": "data:text/plain,x",
    "rsync": "rsync://h/x",
    "a remote helper": "persistent-https://h/x",
    "a password": "https://me:secret@git.example.com/x",
    "a token": "https://ghp_secret@git.example.com/x",
    "a question": "https://h/x?y=z",
    "a fragment": "https://h/x#y",
    "a backslash": "https://h\\@evil/x",
    "two hosts": "https://h@evil/x",
    "no path": "https://git.example.com",
    "a blank": "https://git.example.com/a b",
    "a direction override": "https://git.example.com/\u202egit",
    "upper case": "HTTPS://git.example.com/x",
    "a port that is none": "https://h:99999999/x",
    "a NUL": "https://h/x\0y",
    "endless": "https://h/" + "x" * 10_000,
    "a line feed at the end": "https://h/x\n",
}


@pytest.mark.parametrize("url", TAKEN)
def test_plain_urls_are_taken(url):
    """Those of https and ssh, in both spellings of the latter."""
    assert urls.is_url(url)
    assert url == urls.checked(url)


@pytest.mark.parametrize("url", ADVISORIES.values(), ids=ADVISORIES.keys())
def test_rule_37_hostile_urls_are_refused(url, tmp_path, monkeypatch):
    """Rule 37: what is no plain URL is refused before any program is started, and no password is repeated."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssentError) as refused:
        repository.open_url(url, tmp_path / "cache")

    assert "secret" not in refused.value.message + refused.value.hint
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("where", [url for url in ADVISORIES.values() if "\0" not in url])
def test_rule_37_what_is_no_url_is_no_path_either(where, tmp_path, monkeypatch):
    """Rule 37: named by `-C`, the same words lead to no repository."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssentError), repository.opened(where, cache=tmp_path / "cache"):
        pass


BRANCHES = {
    "CVE-2023-41040 traversal": "../../../etc/passwd",
    "GHSA-7545 traversal": "a/../../x",
    "an option": "--output=x",
    "a short option": "-x",
    "nothing": "",
    "a range": "a..b",
    "a reflog": "a@{1}",
    "only @": "@",
    "a colon": "main:x",
    "a refspec": "+main:refs/heads/x",
    "a negation": "^main",
    "an ancestor": "main~1",
    "a pattern": "ma*n",
    "a blank": "a b",
    "a line feed": "a\nb",
    "a lock": "main.lock",
    "a hidden part": "a/.b",
    "a trailing slash": "a/",
    "a trailing dot": "a.",
    "two slashes": "a//b",
    "a backslash": "a\\b",
    "a direction override": "a\u202eb",
    "endless": "x" * 5000,
}


@pytest.mark.parametrize("name", BRANCHES.values(), ids=BRANCHES.keys())
def test_rule_37_hostile_branches_are_refused(name):
    """Rule 37: a branch name is one name, never an option, a range, a refspec or a path."""
    with pytest.raises(UsageError):
        urls.branch(name)


@pytest.mark.parametrize("name", ["main", "release/1.2", "feature/ä-ö", "x@y", "a-b_c+d=e,f#g!h"])
def test_branches_are_taken(name):
    """What Git takes as a branch is taken."""
    assert name == urls.branch(name)


@pytest.mark.parametrize(
    "text",
    [
        "--output=x",
        "-x",
        "^main",
        "",
        "a b",
        "a\nb",
        "main:x",
        ":/text",
        "main^{/text}",
        "a..b",
        "*",
        "a?",
        "a[b",
        "a\\b",
        "x" * 5000,
    ],
)
def test_rule_37_hostile_revisions_are_refused(text):
    """Rule 37: a revision names one commit; searches, ranges, paths and options are refused."""
    with pytest.raises(UsageError):
        urls.revision(text)


@pytest.mark.parametrize("text", ["HEAD", "main~2", "main^2", "v1.0^{commit}", "main@{1}", "@", "a" * 40])
def test_revisions_are_taken(text):
    """What people write for one commit is taken."""
    assert text == urls.revision(text)
