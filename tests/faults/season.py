"""A season of money at Stripe, of every kind we know, lived by so many households in whatever weather: orders paid by card,
given back, contested; sums for the balance by card and by debit, refused, taken back; farms paid. What it comes to is told
in words that are the same for two seasons that ended alike."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.core.cache import cache

from distribution import cancelling, payouts, refunds, settlement, statements
from distribution.models import Payout, Refund
from hub.models import Activity, Collection, Household, Member, Notice, StripeEvent, Transfer
from hub.stripe_gateway import Away
from orders import cards, debits
from orders.models import CardPayment, CardRefund, Dispute, Order, TopUp
from producers import connect
from producers.models import ConnectAccount, Producer
from tests import make
from tests.distribution.day import Day, order
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse, save_on

BACK = {"success_url": "http://localhost/", "cancel_url": "http://localhost/"}
GOOD, SLOW, FAILING = "4242 4242 4242 4242", "4000 0000 0000 7726", "4000 0000 0000 5126"
# What becomes of the card of every sixth household, and of the sum that every fifth one sends to its balance.
PLAIN, LET_GO, GIVEN_BACK, GIVEN_BACK_SLOWLY, SENT_BACK, CONTESTED = range(6)
CARDS = {GIVEN_BACK_SLOWLY: SLOW, SENT_BACK: FAILING}
BY_CARD, DEBITED, NO_MONEY, LOST, WON = range(5)
IBANS = {NO_MONEY: "AT051904300235473205", LOST: "AT591904300235473203", WON: "AT591904300235473203"}

T = TypeVar("T")


@dataclass
class Season:
    """`share` of the answers to our changes are cut after the change, as long as it is stormy."""

    server: StandIn
    number: int
    share: float = 0.0
    minutes: int = 0
    homes: list[Household] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.coordinator = make.coordinator()
        self.begun = max((one.pk for one in Transfer.objects.all()), default=0)
        self.theirs = set(self.server.world.objects)
        self.offset = timedelta(0)

    @property
    def now(self) -> datetime:
        """By a clock that moves on as the sweeps do, and with the stand-in's."""
        return make.now() + self.offset + timedelta(minutes=self.minutes)

    def live(self) -> None:
        """From the first card to the last cent."""
        self.server.faults.storm = self.share
        farm, sale, kept = self._ground()
        for nth in range(self.number):
            self._join(nth, sale, kept)
        self._hold_and_settle(farm, sale)
        self._give_back_and_contest()
        self._pass(days=2, until=lambda: not TopUp.objects.unfinished().filter(stripe_id="").exists())
        self._pass(days=6, until=lambda: not TopUp.objects.unfinished().exists())
        self._decide()
        self._pay(farm)
        self.server.faults.storm = 0.0
        self.server.settle_down(30)
        self.sweep(11)
        self.sweep()

    def _ground(self) -> tuple[Producer, Any, Any]:
        point = make.point(payment_methods=["card"])
        farm = make.producer(point)
        self.bread = make.packaging(farm, "4.20")
        sale, kept = make.collection(point), make.collection(point)
        make.offer(self.bread, sale, packs=None)
        return farm, sale, kept

    def _join(self, nth: int, sale: Any, kept: Any) -> None:
        home = make.household(f"Foyer {nth:03}")
        make.join(home, sale.point)
        self.homes.append(home)
        by = home.members.get()
        page = self._insist(lambda: cards.begin_saving(household=home, now=self.now, **BACK))
        save_on(page.url, CARDS.get(nth % 6, GOOD))
        self._insist(lambda: cards.finish_saving(household=home, session=page.session, by=by, now=self.now))
        at = kept if nth % 6 == LET_GO else sale
        self.orders.append(order({self.bread: 2 + nth % 4}, at, home=home, payment_method="card"))
        self._top_up(nth, home)

    def _top_up(self, nth: int, home: Household) -> None:
        by, kind = home.members.get(), nth % 5
        if kind != BY_CARD:
            page = self._insist(lambda: debits.begin_signing(household=home, now=self.now, **BACK))
            browse(page.url, iban=IBANS.get(kind, "AT611904300234573201"))
            self._insist(
                lambda: debits.finish_signing(household=home, session=page.session, notice_days=2, by=by, now=self.now)
            )
        means = "card" if kind == BY_CARD else "debit"
        row = debits.top_up(
            household=home, amount=Decimal(100 + nth), means=means, key="k", by=by, now=make.now()
        )[0]  # fmt: skip
        if means == "card":
            save_on(self._insist(lambda: debits.pay_by_card(top_up=row, now=self.now, **BACK)))

    def _hold_and_settle(self, farm: Producer, sale: Any) -> None:
        host = make.host(sale.point)
        for at in {one.collection for one in self.orders}:
            make.counted(at)
        held = CardPayment.objects.filter(state="held")
        self._until(lambda: held.count() == self.number)
        settled = [one for one in self.orders if one.collection == sale]
        day = Day(sale, host, [farm], settled)
        day.arrive()
        day.confirm()
        settlement.settle(collection=sale, now=self.now)
        statements.issue(producer=farm, week=sale.week, now=self.now)
        let_go = [one for one in self.orders if one.collection != sale]
        give_up(let_go[0].collection, by=self.coordinator)
        for payment in CardPayment.objects.filter(order__in=let_go[::2]):  # and at Stripe's own desk, behind our back
            with self.server.world.lock:
                intent = self.server.world.get(payment.stripe_id, "payment_intent")
                intent.update(status="canceled", amount_capturable=0, cancellation_reason="requested_by_customer")
                self.server.world.tell("payment_intent.canceled", intent)
        self._until(lambda: not held.exists())

    def _give_back_and_contest(self) -> None:
        for nth, one in enumerate(self.orders):
            one.refresh_from_db()
            if nth % 6 in (GIVEN_BACK, GIVEN_BACK_SLOWLY, SENT_BACK):
                made = refunds.grant(order=one, amount=Decimal("4.20"), by=self.coordinator, now=self.now)
                refunds.choose(refund=made, choice="refund", by=one.household.members.get(), now=self.now)
            if nth % 6 == CONTESTED:
                payment = CardPayment.objects.get(order=one)
                self.server.dispute(self.server.world.get(payment.stripe_id, "payment_intent")["latest_charge"])
        asked = CardRefund.objects.filter(state="asked")
        self._until(lambda: not asked.exists())

    def _decide(self) -> None:
        """The banks': every second contested card and every sum of the last kind is won."""
        rows = self.server.world.all("dispute")
        for one in rows:
            if one["status"] in ("won", "lost") or one["id"] in self.theirs:
                continue
            self.server.decide(one["id"], won=self._is_won(one))
        self.sweep(11)
        self._until(lambda: not Dispute.objects.unfinished().exists())
        for dispute in Dispute.objects.filter(state="lost", settled_at=None, top_up=None):
            cards.settle_dispute(dispute=dispute, charge=True, by=self.coordinator, now=self.now)

    def _is_won(self, dispute: dict[str, Any]) -> bool:
        payment = CardPayment.objects.filter(stripe_id=dispute["payment_intent"]).first()
        if payment is not None:
            return self._nth(payment.order.household_id) // 6 % 2 == 0
        return self._nth(TopUp.objects.get(stripe_id=dispute["payment_intent"]).household_id) % 5 == WON

    def _nth(self, household: int) -> int:
        return [home.pk for home in self.homes].index(household)

    def _pay(self, farm: Producer) -> None:
        person = make.farmer(farm)
        urls = {"return_url": "http://localhost/", "refresh_url": "http://localhost/"}
        browse(self._insist(lambda: connect.begin(producer=farm, by=person, now=self.now, **urls)), act="done")
        connect.read_again(account=ConnectAccount.objects.get(producer=farm), now=self.now)
        numbers = list(Payout.objects.due().filter(producer=farm).values_list("statement__number", flat=True))
        payouts.start(rail="connect", numbers=numbers, by=self.coordinator, now=self.now)
        self._until(lambda: not Payout.objects.filter(producer=farm).exclude(state="paid").exists())

    def _insist(self, act: Callable[[], T]) -> T:
        """A person presses again."""
        for _time in range(20):
            try:
                return act()
            except Away:
                continue
        raise TimeoutError

    def _pass(self, *, days: int, until: Callable[[], bool]) -> None:
        self.server.skip(days=days)
        self.offset += timedelta(days=days)
        self.sweep(11)
        self._until(until)

    def _until(self, done: Callable[[], bool]) -> None:
        """The minute's sweep, again and again, until it is done: in the end all that is unfinished was read again."""
        for _minute in range(3 * self.number + 25):
            self.sweep()
            if done():
                return
        raise TimeoutError

    def sweep(self, minutes: int = 1) -> None:
        """What the worker does each minute (distribution.tasks), by this clock; every ten minutes what is unfinished."""
        if minutes > 10 or self.minutes % 10 == 0:
            cache.delete("stripe:disputes-read")
        self.minutes += minutes
        cards.place_holds(now=self.now)
        cards.apply_events(now=self.now)
        cards.reread(now=self.now)
        cards.take_due(now=self.now)
        refunds.hand_to_cards(now=self.now)
        cards.send_refunds(now=self.now)
        refunds.note_cards(now=self.now)
        debits.announce_due(now=self.now)
        debits.ask_due(now=self.now)
        payouts.send_due(now=self.now)

    # What it came to

    def outcome(self) -> dict[str, Any]:
        """Every household's payments as they ended, every posting, what was told and noted: without names and times."""
        codes = {f"household:{home.code}": f"household {nth}" for nth, home in enumerate(self.homes)}
        postings = Transfer.objects.filter(pk__gt=self.begun).select_related("debit", "credit")
        return {
            "homes": [self._home(home) for home in self.homes],
            "postings": Counter(
                (kind_of(one.reference), _name(one.debit.code, codes), _name(one.credit.code, codes), one.amount.amount)
                for one in postings
            ),
            "told": Counter(Notice.objects.filter(member__household__in=self.homes).values_list("kind", flat=True)),
            "noted": Counter(Activity.objects.filter(household__in=self.homes).values_list("verb", flat=True)),
            "objects": Counter(
                (one["object"], one.get("status", ""))
                for number, one in self.server.world.objects.items()
                if number not in self.theirs and one["object"] != "event"
            ),
            "events waiting": StripeEvent.objects.waiting().count(),
        }

    def _home(self, home: Household) -> dict[str, list[Any]]:
        of_order = {"order__household": home}
        return {
            "cards": [
                (one.state, one.captured and one.captured.amount, one.refunded.amount)
                for one in CardPayment.objects.filter(**of_order)
            ],
            "refunds": list(CardRefund.objects.filter(payment__order__household=home).values_list("state", "failure")),
            "owed back": [one.paid_at is not None for one in Refund.objects.filter(household=home)],
            "disputes": list(
                Dispute.objects.filter(payment__order__household=home).values_list("state", "taken", "charged")
            ),
            "top-ups": list(TopUp.objects.filter(household=home).values_list("state", "failure", "amount")),
            "their disputes": list(Dispute.objects.filter(top_up__household=home).values_list("state", "taken")),
        }


def give_up(sale: Collection, *, by: Member) -> None:
    """A counted sale is cancelled an hour before its hand-over."""
    Collection.objects.filter(pk=sale.pk).update(
        starts_at=make.now() + timedelta(hours=1), ends_at=make.now() + timedelta(hours=2)
    )
    sale.refresh_from_db()
    cancelling.cancel(collection=sale, reason="Neige", by=by, now=make.now())


def kind_of(reference: str) -> tuple[str, str]:
    """What a posting is about, without whom: ("card", "fee")."""
    words = reference.split(":")
    return words[0], words[-1] if words[-1] in ("fee", "reversed", "again", "owed") else ""


def _name(code: str, codes: dict[str, str]) -> str:
    return codes.get(code, code.partition(":")[0] if not code.startswith("stripe") else code)
