"""Ten thousand random weeks through settlement's own arithmetic: every cent a household pays is received by somebody."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from distribution.settlement import FEE_VAT, Line, Settled, settled_line
from hub.money import ZERO, cents, split, vat_within

RATES = [Decimal(rate) for rate in ("0", "5", "8", "8.5", "12", "12.5", "17.35", "20")]
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
        assert (fee - vat_within(fee, FEE_VAT)) + vat_within(fee, FEE_VAT) == fee
    for rate in VAT_RATES:
        grosses = [one.final for one, its in week if its == rate]
        vat = vat_within(sum(grosses, ZERO), rate)
        assert sum(split(vat, grosses), ZERO) == vat if any(grosses) else vat == 0
    refunds = sum((one.line.short_value() for one in lines), ZERO)
    assert refunds == cents(refunds) >= 0


def test_every_cent_of_every_week_is_received_by_somebody() -> None:
    random = Random(48)
    for _week in range(10_000):
        check([(settled_line(line), rate) for line, rate in a_week(random)])
