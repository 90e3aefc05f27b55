"""An invoice as Factur-X: UN/CEFACT Cross Industry Invoice in the profile EN 16931, written by the factur-x library.

The content says everything already; here it only gets the names of the European standard (BT- and BG- numbers) and the
codes of the French reform: BT-23 tells goods or services and whether it is paid, BT-21 the subjects of the notes.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from facturx import generate_cii_xml

from distribution.contents.invoices import Invoice, Line, Note, Party, Place, Rate
from hub.money import ZERO

PROFILE = "en16931"
INVOICE, CREDIT_NOTE = "380", "381"  # UNTDID 1001
SIREN, ELECTRONIC_ADDRESS = "0002", "0225"  # ISO 6523: registers of companies and of the French e-invoicing directory
SIRET = "0009"
UNITS = {"piece": "C62", "kg": "KGM", "service": "C62"}  # UN/ECE Recommendation 20
PAID_BY_OTHERS = "97"  # UNTDID 4461: settled between the partners (kept back, or paid to the cooperative)


NO_XML = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""Characters that people can type into a name and XML cannot hold."""


def xml(content: Invoice) -> str:
    """The XML of a document, valid against the schema of the profile. The same content gives the same text."""
    data = _data(_without(content))
    return str(generate_cii_xml(data, level=PROFILE, check_xsd=True, check_schematron=None).decode())


def _without(value: Any) -> Any:
    """The same content without the characters that XML cannot hold."""
    if isinstance(value, str):
        return NO_XML.sub("", value)
    if isinstance(value, list):
        return [_without(one) for one in value]
    return {key: _without(one) for key, one in value.items()} if isinstance(value, dict) else value


def _data(content: Invoice) -> dict[str, Any]:
    data = {
        "BT-1": content["number"],
        "BT-2": date.fromisoformat(content["issued_on"]),
        "BT-3": CREDIT_NOTE if content["kind"] == "credit-note" else INVOICE,
        "BT-5": content["currency"],
        "BT-13": content["order"],
        "BT-23": _process(content),
        "BG-1": _notes(content),
        "BG-3": _preceding(content),
        "BG-4": _party(content["seller"]) | {"tax_identifier": _tax_identifier(content["seller"])},
        "BG-7": _party(content["buyer"]),
        "BG-13": _place(content["deliver_to"]),
        "BG-23": [_rate(rate) for rate in content["rates"]],
        "BG-25": [_line(at, line) for at, line in enumerate(content["lines"], start=1)],
    }
    return {key: value for key, value in (data | _amounts(content) | _dates(content)).items() if value}


def _amounts(content: Invoice) -> dict[str, Any]:
    return {
        "BT-106": content["net"],
        "BT-109": content["net"],
        "BT-110": content["vat"],
        "BT-112": content["total"],
        "BT-113": content["paid"] if Decimal(content["paid"]) else "",
        "BT-115": str(Decimal(content["total"]) - Decimal(content["paid"])),
        "BT-20": content["paid_how"],
        "BT-81": PAID_BY_OTHERS if Decimal(content["paid"]) else "",
    }


def _dates(content: Invoice) -> dict[str, Any]:
    first, last = content.get("period") or (None, None)
    due = content["due_on"] or content["paid_on"]
    return {
        "BT-9": due and date.fromisoformat(due),
        "BT-72": content["delivered_on"] and date.fromisoformat(content["delivered_on"]),
        "BT-73": first and date.fromisoformat(first),
        "BT-74": last and date.fromisoformat(last),
    }


def _process(content: Invoice) -> str:
    """B goods, S services; 1 an invoice, 2 one that is paid already."""
    letter = "S" if content["operation"] == "services" else "B"
    return letter + ("2" if Decimal(content["paid"]) == Decimal(content["total"]) else "1")


def _notes(content: Invoice) -> list[dict[str, str]]:
    notes: list[Note] = [
        {"code": "BAR", "text": "B2B" if content["buyer"]["siren"] else "B2C"},
        *content["notes"],
        {
            "code": "AAI",
            "text": " · ".join(filter(None, [content["about"], content["statement"], content["on_behalf"]])),
        },
    ]
    return [{"BT-21": note["code"], "BT-22": note["text"]} for note in notes]


def _preceding(content: Invoice) -> list[dict[str, Any]]:
    first = content["preceding"]
    return [{"BT-25": first["number"], "BT-26": date.fromisoformat(first["issued_on"])}] if first else []


def _party(party: Party) -> dict[str, Any]:
    known = {
        "name": party["name"],
        "biz_name": party["trade_name"],
        "identifiers": {SIRET: party["siret"]} if party["siret"] else {},
        "legal_identifier": party["siren"],
        "legal_identifier_schemeid": SIREN if party["siren"] else "",
        "vat_identifier": party["vat_number"],
        "einvoicing_addr": party["siren"],
        "einvoicing_addr_schemeid": ELECTRONIC_ADDRESS if party["siren"] else "",
        "postcode": party["postcode"],
        "city": party["city"],
        "country_code": party["country"],
    }
    return {key: value for key, value in (known | _street(party["street"])).items() if value}


def _tax_identifier(party: Party) -> str:
    """A seller without a VAT number is known to the tax office by its SIREN."""
    return "" if party["vat_number"] else party["siren"]


def _street(lines: Sequence[str]) -> dict[str, str]:
    """Three lines at most: what is beyond goes on the third."""
    first, second, *rest = [*lines, "", ""]
    return {"addr_l1": first, "addr_l2": second, "addr_l3": ", ".join(filter(None, rest))}


def _place(place: Place | None) -> dict[str, Any]:
    if place is None:
        return {}
    known = {"name": place["name"], "postcode": place["postcode"], "city": place["city"], "country_code": "FR"}
    return {key: value for key, value in (known | _street(place["street"])).items() if value}


def _category(rate: str | None) -> dict[str, str]:
    """S at a rate, E exempt (UNTDID 5305); a rate of nothing is Z."""
    if rate is None:
        return {"code": "E", "rate": "0"}
    return {"code": "S" if Decimal(rate) > ZERO else "Z", "rate": rate}


def _rate(rate: Rate) -> dict[str, Any]:
    category = _category(rate["rate"])
    data = {
        "BT-116": rate["net"],
        "BT-117": rate["vat"],
        "BT-118": category["code"],
        "BT-119": category["rate"],
        "BT-120": rate["why"],
        "BT-121": rate["code"],
    }
    return {key: value for key, value in data.items() if value}


def _line(at: int, line: Line) -> dict[str, Any]:
    category = _category(line["rate"])
    data = {
        "BT-126": str(at),
        "BT-129": line["quantity"],
        "BT-130": UNITS[line["unit"]],
        "BT-131": line["net"],
        "BT-146": line["unit_net"],
        "BT-151": category["code"],
        "BT-152": category["rate"],
        "BT-153": line["name"],
        "BT-154": line["detail"],
        "BT-155": line["ref"],
    }
    return {key: value for key, value in data.items() if value}
