"""Floor 0, the words: what a user may write and will read.

Frozen values and pure functions only.
May import: value modules of the standard library, pydantic, rfc8785; nothing else of ours but `errors`.
One noun a module; every field here is in the CRDs under `crds/` too, and a test holds the two together.
"""
