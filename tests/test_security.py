"""What Assent cannot protect against is said, not left to be found out."""

from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "SECURITY.md").read_text()
UNPROTECTED = PAGE.partition("## What is *not* protected")[2]


@pytest.mark.parametrize(
    "hole",
    [
        "cluster-admin",
        "`system:masters`",
        "`impersonate`",
        "etcd",
        "ValidatingAdmissionPolicy",
        "`status` subresource",
        "Argo CD, Flux",
        "merge bot",
        "Administrators of the forge",
        "ledger's key",
        "anchor",
        "controller's machine",
        "Stolen signing keys",
        "programs folder",
        "trust root",
        "SHA-1",
        "clock",
    ],
)
def test_rule_24_what_is_outside_is_named(hole):
    """Rule 24: every power that stands above the controller is named, with what is left against it."""
    assert hole in UNPROTECTED
