"""An estate as files, one document each, as people write them: the same for the same size and seed.

Twenty documents an organization: the organization, three roles, eight people with a key each, one microservice with a
schema and two enablements of it and the Platform's, a flow, and four requests, decisions on them included.
About 800 bytes and 30 lines a document.
"""

import base64
import hashlib
import random
import struct
from collections.abc import Iterator
from pathlib import Path

MODULES = Path(__file__).parents[1] / "policies" / "modules"
PART = 20_000
"""Files in one folder: a folder with more than 50,000 is read by nobody in one go."""

WORDS = (
    "billing", "ledger", "orders", "stock", "fleet", "route", "claim", "invoice", "report", "audit", "search", "media",
    "chat", "export", "import", "quota",
)  # fmt: skip
NAMES = (
    "Alba", "Ana", "Bea", "Carl", "Cleo", "Fina", "Igor", "Ines", "Juan", "Lena", "Marc", "Maria", "Nadia", "Olga",
    "Omar", "Pedro", "Rita", "Tomas",
)  # fmt: skip
SURNAMES = ("Costa", "Haddad", "Ibarra", "Khan", "Lopez", "Moreau", "Novak", "Ruiz", "Serra", "Silva", "Vidal", "Weber")
LEVELS = ("L1ReadOnly", "L1", "L2ReadOnly", "L2")

PLATFORM = """\
# The platform: the organization that runs Assent for the others.
apiVersion: assent.dev/v1alpha1
kind: Organization
metadata: {name: platform}
spec:
  type: Platform
  displayName: Platform
  products:
  - name: Desk
    tiers:
    - {name: Standard}
    - {name: Enterprise, managed: true}
"""
SHARED = """\
apiVersion: assent.dev/v1alpha1
kind: Microservice
metadata: {name: reset-password, namespace: platform}
spec:
  displayName: Reset a password
  category: Support
  visibility: Public
  parameters:
    type: object
    additionalProperties: false
    required: [user]
    properties:
      user: {type: string, maxLength: 64}
      days: {type: integer, minimum: 1, maximum: 90}
      template: {enum: [office, lab]}
  run:
    manual: {instructions: Reset it.}
"""


def write(folder: Path, size: int, seed: int = 1) -> list[Path]:
    """Writes the estate below a folder, and says which folders hold it."""
    parts = []
    for at, (name, text) in enumerate(files(size, seed)):
        part = folder / f"part-{at // PART}"
        if part not in parts:
            parts.append(part)
        path = part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return parts


