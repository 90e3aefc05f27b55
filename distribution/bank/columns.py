"""Which column of a bank's CSV file is what, by the headings that banks in France give them."""

from collections.abc import Sequence
from dataclasses import dataclass

from distribution.bank.values import words

NAMES: dict[str, tuple[str, ...]] = {
    "day": (
        "date", "date operation", "date de l operation", "date d operation", "date de operation", "date comptable",
        "date de comptabilisation", "date comptabilisation", "dateop", "date op", "date ope", "jour", "booking date",
        "date ecriture", "date de l ecriture",
    ),
    "value": ("date valeur", "date de valeur", "dateval", "date val", "valeur", "value date"),
    "label": (
        "libelle", "libelle operation", "libelle de l operation", "libelle de l ecriture", "libelle ecriture",
        "libelle simplifie", "libelle court", "libelle complet", "libelle detaille", "nature", "nature operation",
        "nature de l operation", "intitule", "designation", "operation", "description", "label", "details",
        "detail", "detail operation", "motif", "informations complementaires", "information complementaire",
        "libelle complementaire", "complement", "communication", "reference", "reference operation",
    ),
    "amount": (
        "montant", "montant operation", "montant de l operation", "montant signe", "amount", "mouvement",
    ),
    "debit": ("debit", "montant debit", "debits", "debit operation", "sortie", "sorties", "depense", "depenses"),
    "credit": ("credit", "montant credit", "credits", "credit operation", "entree", "entrees", "recette", "recettes"),
    "sense": ("sens", "d c", "debit credit", "type de mouvement"),
    "party": (
        "tiers", "nom", "nom de la contrepartie", "nom contrepartie", "contrepartie", "emetteur", "donneur d ordre",
        "beneficiaire", "counterparty",
    ),
    "party_iban": ("iban contrepartie", "iban de la contrepartie", "compte contrepartie", "iban tiers"),
    "balance": (
        "solde", "solde progressif", "solde courant", "solde apres operation", "solde apres l operation", "solde comptable",
        "solde du compte", "balance", "running balance",
    ),
    "currency": ("devise", "monnaie", "currency"),
}  # fmt: skip
_KINDS = {name: kind for kind, names in NAMES.items() for name in names}
_IDLE = ("en euros", "en euro", "en eur", "euros", "euro", "eur")


@dataclass(frozen=True)
class Columns:
    """Positions of what is wanted; a label may be spread over several."""

    at: dict[str, int]
    labels: tuple[int, ...]

    def missing(self) -> list[str]:
        """Which of date, label and amount no heading names."""
        amounts = "amount" in self.at or ("debit" in self.at and "credit" in self.at)
        return [
            name
            for name, found in (("day", "day" in self.at), ("label", bool(self.labels)), ("amount", amounts))
            if not found
        ]


def kind_of(heading: str) -> str:
    """What a heading stands for, "" for one we do not need."""
    name = words(heading)
    for idle in _IDLE:
        name = name.removesuffix(f" {idle}")
    return _KINDS.get(name, "")


def named(cells: Sequence[str]) -> Columns:
    """The columns of a row of headings. The first of two with the same meaning counts; labels are all taken."""
    at: dict[str, int] = {}
    labels = []
    for position, heading in enumerate(cells):
        kind = kind_of(heading)
        if kind == "label":
            labels.append(position)
        elif kind:
            at.setdefault(kind, position)
    return Columns(at, tuple(labels))
