"""Scripts at the API: a panel with the tests' provider, and callers that bring its tokens.

with street(folder, **by(provider, folder)) as home:
    juan = caller(home, provider, "juan")
    juan.get("/requests").json()["items"]
"""

import time

from starlette.testclient import TestClient

from portal.house import URL

AT = "/api/v1"


def by(provider, folder):
    """The settings of a panel whose people sign in at this provider."""
    return {"demo_login": False, "oidc": provider.oidc(folder)}


class Caller(TestClient):
    """Somebody's script; paths are those of the API."""

    def __init__(self, app, token=""):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        super().__init__(app, base_url=f"{URL}{AT}", client=("127.0.0.1", 50000), headers=headers)

    def asked(self, path, status=200, **query):
        """What a GET answers with."""
        answer = self.get(path, params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    def sent(self, path, body, status=201, **headers):
        """What a POST answers with."""
        answer = self.post(path, json=body, headers={name.replace("_", "-"): one for name, one in headers.items()})
        assert answer.status_code == status, answer.text
        return answer.json()


def caller(home, provider, name):
    """A script of one of the demo's people; `name` is a username or what stands before its @acme.example."""
    email = name if "@" in name else f"{name}@acme.example"
    return Caller(home.app, provider.token(sub=email, email=email, exp=int(time.time()) + 3600))


def told(answer, status):
    """The problem that an answer tells: complete, and of the right sort."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body
