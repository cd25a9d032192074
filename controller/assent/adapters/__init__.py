"""Floor 3, the hands: each package here knows one outside thing and nothing else.

They turn that thing into the plain values of `api`, and back; they decide nothing.
May import: the Protocols of `reconcile`, `api`, `errors`, and the library of their own thing.
Must not: `core`, the doors, or each other; only `git` reads text through `documents`, and `documents` uses `fork` to
work in two processes.
A failure a person can mend leaves as an `AssentError` or as a finding, never as the library's own exception.
"""
