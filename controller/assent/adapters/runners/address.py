"""Addresses that a run may call: read once, strictly, and compared part by part."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

from assent.errors import RunnerError

_PORTS = {"http": 80, "https": 443}
_LAST_PORT, _LONGEST_HOST = 65535, 253
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])"
_PATH = r"(?P<path>/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
_QUERY = r"(?P<query>\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
# No user, no fragment, no space, no other script: what is not written here is no address of ours.
_ADDRESS = re.compile(rf"(?P<scheme>https?)://{_HOST}(?::(?P<port>[0-9]{{1,5}}))?{_PATH}{_QUERY}")


@dataclass(frozen=True, slots=True)
class Address:
    """Scheme, host, port and path of a URL; the host in lower case, the path as it is written."""

    scheme: str
    host: str
    port: int
    path: str
    text: str

    @classmethod
    def of(cls, text: object) -> Self:
        """The address in `text`.

        Raises:
            RunnerError: it is no plain https address, or an http one that leaves this machine.
        """
        match = _ADDRESS.fullmatch(text) if isinstance(text, str) else None
        if match is None or not _reachable(match["host"], match["port"]):
            # What cannot be read may hold a password, so it is not repeated.
            raise RunnerError(
                "The URL cannot be read.", "Write https://host[:port]/path, without user, fragment, spaces or '..'."
            )
        scheme, host, path = match["scheme"], match["host"].lower(), match["path"] or "/"
        port = int(match["port"] or _PORTS[scheme])
        if not all(map(_plain, path.split("/"))):
            raise RunnerError("The URL's path goes up, or hides a slash.", "Write the path that is meant.")
        if scheme == "http" and not _loopback(host):
            raise RunnerError(f"The URL calls {host} without TLS.", "Write https; http is for this machine alone.")
        return cls(scheme, host, port, path, match[0])

    def under(self, prefix: "Address") -> bool:
        """Whether this address is `prefix` itself or lies below it; `/api` is not above `/apis`."""
        if (self.scheme, self.host, self.port) != (prefix.scheme, prefix.host, prefix.port):
            return False
        return self.path == prefix.path or self.path.startswith(prefix.path.removesuffix("/") + "/")


def _reachable(host: str, port: str | None) -> bool:
    """Whether a host that looks like an IP address is one, and the lengths and the port are within their bounds."""
    if len(host) > _LONGEST_HOST or not 0 < int(port or 1) <= _LAST_PORT:
        return False
    if host.startswith("[") or host.rpartition(".")[2].isdigit():
        return _ip(host) is not None
    return True


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(host[1:-1]) if host.startswith("[") else ipaddress.IPv4Address(host)
    except ValueError:
        return None


def _plain(segment: str) -> bool:
    # A second reading shows what a careless server would read: %252e becomes %2e becomes a dot.
    plain = unquote(unquote(segment))
    return plain not in {".", ".."} and not set(plain) & {"/", "\\", ";", "\0"}


def _loopback(host: str) -> bool:
    ip = _ip(host)
    return host == "localhost" or (ip is not None and ip.is_loopback)
