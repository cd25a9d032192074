"""Floor 1, the mind: what is declared and what was proven go in, decisions come out.

Values in, values out: no clock, files, network, logging or randomness; `now` is an argument.
May import: `api`, `errors`, value modules of the standard library, and the pure libraries jsonschema and re2.
A rule is one small function with one name; what is unknown holds, it never approves and never denies.
"""
