"""Public codes: what people read aloud, type and scan in place of row ids."""

import secrets

# No 0/O, 1/I/L, U/V: a code is read in a dim barn and typed with cold fingers.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"


def new_code(length: int = 6) -> str:
    """A random public code of `length` characters without look-alikes (29 letters: 6 give 594 million codes)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_long_code() -> str:
    """A code of ten characters, for rows that are many (offers, imports, households)."""
    return new_code(10)


def normalise(typed: str) -> str:
    """What somebody typed, as a code: upper case, without spaces and dashes."""
    return typed.upper().replace(" ", "").replace("-", "")
