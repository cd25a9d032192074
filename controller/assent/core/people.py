"""Users as people: one person for every name and key they have."""

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias, TypeVar

from assent.api.keys import fingerprint
from assent.api.names import Ref
from assent.api.people import SigningKey, User

_Key = TypeVar("_Key", bound=Hashable)
Index: TypeAlias = Mapping[_Key, tuple[Ref, ...]]


@dataclass(frozen=True)
class People:
    """All users; a name or key that two users have is nobody's.

    What is found by anything but the reference is worked out once, and only put right where a change touches it.
    """

    by_ref: Mapping[Ref, User]

    def changed(self, changes: Mapping[Ref, User | None]) -> "People":
        """The people after these changes; None takes one away."""
        after = dict(self.by_ref)
        for ref, user in changes.items():
            if user is None:
                after.pop(ref, None)
            else:
                after[ref] = user
        made = People(after)
        for name in self.__dict__.keys() & _FOUND_BY.keys():
            made.__dict__[name] = _put_right(self.__dict__[name], _FOUND_BY[name], self.by_ref, changes)
        return made

    def prepared(self) -> "People":
        """Themselves, with whatever anybody is found by worked out."""
        _ = (self._by_name, self._by_likeness, self._by_key, self.members, self.having)
        return self

    @cached_property
    def _by_name(self) -> Index[str]:
        return _index(self.by_ref, _names)

    @cached_property
    def _by_key(self) -> Index[str]:
        return _index(self.by_ref, _keys)

    @cached_property
    def _by_likeness(self) -> Index[str]:
        return _index(self.by_ref, _looks)

    @cached_property
    def members(self) -> Index[str]:
        """Users by organization, sorted."""
        return _index(self.by_ref, _organization)

    @cached_property
    def having(self) -> Index[Ref]:
        """Users by the role they have, sorted."""
        return _index(self.by_ref, _role)

    def named(self, name: str) -> Ref | None:
        """The one person who signs in with this name, byte for byte; None where nobody or more than one does."""
        found = self._by_name.get(name, ())
        return found[0] if len(found) == 1 else None

    def alike(self, name: str) -> frozenset[Ref]:
        """Everybody who has this name, or one that cannot be told from it by sight."""
        return frozenset(self._by_likeness.get(fold(name), ()))

    def keyed(self, fingerprint: str) -> tuple[Ref, ...]:
        """Everybody among whose keys this one stands; more than one only where documents are at fault."""
        return self._by_key.get(fingerprint, ())

    def signer(self, fingerprint: str) -> tuple[Ref, SigningKey] | None:
        """The one person whose key this is, and the key; None where it is nobody's or more than one's."""
        found = self._by_key.get(fingerprint, ())
        if len(found) != 1:
            return None
        keys = self.by_ref[found[0]].spec.signing_keys
        return found[0], next(key for key in keys if key.fingerprint == fingerprint)


def _names(_: Ref, user: User) -> Iterable[str]:
    return user.spec.names


def _keys(_: Ref, user: User) -> Iterable[str]:
    return [print_of(key.public_key) for key in user.spec.signing_keys]


def _looks(_: Ref, user: User) -> Iterable[str]:
    return {fold(name) for name in user.spec.names}


def _organization(ref: Ref, _: User) -> Iterable[str]:
    return (ref.namespace,)


def _role(ref: Ref, user: User) -> Iterable[Ref]:
    return (Ref(ref.namespace, user.spec.role.name),) if user.spec.role else ()


_FOUND_BY: dict[str, Callable[[Ref, User], Iterable[Any]]] = {
    "_by_key": _keys,
    "_by_likeness": _looks,
    "_by_name": _names,
    "having": _role,
    "members": _organization,
}


def _index(people: Mapping[Ref, User], keys: Callable[[Ref, User], Iterable[_Key]]) -> Index[_Key]:
    """Everybody by what they have, sorted."""
    found: dict[_Key, tuple[Ref, ...]] = {}
    several: dict[_Key, list[Ref]] = {}
    for ref, user in people.items():
        for key in keys(ref, user):
            if key not in found:
                found[key] = (ref,)
            else:
                several.setdefault(key, [*found[key]]).append(ref)
    return {**found, **{key: tuple(sorted(refs)) for key, refs in several.items()}}


def _put_right(
    index: Index[_Key],
    keys: Callable[[Ref, User], Iterable[_Key]],
    before: Mapping[Ref, User],
    changes: Mapping[Ref, User | None],
) -> Index[_Key]:
    """The index after these changes, of which only what they touch is made anew."""
    after = dict(index)
    for ref, user in changes.items():
        old = before.get(ref)
        had, has = ({*keys(ref, one)} if one else set() for one in (old, user))
        for key in had - has:
            after[key] = tuple(one for one in after.get(key, ()) if one != ref)
            if not after[key]:
                del after[key]
        for key in has - had:
            after[key] = tuple(sorted((*after.get(key, ()), ref)))
    return after


@lru_cache(maxsize=1 << 16)
def fold(name: str) -> str:
    """What names are compared by for likeness, and for nothing else: Unicode's form KC, without case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


@lru_cache(maxsize=1 << 16)
def print_of(public_key: str) -> str:
    """The fingerprint of a key that has been read before; kept, since every new world asks for all of them."""
    return fingerprint(public_key)
