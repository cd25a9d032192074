"""A URL means one thing to us and to the library that calls it, and lies below a prefix or does not."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.adapters.runners.address import Address
from assent.errors import RunnerError

PREFIX = "https://api.example/v1"


@pytest.mark.parametrize(
    ("url", "under"),
    [
        ("https://api.example/v1", True),
        ("https://api.example/v1/", True),
        ("https://api.example/v1/run?x=1&y=/../", True),
        ("https://API.Example/v1/run", True),
        ("https://api.example:443/v1/run", True),
        ("https://api.example/v1/a%20b/c:d@e", True),
        ("https://api.example/v10", False),
        ("https://api.example/v1.evil", False),
        ("https://api.example/V1/run", False),
        ("https://api.example/", False),
        ("https://api.example", False),
        ("https://api.example/%76%31/run", False),
        ("https://api.example//v1/run", False),
        ("https://api.example:444/v1/run", False),
        ("https://api.example.evil.example/v1/run", False),
        ("https://evil.example/https://api.example/v1", False),
        ("https://evilapi.example/v1", False),
    ],
)
def test_an_address_lies_below_a_prefix_or_does_not(url, under):
    """Scheme, host, port and path are compared whole, part by part, up to a slash."""
    assert under == Address.of(url).under(Address.of(PREFIX))


@pytest.mark.parametrize(
    ("prefix", "url", "under"),
    [
        ("https://api.example", "https://api.example/any/thing", True),
        ("https://api.example/", "https://api.example", True),
        ("https://api.example/v1/", "https://api.example/v1", False),
        ("https://api.example/v1/", "https://api.example/v1/x", True),
        ("http://localhost:8080/", "http://127.0.0.1:8080/", False),
        ("http://[::1]:8080/a", "http://[::1]:8080/a/b", True),
    ],
)
def test_a_prefix_may_be_a_whole_host_or_a_folder(prefix, url, under):
    """A prefix with a slash at its end means what is below it, one without also itself."""
    assert under == Address.of(url).under(Address.of(prefix))


HOSTILE = [
    *["https://user@api.example/v1", "https://user:hunter2@api.example/v1", "https://api.example@evil.example/v1"],
    *["https://api.example/v1/../admin", "https://api.example/v1/..", "https://api.example/v1/./x"],
    *[
        "https://api.example/v1/%2e%2e/admin",
        "https://api.example/v1/.%2E/admin",
        "https://api.example/v1/%252e%252e/x",
    ],
    *["https://api.example/v1/..%2fadmin", "https://api.example/v1/%5c..", "https://api.example/v1/..;/admin"],
    *["https://api.example/v1\\..\\admin", "https:\\\\api.example/v1", "https://evil.example\\@api.example/v1"],
    *["https://api.example/v1#x", "https://api.example/v1 x", " https://api.example/v1", "https://api.example/v1\n"],
    *[
        "https://api.example/v1\t",
        "https://api.example/v1\r\nHost: evil",
        "https://api.example/v1%0",
        "https://api.example/%zz",
    ],
    *[
        "https://",
        "https:///v1",
        "https://:443/v1",
        "https://api.example:/v1",
        "https://api.example:x/v1",
        "//api.example/v1",
    ],
    *[
        "https://.api.example/",
        "https://api.example./v1",
        "https://-/",
        "https://api_x.example/",
        "https://ąpi.example/",
    ],
    *["HTTPS://api.example/v1", "ftp://api.example/v1", "file:///etc/passwd", "javascript:alert(1)", "api.example/v1"],
    *["http://api.example/v1", "http://localhost.evil.example/", "http://127.0.0.1.evil.example/", "http://0/"],
    *["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://10.0.0.1/", "http://169.254.169.254/latest"],
    *["http://[::ffff:10.0.0.1]/", "http://[fe80::1]/", "http://[::1", "http://[::1]evil/", "http://0.0.0.0/"],
    *["https://a..b/", f"https://{'a' * 64}.example/", f"https://{'a.' * 127}example/", "https://a-.example/"],
    *["https://999.1.1.1/", "https://1.2.3/", "https://7/", "https://[1:2]/", "https://[127.0.0.1]/", "https://[]/"],
    *["https://api.example:0/", "https://api.example:65536/", "https://api.example:99999/", "https://api.example:-1/"],
    *["", None, 7, b"https://api.example/v1"],
]


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: repr(url)[:60])
def test_what_could_be_read_in_two_ways_is_refused(url):
    """No user, no way up, no other script, no plain http off this machine; nothing that cannot be read is repeated."""
    with pytest.raises(RunnerError) as refused:
        Address.of(url)

    assert "hunter2" not in refused.value.message + refused.value.hint


@given(
    st.builds(
        "{}://{}{}{}".format,
        st.sampled_from(["https", "http"]),
        st.text("aB.-[]:0127@%", max_size=12) | st.sampled_from(["api.example", "localhost", "127.0.0.1", "[::1]"]),
        st.sampled_from(["", ":1", ":443", ":80", ":65535", ":00080"]),
        st.text("/aB.-%2eEf;:@!$&'()*+,=~?#\\ \n\u00e9", max_size=20),
    )
)
def test_the_library_calls_what_we_compared(url):
    """Whatever we accept, the library that calls it reads the same scheme, host, port and path."""
    try:
        address = Address.of(url)
    except RunnerError:
        return
    called = httpx.URL(address.text)

    assert (address.scheme, address.host.strip("[]")) == (called.scheme, called.host)
    assert address.port == (called.port or {"http": 80, "https": 443}[called.scheme])
    assert address.path == called.raw_path.decode().partition("?")[0]
    assert (called.userinfo, called.fragment) == (b"", "")
