"""The panel, a third door over the pass: people sign in, ask from a catalogue, decide, and see what came of it.

It decides nothing. What it is told it writes to the ledger as evidence, and a controller's pass judges it as it judges
a signed commit or an annotation. What it shows is what the ledger and the documents in force say at the moment.
"""
