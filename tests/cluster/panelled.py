"""An operator over PostgreSQL and panels beside it, each as the chart's own account and with the chart's rights alone.

with standing(config, factory, "panel") as world:
    with world.panel() as site:
        juan = site.signed_in("juan")
        shown = site.summary(juan, "vdi")
        site.send(juan, shown)
"""

import contextlib
import html
import re
import secrets

import postgres
from assent.adapters.kube import paths
from assent.adapters.kube.anchors import ConfigMapAnchor
from assent.adapters.kube.api import APPLY, Api
from assent.adapters.ledger import Ledger
from assent.api.ledger import NewRecord
from assent.api.names import Ident, Ref
from assent.api.requests import RequestSpec
from assent.core.deeds import Deed
from assent.errors import ClusterError, NotFoundError
from assent.portal.app import make
from assent.portal.at_cluster import Where, opened
from assent.portal.deeds import tell
from assent.portal.panel import Panel
from assent.portal.settings import Settings
from chart_files import rendered
from cluster import admission, installed, oracle
from cluster.kubelet import Kubelet
from cluster.operated import Operated
from cluster.proxy import Proxy
from portal.house import CSRF, UNLIMITED, URL, Home
from test_chart_portal import LEAST

JUAN, MARIA, INGRID = "juan@acme.example", "maria@acme.example", "ingrid@platform.example"
SECRET = b"0123456789abcdef" * 2
SEALED = re.compile(r'name="sealed" value="([^"]+)"')
OFFER = "create-workspaces"
TYPED = {"p.template": "win11-office", "p.count": "3", "reason": "New hires"}
SPEC = RequestSpec(
    microservice={"name": OFFER},
    parameters={"template": "win11-office", "count": 3},
    reason="New hires",
    requester=JUAN,
).plain()
RIGHTS = {
    "ServiceAccount": "/api/v1/namespaces/assent-system/serviceaccounts",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/assent-system/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/assent-system/rolebindings",
}
EVERYBODY = f"{RIGHTS['ClusterRoleBinding']}/tests-everybody"
UNELECTED = ("--no-elect", "--resync", "5")


class Site:
    """One panel, and whoever opens it in a browser."""

    def __init__(self, door):
        self.door = door
        self.panel = Panel(door, Settings(public_url=URL, demo_login=True, rates=UNLIMITED), SECRET)
        self.app = make(self.panel)

    signed_in = Home.signed_in

    def again(self, person):
        """The same browser, with its cookies, before this panel."""
        mine = self.signed_in("juan")
        mine.cookies = person.cookies
        return mine

    def post(self, person, path, **fields):
        token = CSRF.search(person.get("/access").text).group(1)
        return person.post(path, data={"csrf": token, **fields})

    def summary(self, person, name):
        """What the form leads to: the summary as it is sealed."""
        shown = self.post(person, f"/open/acme/{OFFER}", **TYPED, name=name)
        assert 200 == shown.status_code, said(shown)
        return sealed(shown)

    def send(self, person, summary):
        return self.post(person, f"/open/acme/{OFFER}/send", sealed=summary)

    def ask(self, name, spec=SPEC):
        """Writes down that somebody asked for it, and no more."""
        record = NewRecord("asked", f"acme/{name}", {"spec": spec, "username": spec["requester"]}, once=True)
        self.panel.write(record)

    def tell(self, username, ref, verb="approve", reason="fine"):
        """What the panel does with a decision: why it came to nothing, if it did."""
        seen = self.panel.seen()
        digest = seen.decision(Ref.parse(ref)).digest
        return tell(self.panel, seen, Deed(Ref.parse(ref), verb, username, secrets.token_hex(16), digest, reason))

    def decision(self, ref):
        """What it has come to; None where no controller has seen it yet."""
        with contextlib.suppress(NotFoundError):
            return self.panel.seen().decision(Ref.parse(ref))
        return None

    def recorded(self, kind, subject):
        return [one for one in self.door.records(kinds={kind}) if one.subject == subject]


class World:
    """The demo's world in a cluster that writes down what it was asked; the chart gives all rights that there are."""

    def __init__(self, plane, folder, ledger, stack):
        self.plane, self.folder, self._stack = plane, folder, stack
        self.house = Operated(plane, folder, ledger=ledger)
        self.kubelet = Kubelet(plane.admin)

    def begin(self):
        for one in rendered(*LEAST):
            if one["kind"] in RIGHTS:
                path = f"{RIGHTS[one['kind']]}/{one['metadata']['name']}"
                self.plane.admin.patch(path, one, APPLY, fieldManager="tests", force="true")
        self.house.declare()
        self.plane.admin.delete(EVERYBODY)
        self.accounts = {name: installed.account(self.plane, f"assent-{name}") for name in ("operator", "portal")}
        self.api = Api.connect(self.accounts["portal"])
        self.plane.until(lambda: not self._all_powerful(), "everybody may still do everything")
        self.operator()
        self._stack.enter_context(self.kubelet.run())
        for who in (JUAN, INGRID):
            self.plane.until(lambda who=who: self.may(who, "patch"), f"{who} gets no rights: {self.house.said()}")
        return self

    def _all_powerful(self):
        with contextlib.suppress(ClusterError):
            return bool(self.plane.api("nobody@acme.example").get("/api/v1/namespaces/acme/secrets"))
        return False

    def may(self, who, verb):
        asked = self.plane.kubectl(who, "auth", "can-i", verb, "requests.assent.dev", "-n", "acme")
        return asked.stdout.strip() == "yes"

    def operator(self):
        """One more operator; it acts, whoever else does."""
        return self.house.start(*UNELECTED, config=self.accounts["operator"])

    @contextlib.contextmanager
    def panel(self, config=None):
        """A panel, until the block is left; by the account's own token, or by a way that errs."""
        where = Where("", config or self.accounts["portal"], "assent-system", self.house.ledger, self.key)
        with opened(where) as door:
            yield Site(door)

    @property
    def key(self):
        return self.folder / "ledger.key"

    @contextlib.contextmanager
    def way(self, name):
        """A proxy before the API server, for a panel."""
        folder = self.folder / name
        folder.mkdir()
        with Proxy(self.plane, folder, admission.PANEL).run() as proxy:
            yield proxy

    def held(self, name):
        """The Request as the API server has it; None where there is none."""
        return self.plane.admin.find(paths.place(Ident("Request", "acme", name)))

    def create(self, name, **spec):
        """The panel's account creates a Request, whatever the ledger says."""
        body = admission.request(name, "acme")
        return self.api.create(paths.collection("Request", "acme"), {**body, "spec": {**SPEC, **spec}})

    def verified(self):
        """The ledger, proven against its anchor; the number of its records."""
        anchor = ConfigMapAnchor(self.plane.admin, "assent-system")
        with Ledger.open(self.house.ledger, key_file=self.key, anchor=anchor, read_only=True) as ledger:
            return ledger.verify().length

    def judge(self):
        """What the oracle finds in all that happened."""
        return oracle.judge(self.house, self.kubelet)


def sealed(answer):
    return html.unescape(SEALED.search(answer.text).group(1))


def said(answer):
    """The text that a reader sees."""
    page = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


@contextlib.contextmanager
def standing(config, factory, name):
    """One with an operator that is ready; all of it is gone afterwards."""
    with contextlib.ExitStack() as stack:
        plane = stack.enter_context(installed.standing(factory, name))
        admission.install_policies(plane)
        ledger = stack.enter_context(postgres.database(config))
        world = World(plane, factory.mktemp(f"{name}-house"), ledger, stack)
        stack.callback(world.house.stop)
        yield world.begin()
