"""What `assent run` refuses of its own options, before anything is read."""

import pytest

from assent.cli.run import _runners
from assent.errors import UsageError


@pytest.mark.parametrize("owner", ["", "Platform", "a/b", "platform=x"])
def test_whom_to_trust_with_secrets_is_an_organization(tmp_path, owner):
    """`--allow-secrets` names organizations, one at a time."""
    with pytest.raises(UsageError, match="names no organization"):
        _runners(None, tmp_path, [], [owner])


def test_nobody_is_trusted_with_secrets_that_are_not_there():
    """`--allow-secrets` without `--secrets` is a slip of the pen."""
    with pytest.raises(UsageError, match="no --secrets"):
        _runners(None, None, [], ["platform"])
