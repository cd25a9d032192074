"""The end of what a Job's program wrote: of its log where that can be had, else of its last message."""

from assent.adapters.kube.api import Api, Json
from assent.adapters.kube.ends import terminated_of
from assent.adapters.kube.manifests import CONTAINER
from assent.errors import ClusterError

OUTPUT_LIMIT = 64 * 1024

_LINES = (1000, 100, 10, 1)
"""How many lines are asked for: fewer, until they fit. A node cuts what is too long at its end, not its beginning."""


def tail(api: Api, pod: Json, limit: int) -> str:
    """The last bytes, at most `limit`, and a line before them that says what is left out.

    A log is no proof of anything and may be gone with its node: that it cannot be had is said, and is no fault. Of a
    pod without a node the API server answers with an empty one.
    """
    ended = terminated_of([pod])
    if not ended:
        return ""
    about = pod["metadata"]
    note = ""
    try:
        if text := _lines(api, f"/api/v1/namespaces/{about['namespace']}/pods/{about['name']}/log", limit):
            return text
    except ClusterError:
        note = "[its log could not be had]\n"
    return note + str(ended.get("message") or "").encode()[-limit:].decode(errors="replace")


def _lines(api: Api, path: str, limit: int) -> str:
    for lines in _LINES:
        data = api.text(path, container=CONTAINER, tailLines=lines, limitBytes=limit + 1)
        if len(data) <= limit:
            first = f"[the last {lines} lines]\n" if data.count(b"\n") >= lines else ""
            return first + data.decode(errors="replace")
    return f"[the first {limit} bytes of its last line]\n" + data[:limit].decode(errors="replace")
