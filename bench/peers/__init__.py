"""What Assent is measured against, each in its best form; a file here is one peer, and imports nothing of Assent."""
