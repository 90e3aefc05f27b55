"""From our accounts to the French plan comptable général: one table, explained in docs/livres.md.

The cooperative sells nothing itself: it collects in the name of farms (accounts 467), earns its fee (706), and holds what
households have paid ahead (411 in credit). The names are those of the file an auditor reads, and are never translated.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """An account of the plan comptable, of three digits or more: the tax office reads the first three. `auxiliary` ones
    are told apart by our own code (CompAuxNum)."""

    number: str
    name: str
    auxiliary: bool = False


CHART = {
    "household": Heading("411", "Foyers", auxiliary=True),
    "producer": Heading("4671", "Fermes, ventes à reverser", auxiliary=True),
    "host": Heading("4672", "Points de retrait, part des hôtes", auxiliary=True),
    "clearing": Heading("4678", "Distributions en cours de répartition", auxiliary=True),
    "deposits": Heading("4196", "Consignes reçues"),
    "hub": Heading("706", "Part de la coopérative"),
    "hub:vat": Heading("44571", "TVA collectée"),
    "bank": Heading("512", "Banque"),
    "bank:unmatched": Heading("471", "Virements reçus à identifier"),
    "bank:other": Heading("472", "Mouvements bancaires hors Cabas"),
    "bank:fees": Heading("6271", "Frais bancaires"),
    "cash": Heading("531", "Caisses des points de retrait", auxiliary=True),
    "cash:differences": Heading("658", "Écarts de caisse"),
    "cheques": Heading("5112", "Chèques à encaisser", auxiliary=True),
    "local": Heading("5118", "Monnaies locales", auxiliary=True),
    "stripe": Heading("517", "Stripe"),
    "stripe:fees": Heading("6278", "Commissions de Stripe"),
    "disputes": Heading("654", "Paiements contestés perdus"),
}
CARRIED_FORWARD = {
    True: Heading("110", "Report à nouveau créditeur"),
    False: Heading("119", "Report à nouveau débiteur"),
}
UNKNOWN = Heading("471", "À classer", auxiliary=True)

JOURNALS = {
    "AN": "À-nouveaux",
    "BQ": "Banque",
    "CA": "Caisses",
    "CH": "Chèques",
    "ML": "Monnaies locales",
    "ST": "Stripe",
    "VT": "Ventes",
    "OD": "Opérations diverses",
}
# Where money itself moves names the journal, whatever the other account is.
_MONEY = {"bank": "BQ", "cash": "CA", "cheques": "CH", "local": "ML", "stripe": "ST"}


def root(code: str) -> str:
    """What `CHART` knows an account by: its code, else what stands before the first colon."""
    return code if code in CHART else code.partition(":")[0]


def heading(code: str) -> Heading:
    """The account of the plan comptable one of ours belongs to."""
    return CHART.get(root(code), UNKNOWN)


def journal(debit: str, credit: str) -> str:
    """The journal of a movement between two accounts."""
    for code in (debit, credit):
        if (found := _MONEY.get(code.partition(":")[0])) is not None:
            return found
    return "VT" if "clearing" in (debit.partition(":")[0], credit.partition(":")[0]) else "OD"
