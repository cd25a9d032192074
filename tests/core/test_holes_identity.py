"""Ways to speak with a voice that was lent, each closed: laundered keys, moved aliases, a clean slate of one's own."""

from assent.api.names import Ident, Ref
from builders import public_key, user
from core.branch import history
from core.papers import commit


def keyed(path, role, *seeds, **more):
    """A user with these keys."""
    return user(path, role, keys=[public_key(seed) for seed in seeds], **more)


def parts(found, path):
    """Who wrote each part of a User, and when."""
    return found.world.provenance[Ident("User", *path.split("/"))]


def test_a_key_brought_in_by_a_lent_key_is_as_lent_as_that_key():
    """What is signed by a key that somebody else gave since is no better proof than that key (rule 17)."""
    found = history()
    ada = found.world.people.by_ref[Ref("b", "ada")]
    hal = found.world.people.by_ref[Ref("b", "hal")]
    lent = replace_keys(hal, "b/hal", "lent")
    found.take(commit("b/ada", lent))
    own = replace_keys(hal, "b/hal", "lent", "laundered")
    found.take(commit("b/hal", own, key="lent"))

    assert found.said("User/b/hal")["signingKeys"] == own.plain()["spec"]["signingKeys"]
    assert {origin.author for part, origin in parts(found, "b/hal").parts.items() if part.startswith("key:")} == {
        None,
        Ref("b", "ada"),
    }
    assert ada is not None


def replace_keys(one, *seeds):
    """The same user with these keys."""
    plain = one.plain()
    plain["spec"]["signingKeys"] = [{"publicKey": public_key(seed)} for seed in seeds]
    return type(one).model_validate(plain)


def test_writing_ones_own_user_does_not_make_one_ones_own_voucher():
    """Who vouched for a User stays to be seen when its person changes their own language."""
    found = history()
    hal = found.world.people.by_ref[Ref("b", "hal")]
    found.take(commit("b/ada", with_(hal, department="IT")))
    found.take(commit("b/hal", with_(hal, department="IT", language="es")))

    assert Ref("b", "ada") == parts(found, "b/hal").document.author


def with_(one, **more):
    """The same user with these fields."""
    plain = one.plain()
    plain["spec"] |= more
    return type(one).model_validate(plain)
