"""Every change we ask of Stripe, its answer lost after it was made, or never made: asked again, there is one object each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub import stripe_gateway as gateway
from hub.models import StripeCall
from hub.stripe_gateway import asking
from tests import make
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse, save_on

pytestmark = pytest.mark.django_db
BACK = {"success_url": "http://localhost/fini", "cancel_url": "http://localhost/"}
IBAN = "AT611904300234573201"


@dataclass
class Ground:
    """What the changes are made on: a customer with a card and a mandate, a farm's account with money to send there."""

    server: StandIn
    customer: str = ""
    card: str = ""
    account: str = ""
    farm: str = ""

    def __post_init__(self) -> None:
        self.customer = gateway.customer(key="customer:K7M4RD", reference="K7M4RD", now=make.now())
        self.card = self.saved("card")
        self.account = self.saved("sepa_debit")
        self.farm = gateway.account(key="connect:ormeaux", reference="ormeaux", now=make.now())
        browse(onboarding(self.farm), act="done")
        with self.server.world.lock:
            self.server.world.balance("charge", 10_000_000, "ch_before", 0, 0)

    def saved(self, kind: str) -> str:
        page = setup(self.customer, kind)
        save_on(page.url) if kind == "card" else browse(page.url, iban=IBAN)
        method = gateway.saved_on(page.session)
        assert method is not None
        return method.id

    def held(self, nth: int, card: str = "", now: datetime | None = None) -> gateway.Payment:
        return gateway.hold(
            key=f"hold:{nth}", customer=self.customer, method=card or self.card, amount=5000, description="Commande",
            now=now or make.now(),
        )  # fmt: skip

    def captured(self, nth: int) -> str:
        number = self.held(nth).id
        return gateway.capture(key=f"capture:{nth}", payment=number, amount=5000, now=make.now()).id

    def refused(self, nth: int) -> str:
        """A hold that only its holder can confirm."""
        card = self.server.world.get(self.card, "payment_method")["id"]
        self.server.world.secret(card)["number"] = "4000002760003184"
        with pytest.raises(gateway.Declined) as no:
            self.held(nth)
        return no.value.payment


def setup(customer: str, kind: str, nth: int = 0) -> gateway.SetupPage:
    return gateway.setup_page(customer=customer, kind=kind, locale="fr", now=make.now(), **BACK | {
        "success_url": f"http://localhost/{nth}"})  # fmt: skip


def onboarding(account: str, nth: int = 0) -> str:
    return gateway.onboarding_page(
        account=account, return_url=f"http://localhost/{nth}", refresh_url="http://localhost/", now=make.now()
    )


Act = Callable[[datetime], Any]


def a_customer(_ground: Ground, nth: int) -> Act:
    return lambda now: gateway.customer(key=f"customer:{nth}", reference=f"{nth}", now=now)


def a_card_page(ground: Ground, nth: int) -> Act:
    return lambda now: setup(ground.customer, "card", nth)


def a_mandate_page(ground: Ground, nth: int) -> Act:
    return lambda now: setup(ground.customer, "sepa_debit", nth)


def a_hold(ground: Ground, nth: int) -> Act:
    return lambda now: ground.held(nth, now=now)


def a_confirmation(ground: Ground, nth: int) -> Act:
    number = ground.refused(nth)
    back = "http://localhost/"
    return lambda now: gateway.confirm(payment=number, method=ground.card, return_url=back, now=now)


def a_capture(ground: Ground, nth: int) -> Act:
    number = ground.held(nth).id
    return lambda now: gateway.capture(key=f"capture:{nth}", payment=number, amount=4000, now=now)


def a_release(ground: Ground, nth: int) -> Act:
    number = ground.held(nth).id
    return lambda now: gateway.release(key=f"release:{nth}", payment=number, now=now)


def a_refund(ground: Ground, nth: int) -> Act:
    number = ground.captured(nth)
    return lambda now: gateway.refund(key=f"refund:{nth}", payment=number, amount=1000, now=now)


def a_top_up(ground: Ground, nth: int) -> Act:
    asked: dict[str, Any] = BACK | {"customer": ground.customer, "amount": 3000, "label": "Solde", "locale": "fr"}
    return lambda now: gateway.payment_page(key=f"page:{nth}", now=now, **asked)


def a_debit(ground: Ground, nth: int) -> Act:
    asked = {"customer": ground.customer, "method": ground.account, "description": "Solde"}
    return lambda now: gateway.debit(key=f"debit:{nth}", amount=3000, now=now, **asked)


def an_account(_ground: Ground, nth: int) -> Act:
    return lambda now: gateway.account(key=f"connect:{nth}", reference=f"{nth}", now=now)


def an_onboarding(ground: Ground, nth: int) -> Act:
    return lambda now: onboarding(ground.farm, nth)


def a_transfer(ground: Ground, nth: int) -> Act:
    asked = {"account": ground.farm, "group": "LOT-1", "description": "R-2026-0001"}
    return lambda now: gateway.transfer(key=f"payout:{nth}", amount=416, now=now, **asked)


def a_card_forgotten(ground: Ground, nth: int) -> Act:
    number = ground.saved("card")
    return lambda now: gateway.forget(number, now=now)


def a_customer_forgotten(_ground: Ground, nth: int) -> Act:
    number = gateway.customer(key=f"customer:{nth}", reference=f"{nth}", now=make.now())
    return lambda now: gateway.delete_customer(key=f"forget-customer:{nth}", customer=number, now=now)


