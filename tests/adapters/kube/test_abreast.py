"""What does not build on another answer is asked side by side; one refusal is the refusal of all."""

import threading

import pytest

from assent.adapters.kube.abreast import AT_ONCE, abreast
from assent.adapters.kube.canary import LISTED, READ, Canary
from assent.errors import ClusterError


def test_answers_come_in_the_order_of_the_questions():
    """Whoever was answered first; and more than one is under way."""
    later = threading.Event()

    def ask(number):
        assert number or later.wait(5), "the first was asked alone"
        later.set()
        return number * 10

    assert [0, 10, 20] == abreast(ask, range(3))


def test_one_refusal_is_the_refusal_of_all():
    """Nothing is said of the others, and no call is under way any more."""
    under_way = []

    def ask(number):
        under_way.append(number)
        if number == 1:
            raise ClusterError("no answer")
        under_way.remove(number)

    with pytest.raises(ClusterError, match="no answer"):
        abreast(ask, range(3 * AT_ONCE))
    assert [1] == under_way


def test_the_policies_are_looked_at_side_by_side():
    """All of them and their parameter, each once; where one cannot be seen nothing is known of any."""
    asked, two = [], threading.Event()

    class Server:
        """Answers once two have asked."""

        def metadata(self, path):
            asked.append(path)
            if len(asked) > 1:
                two.set()
            assert two.wait(5), f"{path} was asked for alone"
            if path == [*LISTED][3]:
                raise ClusterError("no answer")

        find = metadata

    canary = Canary(Server(), "assent-system", "assent-canary", lambda: ["acme"])
    found = canary.examine()

    assert (None, "the admission policies cannot be looked at: no answer") == (found.proven, found.why)
    assert {*LISTED} <= {*asked} <= {*LISTED, READ, "/api/v1/namespaces/assent-system/configmaps/assent-admission"}
    assert len({*asked}) == len(asked)
