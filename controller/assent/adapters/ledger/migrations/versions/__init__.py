"""One module a revision, named by what it brings and its number."""
