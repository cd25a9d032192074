"""The JSON API, as a script uses it: what there is, asking for something, deciding, and the history."""

from itertools import count

import pytest

from assent.api.names import Ref
from assent.portal.duties import duties
from portal.callers import told

ACME = "/organizations/acme"
VDI = {"microservice": {"name": "create-workspaces"}, "parameters": {"template": "win11-office", "count": 2}}
NAMES = (f"api-{number}" for number in count(1))


def opened(home, who, name="juan", **more):
    """A request that has been seen: its path and its digest."""
    path = f"{ACME}/requests/{next(NAMES)}"
    who(name).sent(f"{ACME}/requests", {**VDI, **more, "name": path.rpartition("/")[2]})
    home.tick()
    return path, who(name).asked(path)["status"]["digest"]


def decided(script, path, verb, *, status=202, key="", **more):
    """What a decision is answered with."""
    headers = {"Idempotency_Key": key} if key else {}
    return script.sent(f"{path}/decisions", {"verb": verb, **more}, status, **headers)


class TestLooking:
    """What there is to see."""

    def test_who_the_token_speaks_for(self, who):
        assert who("juan").asked("/me") == {
            "username": "juan@acme.example",
            "person": "acme/juan",
            "displayName": "Juan Vidal",
            "type": "Human",
            "organizations": ["acme"],
        }
        assert who("ghost@nowhere.example").asked("/me") == {"username": "ghost@nowhere.example", "person": None}

    def test_the_organizations_that_one_reaches(self, who):
        found = {one["name"]: one for one in who("nadia@northwind.example").asked("/organizations")["items"]}

        assert [*found] == sorted(["acme", "acme-labs", "acme-shops", "globex", "northwind"])
        assert found["acme-labs"] == {
            "name": "acme-labs",
            "displayName": found["acme-labs"]["displayName"],
            "mayAsk": True,
            "type": "SubOrganization",
            "parent": "acme",
            "state": "Ready",
        }

    def test_an_offer_has_all_that_a_form_needs(self, who):
        fields = who("juan").asked(f"{ACME}/catalogue/create-workspaces")["fields"]
        template = next(one for one in fields if one["path"] == ["template"])

        assert ("choice", True) == (template["kind"], template["required"])
        assert "win11-office" in [one["value"] for one in template["choices"]]

    def test_the_catalogue_is_searched_by_words(self, who):
        found = who("juan").asked(f"{ACME}/catalogue", q="wifi")["items"]

        assert ["get-wifi-information"] == [one["name"] for one in found]

    def test_long_lists_go_on_behind_a_cursor(self, who):
        nadia, every = who("nadia@northwind.example"), []
        answer = {"next": None, "items": nadia.asked("/requests")["items"]}
        wanted = [one["metadata"]["name"] for one in answer["items"]]
        query = {}
        while True:
            answer = nadia.asked("/requests", limit=2, **query)
            every += [one["metadata"]["name"] for one in answer["items"]]
            if answer["next"] is None:
                break
            query = {"cursor": answer["next"]}

        assert every == wanted

    def test_requests_are_found_by_what_one_looks_for(self, who):
        def names(name, **filters):
            return [one["metadata"]["name"] for one in who(name).asked("/requests", **filters)["items"]]

        assert "too-many" in names("juan", phase="Rejected")
        assert ["hung"] == names("juan", microservice="close-user-session")
        assert "vdi" in names("maria", waitsForMe="true")
        assert "too-many" not in names("maria", waitsForMe="true")
        assert [] == names("juan", waitsForMe="true")
        assert ["lab-wifi"] == names("maria", requester="lena@labs.acme.example")

    def test_what_one_has_told_waits_for_one_no_more(self, home, who):
        """As on the page of what there is to decide, before any pass has judged it."""
        path, digest = opened(home, who)
        name = path.rpartition("/")[2]

        def waiting():
            listed = [one["metadata"]["name"] for one in who("maria").asked("/requests", waitsForMe="true")["items"]]
            due = [one.decision.case.ref.name for one in duties(home.seen(), Ref("acme", "maria"))]
            assert sorted(due) == sorted(listed)
            return name in listed

        assert waiting()
        decided(who("maria"), path, "approve", digest=digest)
        assert not waiting()
        home.tick()
        assert not waiting()

    def test_the_history_goes_back_page_by_page(self, who):
        maria = who("maria")
        whole = maria.asked("/ledger")["items"]
        first = maria.asked("/ledger", limit=2)
        second = maria.asked("/ledger", limit=2, cursor=first["next"])

        assert [one["sequence"] for one in whole[:4]] == [
            one["sequence"] for answer in (first, second) for one in answer["items"]
        ]
        assert {"decided"} == {one["kind"] for one in maria.asked("/ledger", kind="decided")["items"]}
        assert [] == maria.asked("/ledger", until="2020-01-01T00:00:00Z")["items"]


