"""What the routes' test knows of single routes: the rows their addresses are about, whose they are, and what to post.

A new route is found by itself. It needs a line in ROWS when its address has a part that DEFAULTS does not explain, a line in
OWNERS when others than its audience's right persons may see that row, and a line in POSTS when it takes a POST.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from tests.house.uploads import CATALOGUE, bank_csv, photo

# Addresses of libraries: their own tests say who may; ours say how they are set up (tests/hub).
ELSEWHERE = {
    "sign-in/": ("allauth", "hub.tries", "hub.views.account"),
    "admin/": ("hub.admin_site", "django.contrib", "django.views.generic", "allauth.account.decorators"),
}

# The audience of what programs call: no page, and no session opens it.
TOKEN = "token"

# Who may ask for the pages of an audience, and for the single rows behind them, unless OWNERS says otherwise.
EVERYBODY = frozenset({"household", "other household", "farmer", "other farmer", "host", "other host", "coordinator"})
AUDIENCES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "public": (EVERYBODY | {"anonymous"}, EVERYBODY | {"anonymous"}),
    "member": (EVERYBODY, frozenset({"household"})),
    "producer": (frozenset({"farmer", "other farmer", "coordinator"}), frozenset({"farmer", "coordinator"})),
    "host": (frozenset({"host", "other host", "coordinator"}), frozenset({"host", "coordinator"})),
    "coordinator": (frozenset({"coordinator"}), frozenset({"coordinator"})),
    # Programs that sign what they send: nobody looks at these, and what is not signed is refused (tests of their views).
    "signature": (EVERYBODY | {"anonymous"}, EVERYBODY | {"anonymous"}),
}
OWNERS: dict[str, frozenset[str]] = {
    "orders:joining": EVERYBODY,
    # In this world it is the coordinator's own household whose bank refused.
    "orders:card-mending": frozenset({"coordinator"}),
    "orders:card-mended": frozenset({"coordinator"}),
    "hub:host-answer": EVERYBODY,
    "producers:invitation-answer": EVERYBODY,
    "distribution:scanned": frozenset({"household", "host", "coordinator"}),
    "distribution:receipt": frozenset({"household", "coordinator"}),
    "distribution:cents": frozenset({"household", "coordinator"}),
    "distribution:sheet": frozenset({"host", "farmer", "coordinator"}),
    "producers:mandate": frozenset({"other farmer", "coordinator"}),
    "distribution:invoice-request": frozenset({"household"}),
    "distribution:invoice-file": frozenset({"household", "farmer", "coordinator"}),
}

# Part of an address -> row of the small world (tests/house/world.py).
DEFAULTS = {
    "producer": "farm", "week": "week", "collection": "today", "order": "order", "product": "product",
    "packaging": "pack", "number": "statement", "fingerprint": "sheet", "uid": "act", "household": "asking",
    "product_code": "product", "digest": "photo",
}  # fmt: skip
LITERAL = {"format_": "csv", "suffix": "xml", "width": "240", "kind": "vat"}
ROWS: dict[str, dict[str, str]] = {
    "hub:token-revocation": {"code": "key"},
    "api:open-data": {"week": "stated week"},
    "hub:my-point": {"code": "point"},
    "hub:host-invite": {"code": "point"},
    "hub:host-resend": {"code": "point"},
    "hub:host-withdraw": {"code": "point"},
    "hub:host-dismiss": {"code": "point"},
    "hub:point-practical": {"code": "point"},
    "hub:point": {"code": "point"},
    "hub:point-close": {"code": "empty point"},
    "hub:point-account": {"code": "point"},
    "hub:point-account-confirmation": {"code": "changed point"},
    "distribution:point-part": {"code": "point"},
    "distribution:point-statement-file": {"number": "point statement"},
    "hub:dates": {"code": "point"},
    "hub:schedule-new": {"code": "point"},
    "hub:schedule": {"code": "point", "number": "schedule"},
    "hub:schedule-end": {"code": "point", "number": "schedule"},
    "hub:date-new": {"code": "point"},
    "hub:date": {"code": "point", "collection": "forecast"},
    "producers:farm-account-confirmation": {"producer": "changed farm"},
    "producers:supplies": {"code": "point"},
    "producers:supply": {"code": "point"},
    "hub:host-invitation": {"token": "point token"},
    "hub:host-answer": {"token": "point token"},
    "producers:invitation": {"token": "producer token"},
    "producers:invitation-answer": {"token": "producer token"},
    "hub:unsubscribe": {"token": "leaving token"},
    "hub:membership-decision": {"code": "point"},
    "producers:import-preview": {"code": "import"},
    "producers:import-to-correct": {"code": "import"},
    "producers:import-confirm": {"code": "import"},
    "producers:import-undo": {"code": "written import"},
    "producers:week-copy": {"week": "following week"},
    "orders:farm-product": {"code": "product"},
    "orders:point": {"code": "point"},
    "orders:joining": {"code": "other point"},
    "orders:leaving": {"code": "point"},
    "orders:again": {"code": "next sale"},
    "orders:card-mending": {"code": "unpaid"},
    "orders:card-mended": {"code": "unpaid"},
    "orders:topped-up": {"code": "top-up"},
    "orders:top-up-cancellation": {"code": "top-up"},
    "orders:debit-file": {"code": "debit file"},
    "orders:debit-result": {"code": "debit"},
    "distribution:minimum": {"collection": "undecided"},
    "distribution:refund-choice": {"collection": "short"},
    "distribution:refund-payment": {"collection": "short", "household": "household"},
    "distribution:refund-undo": {"collection": "refunded", "household": "household"},
    "distribution:pay-back": {"household": "household"},
    "distribution:paid-back-undo": {"household": "household", "key": "paid back"},
    "distribution:payout-run": {"run": "hand run"},
    "distribution:payout-run-file": {"run": "file run"},
    "distribution:payout-run-sent": {"run": "file run"},
    "distribution:payout-run-executed": {"run": "sent run"},
    "distribution:payout-run-made": {"run": "hand run"},
    "distribution:payout-run-withdrawal": {"run": "hand run"},
    "distribution:payout-made": {"run": "hand run", "number": "statement of hand run"},
    "distribution:payout-taken-back": {"run": "sent run", "number": "statement of sent run"},
    "distribution:receipt": {"order": "settled order"},
    "producers:mandate": {"producer": "other farm"},
    "distribution:invoice-request": {"order": "settled order"},
    "distribution:invoice-file": {"issuer": "farm", "number": "invoice"},
    "distribution:invoice": {"issuer": "farm", "number": "invoice"},
    "distribution:credit-note": {"issuer": "farm", "number": "invoice"},
    "distribution:cents": {"order": "settled order"},
    "distribution:cents-of-all": {"collection": "settled"},
    "distribution:account": {"household": "household"},
    "distribution:receive": {"household": "household"},
    "distribution:grant": {"household": "household"},
    "distribution:dispute": {"number": "dispute"},
    "distribution:box": {"point": "point"},
    "distribution:box-count": {"point": "point", "means": "means"},
    "distribution:box-deposit": {"point": "point", "means": "means"},
    "distribution:box-count-undo": {"point": "point", "key": "count"},
    "distribution:deposit-undo": {"number": "cash deposit"},
    "distribution:slip": {"number": "slip"},
    "distribution:bounce": {"key": "handed in"},
    "distribution:bounce-undo": {"key": "bounced"},
    "distribution:bank-file": {"code": "bank file"},
    "distribution:bank-confirm": {"code": "bank file"},
    "distribution:bank-line": {"line": "bank line"},
    "distribution:bank-use": {"line": "bank line"},
    "distribution:bank-undo": {"line": "known bank line", "number": "use"},
    "distribution:payment-undo": {"household": "household", "key": "paid"},
    "distribution:prolongation": {"collection": "sale"},
    "distribution:cancellation": {"collection": "sale"},
    **{
        f"orders:{name}": {"code": "sale"}
        for name in (
            "shop", "wish", "favourite", "product", "order", "sending", "cancellation", "giving-up", "calendar",
        )
    },
}  # fmt: skip

# What makes a POST of the right person change something. `{row}` stands for a row of the small world; what is named in FILES
# is sent as that file.
FILES = {
    "file": ("catalogue.csv", CATALOGUE.format(product="Blette").encode()),
    "photo": ("photo.png", photo("red")),
    "statement": ("releve.csv", bank_csv("COTISATION;-5,00")),
}
POINT = {
    "name": "Tout autre", "kind": "market", "joining": "open", "payment_methods": "at-point", "refused_card": "at-point",
    "account_floor": "0",
    "at_point_ceiling": "300", "delay_hours": "2", "minimum_default": "deliver", "label_grid": "3x8",
}  # fmt: skip
SCHEDULE = {
    "weekday": "6", "starts": "17:30", "ends": "19:00", "opens_days_before": "6", "opens": "08:00", "closes_days_before": "2",
    "closes": "20:00", "every_weeks": "1", "valid_from": "2099-01-05",
}  # fmt: skip
DATE = {
    "day": "2099-06-20", "starts": "10:00", "ends": "12:00", "opens_day": "2099-06-10", "opens": "08:00",
    "closes_day": "2099-06-19", "closes": "20:00",
}  # fmt: skip
POSTS: dict[str, dict[str, str]] = {
    "hub:account": {"first_name": "Zoé", "last_name": "Tout Autre", "phone": "", "language": "fr"},
    "distribution:own-data": {"sure": "yes"},
    "distribution:invoice-request": {
        "name": "Foyer Tout Autre", "address": "1 rue", "postcode": "35000", "city": "Rennes", "siren": "",
    },
    "distribution:credit-note": {"reason": "Erreur", "whole": "on"},
    "producers:mandate": {},
    "producers:mandate-withdrawal": {},
    "hub:household": {"household-name": "Tout autre", "household-city": "Gonlay"},
    "hub:language": {"language": "en"},
    "hub:tokens": {"name": "Tableur", "scopes": "read"},
    "hub:token-revocation": {},
    "hub:wanted-messages": {"messages-wanted": "last-day"},
    "hub:membership-decision": {"answer": "yes"},
    "hub:host-invite": {"email": "nora@exemple.fr"},
    "hub:host-resend": {"email": "invitee@exemple.fr"},
    "hub:host-withdraw": {"email": "invitee@exemple.fr"},
    "hub:host-dismiss": {"email": "{host email}"},
    "hub:host-answer": {},
    "hub:point-practical": {"phone": "02 99 00 00 09"},
    "hub:cooperative": {"name": "Tout autre", "sheet_weeks": "26"},
    "hub:fee-announce": {"payee": "hub", "percentage": "11", "valid_from": "{later day}"},
    "hub:fee-take-back": {"rule": "{fee}"},
    "hub:vat-add": {"percentage": "8,1", "valid_from": "{later day}"},
    "hub:point-new": POINT,
    "hub:point": POINT,
    "hub:point-account": {"holder": "Les Amis du point", "iban": "FR7630006000011234567890189", "bic": ""},
    "hub:point-account-confirmation": {"seen": "{point account}"},
    "hub:point-close": {},
    "hub:schedule-new": SCHEDULE | {"weekday": "5"},
    "hub:schedule": SCHEDULE,
    "hub:schedule-end": {"last_day": "2099-12-31"},
    "hub:date-new": DATE,
    "hub:date": DATE,
    "producers:farm-new": {"name": "Tout autre", "vat_regime": "standard"},
    "producers:supplies": {"producer": "{other farm id}", "since": "{later day}", "minimum_amount": "0"},
    "producers:supply": {"since": "{later day}", "minimum_amount": "12"},
    "producers:coordinator-appoint": {"email": "{host email}"},
    "producers:coordinator-dismiss": {"email": "{second coordinator}"},
    "producers:person-invite": {"email": "nora@exemple.fr"},
    "producers:person-resend": {"email": "invitee@exemple.fr"},
    "producers:person-withdraw": {"email": "invitee@exemple.fr"},
    "producers:person-part": {"email": "{farmer email}"},
    "producers:invitation-answer": {},
    "producers:farm-profile": {"story": "Tout autre"},
    "producers:farm-identity": {
        "identity-legal_name": "Tout autre", "identity-vat_regime": "standard", "identity-default_vat_rate": "5.5",
    },
    "producers:farm-photo": {"photo": ""},
    "producers:farm-photo-removal": {},
    "producers:farm-account": {"iban": "FR1420041010050500013M02606"},
    "producers:farm-account-confirmation": {"seen": "{farm account}"},
    "producers:farm-stripe": {},
    "producers:product-new": {
        "name": "Blette", "unit": "piece", "aisle": "vegetables", "vat_rate": "5.5", "zone": "dry",
        "packaging-label": "botte", "packaging-content": "1", "packaging-price": "2,20",
    },
    "producers:product": {"name": "Tout autre", "unit": "piece", "aisle": "vegetables", "vat_rate": "5.5", "zone": "dry"},
    "producers:product-archive": {},
    "producers:product-photo": {"photo": ""},
    "producers:product-photo-removal": {},
    "producers:packaging-new": {"packaging-label": "caisse", "packaging-content": "6", "packaging-price": "9"},
    "producers:packaging": {"packaging-label": "caisse", "packaging-content": "1", "packaging-price": "9"},
    "producers:packaging-archive": {},
    "producers:import-confirm": {},
    "producers:import-undo": {},
    "producers:import": {"file": ""},
    "producers:week-copy": {},
    "producers:week": {"{pack}-quantity": "7", "{pack}-price": "3,00", "{pack}-on_sale": "on"},
    "producers:week-row": {"{pack}-quantity": "7", "{pack}-price": "3,00", "{pack}-on_sale": "on"},
    "orders:joining": {"message": "Bonjour"},
    "orders:leaving": {},
    "orders:wish": {"q-{pack}": "5", "s-{pack}": "2"},
    "orders:favourite": {},
    "orders:sending": {"q-{pack}": "3", "payment_method": "at-point"},
    "orders:cancellation": {},
    "orders:giving-up": {},
    "orders:again": {},
    "orders:card-saving": {},
    "orders:card-removal": {},
    "orders:card-mending": {},
    "distribution:arrival": {"state": "expected"},
    "distribution:acts": {"kind": "note", "text": "Sous le porche"},
    "distribution:undo": {},
    "distribution:closing": {"fate-{order}": "kept", "early": "1"},
    "distribution:minimum": {"choice": "deliver"},
    "distribution:correction-aside": {"correction": "{correction}", "why": "F-12"},
    "distribution:correction": {
        "producer": "{farm}", "way": "take", "amount": "3,20", "words": "Salades abîmées", "key": "correction:1",
    },
    "distribution:payout-run-new": {"rail": "hand", "number": "{statement}"},
    "distribution:payout-run-sent": {},
    "distribution:payout-run-executed": {},
    "distribution:payout-run-made": {},
    "distribution:payout-run-withdrawal": {},
    "distribution:payout-made": {},
    "distribution:payout-taken-back": {"reason": "rejected"},
    "distribution:refund-choice": {"choice": "credit"},
    "distribution:refund-payment": {},
    "distribution:refund-undo": {},
    "distribution:pay-back": {"amount": "0,20", "key": "paid-back:typed"},
    "distribution:paid-back-undo": {},
    "distribution:receive": {"amount": "12,50", "means": "transfer", "key": "treasury:typed"},
    "distribution:payment-undo": {},
    "orders:top-up": {"amount": "30", "means": "debit", "parts": "1", "key": "top-up:typed"},
    "orders:mandate-signing": {
        "mandate-notice_days": "14", "mandate-holder": "Camille", "mandate-iban": "FR76 3000 6000 0112 3456 7890 189",
    },
    "orders:mandate-revocation": {},
    "orders:top-up-cancellation": {},
    "orders:debit-writing": {},
    "orders:debit-result": {"result": "paid"},
    "distribution:dispute": {"charge": "no"},
    "distribution:grant": {"order": "{whole order}", "amount": "0,10"},
    "distribution:bank": {"statement": ""},
    "distribution:box-count": {"n-20": "9", "seen": "{in the box}", "note": "monnaie", "key": "box:typed"},
    "distribution:box-deposit": {"amount": "1,00", "key": "box:carried"},
    "distribution:box-count-undo": {},
    "distribution:deposit-undo": {},
    "distribution:cheques": {"cheque": "{cheque}", "key": "box:slip"},
    "distribution:bounce": {"reason": "sans provision", "key": "box:back"},
    "distribution:bounce-undo": {},
    "distribution:bank-confirm": {},
    "distribution:bank-use": {"kind": "fees", "amount": "2,00", "key": "bank:typed"},
    "distribution:bank-undo": {},
    "distribution:sending": {"notice": "{sent notice}", "uid": "8a0e3c9e-8a43-4a1b-9a07-5a3d6a6a7d10"},
    "distribution:message": {"notice": "{failed notice}", "uid": "8a0e3c9e-8a43-4a1b-9a07-5a3d6a6a7d10"},
    "distribution:amendment": {"see": "1", "q-{line}": "1", "seen-{line}": "2", "reason": "mistake"},
    "distribution:prolongation": {"day": "{later day}", "hour": "{later hour}"},
    "distribution:cancellation": {"reason": "Gel"},
}  # fmt: skip


# What the right person of the small world is refused: its household has an order on its way.
REFUSED = {"distribution:own-data"}
# Pages of the right person that a rule refuses in the small world, and what they answer: no day of it is closed yet.
NOT_YET = {"distribution:books-archive": 409}
# What these begin is remembered by Stripe, not by us.
AT_STRIPE = frozenset({"orders:card-saving", "producers:farm-stripe"})


@dataclass(frozen=True)
class Route:
    """One line of the URLconf."""

    name: str
    path: str
    parts: tuple[str, ...]
    view: Any

    @property
    def audience(self) -> str:
        return str(getattr(self.view, "audience", ""))

    def __str__(self) -> str:
        return f"{self.name or 'no name'} ({self.path})"


def routes() -> Iterator[Route]:
    """Every page of the URLconf, libraries' apart."""
    return (route for route in _ours() if route.audience != TOKEN)


