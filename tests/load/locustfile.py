"""What fifty people do at once: they look, they decide, they ask; and scripts do the same by the API.

`--told FILE` names what `load.world.told` wrote: the people, their cookies and tokens, and the requests.
"""

import json
import random
import re
from itertools import count, cycle
from pathlib import Path

from locust import FastHttpUser, between, events, task

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
SEALED = re.compile(r'name="sealed" value="([^"]+)"')
FORM = re.compile(r'<form[^>]*action="[^"]*/decide".*?</form>', re.DOTALL)
FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
NUMBERS = count(1)
CHOSEN = random.Random(1)
STATE = {}


@events.init_command_line_parser.add_listener
def _options(parser):
    parser.add_argument("--told", default="", include_in_web_ui=False)


@events.init.add_listener
def _read(environment, **_):
    STATE.update(json.loads(Path(environment.parsed_options.told).read_text(encoding="utf-8")))
    STATE["turn"] = {name: cycle(STATE[name]) for name in ("requesters", "managers", "engineers")}


class Browser(FastHttpUser):
    """Somebody signed in, who looks at a page every second or two."""

    abstract = True
    wait_time = between(0.5, 1.5)
    role = "requesters"

    def on_start(self):
        self.username = next(STATE["turn"][self.role])
        self.cookie = f"{STATE['cookie']}={STATE['sessions'][self.username]}"

    def page(self, path, name=None):
        return self.client.get(path, name=name or path, headers={"Cookie": self.cookie}, allow_redirects=False)

    def form(self, path, name, fields):
        return self.client.post(path, name=name, data=fields, headers={"Cookie": self.cookie}, allow_redirects=False)

    def any(self):
        return CHOSEN.choice(STATE["requests"])

    @task(3)
    def home(self):
        self.page("/")

    @task(3)
    def mine(self):
        self.page("/requests")

    @task(4)
    def access(self):
        self.page("/access")

    @task(2)
    def ledger(self):
        self.page("/ledger")


class Requester(Browser):
    """Asks at acme."""

    weight = 30

    @task(4)
    def request(self):
        self.page(f"/requests/acme/{self.any()}", "/requests/…")

    @task(3)
    def everything(self):
        self.page(f"/requests?scope=all&page={CHOSEN.randint(1, 20)}", "/requests?scope=all&page=…")

    @task(2)
    def search(self):
        self.page(f"/requests?scope=all&phase=PendingApproval&text=load-{CHOSEN.randint(0, 9)}", "/requests?…search")

    @task(3)
    def catalogue(self):
        self.page("/open/acme")

    @task(2)
    def form_of_an_offer(self):
        self.page("/open/acme/create-workspaces")

    @task(1)
    def ask(self):
        """From the form over the summary to the request."""
        path = "/open/acme/create-workspaces"
        shown = self.page(path).text
        csrf = CSRF.search(shown).group(1)
        names = {part: re.search(rf'name="([^"]*{part})"', shown).group(1) for part in ("template", "count")}
        fields = {"csrf": csrf, "name": f"asked-{next(NUMBERS)}-{CHOSEN.randint(0, 10**9)}"}
        fields |= {names["template"]: "win11-office", names["count"]: "1"}
        summary = self.form(path, f"POST {path}", fields)
        sealed = SEALED.search(summary.text)
        if sealed:
            csrf = CSRF.search(summary.text).group(1)
            self.form(f"{path}/send", f"POST {path}/send", {"csrf": csrf, "sealed": sealed.group(1)})


class Manager(Browser):
    """Decides for acme."""

    weight = 14
    role = "managers"

    @task(5)
    def to_decide(self):
        self.page("/decide")

    @task(4)
    def decide(self):
        """Looks at a request, and approves it."""
        name = self.any()
        shown = self.page(f"/requests/acme/{name}", "/requests/…").text
        form = next((one for one in FORM.findall(shown) if 'value="approve"' in one), None)
        if form:
            fields = dict(FIELD.findall(form)) | {"verb": "approve", "reason": "fine"}
            with self.client.post(
                f"/requests/acme/{name}/decide",
                name="POST /requests/…/decide",
                data=fields,
                headers={"Cookie": self.cookie},
                allow_redirects=False,
                catch_response=True,
            ) as answer:
                if answer.status_code in (303, 409):  # somebody else may have been faster
                    answer.success()


class Engineer(Browser):
    """Decides for the platform, and looks after it."""

    weight = 4
    role = "engineers"

    @task(3)
    def to_decide(self):
        self.page("/decide")

    @task(2)
    def overview(self):
        self.page("/overview")

    @task(2)
    def operations(self):
        self.page("/operations")


class Script(FastHttpUser):
    """A script at the API."""

    wait_time = between(0.5, 1.5)
    weight = 2

    def on_start(self):
        self.headers = {"Authorization": f"Bearer {STATE['tokens'][next(STATE['turn']['requesters'])]}"}

    def ask_for(self, path, name=None):
        self.client.get(f"/api/v1{path}", name=name or f"/api/v1{path}", headers=self.headers)

    @task(3)
    def requests(self):
        self.ask_for("/requests")

    @task(3)
    def request(self):
        name = CHOSEN.choice(STATE["requests"])
        self.ask_for(f"/organizations/acme/requests/{name}", "/api/v1/…/requests/…")

    @task(2)
    def explanation(self):
        name = CHOSEN.choice(STATE["requests"])
        self.ask_for(f"/organizations/acme/requests/{name}/explanation", "/api/v1/…/explanation")

    @task(1)
    def catalogue(self):
        self.ask_for("/organizations/acme/catalogue")

    @task(1)
    def ledger(self):
        self.ask_for("/ledger")
