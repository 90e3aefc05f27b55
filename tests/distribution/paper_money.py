"""A statement and a receipt as frozen content, their amounts worked out here with integers."""

from distribution.contents.money import RateTotal, Receipt, ReceiptLine, Statement, StatementCollection, StatementRow
from tests.distribution.paper_orders import euros

HUB = {"name": "Les Cabas du Bocage", "lines": ["SCIC, 2 place de l’Église, 00000 Saint-Goustan"]}
CIDER = [
    ("CID", "Cidre brut", "bouteille 75 cl", 420, "20"),
    ("JUS", "Jus de pomme trouble", "bouteille 1 L", 320, "5.5"),
]
POINTS = ("Café de la Gare", "Grange des Tilleuls", "Tournée du Bocage", "Halle de Montreuil", "École de Kerbihan")


def signed(cents: int) -> str:
    return f"-{euros(-cents)}" if cents < 0 else euros(cents)


def rates(gross: dict[str, int]) -> list[RateTotal]:
    """Net and VAT of the gross cents of each rate."""
    found: list[RateTotal] = []
    for rate, cents in gross.items():
        net = round(cents / (1 + float(rate) / 100))
        found.append({"rate": rate, "net": euros(net), "vat": euros(cents - net), "gross": euros(cents)})
    return found


def statement(collections: int = 5, *, products: int = 2) -> Statement:
    """Juice and cider of one farm at several points, one bottle broken each time."""
    blocks = [_collection(nth, products) for nth in range(collections)]
    gross = {"20": 0, "5.5": 0}
    for _block, cents in blocks:
        gross = {rate: gross[rate] + cents[rate] for rate in gross}
    total = sum(gross.values())
    fees = [total * 8 // 100, total * 12 // 100]
    net = total - sum(fees) + 2520 - 640
    return {
        "number": "R-2026-0012", "language": "fr", "currency": "EUR", "issued_at": "2026-11-30T06:00:00+01:00",
        "week": "2026-W48", "hub": {"name": HUB["name"], "lines": list(HUB["lines"])}, "producer_code": "haute-lande",
        "producer": {"name": "Vergers de la Haute-Lande", "lines": ["Kerhuel, 00000 Saint-Goustan", "SIRET 000 000 000 00017"]},
        "net": signed(net), "due_on": "2026-12-01", "account_end": "4821", "vat_note": "",
        "entries": [
            {"what": "sales", "percent": None, "note": "", "net": None, "vat": None, "gross": euros(total)},
            {"what": "host-fee", "percent": "8", "note": "franchise en base, art. 293 B", "net": None, "vat": None, "gross": signed(-fees[0])},
            {"what": "hub-fee", "percent": "12", "note": "", "net": signed(-fees[1] * 5 // 6), "vat": signed(-fees[1] // 6), "gross": signed(-fees[1])},
            {"what": "deposits", "percent": None, "note": "84 bouteilles à 0,30 €", "net": None, "vat": None, "gross": "25.20"},
            {"what": "correction", "percent": None, "note": "du relevé R-2026-0007", "net": None, "vat": None, "gross": "-6.40"},
        ],
        "rates": rates(gross), "undelivered": euros(320 * collections),
        "means": [{"means": "card", "amount": euros(total * 3 // 5)}, {"means": "at-point", "amount": euros(total - total * 3 // 5)}],
        "collections": [block for block, _cents in blocks],
    }  # fmt: skip


def _collection(nth: int, products: int) -> tuple[StatementCollection, dict[str, int]]:
    rows: list[StatementRow] = []
    gross = {"20": 0, "5.5": 0}
    for kind in range(products):
        ref, name, packaging, cents, rate = CIDER[kind % len(CIDER)]
        ordered = 4 + nth + kind
        missing = 1 if ref == "JUS" else 0
        gross[rate] += cents * (ordered - missing)
        rows.append({
            "ref": ref, "product": name, "packaging": packaging, "ordered": ordered, "delivered": ordered - missing,
            "weight_g": None, "missing": [{"quantity": 1, "reason": "casse"}] if missing else [],
            "unit_price": euros(cents), "rate": rate, "gross": euros(cents * (ordered - missing)),
        })  # fmt: skip
    total = sum(gross.values())
    host, hub = total * 8 // 100, total * 12 // 100
    block: StatementCollection = {
        "collection": f"point-{nth}", "point": POINTS[nth % len(POINTS)], "date": f"2026-11-{25 + nth % 4}", "rows": rows,
        "gross": euros(total), "host_fee": signed(-host), "hub_fee": signed(-hub), "net": euros(total - host - hub),
    }  # fmt: skip
    return block, gross


def receipt(lines: int = 4) -> Receipt:
    """An order with a weighed piece, a missing bottle and a contract's basket."""
    kinds: list[ReceiptLine] = [
        _line("Maraîchage Les Quatre Saisons", "LÉG P", "Panier légumes", "petit", contract=True),
        _line("Vergers de la Haute-Lande", "JUS", "Jus de pomme trouble", "bouteille 1 L", cents=320, ordered=3, delivered=2),
        _line("Vergers de la Haute-Lande", "CID", "Cidre brut", "bouteille 75 cl", cents=420, ordered=2, rate="20"),
        _line("Volailles du Bocage", "POU", "Poulet fermier", "pièce ≈ 1,8 kg", cents=1100, weight=1785),
    ]  # fmt: skip
    shown = [kinds[nth * len(kinds) // lines] for nth in range(lines)]
    gross: dict[str, int] = {}
    for line in shown:
        if line["rate"] and line["gross"]:
            gross[line["rate"]] = gross.get(line["rate"], 0) + round(float(line["gross"]) * 100)
    total = sum(gross.values())
    return {
        "language": "fr", "currency": "EUR", "issued_at": "2026-11-27T09:12:00+01:00",
        "hub": {"name": HUB["name"], "lines": list(HUB["lines"])}, "household": "Camille et Karim Aubert",
        "order": "K7M2PX", "basket_number": 36, "point": "Grange des Tilleuls", "starts_at": "2026-11-26T17:30:00+01:00",
        "collected_at": "2026-11-26T17:52:00+01:00", "collected_by": "Karim Aubert", "payment": "card",
        "paid_on": "2026-11-27", "total": euros(total + 60), "estimated": euros(total + 512), "deposits": "0.60",
        "lines": shown, "rates": rates(gross), "vat_notes": ["Rucher de Lucie : TVA non applicable, art. 293 B du CGI"],
        "farms": euros(total - total * 8 // 100 - total * 12 // 100), "host": euros(total * 8 // 100),
        "hub_share": euros(total * 12 // 100),
    }  # fmt: skip


def _line(
    farm: str, ref: str, product: str, packaging: str, *,
    cents: int = 0, ordered: int = 1, delivered: int | None = None, weight: int | None = None, rate: str = "5.5",
    contract: bool = False,
) -> ReceiptLine:  # fmt: skip
    came = ordered if delivered is None else delivered
    owed = cents * came if weight is None else round(cents * weight / 1000)
    return {
        "producer": farm, "ref": ref, "product": product, "packaging": packaging, "contract": contract,
        "ordered": ordered, "delivered": came, "weight_g": weight,
        "missing": [{"quantity": ordered - came, "reason": "casse"}] if came < ordered else [],
        "unit_price": None if contract else euros(cents), "rate": None if contract else rate,
        "gross": None if contract else euros(owed),
    }  # fmt: skip
