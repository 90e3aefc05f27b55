"""Boxes and cheques: counted, carried to the bank, and what comes back from there."""
