"""From the deadline to food in hands and money at farms."""

from distribution.models.bank import BankFile, BankLine, BankMatch
from distribution.models.boxes import BankDeposit, BouncedCheque, CashCount, DepositedCheque
from distribution.models.checks import StripeCheck, StripeFinding
from distribution.models.containers import ContainerReturn
from distribution.models.correction import Correction
from distribution.models.duty import Duty
from distribution.models.handover import Arrival, Confirmation, Handover, HandoverAction, Shortage
from distribution.models.invoice import Invoice, InvoiceFile
from distribution.models.paid_back import PaidBack
from distribution.models.paper import KeptPaper
from distribution.models.payout import Payout, PayoutFile, PayoutRun
from distribution.models.settlement import (
    PointStatement,
    PointStatementBlock,
    Receipt,
    Refund,
    Statement,
    StatementBlock,
)
from distribution.models.sheet import Closing, LineChange, MinimumDecision, Sheet

__all__ = [
    "Arrival",
    "BankDeposit",
    "BankFile",
    "BankLine",
    "BankMatch",
    "BouncedCheque",
    "CashCount",
    "Closing",
    "Confirmation",
    "ContainerReturn",
    "Correction",
    "DepositedCheque",
    "Duty",
    "Handover",
    "HandoverAction",
    "Invoice",
    "InvoiceFile",
    "KeptPaper",
    "LineChange",
    "MinimumDecision",
    "PaidBack",
    "Payout",
    "PayoutFile",
    "PayoutRun",
    "PointStatement",
    "PointStatementBlock",
    "Receipt",
    "Refund",
    "Sheet",
    "Shortage",
    "Statement",
    "StatementBlock",
    "StripeCheck",
    "StripeFinding",
]
