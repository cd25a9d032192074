"""The JSON API under /api/v1: what the pages do, under the same rights, for scripts that bring a bearer token.

It asks the same functions as the pages and gives the words of the command line's JSON; it has no rules of its own.
"""
