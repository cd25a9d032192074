"""Floor 4, a door: the command line, one file a command.

A command parses its arguments, builds what it needs, calls the floors below and prints; it has no rules of its own.
May import: everything below.
Results go to standard output, everything else to standard error (`output`); errors become exit codes in `__main__`.
Start-up is part of the contract: a command's module is imported when the command is called, and not before (`app`).
"""
