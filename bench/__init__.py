"""Side by side with what people would use instead: the same work, the same answers, and how long each takes.

A row is one comparison (`bench.rows`), a contender is one way to do its work, in its best form. Every round runs each
contender once, in an order of its own; what is told is the median's ratio. Before anything is timed the answers are
compared, and where they differ there is no figure. May import everything; nothing imports it but its test.
"""
