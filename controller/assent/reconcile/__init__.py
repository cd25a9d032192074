"""Floor 2, one pass: read → decide → apply, and the Protocols it needs.

Both doors call the same pass; whatever it needs of the outside world stands in `protocols`, a few questions each.
May import: `core`, `api`, `errors`, logging and typing; never an adapter, a door or a client library.
Order of an execution, always: claim, act, record; a crash in between leaves a trace that the next start finds.
Nothing here reads a clock: `now` is handed in, once a pass, and so is the one that tells the age of a list.
"""
