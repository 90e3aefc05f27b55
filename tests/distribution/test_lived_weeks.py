"""Random weeks lived through the real operations in PostgreSQL: ordered, closed, held, handed over with weights and shortages,
settled, given back, corrected, stated, paid out. After each, everybody's balance is what their own sums say."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from distribution import closing, correcting, payouts, point_statements, reconcile, refunds, settlement, statements
from distribution.books import stripe
from distribution.models import Payout, Refund
from hub import ledger
from hub.models import Collection, Household, Hub
from orders import cards, debits, payments
from orders.models import CardPayment, Order, Payment, TopUp
from producers.models import Packaging
from tests import make
from tests.distribution.day import Day, order
from tests.distribution.farms import IBANS, cooperative
from tests.distribution.own_sums import Line, Sums
from tests.distribution.point_parts import give_account
from tests.orders.by_debit import at_bank
from tests.paying import save
from tests.stand_in import StandIn

pytestmark = pytest.mark.usefixtures("committed")
HOMES, FARMS = 6, 3
ENOUGH = 300_000  # cents: more than any basket may cost
CARD, ACCOUNT, AT_POINT = "card", "account", "at-point"
MEANS = {"cash": "cash", "local": "local", "cheque": "cheques", "transfer": "bank"}


def euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def cents(amount: Any) -> int:
    return int(amount * 100)


class Village:
    """A point, its households with one way to pay each, its farms, and their sums."""

    def __init__(self, random: Random, server: StandIn) -> None:
        self.random, self.server, self.sums = random, server, Sums()
        cooperative()
        Hub.objects.update(vat_registered=True, creditor_id="FR72ZZZ123456")
        make.fees("8.35", "12.15")
        self.point = make.point(payment_methods=[CARD, ACCOUNT, AT_POINT], at_point_ceiling=100_000)
        give_account(self.point)
        self.host, self.by = make.host(self.point), make.coordinator()
        self.farms = [make.producer(self.point, iban=IBANS[nth]) for nth in range(FARMS)]
        self.homes = [make.household() for _nth in range(HOMES)]
        self.method = dict(zip((home.pk for home in self.homes), (CARD, ACCOUNT, AT_POINT) * 2, strict=True))
        for home in self.homes:
            make.join(home, self.point)
            if self.method[home.pk] == CARD:
                save(home)
            if self.method[home.pk] == ACCOUNT:
                at_bank(home)

    # Before the week

    def transfer(self, home: Household, amount: int) -> None:
        key = f"k{Payment.objects.count()}"
        payments.receive(
            household=home, amount=euros(amount), means="transfer", key=key, received_by=self.by, now=make.now()
        )
        self.sums.pay("bank", code(home), amount)

    def debit(self, nth: int) -> None:
        """Direct debits in the file of the bank: received, refused, or taken back after all."""
        for home in self.homes:
            if self.method[home.pk] == ACCOUNT:
                amount = self.random.randint(5_000, 9_000)
                debits.top_up(
                    household=home,
                    amount=euros(amount),
                    means="debit",
                    key=f"w{nth}",
                    by=home.members.get(),
                    now=make.now(),
                )
        debits.announce_due(now=make.now())
        file = debits.write_file(by=self.by, now=make.now())
        for row in TopUp.objects.filter(file=file).select_related("household"):
            match self.random.choice(("paid", "paid", "failed", "returned")):
                case "failed":
                    debits.mark(top_up=row, result="failed", by=self.by, now=make.now(), why="AM04")
                case "returned":
                    debits.receive(codes=[row.code], by=self.by, now=make.now())
                    debits.mark(top_up=row, result="returned", by=self.by, now=make.now(), why="MD06")
                case _:
                    debits.receive(codes=[row.code], by=self.by, now=make.now())
                    self.sums.pay("bank", code(row.household), cents(row.amount.amount))

    # The week

    def live(self, nth: int) -> None:
        for home in self.homes:
            if self.method[home.pk] == ACCOUNT and self.sums.of[code(home)] < ENOUGH:
                self.transfer(home, ENOUGH)
        if nth % 3 == 0:
            self.debit(nth)
        day, baskets = self.order()
        self.hand_over(day, baskets)
        day.confirm()
        assert settlement.settle(collection=day.collection, now=make.now())
        finals = {
            one.pk: self.sums.sell(code(one.household), f"host:{self.point.code}", list(baskets[one.pk].values()))
            for one in day.orders
        }
        self.capture(day, finals)
        self.give_back(day, baskets, finals)
        self.correct(nth, day, baskets)
        if self.random.random() < 0.7:
            self.state(day.collection.week)
        self.pay_out()

    def order(self) -> tuple[Day, dict[int, dict[int, Line]]]:
        """Baskets by order and packaging; closed for real, two hours after the deadline, cards held."""
        random, sale = self.random, make.collection(self.point)
        packs = [self.product(farm) for farm in self.farms for _nth in range(2)]
        for pack, _line in packs:
            make.offer(pack, sale, packs=None)
        orders, baskets = [], {}
        for home in self.homes:
            wish = {pack: (random.randint(1, 4), line) for pack, line in packs if random.random() < 0.5}
            if wish:
                placed = order(
                    {pack: number for pack, (number, _line) in wish.items()}, sale, home=home,
                    payment_method=self.method[home.pk],
                )  # fmt: skip
                orders.append(placed)
                baskets[placed.pk] = {pack.pk: Line(packs=number, **line) for pack, (number, line) in wish.items()}
        make.passed(sale, timedelta(hours=2))
        Collection.objects.filter(pk=sale.pk).update(
            starts_at=make.now() - timedelta(hours=1), ends_at=make.now() + timedelta(hours=1)
        )
        sale.refresh_from_db()
        assert closing.close_collection(collection=sale, now=make.now())
        cards.place_holds(now=make.now())
        farms = {line.farm for basket in baskets.values() for line in basket.values()}
        here = [farm for farm in self.farms if f"producer:{farm.code}" in farms]
        return Day(sale, self.host, here, orders), baskets

    def product(self, farm: Any) -> tuple[Packaging, dict[str, Any]]:
        """Something to sell, and what a line of it is."""
        random, price = self.random, self.random.randint(37, 2_990)
        line: dict[str, Any] = {"farm": f"producer:{farm.code}", "price": price}
        if random.random() < 0.4:
            content = random.randint(150, 2_500)
            most = content + random.randint(0, 700)
            return make.weighed(farm, str(euros(price)), content, most), line | {"content": content, "most": most}
        deposit = random.choice((0, 0, 20, 35))
        return make.packaging(farm, str(euros(price)), deposit=euros(deposit)), line | {"deposit": deposit}

    def hand_over(self, day: Day, baskets: dict[int, dict[int, Line]]) -> None:
        day.arrive()
        for one in day.orders:
            early = self.random.random() < 0.4
            if early:
                self.take(day, one, cents(Order.objects.get(pk=one.pk).expected_total.amount))
            for pack, line in baskets[one.pk].items():
                self.serve(day, one, Packaging.objects.get(pk=pack), line)
            if any(line.left for line in baskets[one.pk].values()) and self.random.random() < 0.9:
                day.act("collected", one, by="")
            if not early:
                whole = sum(line.final + line.deposit * line.left for line in baskets[one.pk].values())
                self.take(day, one, self.random.choice((whole, whole, whole // 2, 0)))

    def serve(self, day: Day, one: Order, pack: Packaging, line: Line) -> None:
        """Some packs are missing, said twice at times; the rest is weighed, lighter or heavier than anybody thought."""
        if self.random.random() < 0.25:
            for quantity in (self.random.randint(0, line.packs), self.random.randint(0, line.packs)):
                day.act("short", one, pack, quantity=quantity, reason="harvest")
                line.short = quantity
        if line.most and line.left:
            expected = line.content * line.left
            line.grams = self.random.randint(expected // 2 + 1, 2 * expected)
            day.act("weighed", one, pack, grams=line.grams)

    def take(self, day: Day, one: Order, amount: int) -> None:
        """Whoever pays at the point does, in some way; a slip of the finger is taken back."""
        if self.method[one.household_id] != AT_POINT or not amount:
            return
        means = self.random.choice(list(MEANS))
        if self.random.random() < 0.2:
            wrong = day.act("paid", one, amount=str(euros(amount + 1)), means=means)
            day.act("undo", of=str(wrong.uid))
        day.act("paid", one, amount=str(euros(amount)), means=means)
        account = MEANS[means] if means in ("cheque", "transfer") else f"{means}:{self.point.code}"
        self.sums.pay(account, code(one.household), amount)

    # After it

    def capture(self, day: Day, finals: dict[int, int]) -> None:
        cards.take_due(now=make.now())
        for one in day.orders:
            taken = finals[one.pk] if finals[one.pk] >= 50 else 0
            if self.method[one.household_id] == CARD:
                payment = CardPayment.objects.get(order=one)
                assert (payment.state, payment.captured and cents(payment.captured.amount)) == (
                    ("captured", taken) if taken else ("released", None)
                )
                self.sums.pay("stripe", code(one.household), taken)

    def give_back(self, day: Day, baskets: dict[int, dict[int, Line]], finals: dict[int, int]) -> None:
        """What was missing and paid; a gesture of the cooperative where there is nothing else."""
        expected = {}
        for one in day.orders:
            missing = sum(line.missing for line in baskets[one.pk].values())
            due = min(missing, self.sums.of[code(one.household)])
            if due > 0 and self.method[one.household_id] != CARD:
                expected[one.household_id] = due
        offered = Refund.objects.filter(collection=day.collection)
        assert {one.household_id: cents(one.amount.amount) for one in offered} == expected
        for one in day.orders:
            home, amount = one.household, expected.get(one.household_id, 0)
            if not amount and finals[one.pk] >= 100 and self.random.random() < 0.3:
                one.refresh_from_db()
                amount = self.random.randint(1, 100)
                refunds.grant(order=one, amount=euros(amount), by=self.by, now=make.now())
                self.sums.of[code(home)] += amount
                self.sums.of["hub"] -= amount
            if amount:
                self.choose(Refund.objects.get(household=home, collection=day.collection), amount)
        refunds.hand_to_cards(now=make.now())
        cards.send_refunds(now=make.now())
        refunds.note_cards(now=make.now())

    def choose(self, refund: Refund, amount: int) -> None:
        home, back = refund.household, self.random.random() < 0.6
        by = home.members.get()
        if not back or self.sums.of[code(home)] < amount:
            refunds.choose(refund=refund, choice="credit", by=by, now=make.now())
            return
        refunds.choose(refund=refund, choice="refund", by=by, now=make.now())
        if self.method[home.pk] == CARD:
            self.sums.give_back("stripe", code(home), amount)
            return
        refunds.pay(refund=refund, by=self.by, now=make.now())
        self.sums.give_back("bank", code(home), amount)

    def correct(self, nth: int, day: Day, baskets: dict[int, dict[int, Line]]) -> None:
        """A farm gives a household or the cooperative something, or gets something of it."""
        bought = [
            (one.household, line.farm) for one in day.orders for line in baskets[one.pk].values()
            if line.final >= 300 and self.method[one.household_id] != AT_POINT
        ]  # fmt: skip
        kind, amount = self.random.choice(("household", "gives", "gets")), self.random.randint(1, 99)
        if not bought:
            return
        home, farm = self.random.choice(bought)
        other = home if kind == "household" else None
        signed = amount if kind == "gets" else -amount
        producer = next(one for one in self.farms if f"producer:{one.code}" == farm)
        correcting.correct(
            producer=producer,
            amount=euros(signed),
            words="Abîmé",
            key=f"w{nth}",
            by=self.by,
            now=make.now(),
            household=other,
        )
        self.sums.correct(farm, code(home) if other else "hub", signed)

    def state(self, week: str) -> None:
        for farm in self.farms:
            made = statements.issue(producer=farm, week=week, now=make.now())
            assert (made and cents(made.net.amount)) == self.sums.state(f"producer:{farm.code}")
        part = point_statements.issue(point=self.point, week=week, now=make.now())
        assert (cents(part.net.amount) if part else 0) == self.sums.state_point()

    def pay_out(self, *, all_of_it: bool = False) -> None:
        """Some of what is due and covered, by hand or by file; the bank sends some of it back."""
        due = list(Payout.objects.due().with_payees().order_by("pk"))
        whole = Counter({one.books: 0 for one in due})
        for one in due:
            whole[one.books] += cents(one.amount.amount)
        chosen = [
            one for one in due
            if whole[one.books] <= self.sums.of[one.books] and (all_of_it or self.random.random() < 0.7)
        ]  # fmt: skip
        if not chosen:
            return
        by, rail = self.by, self.random.choice(("hand", "file"))
        run = payouts.start(rail=rail, numbers=[one.number for one in chosen], by=by, now=make.now())
        payouts.made(run=run, by=by, now=make.now()) if rail == "hand" else payouts.sent(run=run, by=by, now=make.now())
        for one in chosen:
            if not all_of_it and self.random.random() < 0.15:
                payouts.take_back(payout=one, reason="rejected", by=by, now=make.now())
                continue
            self.sums.of[one.books] -= cents(one.amount.amount)
            self.sums.of["bank"] -= cents(one.amount.amount)
        if rail == "file":
            payouts.executed(run=run, by=by, now=make.now())

    # What it comes to

    def check(self) -> None:
        net = sum(one["net"] for one in self.server.world.all("balance_transaction"))
        gross = sum(one["amount"] for one in self.server.world.all("balance_transaction"))
        own = {name: amount for name, amount in self.sums.of.items() if name not in ("hub", "stripe")}
        assert {name: cents(amount) for name, amount in ledger.balances(own).items()} == own
        hub = ledger.balances(["hub:income", "hub:vat"])
        assert cents(sum(hub.values())) == self.sums.of["hub"]
        assert (cents(ledger.balance("stripe")), self.sums.of["stripe"]) == (net, gross)
        assert ledger.balance(f"clearing:{self.point.collections.latest('pk').code}") == 0
        assert ledger.trial_balance() == 0


def code(home: Household) -> str:
    return f"household:{home.code}"


@pytest.mark.parametrize("weeks", [4, pytest.param(25, marks=pytest.mark.full)])
def test_after_every_week_everybody_has_what_their_own_sums_say(stripe_server: StandIn, weeks: int) -> None:
    village = Village(Random(1226), stripe_server)
    for nth in range(weeks):
        village.live(nth)
        village.check()
    village.state("9999-W52")
    village.pay_out(all_of_it=True)
    village.check()
    assert cents(ledger.balance("hub:vat")) == village.sums.vat
    assert village.sums.of["deposits"] == 0
    for one in village.farms:
        assert village.sums.of[f"producer:{one.code}"] == min(village.sums.carried[f"producer:{one.code}"], 0)
    stripe.fetch(make.now())
    assert stripe.differences(make.now()) == []
    assert reconcile.differences() == []
