"""YAML text to plain values with places, and back: one text, one meaning (rules 34 and 35).

What is accepted here, `kubectl`, PyYAML and a YAML 1.2 reader read the same; all else is a finding that says where,
and what to write instead. Values are plain (`dict`, `list`, `str`, `int`, `float`, `bool`) and never null.
May import: libyaml's events through PyYAML, ruamel.yaml (only to edit and to write), `api`, `errors`.
No exception leaves `load`; `scan` and `edit` raise `AssentError` alone.
"""

from assent.adapters.documents.loader import Document, Loaded, load
from assent.adapters.documents.ownership import beside, foreign, may_be_mistaken, may_be_ours, mistaken, ours
from assent.adapters.documents.places import place_of
from assent.adapters.documents.rules import RULES
from assent.adapters.documents.several import Reading
from assent.adapters.documents.tree import scan

__all__ = [
    "RULES",
    "Document",
    "Loaded",
    "Reading",
    "beside",
    "foreign",
    "load",
    "may_be_mistaken",
    "may_be_ours",
    "mistaken",
    "ours",
    "place_of",
    "scan",
]