def files(size: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """So many files by name: the platform, its modules and one microservice, then twenty of each organization."""
    made = [("platform/organization.yaml", PLATFORM), ("platform/reset-password.yaml", SHARED)]
    made += [
        (f"platform/{path.name}", path.read_text())
        for path in sorted(MODULES.glob("*.yaml"))
        if "kind: Module" in path.read_text()
    ]
    yield from made[:size]
    chance = random.Random(seed)
    left, number = size - len(made), 0
    while left > 0:
        for name, text in _organization(number, chance):
            if left > 0:
                yield name, text
            left -= 1
        number += 1


def _organization(number: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    name = f"org-{number:05d}"
    partner = number % 20 == 0
    yield f"{name}/organization.yaml", _head("Organization", name) + _organization_spec(number, chance, partner=partner)
    for role in ("admins", "managers", "operators"):
        yield f"{name}/roles/{role}.yaml", _head("AccessRole", role, name) + _role(role, name, chance)
    for at in range(8):
        yield f"{name}/users/u{at}.yaml", _head("User", f"u{at}", name) + _user(number, at, chance)
    yield f"{name}/flows/manager.yaml", _head("ApprovalFlow", "manager", name) + _flow()
    word = chance.choice(WORDS)
    yield f"{name}/services/{word}.yaml", _head("Microservice", word, name) + _service(word, chance)
    yield f"{name}/services/{word}-here.yaml", _head("EnabledMicroservice", f"{word}-here", name) + _enabled(word, name)
    yield (
        f"{name}/services/reset.yaml",
        _head("EnabledMicroservice", "reset", name) + _enabled("reset-password", "platform"),
    )
    for at in range(4):
        said = _head("Request", f"r{at}", name, _decisions(number, at, chance))
        yield f"{name}/requests/r{at}.yaml", said + _request(number, at, word, chance)


def _head(kind: str, name: str, namespace: str = "", more: str = "") -> str:
    where = f"\n  namespace: {namespace}" if namespace else ""
    return f"""\
# {kind} {name}{" of " + namespace if namespace else ""}: changed by whoever governs it, and reviewed.
apiVersion: assent.dev/v1alpha1
kind: {kind}
metadata:
  name: {name}{where}
  labels:
    app.kubernetes.io/managed-by: gitops
    app.kubernetes.io/part-of: "estate"{more}
spec:
"""


def _organization_spec(number: int, chance: random.Random, *, partner: bool) -> str:
    parent = "" if partner else f"\n  parent: org-{number // 20 * 20:05d}"
    tier = "" if partner else "\n  subscriptions:\n  - {product: Desk, tier: Standard}"
    return f"""\
  type: {"Partner" if partner else "Client"}{parent}
  displayName: "Organization {number}"
  email: it@org-{number:05d}.example
  language: {chance.choice(["en", "es", "de-AT"])}
  country: {chance.choice(["ES", "DE", "PT"])}
  sector: {chance.choice(["Manufacturing", "Health", "Trade"])}{tier}
"""


def _role(name: str, organization: str, chance: random.Random) -> str:
    portal = "OrganizationAdmin" if name == "admins" else "User"
    automate = {"admins": "Manager", "managers": "Approver", "operators": "Requester"}[name]
    entries = "".join(
        f"""\
  - organization: {where}
    levels:
      portal: {portal}
      workspaces: {chance.choice(LEVELS)}
      analyzer: Access
      automate: {automate}
"""
        for where in ('"*"', organization)
    )
    return f"""\
  displayName: "{name.capitalize()} of {organization}"
  entries:
{entries}"""


def _user(number: int, at: int, chance: random.Random) -> str:
    first, last = chance.choice(NAMES), chance.choice(SURNAMES)
    role = ("admins", "managers", "managers")[at] if at < 3 else "operators"
    return f"""\
  username: u{at}@org-{number:05d}.example
  aliases: [o{number}.{first.lower()}.{at}]
  displayName: {first} {last}
  email: u{at}@org-{number:05d}.example
  department: {chance.choice(["IT", "Finance", "Support"])}
  role:
    name: {role}
  type: Human
  language: en
  signingKeys:
  # The laptop's key, and the one on the security token that stays in the office.
  - publicKey: {public_key(f"{number}/{at}")} {first.lower()}@laptop
    validFrom: "2026-01-01T00:00:00Z"
    validUntil: "2028-01-01T00:00:00Z"
  - publicKey: {public_key(f"{number}/{at}/office")} {first.lower()}@office
    validFrom: "2026-01-01T00:00:00Z"
"""


def public_key(seed: str) -> str:
    """An SSH public key that nobody has the private half of."""
    parts = (b"ssh-ed25519", hashlib.sha256(seed.encode()).digest())
    blob = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


def _service(word: str, chance: random.Random) -> str:
    return f"""\
  displayName: Prepare {word}
  description: |
    Prepares {word} for a team.
    Ask for as much as you need, and no more.
  category: Operations
  visibility: Dependents
  costNote: About {chance.randint(1, 900)} a month
  parameters:
    type: object
    additionalProperties: false
    required: [template, count]
    properties:
      template:
        description: What they are made of.
        enum: [office, lab]
      count:
        description: How many are made.
        type: integer
        minimum: 1
        maximum: {chance.randint(10, 50)}
      network: {{type: string, pattern: "[a-z]+-[0-9]+"}}
      owner: {{type: string, maxLength: 64}}
      note: {{type: string, maxLength: 200}}
  targetRules:
    maxItems: 9
    pattern: "vdi-[0-9]{{4}}"
  approvals:
  - flow: {{name: manager}}
  run:
    manual: {{instructions: "Prepare it; see the handbook, chapter {chance.randint(1, 9)}."}}
  timeout: 20m
"""


def _enabled(service: str, owner: str) -> str:
    return f"""\
  microservice: {{organization: {owner}, name: {service}}}
  roles: [{{name: admins}}, {{name: operators}}]
  approvals:
  - flow:
      name: manager
"""


def _flow() -> str:
    return """\
  displayName: A manager
  decideWithin: 14d
  runWithin: 2d
  stages:
  - name: manager
    quorum: 1
    approvers:
    - roles:
      - {name: managers}
      - {name: admins}
  - name: owner
    quorum: 1
    approvers:
    - organizations: [Requesting]
      roles:
      - name: admins
"""


def _decisions(number: int, at: int, chance: random.Random) -> str:
    """Entries by which people decided: what they wrote, and for which digest."""
    said = [f"{chance.getrandbits(256):064x}" for _ in range(at)][:2]
    lines = "".join(
        f"""
    approval.assent.dev/u{who}: approve as u{who}@org-{number:05d}.example for {digest} because it is agreed"""
        for who, digest in enumerate(said)
    )
    return f"\n  annotations:{lines}" if lines else ""


def _request(number: int, at: int, word: str, chance: random.Random) -> str:
    return f"""\
  microservice: {{name: {word}-here}}
  requester: u{3 + at}@org-{number:05d}.example
  parameters:
    template: {chance.choice(["office", "lab"])}
    count: {chance.randint(1, 9)}
    network: lan-{chance.randint(1, 99)}
    owner: u1@org-{number:05d}.example
    note: "ticket CHG-{chance.randint(0, 999999):06d}"
  targets:
  - vdi-{chance.randint(0, 999):04d}
  - vdi-{chance.randint(1000, 1999):04d}
  - vdi-{chance.randint(2000, 2999):04d}
  reason: >-
    Needed for the migration of {chance.choice(WORDS)} that is planned
    for the next window.
"""
