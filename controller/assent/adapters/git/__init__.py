"""Git: commits to documents and evidence, read as data and never checked out (rules 36 to 40).

GitPython opens and locates a repository; what is read comes from fixed plumbing in an environment made from nothing,
and every object is hashed again against its name. Nothing of the tree under judgement is executed or followed.
May import: GitPython, cryptography, `documents`, `api`, `errors`. It decides nothing: who may do what is the core's.
What a person can mend is raised as RepositoryError or HistoryError; what stands in documents is a finding.
"""
