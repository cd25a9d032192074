"""Nobody can be taken for somebody else."""

from collections.abc import Collection, Iterator

from assent.api.keys import key_text
from assent.api.names import Ident, Ref
from assent.api.people import SigningKey
from assent.core.checks.fault import Fault, Path, View, some


def names_are_one_persons(view: View) -> Iterator[Fault]:
    """A username or alias is one person's, and looks like nobody else's."""
    people = view.world.people
    for ref, user in sorted(people.by_ref.items()):
        paths: list[Path] = [("spec", "username"), *(("spec", "aliases", at) for at in range(len(user.spec.aliases)))]
        for path, name in zip(paths, user.spec.names, strict=True):
            alike = people.alike(name)
            if len(alike) > 1:
                same = {one for one in alike if name in people.by_ref[one].spec.names}
                yield from _shared("username-twice", ref, path, f"{name!a} is also a name of", same)
                text = f"{name!a} cannot be told by sight from a name of"
                yield from _shared("username-look-alike", ref, path, text, alike - same)


def keys_are_one_persons(view: View) -> Iterator[Fault]:
    """A signing key is one person's; it has one spelling in base64, so the texts are compared, and few are hashed."""
    found: dict[str, list[tuple[Ref, int, SigningKey]]] = {}
    for ref, user in sorted(view.world.people.by_ref.items()):
        for at, key in enumerate(user.spec.signing_keys):
            found.setdefault(key_text(key.public_key), []).append((ref, at, key))
    for having in found.values():
        whose = {ref for ref, _, _ in having}
        for ref, at, key in having if len(whose) > 1 else ():
            path = ("spec", "signingKeys", at, "publicKey")
            yield from _shared("key-twice", ref, path, f"{key.fingerprint} is also a key of", whose)


def _shared(rule: str, ref: Ref, path: Path, text: str, whose: Collection[Ref]) -> Iterator[Fault]:
    others = sorted(str(one) for one in whose if one != ref)
    if others:
        hint = "make this person a key of their own" if rule == "key-twice" else "give one of them another name"
        yield Fault(rule, Ident("User", *ref), path, f"{text} {some(others)}", hint)
