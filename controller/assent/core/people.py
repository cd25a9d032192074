"""Users as people: one person for every name and key they have."""

import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache

from assent.api.keys import fingerprint
from assent.api.names import Ref
from assent.api.people import SigningKey, User


@dataclass(frozen=True)
class People:
    """All users; a name or key that two users have is nobody's."""

    by_ref: Mapping[Ref, User]

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Ref, ...]]:
        found: dict[str, tuple[Ref, ...]] = {}
        for ref, user in self.by_ref.items():
            for name in user.spec.names:
                found[name] = (*found.get(name, ()), ref)
        return found

    @cached_property
    def _by_key(self) -> Mapping[str, tuple[Ref, ...]]:
        found: dict[str, tuple[Ref, ...]] = {}
        for ref, user in self.by_ref.items():
            for key in user.spec.signing_keys:
                found[print_of(key.public_key)] = (*found.get(print_of(key.public_key), ()), ref)
        return found

    @cached_property
    def members(self) -> Mapping[str, tuple[Ref, ...]]:
        """Users by organization, sorted."""
        found: dict[str, list[Ref]] = {}
        for ref in sorted(self.by_ref):
            found.setdefault(ref.namespace, []).append(ref)
        return {name: tuple(refs) for name, refs in found.items()}

    @cached_property
    def having(self) -> Mapping[Ref, tuple[Ref, ...]]:
        """Users by the role they have, sorted."""
        found: dict[Ref, list[Ref]] = {}
        for ref, user in sorted(self.by_ref.items()):
            if user.spec.role:
                found.setdefault(Ref(ref.namespace, user.spec.role.name), []).append(ref)
        return {role: tuple(refs) for role, refs in found.items()}

    def named(self, name: str) -> Ref | None:
        """The one person who signs in with this name, byte for byte; None where nobody or more than one does."""
        found = self._by_name.get(name, ())
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_likeness(self) -> Mapping[str, set[Ref]]:
        found: dict[str, set[Ref]] = {}
        for name, refs in self._by_name.items():
            found.setdefault(fold(name), set()).update(refs)
        return found

    def alike(self, name: str) -> AbstractSet[Ref]:
        """Everybody who has this name, or one that cannot be told from it by sight."""
        return self._by_likeness.get(fold(name), frozenset())

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


@lru_cache(maxsize=1 << 16)
def fold(name: str) -> str:
    """What names are compared by for likeness, and for nothing else: Unicode's form KC, without case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


@lru_cache(maxsize=1 << 16)
def print_of(public_key: str) -> str:
    """The fingerprint of a key that has been read before; kept, since every new world asks for all of them."""
    return fingerprint(public_key)
