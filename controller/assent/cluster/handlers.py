"""kopf's part: it watches Requests and says which one to look at; what it remembers decides nothing."""

import logging
from collections.abc import Callable

import kopf
from structlog.typing import FilteringBoundLogger

from assent.adapters import logs
from assent.adapters.kube.api import Login
from assent.api.names import Ref


def register(registry: kopf.OperatorRegistry, login: Callable[[], Login], touch: Callable[[Ref], None]) -> None:
    """Has every event on a Request tell which one it was; this kind of handler puts no finalizer on the object.

    kopf speaks to the API server as the same account as everything else, and asks anew where it is refused.
    """

    def proven(**_: object) -> kopf.ConnectionInfo:
        one = login()
        return kopf.ConnectionInfo(
            server=one.server,
            ca_path=one.authority,
            certificate_path=one.certificate,
            private_key_path=one.key,
            token=one.token,
        )

    async def seen(name: str, namespace: str | None, **_: object) -> None:
        if namespace:
            touch(Ref(namespace, name))

    kopf.on.login(registry=registry)(proven)
    kopf.on.event("assent.dev", "v1alpha1", "requests", registry=registry)(seen)


def quieten(log: FilteringBoundLogger) -> None:
    """Has what kopf and the libraries below it say go to this log alone, from warnings on.

    A refusal at admission is the writer's business and no line.
    """
    logs.gather(log, but=("kopf.objects",))
    # kopf is no process of its own here, and says at each start that it leaves signals alone.
    logging.getLogger("kopf._core.reactor.running").setLevel(logging.ERROR)
