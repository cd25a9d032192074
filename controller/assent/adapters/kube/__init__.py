"""The Kubernetes API: objects to plain documents and back, look-ups, writes, watches; plain JSON in, plain JSON out.

May import: the client library `kubernetes` (and what it stands on), msgspec (in `answers`), and what every hand may.
Each call has a time-out of its own, and is made once: whoever calls decides whether it may be made again.
What the API server refuses leaves as a `ClusterError`; nothing here decides what an object means.
"""
