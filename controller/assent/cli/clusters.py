"""The cluster that a command means, seen and changed with the person's own credentials.

`kubernetes` is imported only once a cluster is meant: for everybody else it need not even be installed.
"""

import shlex
import sys
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from typer._click.globals import get_current_context  # Typer carries its own click, and exports this nowhere

from assent.cli import output
from assent.errors import CONFLICT, NOT_FOUND, AssentError, ClusterError, NotFoundError, UsageError

if TYPE_CHECKING:
    from assent.adapters.kube.api import Api
    from assent.api.names import Ident, Ref

Raw = Mapping[str, Any]
Answer = TypeVar("Answer")

PLUGIN = "kubectl-assent"
IN_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
"""What every pod has whose service account may speak to the API server."""

PATIENCE = 5.0
"""Seconds that a command waits for the operator's answer before it says where to look for it."""

PAUSE = 0.2
"""Seconds between two looks."""

FORBIDDEN = 403
REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
HINTS = {
    0: "whether it took effect is not known: look before you do it again",
    401: "your login has run out, or is not known there: `kubectl auth whoami`",
    NOT_FOUND: "is Assent installed in this cluster, and is it the one you mean? `kubectl config current-context`",
}
"""What to do next, by the status of the refusal; 0: no answer came."""

RIGHTS = "rights in the cluster follow the roles of Assent: `kubectl auth can-i --list -n ORG` shows yours"


def meant(file: str, context: str, kubeconfig: Path | None, *, in_pods: bool = True) -> "Cluster | None":
    """The cluster that the call means; None where it means a repository.

    By its options; without them as a plugin of kubectl, or in a pod, unless `-C`, `--ledger` or a path says otherwise.
    `in_pods` is False where the pod says nothing: what CI checks in one are the files that it has.
    """
    elsewhere = bool(file) or _given("places") or _given("paths")
    if context or kubeconfig:
        if elsewhere:
            raise UsageError(
                "--context and --kubeconfig mean a cluster, a path, -C or --ledger something else", "leave one out"
            )
        return Cluster.connect(context, kubeconfig)
    surrounded = _as_plugin() or (in_pods and IN_POD.is_file())
    return Cluster.connect("", None) if surrounded and not elsewhere else None


def _given(parameter: str) -> bool:
    """Whether the person wrote this option, whatever its value."""
    called = get_current_context(silent=True)
    source = called.get_parameter_source(parameter) if called else None
    return source is not None and source.name == "COMMANDLINE"


def _as_plugin() -> bool:
    called = get_current_context(silent=True)
    return called is not None and called.find_root().info_name == PLUGIN


@dataclass(frozen=True)
class Held:
    """Documents as the cluster holds them, and what could not be read, as `users of acme` or `users`."""

    values: tuple[dict[str, Any], ...]
    unread: tuple[str, ...] = ()


