"""The runners that both doors have, from the options that say what an owner's microservices may reach."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assent.adapters.runners import ManualRunner
from assent.api.names import DNS_LABEL
from assent.api.plans import RunnerName
from assent.errors import UsageError

if TYPE_CHECKING:
    from assent.reconcile.protocols import Runner


def everywhere(secrets: Path | None, allowed: Sequence[str], trusted: Sequence[str]) -> dict[RunnerName, "Runner"]:
    """`manual` always, and `http` where some owner may call some URL.

    Raises:
        UsageError: an option names no organization, or is no OWNER=VALUE.
    """
    for owner in trusted:
        if not DNS_LABEL.match(owner) or secrets is None:
            raise UsageError(
                f"--allow-secrets {owner!r} names no organization, or there is no --secrets",
                "for example --secrets /etc/assent/secrets --allow-secrets platform",
            )
    found: dict[RunnerName, Runner] = {"manual": ManualRunner()}
    prefixes = by_owner("--allow-url", "OWNER=PREFIX", "platform=https://automation.example/", allowed)
    if prefixes:
        from assent.adapters.runners.web import HttpRunner  # noqa: PLC0415 -- brings httpx

        found["http"] = HttpRunner(prefixes, secrets, trusted=trusted)
    return found


def by_owner(option: str, form: str, example: str, given: Sequence[str]) -> dict[str, list[str]]:
    """What each owner may have, from options of the form OWNER=VALUE."""
    found: dict[str, list[str]] = {}
    for one in given:
        owner, equals, value = one.partition("=")
        if not (owner and equals and value):
            raise UsageError(f"{option} {one!r} is not {form}", f"for example {example}")
        found.setdefault(owner, []).append(value)
    return found
