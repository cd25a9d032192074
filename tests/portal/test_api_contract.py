"""What the API reads and says of itself: strict, whole, and the same as the command line."""

import json

import pytest

from assent.__main__ import main
from assent.portal.api.documenting import SENT
from portal.callers import Caller, told
from portal.house import URL, Person

ACME = "/organizations/acme"


class TestReading:
    """What is sent is read strictly, and refused in one form."""

    @pytest.mark.parametrize(
        ("body", "status", "pointer"),
        [
            pytest.param(b"{", 400, None, id="no JSON"),
            pytest.param(b'{"name": "a", "name": "b"}', 400, None, id="a name twice"),
            pytest.param(b'{"parameters": {"count": NaN}}', 400, None, id="no number"),
            pytest.param(b'{"parameters": ' * 5000, 400, None, id="endless"),
            pytest.param(b"\xff\xfe", 400, None, id="no text"),
            pytest.param(b'{"parameters": {"a": ' + b"9" * 5000 + b"}}", 400, None, id="a number of 5000 digits"),
            pytest.param(b'{"parameters": {"count": 9007199254740993}}', 422, "/parameters/count", id="beyond 2^53-1"),
            pytest.param(b'{"parameters": {"count": 1e999}}', 422, "/parameters/count", id="infinite"),
            pytest.param(b'{"reason": "a\\u202eb"}', 422, "/reason", id="a character that turns text round"),
            pytest.param(b'{"reason": "a\\u0000b"}', 422, "/reason", id="a control character"),
            pytest.param(b'{"reason": "a\\ud800b"}', 422, "/reason", id="half a character"),
            pytest.param(b'{"parameters": ' + b"[" * 60 + b"]" * 60 + b"}", 422, None, id="too deep"),
            pytest.param(b'{"microservice": {"name": "a"}, "requester": "x"}', 422, "/requester", id="unknown field"),
            pytest.param(b'{"microservice": "a"}', 422, "/microservice", id="another type"),
            pytest.param(b"[]", 422, "", id="no object"),
            pytest.param(b"", 422, "", id="nothing"),
        ],
    )
    def test_a_body_with_two_meanings_is_refused(self, who, body, status, pointer):
        answer = who("juan").post(f"{ACME}/requests", content=body, headers={"Content-Type": "application/json"})
        found = told(answer, status)

        if pointer is not None:
            assert pointer in [one["pointer"] for one in found["errors"]]

    def test_no_refusal_repeats_a_parameter(self, who):
        """It may be a secret that somebody gave in the wrong place."""
        for parameters in ('{"password": "hunter2\\u202e"}', '"hunter2"', '["hunter2"]'):
            body = f'{{"microservice": {{"name": "create-workspaces"}}, "parameters": {parameters}}}'
            answer = who("juan").post(
                f"{ACME}/requests", content=body.encode(), headers={"Content-Type": "application/json"}
            )

            assert 422 == answer.status_code
            assert "hunter2" not in answer.text

    def test_a_body_is_bounded(self, who):
        answer = who("juan").post(f"{ACME}/requests", json={"name": "x" * 300_000})

        told(answer, 413)

    def test_a_form_is_no_json(self, who):
        told(who("juan").post(f"{ACME}/requests", data={"name": "x"}), 415)

    @pytest.mark.parametrize("path", ["/me", "/organizations", "/requests", "/ledger", f"{ACME}/catalogue"])
    def test_an_unknown_parameter_is_refused(self, who, path):
        found = told(who("juan").get(path, params={"no-such": "1"}), 422)

        assert ["/no-such"] == [one["pointer"] for one in found["errors"]]

    @pytest.mark.parametrize("sent", ["until=x&until=2026-01-01T00:00:00Z", "until=-6330", "until=2026-01-01"])
    def test_a_moment_is_given_once_and_in_full(self, who, sent):
        """Of two values readers take different ones, and a bare number is a moment to some."""
        found = told(who("maria").get(f"/ledger?{sent}"), 422)

        assert ["/until"] == [one["pointer"] for one in found["errors"]]

    def test_a_typing_error_is_told_with_what_was_meant(self, who):
        found = told(who("juan").get("/requests", params={"phase": "Aproved", "limit": "1000"}), 422)

        assert {"/phase": "did you mean Approved?", "/limit": ""} == {
            one["pointer"]: one.get("hint", "") for one in found["errors"]
        }

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"])
    def test_what_cannot_be_done_is_told(self, who, method):
        answer = who("juan").request(method, "/requests")

        assert (405, "GET") == (answer.status_code, answer.headers["allow"])


