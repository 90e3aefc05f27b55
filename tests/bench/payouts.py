"""A payout run of three thousand farms: begun with its file, sent, executed. It grows with the farms and no faster.

The mean of three such runs stands beside the mean of ten runs of a tenth of the farms: a small one alone is so short that a
full collection of Python's garbage, which falls into every fifth or so, would double it.
"""

import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from distribution import payouts, reconcile
from distribution.models import Payout, PayoutFile, PayoutRun, Statement
from hub import ledger
from hub.models import Hub, Member
from hub.money import money
from producers.models import Producer, ProducerPerson
from tests import make
from tests.bench import apart, ground, meters
from tests.bench.figures import Figure, at_most, ratio_at_most

WORK = "A payout run by file: farms with a statement each"
IBAN = "FR7630006000011234567890189"
PROGRAM = Path(__file__).with_name("payout_run.py")
SMALL_RUNS, LARGE_RUNS = 10, 3


def run(quick: bool) -> Iterator[Figure]:
    few, many = (30, 300) if quick else (300, 3000)
    with ground.database("payouts"):
        Hub.objects.update(name="Les Paniers", iban=IBAN)
        by = make.coordinator()
        first, *small = (_owed(f"f{nth}", few) for nth in range(SMALL_RUNS + 1))
        large = [_owed(f"g{nth}", many) for nth in range(LARGE_RUNS)]
        _owed("alone", 1)
        _owed("all", many)
        ground.settle()
        _paid(first, by)
        small_run, little = _mean(small, by)
        large_run, much = _mean(large, by)
        for what, less, more in zip(("begin, with its file", "send", "execute"), little, much, strict=True):
            yield Figure(WORK, f"{what}: {many} farms, processor time", more, "s",
                         ratio_at_most(1.1 * many / few), less, f"{few} farms")  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            lean, full = (apart.run(Path(folder), PROGRAM, name).memory for name in ("alone", "all"))
        yield Figure(WORK, f"greatest memory of a program that pays {many} farms", full, "MB",
                     at_most(lean + 150), lean, "one farm")  # fmt: skip
        size = len(PayoutFile.objects.get(run=large_run).content) / 1024
        yield Figure(WORK, f"the file, {many} transfers", size, "kB", None,
                     len(PayoutFile.objects.get(run=small_run).content) / 1024, f"{few} transfers")  # fmt: skip
        wrong = [one for one in reconcile.differences() if "payout" in one.what or "bank" in one.what]
        yield Figure(WORK, "differences in the books of payouts", len(wrong), "", at_most(0))


def _mean(groups: list[list[str]], by: Member) -> tuple[PayoutRun, list[float]]:
    """The first of these runs, and what each act took in the mean of all, in seconds of processor time."""
    runs = [_paid(numbers, by) for numbers in groups]
    return runs[0][0], [
        sum(spent.cpu for spent in act) / len(runs) for act in zip(*(acts for _run, acts in runs), strict=True)
    ]


def _paid(numbers: list[str], by: Member) -> tuple[PayoutRun, list[meters.Spent]]:
    with meters.spent() as begun:
        made = payouts.start(rail="file", numbers=numbers, by=by, now=make.now())
    with meters.spent() as sent:
        payouts.sent(run=made, by=by, now=make.now())
    with meters.spent() as done:
        payouts.executed(run=made, by=by, now=make.now())
    return made, [begun, sent, done]


def _owed(name: str, number: int) -> list[str]:
    """So many farms, one person each, with what they sold in the books, a statement and what is to be paid; the statements'
    numbers. Put there in bulk: settling and stating are measured elsewhere."""
    now = make.now()
    farms = Producer.objects.bulk_create(
        Producer(code=f"{name}-{nth}", name=f"Ferme {name} {nth}", legal_name=f"EARL {name} n° {nth}", iban=IBAN)
        for nth in range(number)
    )
    people = Member.objects.bulk_create(Member(email=f"{name}{nth}@exemple.fr") for nth in range(number))
    ProducerPerson.objects.bulk_create(
        ProducerPerson(member=person, producer=farm, since=now.date())
        for person, farm in zip(people, farms, strict=True)
    )
    stated = Statement.objects.bulk_create(
        Statement(number=f"R-{name}-{nth:04}", producer=farm, week="2026-W48", content={}, sha256="",
                  net=money(Decimal(nth % 900 + 1) + Decimal("0.37")), issued_at=now)
        for nth, farm in enumerate(farms)
    )  # fmt: skip
    Payout.objects.bulk_create(
        Payout(statement=one, producer_id=one.producer_id, amount=one.net, created_at=now) for one in stated
    )
    sales = [
        ledger.Entry(reference=f"sold:{one.number}", debit="bank", credit=f"producer:{farm.code}",
                     amount=one.net.amount, memo="Sales")
        for one, farm in zip(stated, farms, strict=True)
    ]  # fmt: skip
    ledger.post(sales, now=now)
    return [one.number for one in stated]
