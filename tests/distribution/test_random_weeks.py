"""Ten thousand random weeks through settlement's own arithmetic, statements' and the books: every cent a household pays is
received by somebody, refunds and fees included."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from random import Random

import pytest

from distribution.settlement import FEE_VAT, Line, Settled, entries, settled_line
from distribution.stating import rate_total
from hub.models import Collection, CollectionPoint
from hub.money import ZERO, cents, split, vat_within

RATES = [Decimal(rate) for rate in ("0", "5", "8", "8.5", "12", "12.5", "17.35", "20")]
WITHOUT_VAT = {"P3", "P4"}  # art. 293 B, remboursement forfaitaire
SALE = Collection(pk=1, code="p-1", point=CollectionPoint(code="p"))
LEAST = Decimal("0.50")  # Stripe charges no less
HALF_A_CENT = Decimal("0.005")
VAT_RATES = [Decimal(rate) for rate in ("0", "2.1", "5.5", "10", "20")]


def a_week(random: Random) -> Iterator[tuple[Line, Decimal]]:
    """The lines of a week, each with its VAT rate: packs and weights, deposits, shortages, one pair of fee rates a line."""
    for nth in range(random.randint(1, 40)):
        weighed, packs = random.random() < 0.3, random.randint(0, 6)
        content = random.randint(50, 4000)
        most = content + random.randint(0, 2000)
        line = Line(
            pk=nth, order=f"O{nth % 7}", household=f"H{nth % 7}", producer=f"P{nth % 5}", packs=packs,
            short=random.choice((0, 0, 0, 1, 2)), weighed=weighed, content=content, max_content=most,
            weight_g=random.randint(0, 2 * most * max(packs, 1)) if weighed else None,
            price=Decimal(random.randint(1, 6000)) / 100, deposit=Decimal(random.choice((0, 0, 10, 30, 100))) / 100,
            host_rate=random.choice(RATES), hub_rate=random.choice(RATES),
        )  # fmt: skip
        yield line, random.choice(VAT_RATES)


def check(week: list[tuple[Settled, Decimal]]) -> None:
    lines = [one for one, _rate in week]
    paid = sum((one.final + one.deposit for one in lines), ZERO)
    received = sum((one.producer + one.host + one.hub + one.deposit for one in lines), ZERO)
    assert paid == received
    for one in lines:
        assert one.final == one.producer + one.host + one.hub
        assert all(part == cents(part) and part >= 0 for part in (one.final, one.producer, one.host, one.hub))
        assert abs(one.hub - one.final * one.line.hub_rate / 100) < Decimal("0.01")
        if one.line.weighed:
            most = (one.line.max_content or 0) * one.line.packs * one.line.price / 1000
            assert one.final <= cents(most), "never above the maximum shown"
    for farm in {one.line.producer for one in lines}:
        fee = sum((one.hub for one in lines if one.line.producer == farm), ZERO)
        assert abs(6 * vat_within(fee, FEE_VAT) - fee) <= 6 * HALF_A_CENT, "a sixth of a fee is VAT"
    for rate in VAT_RATES:
        grosses = [one.final for one, its in week if its == rate]
        vat = vat_within(sum(grosses, ZERO), rate)
        assert sum(split(vat, grosses), ZERO) == vat if any(grosses) else vat == 0
    refunds = sum((one.line.short_value() for one in lines), ZERO)
    assert refunds == cents(refunds) >= 0


class Books:
    """Balances by account, every posting between two of them: the ledger without its database."""

    def __init__(self) -> None:
        self.balances: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)

    def post(self, debit: str, credit: str, amount: Decimal) -> None:
        assert amount == cents(amount) > 0
        self.balances[debit] -= amount
        self.balances[credit] += amount

    def of(self, kind: str) -> Decimal:
        """What stands on all accounts of a kind, what is owed to them above zero."""
        return sum((amount for code, amount in self.balances.items() if code.partition(":")[0] == kind), ZERO)


def stripes_fee(amount: Decimal, means: str) -> Decimal:
    """What Stripe keeps: 1.5 % and 25 cents of a card, 35 cents of a debit."""
    return cents(amount * 15 / 1000) + Decimal("0.25") if means == "card" else Decimal("0.35")


def live(random: Random, week: list[Settled], *, registered: bool) -> Books:
    """The week in the books: settled, paid in whatever way, given back where it was missing or granted later, paid out."""
    books = Books()
    for entry in entries(SALE, week, vat_registered=registered):
        books.post(entry.debit, entry.credit, entry.amount)
    due = {code: -amount for code, amount in books.balances.items() if code.startswith("household:")}
    paid = dict(due)
    for home, amount in due.items():
        _pay(random, books, home, amount)
    for one in week:  # missing, and paid before: its household chooses money; the rest of what it chose is its credit
        missing, home = one.line.short_value(), f"household:{one.line.household}"
        back = min(missing, paid.get(home, ZERO))
        if back > 0 and random.random() < 0.5:
            books.post("hub:income", home, back)
            books.post(home, random.choice(("stripe", "bank")), back)
            paid[home] -= back
            books.balances["given back"] += back
    return books


def _pay(random: Random, books: Books, home: str, amount: Decimal) -> None:
    """By card, whose hold may be below the final amount; by debit, which may come back weeks later; in cash."""
    means = random.choice(("card", "debit", "cash:p"))
    if means == "cash:p":
        books.post(means, home, amount)
        return
    taken = min(amount, cents(amount * random.choice((1, 1, 1, Decimal("0.8")))))
    if taken < LEAST:
        taken = ZERO
    for failed in [False] * (taken > 0) + [True] * (means == "debit" and random.random() < 0.1):
        books.post("stripe:fees", "stripe", stripes_fee(taken, means)) if taken and not failed else None
        if failed and taken:
            books.post(home, "stripe", taken)  # taken back by the bank: owed again
            taken = ZERO
        elif taken:
            books.post("stripe", home, taken)
    if amount > taken:
        books.post("cash:p", home, amount - taken)


def pay_out(books: Books) -> dict[str, Decimal]:
    """Farms, points, the state and those who bring their containers back get what they are owed; what each got."""
    got = {}
    for code, amount in sorted(books.balances.items()):
        if code.partition(":")[0] in ("producer", "host", "deposits") or code == "hub:vat":
            got[code] = amount
            if amount:
                books.post(code, "bank", amount)
    return got


def check_books(books: Books, week: list[Settled]) -> None:
    """Nothing is left over and nothing is short: what came in from households is what farms, points, state and cooperative
    have, what is given back and Stripe's fees apart."""
    given_back = books.balances.pop("given back", ZERO)
    assert sum(books.balances.values(), ZERO) == 0
    assert books.of("clearing") == books.of("household") == 0
    came_in = sum((one.final + one.deposit for one in week), ZERO) - given_back
    assert -(books.of("stripe") + books.of("cash") + books.of("bank")) == came_in
    kept = books.balances["hub:income"]
    got = pay_out(books)
    assert sum(got.values(), ZERO) + kept == came_in
    for farm in {one.line.producer for one in week}:
        assert got.get(f"producer:{farm}", ZERO) == sum(
            (one.producer for one in week if one.line.producer == farm), ZERO
        )
    # All that is left anywhere is what the cooperative kept, less what Stripe kept of it.
    held = -(books.balances["stripe"] + books.of("cash") + books.of("bank"))
    assert held == kept + books.balances["stripe:fees"]
    assert books.balances["stripe:fees"] <= 0


