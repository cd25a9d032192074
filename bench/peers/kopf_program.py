"""kopf in its best form: a real operator that does next to nothing, without anything that it could do without.

usage: kopf_program.py KUBECONFIG WORK GIVEN; `WORK` is `watching`, `showing` or `admitting`, `GIVEN` its arguments.
Says a line of JSON once it is ready, or has seen as much as it was told to; then answers what it is asked.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import kopf
import yaml

GROUP, VERSION = "assent.dev", "v1alpha1"


def tell(what: Any) -> None:  # noqa: ANN401 -- JSON
    """One line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def watching(registry: kopf.OperatorRegistry, plurals: list[str], seen: int, *, remember: bool) -> None:
    """An `on.event` that does nothing but count, so that it can be told when it has seen so many.

    With `remember`, which is for comparing answers and not for timing, it keeps the last version of each object.
    """
    count, wanted, versions = 0, seen, {}

    async def counted(**_: Any) -> None:  # noqa: ANN401 -- kopf's own
        nonlocal count, wanted
        count += 1
        if count == wanted:
            tell(count)

    async def remembered(body: kopf.Body, resource: kopf.Resource, **given: Any) -> None:  # noqa: ANN401 -- kopf's own
        about = body["metadata"]
        key = f"{resource.plural}/{about.get('namespace', '')}/{about['name']}"
        versions[key] = about["resourceVersion"]
        if given["type"] == "DELETED":
            del versions[key]
        await counted(**given)

    for plural in plurals:
        kopf.on.event(GROUP, VERSION, plural, registry=registry)(remembered if remember else counted)

    async def answer(more: int) -> None:
        """Tells when so many more have been seen; 0: what it remembers."""
        nonlocal wanted
        if more:
            wanted = count + more
            tell("counting")
        else:
            tell(versions)

    answers.append(answer)


def showing(registry: kopf.OperatorRegistry, group: str, plural: str) -> None:
    """An `on.event` that only writes a status, where an object has an annotation."""

    async def shown(annotations: kopf.Annotations, patch: kopf.Patch, status: kopf.Status, **_: Any) -> None:  # noqa: ANN401 -- kopf's own
        if annotations and not status:
            patch.status["phase"] = "Approved"

    kopf.on.event(group, VERSION, plural, registry=registry)(shown)


def admitting(registry: kopf.OperatorRegistry, plurals: list[str]) -> None:
    """An `on.validate` that does nothing."""

    async def admitted(**_: Any) -> None:  # noqa: ANN401 -- kopf's own
        """All of it may be."""

    for plural in plurals:
        kopf.on.validate(GROUP, VERSION, plural, id="nothing", registry=registry)(admitted)


def tuned(server: kopf.WebhookServer | None) -> kopf.OperatorSettings:
    """No Events, no peers, no scanning for kinds, no limits; a watch that also streams what there is already."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.queueing.idle_timeout = 1.0
    settings.admission.server = server
    settings.admission.managed = None
    return settings


def logged_in(config: str) -> kopf.ConnectionInfo:
    """The account of a kubeconfig."""
    found = yaml.safe_load(Path(config).read_text())
    cluster, user = found["clusters"][0]["cluster"], found["users"][0]["user"]
    return kopf.ConnectionInfo(
        server=cluster["server"],
        ca_path=cluster["certificate-authority"],
        certificate_data=user.get("client-certificate-data"),
        private_key_data=user.get("client-key-data"),
    )


answers: list[Any] = []
"""Who answers what is asked."""


async def asked() -> None:
    """Answers each line of the standard input."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        for one in answers:
            await one(*json.loads(line))


async def main(config: str, work: str, given: dict[str, Any]) -> None:
    """Runs until it is told to end."""
    registry, server = kopf.OperatorRegistry(), None
    kopf.on.login(registry=registry)(lambda **_: logged_in(config))
    if work == "admitting":
        server = kopf.WebhookServer(addr="127.0.0.1", **given.pop("serving"))
    {"watching": watching, "showing": showing, "admitting": admitting}[work](registry, **given)
    listening = asyncio.create_task(asked())
    await kopf.operator(registry=registry, settings=tuned(server), standalone=True, clusterwide=True)
    listening.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