def calls() -> Iterator[Route]:
    """Every call of the web API that needs a token (tests/house/test_calls.py)."""
    return (route for route in _ours() if route.audience == TOKEN)


def _ours() -> Iterator[Route]:
    for route in _walk(get_resolver(), "", ()):
        if not any(route.path.startswith(prefix) for prefix in ELSEWHERE):
            yield route


def of_libraries() -> Iterator[Route]:
    """Every address under a library's prefix."""
    for route in _walk(get_resolver(), "", ()):
        if any(route.path.startswith(prefix) for prefix in ELSEWHERE):
            yield route


def _walk(resolver: URLResolver, path: str, spaces: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        here = path + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, here, (*spaces, entry.namespace) if entry.namespace else spaces)
        elif isinstance(entry, URLPattern):
            name = ":".join((*spaces, entry.name or ""))
            parts = (
                dict(entry.pattern.regex.groupindex)
                if isinstance(entry.pattern, RegexPattern)
                else entry.pattern.converters
            )
            yield Route(name, here, tuple(parts), entry.callback)


def arguments(route: Route, rows: dict[str, Any]) -> dict[str, Any]:
    """What to put into an address. Raises LookupError with the name of a part nobody has explained."""
    of_route = DEFAULTS | ROWS.get(route.name, {})
    return {
        part: LITERAL[part] if part in LITERAL and part not in of_route else rows[of_route[part]]
        for part in route.parts
    }


def welcome(route: Route) -> frozenset[str]:
    """Who may."""
    pages, single = AUDIENCES[route.audience]
    return OWNERS.get(route.name, single if route.parts else pages)
