"""The invariants as SQL that shares nothing with the code that wrote the rows; see reconcile.py."""

from distribution.proofs.bank import BANK
from distribution.proofs.books import BOOKS
from distribution.proofs.boxes import BOXES
from distribution.proofs.closed import CLOSED
from distribution.proofs.invoices import INVOICES
from distribution.proofs.orders import ORDERS
from distribution.proofs.papers import PAPERS
from distribution.proofs.payouts import PAYOUTS
from distribution.proofs.prices import PRICES
from distribution.proofs.proof import Proof

PROOFS = (*ORDERS, *PAPERS, *BOOKS, *PAYOUTS, *BANK, *BOXES, *CLOSED, *PRICES, *INVOICES)

__all__ = ["PROOFS", "Proof"]
