"""How much is read: bounds that keep the worst input within a tenth of a second and a few megabytes."""

FILE_BYTES = 1 << 20
"""1 MiB a file: what Kubernetes takes in one object is smaller still (etcd stops at 1.5 MiB)."""

DOCUMENT_BYTES = 256 << 10
"""256 KiB a document: the size that Kubernetes allows all annotations of one object."""

DOCUMENTS = 1_000
"""Documents in one file."""

DEPTH = 32
"""Collections within collections; the kinds need ten, and Python's own stack gives up at about a thousand."""

FINDINGS = 100
"""Problems told of one file; whoever has more has one mistake repeated, or means harm."""

TREE_FILES = 50_000
"""YAML files in one folder."""

TREE_BYTES = 64 << 20
"""64 MiB of YAML in one folder."""

INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps whole."""
