"""The sentences of the core in the reader's language: made from its codes and values, never from its English.

Words are in `assent.portal.words`; the core's own sentences stay as they are in Git, in status and on the command line.
"""

from collections.abc import Callable

Translate = Callable[[str], str]
"""What turns a message into the reader's language."""
