"""Secrets: read from the operator's folder when a run needs them, and taken out of everything that is kept."""

import base64
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from assent.adapters.runners.folders import file_of
from assent.api.plans import Plan
from assent.api.runs import described
from assent.errors import RunnerError

_LONGEST = 64 * 1024  # bytes of one secret; a key or a certificate has a few thousand
_LINE = 8  # characters from which on a line of a longer secret is hidden on its own
_BEGUN = 4  # bytes of a secret at the end of an output that was broken off, from which on they are hidden


@dataclass(frozen=True, slots=True)
class Secret:
    """A value with the name that stands in its place."""

    name: str
    value: str = field(repr=False)


class Vault:
    """The folder `<root>/<organization>/<name>`; None where this controller has none.

    `trusted` are the owners whose microservices may be given secrets of organizations other than their own.
    """

    def __init__(self, root: Path | None, trusted: Collection[str] = ()) -> None:
        self._root = root
        self._trusted = frozenset(trusted)

    def secret(self, organization: str, name: str) -> Secret:
        """The text of one file, without the line feed at its end.

        Raises:
            RunnerError: there is none, or it is no text; says nothing of what is in it.
        """
        if self._root is None:
            raise RunnerError(
                f"The secret {name!r} is needed, and this controller was given no folder of secrets.",
                "Ask who runs the controller.",
            )
        path = file_of(self._root, organization, name, "secret")
        try:
            with path.open("rb") as file:
                content = file.read(_LONGEST + 1)
            value = content.decode().removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError):
            raise RunnerError(f"The secret {name!r} in {path.parent} cannot be read as text.") from None
        if not value or len(content) > _LONGEST:
            raise RunnerError(f"The secret {name!r} in {path.parent} is empty or longer than {_LONGEST} bytes.")
        return Secret(name, value)

    def parameters(self, plan: Plan) -> dict[str, Secret]:
        """The secret of each parameter that is one, from the requesting organization's folder.

        Raises:
            RunnerError: the microservice is another organization's, whose owner is not trusted with secrets.
        """
        if plan.secrets and plan.owner not in {plan.organization, *self._trusted}:
            # Whoever asks names any secret of their organization, so the service's owner could collect them all.
            raise RunnerError(
                f"The microservices of {plan.owner} may not be given secrets of {plan.organization}.",
                f"Ask who runs the controller to start it with `--allow-secrets {plan.owner}`.",
            )
        return {parameter: self.secret(plan.organization, name) for parameter, name in sorted(plan.secrets.items())}


def run_document(plan: Plan, execution_id: str, target: str | None, secrets: Mapping[str, Secret]) -> bytes:
    """What every runner hands over: who asked for what, as JSON with the secret parameters' values in it."""
    document = described(plan, execution_id, target)
    document["parameters"] |= {name: secret.value for name, secret in secrets.items()}
    # ASCII alone: every string is delivered as it is, whatever the reader takes the bytes for.
    return json.dumps(document, allow_nan=False).encode()


class Hidden:
    """The secrets of one run as they might be written by a program, each to be replaced by `[secret <name>]`.

    Beside the value itself: as JSON, in a URL and in Base64 write it, and each longer line of several.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._labels: dict[bytes, bytes] = {}
        for secret in secrets:
            for form in _forms(secret.value):
                self._labels.setdefault(form, f"[secret {secret.name}]".encode())
        self.longest = max(map(len, self._labels), default=0)

    def text(self, data: bytes, start: int = 0, stop: int | None = None) -> str:
        """`data[start:stop]` as text without secrets; one that reaches over an edge is left out whole."""
        stop = len(data) if stop is None else min(stop, len(data))
        kept, at = [], start
        for begin, end, label in self._spans(data):
            if end <= at:
                continue
            if begin >= stop:
                break
            if begin >= at:
                kept += [data[at:begin], label]
            at = end
        kept.append(data[at:stop])
        return b"".join(kept).decode(errors="replace")

    def _spans(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """Where secrets are, in order; those that overlap are one."""
        found: list[tuple[int, int, bytes]] = []
        for form, label in self._labels.items():
            found += [(begin, end, label) for begin, end in _runs(data, form)]
        merged: list[tuple[int, int, bytes]] = []
        for begin, end, label in sorted(found, key=lambda span: (span[0], -span[1])):
            if merged and begin < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]), merged[-1][2])
            else:
                merged.append((begin, end, label))
        return merged


def _runs(data: bytes, form: bytes) -> Iterator[tuple[int, int]]:
    """Where `form` is, overlapping ones as one, and where it has begun at the very end."""
    at = data.find(form)
    while at >= 0:
        end = at + len(form)
        while (further := data.rfind(form, end - len(form) + 1, end + len(form) - 1)) >= 0:
            end = further + len(form)
        yield at, end
        at = data.find(form, end)
    at = data.find(form[:_BEGUN], max(0, len(data) - len(form) + 1))
    while at >= 0 and len(data) - at >= _BEGUN:
        if form.startswith(data[at:]):
            yield at, len(data)
            return
        at = data.find(form[:_BEGUN], at + 1)


def _forms(value: str) -> list[bytes]:
    lines = [line for line in value.splitlines() if len(line) >= _LINE]
    escaped = [json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]]
    raw = value.encode()
    coded = [
        quote(value, safe=""),
        quote(value),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
    ]
    return [form.encode() for form in [value, *escaped, *coded, *lines]]