# What there is at Stripe for each of them once all is done: objects of a kind, by a word of theirs.
CHANGES: dict[Callable[[Ground, int], Act], tuple[str, Callable[[dict[str, Any]], Any], Any]] = {
    a_customer: ("customer", lambda one: one["metadata"]["key"], "customer:{}"),
    a_card_page: ("checkout.session", lambda one: one["success_url"], "http://localhost/{}"),
    a_mandate_page: ("checkout.session", lambda one: one["success_url"], "http://localhost/{}"),
    a_hold: ("payment_intent", lambda one: (one["metadata"]["key"], one["status"]), ("hold:{}", "requires_capture")),
    a_confirmation: ("payment_intent", lambda one: (one["metadata"]["key"], one["status"]), ("hold:{}", "requires_action")),
    a_capture: (
        "charge", lambda one: (one["metadata"]["key"], one["amount_captured"], one["captured"]), ("hold:{}", 4000, True)
    ),
    a_release: ("payment_intent", lambda one: (one["metadata"]["key"], one["status"]), ("hold:{}", "canceled")),
    a_refund: (
        "refund", lambda one: (one["metadata"]["key"], one["amount"], one["status"]), ("refund:{}", 1000, "succeeded")
    ),
    a_top_up: ("checkout.session", lambda one: one["metadata"].get("key"), "page:{}"),
    a_debit: ("payment_intent", lambda one: (one["metadata"]["key"], one["status"]), ("debit:{}", "processing")),
    an_account: ("account", lambda one: one["metadata"]["key"], "connect:{}"),
    a_transfer: ("transfer", lambda one: (one["metadata"]["key"], one["amount"]), ("payout:{}", 416)),
}  # fmt: skip
# Shown once each time they are wanted: the second time is another page.
SHOWN = {a_card_page, a_mandate_page, a_confirmation, an_onboarding}
DONE_BY_NATURE = {a_card_forgotten, a_customer_forgotten}
"""Gone is gone: there is nothing left to count."""


def expected(pattern: Any, nth: int) -> Any:
    return tuple(part.format(nth) if isinstance(part, str) else part for part in pattern) if isinstance(
        pattern, tuple) else pattern.format(nth)  # fmt: skip


def found(server: StandIn, change: Callable[[Ground, int], Act], before: set[str]) -> list[Any]:
    kind, word, _pattern = CHANGES[change]
    return sorted(word(one) for one in server.world.all(kind) if one["id"] not in before)


@pytest.mark.parametrize(
    ("fault", "times"), [("cut", 5), ("broken", 3), ("refused", 3), pytest.param("cut", 100, marks=pytest.mark.full)]
)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_lost_answer_leaves_one_object(
    stripe_server: StandIn, change: Callable[[Ground, int], Act], fault: str, times: int
) -> None:
    ground = Ground(stripe_server)
    before = set(stripe_server.world.objects)
    for nth in range(times):
        act = change(ground, nth)
        getattr(stripe_server.faults, fault)[""] = 1
        with pytest.raises(gateway.Away):
            act(make.now())
        for _again in range(1 if change in SHOWN else 2):
            act(make.now())
    assert found(stripe_server, change, before) == sorted(expected(CHANGES[change][2], nth) for nth in range(times))
    refused = [("hold", "refused")] * times if change is a_confirmation else []
    assert list(StripeCall.objects.exclude(state="done").values_list("kind", "state")) == refused


@pytest.mark.parametrize("fault", ["cut", "broken", "refused"])
@pytest.mark.parametrize("change", DONE_BY_NATURE | {an_onboarding}, ids=lambda change: change.__name__)
def test_what_is_gone_or_is_only_a_way_is_asked_for_again(
    stripe_server: StandIn, change: Callable[[Ground, int], Act], fault: str
) -> None:
    ground = Ground(stripe_server)
    act = change(ground, 1)
    getattr(stripe_server.faults, fault)[""] = 1
    with pytest.raises(gateway.Away):
        act(make.now())
    for _again in range(2):
        act(make.now())
    assert StripeCall.objects.exclude(state="done").count() == 0
    assert stripe_server.world.all("payment_method", customer=ground.customer) == [
        stripe_server.world.get(number, "payment_method") for number in (ground.account, ground.card)
    ]


LOOKED_FOR = set(CHANGES) - SHOWN - {a_top_up}
"""A page is good no longer than the key it was made under."""


@pytest.mark.parametrize("change", LOOKED_FOR, ids=lambda change: change.__name__)
def test_after_a_day_the_object_is_looked_for_before_the_call_is_made_again(
    stripe_server: StandIn, change: Callable[[Ground, int], Act]
) -> None:
    """By then Stripe has forgotten the key."""
    ground = Ground(stripe_server)
    before = set(stripe_server.world.objects)
    act = change(ground, 7)
    stripe_server.faults.cut[""] = 1
    with pytest.raises(gateway.Away):
        act(make.now())
    stripe_server.answered.clear()
    act(make.now() + asking.KEY_LIFE + timedelta(minutes=1))
    assert found(stripe_server, change, before) == [expected(CHANGES[change][2], 7)]


def test_a_page_wanted_again_is_another_one(stripe_server: StandIn) -> None:
    ground = Ground(stripe_server)
    pages = [setup(ground.customer, "card") for _time in range(3)]
    assert len({page.session for page in pages}) == 3


def test_a_payment_confirmed_meanwhile_is_told_as_it_is(stripe_server: StandIn) -> None:
    """The answer to the confirmation was lost, the bank asked and got its yes, and the member presses again."""
    ground = Ground(stripe_server)
    number = ground.refused(1)
    asks = gateway.confirm(payment=number, method=ground.card, return_url="http://localhost/", now=make.now())
    save_on(asks.confirm_url, answer="yes")
    again = gateway.confirm(payment=number, method=ground.card, return_url="http://localhost/", now=make.now())
    assert (again.state, again.confirm_url) == ("held", "")
