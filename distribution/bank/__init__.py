"""The bank's statements: read as banks export them, written once, and each line led to whom it concerns."""
