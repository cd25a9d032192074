"""Steps of signing in by the provider, as a browser takes them."""


def begun(visit, wanted="/mine"):
    """Where the panel leads to."""
    answer = visit.get("/signin/start", params={"next": wanted})
    assert 302 == answer.status_code, answer.text
    return answer.headers["location"]


def ended(visit, provider, wanted="/mine"):
    """The panel's answer to whoever comes back from the provider."""
    return visit.get(provider.led(begun(visit, wanted)))


def refused(visit, answer, status, sentence):
    """Nobody is signed in, and a page says why."""
    assert (status, True) == (answer.status_code, sentence in answer.text), answer.text
    assert "Try again" in answer.text
    assert "assent" not in visit.cookies


def bearer(token):
    """What a script sends."""
    return {"Authorization": f"Bearer {token}"}
