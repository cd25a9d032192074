"""A house in a faulty world: a control plane with the policies, a proxy in front of it, a kubelet, many lives."""

import contextlib
import signal

from assent.adapters.kube import paths
from assent.api.names import Ident
from cluster import admission, conftest, oracle
from cluster.kubelet import Kubelet
from cluster.lives import Lives, ending
from cluster.operated import Operated
from cluster.proxy import Proxy

ALONE = ("--no-elect", "--resync", "5")
"""Without the Lease, whose term a killed holder leaves to be waited for: safety never rests on it."""


SERVICE = Ident("Microservice", "platform", "create-workspaces")
"""What is asked for, of which many may run at once here: else most of the time one request waits for another."""


class Faulty:
    """Operators behind proxies over one control plane; `judge` asks the oracle about all that happened."""

    def __init__(self, plane, folder, ledger=None):
        self.plane, self.folder = plane, folder
        self.house = Operated(plane, folder, ledger=ledger)
        self.kubelet = Kubelet(plane.admin, ending)
        self.lives = Lives(plane)
        self.proxies = []

    def proxy(self, stack, faults=None):
        """Another way to the API server, until the stack is left."""
        folder = self.folder / f"proxy-{len(self.proxies)}"
        folder.mkdir()
        one = stack.enter_context(Proxy(self.plane, folder, admission.OPERATOR, faults=faults).run())
        self.proxies.append(one)
        return one

    def start(self, proxy, *, environment=None, wait=True):
        return self.house.start(*ALONE, environment=environment, config=proxy.kubeconfig, wait=wait)

    def begin(self, proxy):
        """The ledger has begun, since the first pass is finished: what is asked for from now on is new to it."""
        self.start(proxy).end()
        return self

    def judge(self):
        return oracle.judge(self.house, self.kubelet, self.proxies, self.lives.right)


@contextlib.contextmanager
def faulty(factory, name, ledger=None):
    """One with the demo's world in it; every operator is gone afterwards."""
    with conftest.standing(factory, name) as plane, contextlib.ExitStack() as stack:
        admission.install_policies(plane)
        found = Faulty(plane, factory.mktemp(f"{name}-house"), ledger)
        found.house.declare()
        plane.admin.patch(paths.place(SERVICE), {"spec": {"concurrency": 50}})
        found.stack = stack
        stack.enter_context(found.kubelet.run())
        try:
            yield found
        finally:
            for one in found.house.running:
                one.end(signal.SIGKILL)
