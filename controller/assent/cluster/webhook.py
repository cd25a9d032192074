"""The ceiling at the API server's door: every write of configuration is judged before it is stored.

It only answers, and remembers nothing, so a call that somebody else makes up gains nothing; for a dry run nothing at
all is written, and else no more than a mark, which says nothing (`adapters.kube.marks`).
While the world is not known it refuses; kopf's server carries the calls, the chart says which writes come here.
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import aiohttp.web
import kopf

from assent.adapters.kube.certificates import Material
from assent.adapters.kube.objects import plain
from assent.adapters.kube.paths import PLURALS
from assent.api.names import CONFIGURATION, Ident
from assent.core.admissions import Ground, Verdict, Version, Write, admit
from assent.errors import UNPROCESSABLE, AssentError

HANDLER = "ceiling"
"""The handler's id for all kinds, and the last part of the path that the chart names: `/ceiling`."""

FORBIDDEN, UNAVAILABLE = 403, 503
NEVER = 10.0**9
"""Seconds until kopf would look for new certificate files: they are taken into use in another way (`serve`)."""


class Desk(Protocol):
    """Where the operator keeps what a write is judged on."""

    def ground(self, author: str, written: Ident | None, *, dry: bool = False) -> Ground | None:
        """All of it; None while it is not known whole, so that no write is let in unseen. No account writes unjudged.

        What gives the author's name its rights is of this moment; the rest may be as old as a watch. `dry`: nothing
        may be written to know it.
        """

    def trusting(self, ground: Ground) -> Ground:
        """The same, with the accounts that write unjudged as they are at this moment; they only let more in."""


def register(registry: kopf.OperatorRegistry, desk: Desk) -> None:
    """Has all seven kinds of configuration judged; the admission server is the operator's to set (`Server`)."""

    def ceiling(**review: Any) -> None:  # noqa: ANN401 -- kopf's own types
        _judge(_asked(review["old"], review["new"], review["userinfo"]), desk, dry=bool(review["dryrun"]))

    for kind in CONFIGURATION:
        kopf.on.validate(
            "assent.dev",
            "v1alpha1",
            PLURALS[kind],
            id=HANDLER,
            operations=["CREATE", "UPDATE", "DELETE"],
            registry=registry,
        )(ceiling)


def _judge(write: Write, desk: Desk, *, dry: bool) -> None:
    """Raises kopf's AdmissionError, which the API server shows to whoever wrote, unless the write may be made."""
    try:
        verdict = _verdict(write, desk, dry=dry)
    except AssentError as error:
        raise kopf.AdmissionError(f"what is in force cannot be read: {error}; try again", UNAVAILABLE) from error
    if verdict is None:
        message = (
            "what is in force is not known yet; try again in a moment (the operator's /readyz says what is missing)"
        )
        raise kopf.AdmissionError(message, UNAVAILABLE)
    if not verdict.allowed:
        raise kopf.AdmissionError(verdict.message, UNPROCESSABLE if verdict.invalid else FORBIDDEN)


def _verdict(write: Write, desk: Desk, *, dry: bool) -> Verdict | None:
    """None while what is in force is not known; the accounts are read only where the write hangs on them."""
    ground = desk.ground(write.username, write.ident, dry=dry)
    if ground is None:
        return None
    verdict = admit(write, ground)
    return verdict if verdict.allowed else admit(write, desk.trusting(ground))


def _asked(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, userinfo: Mapping[str, Any]) -> Write:
    groups = frozenset(str(group) for group in userinfo.get("groups") or ())
    return Write(_version(old), _version(new), str(userinfo.get("username") or ""), groups)


def _version(held: Mapping[str, Any] | None) -> Version | None:
    if held is None:
        return None
    metadata = held.get("metadata") or {}
    owners, finalizers = (tuple(metadata.get(name) or ()) for name in ("ownerReferences", "finalizers"))
    return Version(plain(held), metadata.get("annotations") or {}, owners, finalizers)


class Server(kopf.WebhookServer):
    """kopf's admission server, without a way round the judgement, and with certificates renewed as it runs.

    Args:
        folder: where the certificate and key lie while it runs; nobody else may read it.
        addr: the address to listen on; None: all of them.
        port: the port to listen on.
    """

    def __init__(self, folder: Path, *, addr: str | None = None, port: int = 9443) -> None:
        self._pem = folder / "serving.pem"
        self._current = context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.sni_callback = self._choose
        super().__init__(
            addr=addr,
            port=port,
            context=context,
            certfile=self._pem,
            pkeyfile=self._pem,
            file_check_interval=NEVER,
        )

    def serve(self, material: Material) -> None:
        """Takes the certificate into use for every connection from now on; those that stand go on.

        Call it once before the server starts; it may be called from any thread.
        """
        self._pem.touch(mode=0o600)
        self._pem.write_text(material.certificate + material.key)
        fresh = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        fresh.load_cert_chain(self._pem)
        self._current = fresh

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """The newest certificate, for each connection as it begins; a server restarted for it would miss calls."""
        connection.context = self._current

    async def __call__(self, fn: kopf.WebhookFn) -> AsyncIterator[kopf.WebhookClientConfig]:
        """Serves kopf's own function, under whatever path it is called.

        Left to itself, kopf lets everything pass that comes under a path which names none of its handlers.
        """

        async def judged(request: Any, **given: Any) -> Any:  # noqa: ANN401 -- kopf's own types
            return await fn(_sound(request), **{**given, "webhook": None})

        async for config in super().__call__(judged):
            yield config


def _sound(review: object) -> Any:  # noqa: ANN401 -- kopf's own type
    """The review, where it has the shape of one, without the uids by which kopf would remember each object.

    Raises:
        HTTPBadRequest: it has not: somebody other than the API server calls.
    """
    request = review.get("request") if isinstance(review, dict) else None
    if not isinstance(review, dict) or not isinstance(request, dict):
        raise aiohttp.web.HTTPBadRequest(text="an AdmissionReview of admission.k8s.io/v1 is judged here")
    objects = {name: request.get(name) for name in ("object", "oldObject")}
    about = [request.get("resource"), request.get("userInfo"), *(one for one in objects.values() if one is not None)]
    if not all(isinstance(one, dict) for one in about) or not {"group", "version", "resource"} <= set(about[0]):
        raise aiohttp.web.HTTPBadRequest(text="the AdmissionReview lacks its resource, userInfo or objects")
    return {**review, "request": {**request, **{name: _forgettable(one) for name, one in objects.items()}}}


def _forgettable(held: dict[str, Any] | None) -> dict[str, Any] | None:
    metadata = held.get("metadata") if held else None
    if held is None or not isinstance(metadata, dict):
        return held
    return {**held, "metadata": {name: value for name, value in metadata.items() if name != "uid"}}