def check_statements(week: list[tuple[Settled, Decimal]]) -> None:
    """What each farm's statement says: net + VAT = gross per rate and together, none for a farm without VAT."""
    for farm in {one.line.producer for one, _rate in week}:
        sold = [(one.final, ZERO if farm in WITHOUT_VAT else rate) for one, rate in week if one.line.producer == farm]
        gross: defaultdict[Decimal, Decimal] = defaultdict(lambda: ZERO)
        for amount, rate in sold:
            gross[rate] += amount
        tables = [rate_total(rate, amount) for rate, amount in gross.items()]
        for rate, one in zip(gross, tables, strict=True):
            net, vat = Decimal(one["net"]), Decimal(one["vat"])
            assert net + vat == Decimal(one["gross"])
            assert abs(net * rate - vat * 100) <= HALF_A_CENT * (100 + rate), "the VAT of the net, to the cent"
        assert sum((Decimal(one["gross"]) for one in tables), ZERO) == sum((amount for amount, _rate in sold), ZERO)
        if farm in WITHOUT_VAT:
            assert [Decimal(one["vat"]) for one in tables] == [ZERO] * len(tables)


@pytest.mark.parametrize("weeks", [1_000, pytest.param(10_000, marks=pytest.mark.full)])
def test_every_cent_of_every_week_is_received_by_somebody(weeks: int) -> None:
    random = Random(48)
    for nth in range(weeks):
        week = [(settled_line(line), rate) for line, rate in a_week(random)]
        check(week)
        check_statements(week)
        check_books(live(random, [one for one, _rate in week], registered=nth % 2 == 0), [one for one, _rate in week])
