"""Where the webhook's certificate comes from, and how it comes to be served and trusted without a gap.

The API server is told whom to trust before anything is served under it, so that a renewal goes by unnoticed.
"""

import base64
import binascii
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from assent.adapters.kube import certificates, webhooks
from assent.adapters.kube.api import Api
from assent.adapters.kube.certificates import Material
from assent.errors import CONFLICT, ClusterError, UsageError

SECRET = "assent-webhook-certificate"  # noqa: S105 -- the name of a Secret

_FILES = {"certificate": "tls.crt", "key": "tls.key", "trusted": "ca.crt", "authority_key": "ca.key"}
"""Where each part is kept, by the names that cert-manager uses."""


class Source(Protocol):
    """Where the certificate is kept."""

    def material(self, now: datetime, known: str) -> Material:
        """What is to be served now; `known` are the authorities, as PEM, that the API server trusts already."""


@dataclass(frozen=True, slots=True)
class Given:
    """A folder that somebody else keeps, as cert-manager does; `ca.crt` may be missing where they say whom to trust."""

    folder: Path

    def material(self, now: datetime, known: str) -> Material:  # noqa: ARG002 -- whoever gives it renews it
        """What lies in the folder.

        Raises:
            UsageError: a file cannot be read, or the key is not the certificate's.
        """
        try:
            texts = {part: (self.folder / name).read_text() for part, name in _FILES.items() if part in _SERVED}
        except (OSError, UnicodeDecodeError) as error:
            hint = "put tls.crt and tls.key there, or leave --webhook-certs out"
            raise UsageError(f"no certificate can be read from {self.folder}: {error}", hint) from error
        authority = self.folder / _FILES["trusted"]
        found = Material(authority.read_text() if authority.is_file() else "", **texts)
        if not certificates.whole(found):
            message = f"tls.crt and tls.key in {self.folder} are no pair, or no PEM"
            raise UsageError(message, "put a certificate there with its own key")
        return found


_SERVED = ("certificate", "key")


@dataclass(frozen=True, slots=True)
class SelfMade:
    """A Secret in the operator's namespace, made and renewed by whichever replica looks first; all of them serve it."""

    api: Api
    namespace: str
    names: Collection[str]
    secret: str = SECRET

    def material(self, now: datetime, known: str) -> Material:
        """What the Secret holds, after the one thing about it that was due.

        Raises:
            ClusterError: the Secret could not be read or written.
        """
        held = self._read()
        material = _unpacked(held)
        work = certificates.due(material, self.names, now, known)
        if work == "nothing":
            return material
        try:
            self._write(held, self._renewed(material, work, now))
        except ClusterError as error:
            if error.status != CONFLICT:
                raise
        return _unpacked(self._read())

    def _renewed(self, material: Material, work: certificates.Work, now: datetime) -> Material:
        if work == "all":
            return certificates.make(self.names, now)
        if work == "authority":
            return certificates.renew_authority(material, now)
        return certificates.renew_certificate(material, self.names, now)

    @property
    def _collection(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/secrets"

    def _read(self) -> dict[str, Any] | None:
        return self.api.find(f"{self._collection}/{self.secret}")

    def _write(self, held: dict[str, Any] | None, material: Material) -> None:
        """Writes it in place of the version that was read, so that of two replicas one comes first."""
        data = {name: _encoded(getattr(material, part)) for part, name in _FILES.items()}
        if held is None:
            about = {"name": self.secret, "namespace": self.namespace}
            body = {"apiVersion": "v1", "kind": "Secret", "metadata": about, "type": "kubernetes.io/tls"}
            self.api.create(self._collection, {**body, "data": data})
            return
        self.api.replace(f"{self._collection}/{self.secret}", {**held, "data": data})


class Keeper:
    """Looks after the webhook's certificate in one replica.

    Args:
        api: the API server, as the operator.
        source: where the certificate is kept.
        configuration: the name of the webhook's configuration, which is told whom to trust.
        serve: takes a certificate into use, for every connection from then on.
    """

    def __init__(self, api: Api, source: Source, configuration: str, serve: Callable[[Material], None]) -> None:
        self._api = api
        self._source = source
        self._configuration = configuration
        self._serve = serve
        self._served: Material | None = None

    def look(self, now: datetime) -> None:
        """Does what is due, one thing a look; call it before the webhook starts, and every minute from then on.

        What is served first is served whether or not the API server can be told: until it trusts it, it refuses.

        Raises:
            ClusterError: the API server did not answer, or the configuration is not there.
            UsageError: the folder holds no certificate.
        """
        try:
            known = _common(webhooks.trusted_ca(self._api, self._configuration))
        except ClusterError:
            known = ""
        material = self._source.material(now, known)
        if self._served is None:
            self._take(material)
        if material.trusted:
            webhooks.patch_ca(self._api, self._configuration, material.trusted)
        if self._served != material:
            self._take(material)

    def _take(self, material: Material) -> None:
        self._serve(material)
        self._served = material


def _common(bundles: tuple[str, ...]) -> str:
    """What every webhook of the configuration trusts, where all trust the same."""
    return bundles[0] if len(set(bundles)) == 1 else ""


def _unpacked(held: dict[str, Any] | None) -> Material:
    data = (held or {}).get("data") or {}
    return Material(**{part: _decoded(data.get(name, "")) for part, name in _FILES.items()})


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(text: str) -> str:
    """The text; nothing where somebody wrote what is none, so that it is made anew."""
    try:
        return base64.b64decode(text).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
