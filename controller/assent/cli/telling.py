"""An explanation in lines for people, whole or as much as somebody needs who is about to write."""

from typing import Any

from assent.cli import output

PHASE_COLORS = {"Succeeded": "green", "Approved": "green", "PendingApproval": "yellow", "Running": "cyan"}


def tell(name: str, told: dict[str, Any]) -> None:
    """The explanation for people."""
    headline(name, told)
    output.line(f"  microservice {told['microservice']}")
    for stage in told["stages"]:
        _stage(stage)
        for one in stage["cannotDecide"]:
            output.line(f"      cannot: {one['username']} ({one['reason']}: {_small(one['because'])})")
    for one in told["results"]:
        target = f" {one['target']}" if one.get("target") else ""
        output.line(f"  result{target}: {one['state']}, {_small(one['message'])}")
    for one in told["notCounted"]:
        what = f"{one['decision'] or 'a line'} by {one['username'] or 'nobody proven'}"
        output.line(f"  not counted: {what} ({one['because']}: {_small(one['meaning'])})", "yellow")
    for one in told["mails"]:
        if one["state"] == "Failed":
            output.line(f"  no mail reached {one['username']}: {_small(one['message'])}", "yellow")
    output.line(f"  next: {told['next']}")
    if told["phase"] == "PendingApproval":
        output.line(f"  to approve: {told['approve']}")


def brief(name: str, told: dict[str, Any]) -> None:
    """What matters to whoever is about to write: where it stands, its digest, and its stages."""
    headline(name, told)
    for stage in told["stages"]:
        _stage(stage)


def headline(name: str, told: dict[str, Any]) -> None:
    """Where it stands, and the digest."""
    output.line(f"{name} is {told['phase']}: {told['message']}", PHASE_COLORS.get(told["phase"], "red"))
    if told["digest"]:
        output.line(f"  digest {told['digest']}")


def _stage(stage: dict[str, Any]) -> None:
    quorum = f", {stage['quorum']} people" if stage["quorum"] > 1 else ""
    output.line(f"  stage {stage['name']} of {stage['flow']}: {stage['state']}{quorum}")
    for one in stage["decisions"]:
        because = f" because {one['reason']}" if one.get("reason") else ""
        output.line(f"      {one['decision']} by {one['username']} ({one['channel']}, {one['at']}){because}")
    if stage["canDecide"]:
        output.line(f"      can decide: {', '.join(stage['canDecide'])}")


def _small(sentence: str) -> str:
    """A sentence as a part of another one."""
    small = sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() else sentence
    return small.removesuffix(".")
