"""Which documents are ours: those of our API groups."""

GROUPS = frozenset({"assent.dev", "test.assent.dev"})
_SPELLING = b"assent.dev"


def ours(value: object) -> bool:
    """Whether a document's `apiVersion` is in one of our groups."""
    version = value.get("apiVersion") if isinstance(value, dict) else None
    if not isinstance(version, str):
        return False
    group, slash, _ = version.partition("/")
    return bool(slash) and group in GROUPS


def may_be_ours(data: bytes) -> bool:
    """False only where no reader can find a document of ours in these bytes, so that they need not be read.

    An escape can spell the group without its letters standing in the file, and so can UTF-16 (its NULs tell).
    A file that may be ours and cannot be read is a problem; any other is somebody else's file.
    """
    return _SPELLING in data or b"\\" in data or b"\0" in data