class Cluster:
    """The API server, as the person whose credentials the kubeconfig has."""

    def __init__(self, api: "Api", program: str = "assent", options: str = "") -> None:
        self.api = api
        self._program, self._options = program, options

    def command(self, text: str) -> str:
        """How somebody calls a command that means this very cluster, to be shown to them."""
        return f"`{self._program} {text}{self._options}`"

    @classmethod
    def connect(cls, context: str, kubeconfig: Path | None) -> "Cluster":
        """The server that context and file name; UsageError where there is none of that name."""
        try:
            from assent.adapters.kube.api import Api  # noqa: PLC0415 -- brings the client: a third of a second
        except ModuleNotFoundError as missing:
            library = str(missing.name).partition(".")[0]
            raise AssentError(
                f"a cluster is reached with the package {library!r}, which is not installed",
                "in the folder of its sources: pip install '.[cluster]'",
            ) from None
        if kubeconfig and not kubeconfig.is_file():
            raise UsageError(
                f"no cluster can be reached: there is no file {kubeconfig}",
                "name one by --kubeconfig FILE or --context NAME",
            )
        given = (("context", context), ("kubeconfig", str(kubeconfig or "")))
        options = "".join(f" --{name} {shlex.quote(value)}" for name, value in given if value)
        return cls(Api.connect(kubeconfig, context), "kubectl assent" if _as_plugin() else "assent", options)

    def me(self) -> str:
        """The name by which the server knows the person; what admission compares with theirs."""
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        found = asked("ask who you are", lambda: self.api.create(REVIEW, review))
        return str(found["status"]["userInfo"]["username"])

    def get(self, ident: "Ident") -> Raw:
        """One object of ours; NotFoundError, with the nearest names, where there is none."""
        from assent.adapters.kube import paths  # noqa: PLC0415 -- needed with a cluster alone

        try:
            return self.api.get(paths.place(ident))
        except ClusterError as refused:
            if refused.status == NOT_FOUND:
                where = f" -n {ident.namespace}" if ident.namespace else ""
                sentence = output.unknown(_small(ident.kind), ident.name, self._names(ident))
                raise NotFoundError(sentence, self.command(f"get {paths.PLURALS[ident.kind]}{where}")) from None
            raise explained(f"read the {_small(ident.kind)} {ident.name}", refused) from refused

    def _names(self, ident: "Ident") -> list[str]:
        try:
            return [one["metadata"]["name"] for one in self.items(ident.kind, ident.namespace)]
        except AssentError:
            return []

    def items(self, kind: str, namespace: str = "") -> list[Raw]:
        """All objects of a kind, everywhere or in one organization, in the order of their names."""
        from assent.adapters.kube import paths  # noqa: PLC0415 -- needed with a cluster alone

        where = f"in {namespace}" if namespace else "in all organizations"
        answer = asked(
            f"list the {paths.PLURALS[kind]} {where}", lambda: self.api.get(paths.collection(kind, namespace))
        )
        about = {"apiVersion": answer["apiVersion"], "kind": kind}
        items = [{**about, **item} for item in answer.get("items", [])]
        return sorted(items, key=lambda one: (one["metadata"].get("namespace", ""), one["metadata"]["name"]))

    def held(self, kinds: Collection[str], namespaces: Collection[str] = ()) -> Held:
        """All documents of these kinds; where somebody may not list them everywhere, those of these organizations."""
        from assent.adapters.kube import objects, paths  # noqa: PLC0415 -- needed with a cluster alone
        from assent.api.names import CLUSTER_KINDS  # noqa: PLC0415 -- the same

        found: list[Raw] = []
        unread: list[str] = []
        for kind in kinds:
            some = self._allowed(kind)
            inside = some is None and namespaces and kind not in CLUSTER_KINDS
            each = {one: self._allowed(kind, one) for one in sorted(namespaces)} if inside else {"": some}
            unread += [
                f"{paths.PLURALS[kind]} of {one}".removesuffix(" of ") for one, items in each.items() if items is None
            ]
            found += [item for items in each.values() for item in items or ()]
        return Held(tuple(objects.plain(one) for one in found), tuple(unread))

    def _allowed(self, kind: str, namespace: str = "") -> list[Raw] | None:
        """The objects of a kind; None where the person may not list them."""
        try:
            return self.items(kind, namespace)
        except ClusterError as refused:
            if refused.status != FORBIDDEN:
                raise
            return None

    def until(self, ref: "Ref", enough: Callable[[Raw], bool], what: str) -> Raw:
        """The request once it is so, or as it is when patience ends; with a sign of life on a terminal."""
        from assent.api.names import Ident  # noqa: PLC0415 -- needed with a cluster alone

        end = time.monotonic() + PATIENCE
        with _alive(what):
            while not enough(raw := self.get(Ident("Request", *ref))) and time.monotonic() < end:
                time.sleep(PAUSE)
        return raw


def asked(what: str, call: Callable[[], Answer]) -> Answer:
    """What the server answers; its refusal in a sentence that says what was wanted, and what to do next."""
    try:
        return call()
    except ClusterError as refused:
        raise explained(what, refused) from refused


def explained(what: str, refused: ClusterError) -> ClusterError:
    """The server's refusal for people; status and reason stay."""
    said = refused.message.partition(": ")[2] or refused.message
    if "ValidatingAdmissionPolicy" in said and " denied request: " in said:
        said = said.rpartition(" denied request: ")[2]
    message, hint = f"you could not {what}: {said}", HINTS.get(refused.status, refused.hint)
    if refused.status == FORBIDDEN and "ValidatingAdmissionPolicy" not in refused.message:
        message, hint = f"you may not {what}: {said}", RIGHTS
    if said.startswith("namespaces "):
        hint = "an organization's namespace has its name; the operator makes it"
    if refused.status == CONFLICT and refused.reason == "Conflict":
        message, hint = f"you could not {what}: it changed while you looked at it", "nothing was written; look again"
    return ClusterError(message, hint, status=refused.status, reason=refused.reason)


def _small(kind: str) -> str:
    return kind[:1].lower() + kind[1:]


def _alive(what: str) -> Any:  # noqa: ANN401 -- a context manager of rich's, or none
    if output.quiet() or not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415 -- loaded when it is asked for

    return Console(stderr=True).status(what)