class TestAsking:
    """Opening requests."""

    def test_a_preview_says_what_it_would_come_to_and_writes_nothing(self, home, who):
        before = home.ledger.reach()
        found = who("juan").sent(f"{ACME}/requests/preview", VDI, 200)

        assert ["manager", "platform"] == [one["name"] for one in found["explanation"]["stages"]]
        assert 64 == len(found["explanation"]["digest"])
        assert home.ledger.reach() == before

    def test_a_request_is_opened_as_ones_own_and_seen_by_the_next_pass(self, home, who):
        name, juan = next(NAMES), who("juan")
        preview = juan.sent(f"{ACME}/requests/preview", {**VDI, "name": name}, 200)
        answer = juan.post(f"{ACME}/requests", json={**VDI, "name": name, "digest": preview["explanation"]["digest"]})

        assert 201 == answer.status_code
        assert f"/api/v1{ACME}/requests/{name}" == answer.headers["location"]
        assert ("Submitted", 0) == tuple(answer.json()["status"][one] for one in ("phase", "observedGeneration"))
        assert answer.json() == juan.asked(f"{ACME}/requests/{name}")
        assert "next pass" in juan.asked(f"{ACME}/requests/{name}/explanation")["next"]
        told(juan.post(f"{ACME}/requests/{name}/decisions", json={"verb": "withdraw"}), 409)
        home.tick()
        status = juan.asked(f"{ACME}/requests/{name}")["status"]
        assert ("PendingApproval", preview["explanation"]["digest"]) == (status["phase"], status["digest"])

    def test_a_request_without_a_name_is_given_one(self, who):
        first, second = (who("juan").post(f"{ACME}/requests", json=VDI).headers["location"] for _ in range(2))

        assert first != second

    def test_the_same_key_opens_one_request(self, home, who):
        key, juan, before = {"Idempotency_Key": "order-17"}, who("juan"), len(home.seen().state.asked)
        first, second = (juan.sent(f"{ACME}/requests", VDI, **key) for _ in range(2))
        other = who("ci@acme.example").sent(f"{ACME}/requests", VDI, **key)

        assert first == second
        assert first["metadata"] != other["metadata"]
        assert before + 2 == len(home.seen().state.asked)
        home.tick()
        assert "PendingApproval" == juan.sent(f"{ACME}/requests", VDI, **key)["status"]["phase"]
        changed = {**VDI, "parameters": {"template": "win11-office", "count": 3}}
        assert "KeyUsed" == juan.sent(f"{ACME}/requests", changed, 422, **key)["word"]

    def test_the_same_name_and_wish_is_the_same_request(self, who):
        body, juan = {**VDI, "name": next(NAMES)}, who("juan")

        assert juan.sent(f"{ACME}/requests", body) == juan.sent(f"{ACME}/requests", body)
        assert "NameTaken" == juan.sent(f"{ACME}/requests", {**body, "reason": "another"}, 409)["word"]
        assert "NameTaken" == who("ci@acme.example").sent(f"{ACME}/requests", body, 409)["word"]

    def test_what_could_not_be_brought_in_may_be_sent_again(self, home, who):
        """The evidence of who asks stands already, and is written once."""
        body, juan = {**VDI, "name": next(NAMES)}, who("juan")
        lock = home.ground.repository / ".git" / "index.lock"
        lock.touch()
        found = told(juan.post(f"{ACME}/requests", json=body), 502)
        lock.unlink()

        assert ("NotBroughtIn", True) == (found["word"], "send the same again" in found["hint"])
        assert body["name"] == juan.sent(f"{ACME}/requests", body)["metadata"]["name"]
        home.tick()
        assert "PendingApproval" == juan.asked(f"{ACME}/requests/{body['name']}")["status"]["phase"]

    def test_nothing_is_sent_where_it_would_come_to_something_else(self, home, who):
        before = home.ledger.reach()

        assert "DigestStale" == who("juan").sent(f"{ACME}/requests", {**VDI, "digest": "0" * 64}, 409)["word"]
        assert home.ledger.reach() == before

    def test_what_is_wrong_is_said_at_its_place(self, who):
        wrong = {**VDI, "name": "Not A Name", "parameters": {"template": "beos", "count": "two"}, "reason": "x\ny"}
        found = told(who("juan").post(f"{ACME}/requests", json=wrong), 422)

        assert {"/name", "/parameters/template", "/parameters/count", "/reason"} == {
            one["pointer"] for one in found["errors"]
        }


