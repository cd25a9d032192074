"""Who may write what: the one judgement that every write of every kind but Request passes.

It compares the world before with the world after. What one change brings in is taken over whole or not at all, so all
that stands against it is reported at once. The author's rights are those of the world before: nobody acts by a name,
key or right that the same change gives.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from assent.api.kinds import AnyKind
from assent.api.names import Ident, Ref
from assent.api.people import AccessRole, User
from assent.core import ceiling, dangling, integrity, restrictions, rights
from assent.core.authority import Authority
from assent.core.proposals import Proposal, Refusal, rank
from assent.core.world import Origin, Provenance, World

UNKNOWN = Origin(None, 0)
"""The origin of what was in force before anybody wrote down who wrote what."""


def judge(
    before: World,
    changes: Mapping[Ident, AnyKind | None],
    author: Ref | None,
    *,
    at: datetime,
    keys_matter: bool = True,
    open_requests: Collection[Ref] = (),
) -> tuple[Refusal, ...]:
    """Everything that stands against this change; empty: it is taken over.

    Args:
        before: what is in force.
        changes: all that one commit brought in, by document; None: it is gone. No Requests.
        author: the person whom the proof of the write names, or None where nothing proves anybody.
        at: when the change was first seen; keys count by their validity at this moment.
        keys_matter: whether governing an organization takes a signing key, as it does in Git.
        open_requests: the requests that have not ended.
    """
    proposal = Proposal.of(before, changes, author)
    found = [
        *_author(proposal, at, keys_matter=keys_matter),
        *restrictions.overstepped(proposal),
        *dangling.missing(proposal),
        *dangling.still_needed(proposal, open_requests),
        *integrity.broken(proposal),
    ]
    return tuple(sorted(found, key=lambda one: rank(one.ident)))


def _author(proposal: Proposal, at: datetime, *, keys_matter: bool) -> list[Refusal]:
    """What the author has no right to, and what they could not give."""
    if proposal.author is None:
        message = "nothing proves who wrote it"
        hint = "sign the commit with a key that stands among your User's signingKeys"
        return [Refusal(ident, "AuthorUnproven", f"{ident}: {message}", hint) for ident in proposal.documents]
    authority = Authority(proposal.before, proposal.after.organizations, proposal.author, at, keys_matter)
    return [*rights.lacking(proposal, authority), *ceiling.exceeded(proposal, authority)]


def origins(
    before: World, changes: Mapping[Ident, AnyKind | None], author: Ref | None, since: int
) -> dict[Ident, Provenance]:
    """Who wrote the changed documents, once they are taken over: a part that stays as it was keeps its origin."""
    written = Origin(author, since)
    return {
        ident: Provenance(written, _part_origins(before, ident, new, written))
        for ident, new in Proposal.of(before, changes, author).documents.items()
        if new is not None
    }


def _part_origins(before: World, ident: Ident, new: AnyKind, written: Origin) -> dict[str, Origin]:
    old = before.get(ident)
    known = before.provenance.get(ident, Provenance(UNKNOWN))
    had = parts(old) if old else {}
    return {
        name: known.parts.get(name, known.document) if had.get(name) == value else written
        for name, value in parts(new).items()
    }


def parts(document: AnyKind) -> dict[str, object]:
    """The parts of a document whose origins are told apart, by the names that `Provenance` gives them."""
    if isinstance(document, AccessRole):
        return {f"entry:{entry.organization}": entry for entry in document.spec.entries}
    if isinstance(document, User):
        names: dict[str, object] = {f"name:{name}": name for name in document.spec.names}
        return names | {f"key:{key.fingerprint}": key for key in document.spec.signing_keys}
    return {}
