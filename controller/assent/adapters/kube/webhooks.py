"""The one field that the operator writes of a webhook's configuration: whose certificates the API server trusts."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from assent.adapters.kube.api import JSON_PATCH, Api

VALIDATING = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


def trusted_ca(api: Api, name: str) -> tuple[str, ...]:
    """The certificates, as PEM, that the API server trusts for each webhook of the configuration.

    Raises:
        ClusterError: there is no configuration of this name, or no answer.
    """
    return tuple(_bundle(hook) for hook in api.get(f"{VALIDATING}/{name}").get("webhooks", ()))


def patch_ca(api: Api, name: str, bundle: str) -> bool:
    """Has the API server trust these certificates (PEM) for every webhook of the configuration; False: it did already.

    Everything else in it is left as the chart wrote it; a webhook that has moved in the list in the meantime is not
    mistaken for another, since its name is tested by the same patch.

    Raises:
        ClusterError: there is no configuration of this name, it changed in between, or no answer.
    """
    hooks = api.get(f"{VALIDATING}/{name}").get("webhooks", ())
    patch = [
        step
        for position, hook in enumerate(hooks)
        if _bundle(hook) != bundle
        for step in (
            {"op": "test", "path": f"/webhooks/{position}/name", "value": hook["name"]},
            {"op": "add", "path": f"/webhooks/{position}/clientConfig/caBundle", "value": _encoded(bundle)},
        )
    ]
    if patch:
        api.patch(f"{VALIDATING}/{name}", patch, JSON_PATCH)
    return bool(patch)


def _encoded(bundle: str) -> str:
    return base64.b64encode(bundle.encode()).decode()


def _bundle(hook: Mapping[str, Any]) -> str:
    """The webhook's bundle as text; what is no text counts as none, so that it is written anew."""
    try:
        return base64.b64decode(hook["clientConfig"].get("caBundle", "")).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