class TestContract:
    """What the API says of itself."""

    def test_the_page_lists_every_operation_and_schema(self, home, who):
        contract = Caller(home.app).asked("/openapi.json")
        page = Person(home.app).get("/api/v1/").text

        for methods in contract["paths"].values():
            assert all(f'id="{one["operationId"]}"' in page for one in methods.values())
        assert all(f'id="schema-{name}"' in page for name in contract["components"]["schemas"])
        assert f"curl -H &#34;Authorization: Bearer $TOKEN&#34; &#39;{URL}/api/v1/me&#39;" in page
        assert "<script>" not in page
        assert " style=" not in page

    def test_the_examples_are_good(self, who, home):
        """What the page shows can be typed."""
        who("juan").sent(f"{ACME}/requests/preview", SENT["preview"], 200)
        who("juan").sent(f"{ACME}/requests/preview", {**SENT["create"], "name": "like-that"}, 200)

    def test_without_the_slash_one_is_led_to_the_page(self, home):
        assert "/api/v1/" in Person(home.app).get("/api/v1").headers["location"]


class TestAgreement:
    """The API and the command line say the same of the same repository."""

    @pytest.fixture
    def typed(self, home, capsys):
        """`typed("get", …)` is what the command line prints."""

        def run(*arguments):
            where = ["-C", str(home.ground.repository), "--ledger-key", str(home.ground.key), "-o", "json"]
            main([*arguments, *where])
            return json.loads(capsys.readouterr().out)

        return run

    @pytest.mark.parametrize("name", ["vdi", "too-many", "hung"])
    def test_on_a_request(self, who, typed, name):
        nadia = who("nadia@northwind.example")

        assert typed("get", "request", name, "-n", "acme") == nadia.asked(f"{ACME}/requests/{name}")
        assert typed("explain", "request", name, "-n", "acme") == nadia.asked(f"{ACME}/requests/{name}/explanation")

    def test_on_all_requests(self, home, who, typed):
        home.tick()
        found = who("nadia@northwind.example").asked("/requests", organization="acme")["items"]

        assert typed("get", "requests", "-n", "acme")["items"] == sorted(found, key=lambda one: one["metadata"]["name"])

    def test_on_what_somebody_may_do(self, who, typed):
        nadia = who("nadia@northwind.example")
        chain = ("Approve", "Requests", "-n", "acme", "--module", "automate")

        assert typed("can", "maria@acme.example", "--list", "-n", "acme") == who("maria").asked(f"{ACME}/permissions")
        for name in ("maria@acme.example", "juan@acme.example"):
            found = nadia.asked(f"{ACME}/permissions/automate/Requests/Approve", user=name)
            assert typed("can", name, *chain) == found

    def test_on_the_catalogue(self, who, typed):
        offers = {one["name"]: one for one in typed("catalogue", "-n", "acme")["items"]}
        found = who("juan").asked(f"{ACME}/catalogue")["items"]
        one = who("juan").asked(f"{ACME}/catalogue/create-workspaces")

        assert found
        assert all(offers[one["name"]] == one for one in found)
        assert one["fields"]
        assert offers["create-workspaces"] == {name: value for name, value in one.items() if name != "fields"}

    def test_on_the_history(self, who, typed):
        shown = {one["sequence"]: one for one in typed("ledger", "show", "acme/vdi")["items"]}
        found = who("maria").asked("/ledger", subject="acme/vdi")["items"]

        assert found
        for one in (one for one in found if one["subject"] == "acme/vdi"):
            whole, body = shown[one["sequence"]], one["body"]
            # Who may approve is named to those alone who may see them.
            hidden = {"approvers": body["approvers"]} if "approvers" in body else {}
            assert whole | {"body": whole["body"] | hidden} == one
            assert hidden.get("approvers", {}).items() <= whole["body"].get("approvers", {}).items()
