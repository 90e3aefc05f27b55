"""Numbers others gave out: SIRET, VAT number, IBAN, BIC. Checked by their own check digits, before they are written.

The only module that imports stdnum and schwifty. An empty text stays empty: who has no number has none.
"""

from django.utils.translation import gettext_lazy as _
from schwifty import BIC, IBAN
from schwifty import exceptions as banks
from stdnum import exceptions as numbers
from stdnum.eu import vat
from stdnum.fr import siren as companies
from stdnum.fr import siret as french

from hub.refusals import Refusal, Words


class WrongNumber(Refusal):
    """A number that its own check digits, length or country contradict."""

    code = "wrong-number"
    status = 422


def siret(text: str) -> str:
    """The fourteen digits of a French establishment (SIREN and NIC, Luhn). Raises WrongNumber."""
    try:
        return str(french.validate(text)) if text.strip() else ""
    except numbers.InvalidChecksum as error:
        raise WrongNumber(_CHECK) from error
    except numbers.ValidationError as error:
        raise WrongNumber(_("A SIRET number has fourteen digits.")) from error


def siren(text: str) -> str:
    """The nine digits of a French company (Luhn), from its SIREN or from the SIRET of one of its places. Raises WrongNumber."""
    digits = "".join(text.split())
    if not digits:
        return ""
    if len(digits) == 14:
        return siret(digits)[:9]
    try:
        return str(companies.validate(digits))
    except numbers.InvalidChecksum as error:
        raise WrongNumber(_CHECK) from error
    except numbers.ValidationError as error:
        raise WrongNumber(_("A SIREN number has nine digits.")) from error


def vat_number(text: str, *, siret: str = "") -> str:
    """An intra-community VAT number with its country; a French one must be that of the same company as the SIRET.
    Raises WrongNumber."""
    if not text.strip():
        return ""
    try:
        number = str(vat.validate(text))
    except numbers.InvalidChecksum as error:
        raise WrongNumber(_CHECK) from error
    except numbers.ValidationError as error:
        raise WrongNumber(_("A VAT number begins with its country, as in FR 44 732829320.")) from error
    if siret and number.startswith("FR") and number[4:] != siret[:9]:
        raise WrongNumber(_("This VAT number is not that of the company of this SIRET number."))
    return number


def account(iban_text: str, bic_text: str = "") -> tuple[str, str]:
    """IBAN and BIC of a bank account without spaces; where no BIC is given, the one the IBAN's bank is known by, if any.
    Raises WrongNumber."""
    iban = _iban(iban_text)
    if not bic_text.strip():
        known = iban.bic
        return str(iban), str(known) if known else ""
    try:
        return str(iban), str(BIC(bic_text.replace(" ", "").upper()))
    except banks.SchwiftyException as error:
        raise WrongNumber(
            _("A BIC has eight or eleven characters, as in AGRIFRPP. Leave it empty if you do not know it."),
            field="bic",
        ) from error


def masked(iban: str) -> str:
    """FR76 … 0189: enough for its owner to know it again."""
    return f"{iban[:4]} … {iban[-4:]}" if iban else ""


def spaced(iban: str) -> str:
    """In groups of four, as people compare it."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _iban(text: str) -> IBAN:
    try:
        iban = IBAN(text.upper(), validate_bban=True)
    except (banks.InvalidChecksumDigits, banks.InvalidBBANChecksum) as error:
        raise WrongNumber(_CHECK, field="iban") from error
    except banks.InvalidLength as error:
        raise WrongNumber(_("This IBAN is too short or too long for its country."), field="iban") from error
    except banks.SchwiftyException as error:
        raise WrongNumber(
            _("This is not an IBAN: it begins with two letters and two digits, as in FR76 3000 …"), field="iban"
        ) from error
    if not iban.in_sepa_zone:
        raise WrongNumber(_("This account is outside the SEPA area: choose one within it."), field="iban")
    return iban


_CHECK: Words = _(
    "The check digits do not fit: a digit is wrong or two are swapped. Please compare with your document."
)


def creditor_id(text: str) -> str:
    """A SEPA creditor identifier (in France, the ICS given by the bank): compact, its check digits right. Raises
    WrongNumber."""
    plain = "".join(text.split()).upper()
    if not plain:
        return ""
    known = len(plain) >= 8 and plain.isascii() and plain.isalnum() and plain[:2].isalpha() and plain[2:4].isdigit()
    # The three signs of the business code are left out of the check.
    if not known or int("".join(str(int(sign, 36)) for sign in plain[7:] + plain[:4])) % 97 != 1:
        raise WrongNumber(
            _("This is no creditor identifier: FR, two digits, three signs, then the number of the bank.")
        )
    return plain
