"""What a proof is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    """A statement whose every row is a difference: subject, found, expected. `invariant` is its number in the rules of
    the house."""

    invariant: int
    what: str
    statement: str
