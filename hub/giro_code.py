"""The QR code that banking apps read to fill in a transfer (EPC069-12, "GiroCode")."""

from decimal import Decimal

LONGEST_NAME = 70


def giro_code(*, name: str, iban: str, reference: str, amount: Decimal | None = None, bic: str = "") -> str:
    """The text to encode, in UTF-8. Without an amount the payer types one; within the SEPA area no BIC is needed."""
    sum_to_pay = f"EUR{amount:.2f}" if amount else ""
    return "\n".join(["BCD", "002", "1", "SCT", bic, name[:LONGEST_NAME], iban, sum_to_pay, "", "", reference])
