"""The informers of several kinds, started, stopped and asked together."""

import time
from collections.abc import Callable, Mapping

from assent.adapters.kube.api import Api
from assent.adapters.kube.informer import Informer, Pace
from assent.adapters.kube.shelf import Key, Shelf


class Informers:
    """One informer a name: `paths` gives, for example, `User` and where users lie; `changed` is told name and key."""

    def __init__(
        self,
        api: Api,
        paths: Mapping[str, str],
        *,
        changed: Callable[[str, Key], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.each: dict[str, Informer] = {}
        for name, path in paths.items():
            tell = _telling(changed, name)
            self.each[name] = Informer(api, path, changed=tell, pace=pace)

    def start(self) -> None:
        """Begins all of them."""
        for one in self.each.values():
            one.start()

    def stop(self, seconds: float = 2.0) -> bool:
        """Ends all of them; False where one has not ended in so many seconds."""
        until = time.monotonic() + seconds
        for one in self.each.values():
            one.stop(0)
        return all([one.stop(max(0.0, until - time.monotonic())) for one in self.each.values()])  # noqa: C419 -- each is awaited

    def wait(self, seconds: float) -> bool:
        """Whether every first list is done within so many seconds."""
        until = time.monotonic() + seconds
        return all(one.wait(max(0.0, until - time.monotonic())) for one in self.each.values())

    @property
    def synced(self) -> bool:
        """Whether every first list is done."""
        return all(one.synced for one in self.each.values())

    @property
    def version(self) -> int:
        """It grows with each change of any of them."""
        return sum(one.version for one in self.each.values())

    def shelves(self) -> dict[str, Shelf]:
        """What is known of each; each is of one version, and they need not be of the same."""
        return {name: one.shelf() for name, one in self.each.items()}

    def until(self, name: str, version: int, seconds: float) -> bool:
        """Whether one has come as far as this version of the API server's within so many seconds."""
        return self.each[name].until(version, seconds)

    def ages(self) -> dict[str, float]:
        """Seconds since the API server last gave a proof of life, by name."""
        return {name: one.age() for name, one in self.each.items()}

    def age(self) -> float:
        """The oldest of them."""
        return max(self.ages().values(), default=0.0)

    def problems(self) -> list[str]:
        """What is not as it should be, a sentence each: what is not listed yet, what failed last, what ended."""
        return [text for name, one in self.each.items() for text in _problem(name, one)]


def _telling(changed: Callable[[str, Key], None] | None, name: str) -> Callable[[Key], None]:
    def tell(key: Key) -> None:
        if changed is not None:
            changed(name, key)

    return tell


def _problem(name: str, one: Informer) -> list[str]:
    if one.failure is not None:
        return [f"the informer of {name} ended: {type(one.failure).__name__}"]
    if not one.synced:
        return [f"{name} is not listed yet{': ' if one.problem else ''}{one.problem}"]
    return []
