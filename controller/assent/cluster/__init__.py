"""Floor 4, a door: the operator, which drives the requests of a cluster and guards what is written in it.

Handlers are a few lines each: they read what the API server says, call the floors below and write what comes of it.
May import: everything below, and kopf, which nothing else may; it has no rules of its own.
What kopf remembers in annotations, an index or a cached list decides nothing here.
"""
