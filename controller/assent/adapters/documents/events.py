"""The classes in which libyaml's events come: PyYAML's own, or lighter ones in a process that reads and nothing else.

PyYAML makes an object in Python for every event, which is half of the time that reading takes. `lighten` puts structs
of C in place of the five most frequent ones, with the same fields.
"""

from importlib import import_module
from typing import Any

from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

Scalar: type[ScalarEvent] = ScalarEvent
MappingStart: type[MappingStartEvent] = MappingStartEvent
MappingEnd: type[MappingEndEvent] = MappingEndEvent
SequenceStart: type[SequenceStartEvent] = SequenceStartEvent
SequenceEnd: type[SequenceEndEvent] = SequenceEndEvent

_ENDS = ("start_mark", "end_mark")
_STARTS = ("anchor", "tag", "implicit", *_ENDS, "flow_style")
_FIELDS = {
    "Scalar": ("anchor", "tag", "implicit", "value", *_ENDS, "style"),
    "MappingStart": _STARTS,
    "SequenceStart": _STARTS,
    "MappingEnd": _ENDS,
    "SequenceEnd": _ENDS,
}


def lighten() -> None:
    """Changes PyYAML for the whole process, so only one that does nothing else may call it; at worst nothing changes.

    Should a later PyYAML make its events in another way, it raises within `load`, which then finds the text unreadable.
    """
    from msgspec import defstruct  # noqa: PLC0415 -- for a process that reads thousands of files

    parser: Any = import_module("yaml._yaml")
    if Scalar is ScalarEvent and all(getattr(parser, f"{name}Event", None) is globals()[name] for name in _FIELDS):
        for name, fields in _FIELDS.items():
            globals()[name] = made = defstruct(name, [(one, Any, None) for one in fields], gc=False)
            setattr(parser, f"{name}Event", made)