class TestDeciding:
    """Decisions, judged as anywhere else."""

    def test_a_request_is_approved_and_runs(self, home, who):
        path, digest = opened(home, who)
        answer = decided(who("maria"), path, "approve", digest=digest, reason="fine")

        assert f"approve as maria@acme.example for {digest} because fine" == answer["text"]
        home.tick()
        decided(who("ingrid@platform.example"), path, "approve", digest=digest)
        home.tick()
        assert "Succeeded" == who("juan").asked(path)["status"]["phase"]
        record = who("maria").asked("/ledger", kind="told", subject=path.rpartition("/")[2])["items"][-1]
        assert ("Panel", "maria@acme.example", answer["id"]) == (
            record["body"]["channel"],
            record["body"]["username"],
            record["subject"],
        )

    @pytest.mark.parametrize(
        ("name", "body", "status", "word"),
        [
            ("maria", {"verb": "approve", "digest": "0" * 64}, 409, "DigestStale"),
            ("maria", {"verb": "approve"}, 422, "Malformed"),
            ("maria", {"verb": "reject", "digest": "its own"}, 422, "ReasonMissing"),
            ("juan", {"verb": "approve", "digest": "its own"}, 403, "SelfApproval"),
            ("ana", {"verb": "approve", "digest": "its own"}, 403, "NotEntitled"),
            ("ci@acme.example", {"verb": "approve", "digest": "its own"}, 403, "NotAutomation"),
            ("maria", {"verb": "withdraw"}, 403, "NotEntitled"),
            ("maria", {"verb": "settle-failed", "reason": "it did"}, 409, "NothingToSettle"),
        ],
    )
    def test_what_would_not_count_is_refused_with_the_word(self, home, who, name, body, status, word):
        path, digest = opened(home, who)
        body = {**body, "digest": digest} if body.get("digest") == "its own" else body
        found = who(name).sent(f"{path}/decisions", body, status)

        assert word == found["word"]
        assert "explanation" in found["hint"]
        home.tick()
        assert "PendingApproval" == who("juan").asked(path)["status"]["phase"]

    def test_the_same_key_decides_once(self, home, who):
        path, digest = opened(home, who)
        maria, key = who("maria"), {"digest": digest, "key": "decision-4"}
        first, second = (decided(maria, path, "approve", **key) for _ in range(2))

        assert first == second
        home.tick()
        assert first == decided(maria, path, "approve", **key)
        assert "KeyUsed" == decided(maria, path, "reject", status=422, reason="no", **key)["word"]
        assert "AlreadyJudged" == decided(maria, path, "approve", status=409, digest=digest)["word"]
        explained = maria.asked(f"{path}/explanation")
        assert [1, 0] == [len(one["decisions"]) for one in explained["stages"]]
        assert [] == explained["notCounted"]

    def test_whoever_asked_withdraws(self, home, who):
        path, _ = opened(home, who)
        decided(who("juan"), path, "withdraw")
        home.tick()

        assert "Withdrawn" == who("juan").asked(path)["status"]["phase"]
        assert "RequestEnded" == decided(who("juan"), path, "withdraw", status=409)["word"]
