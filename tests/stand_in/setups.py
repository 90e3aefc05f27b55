"""SetupIntents and hosted Checkout: a card or a bank account saved once, with 3-D Secure where the bank asks for it."""

from typing import Any

from tests.stand_in.methods import behaviour, give_to, make_account, make_card
from tests.stand_in.routes import answers, metadata
from tests.stand_in.world import DAY, Object, Trouble, World, page


@answers("get", "/v1/setup_intents/{}")
def setup(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "setup_intent")


@answers("get", "/v1/setup_intents")
def setups(world: World, sent: Object) -> Object:
    wanted = {key: sent[key] for key in ("customer", "payment_method") if key in sent}
    return page(world.all("setup_intent", **wanted), sent, "/v1/setup_intents")


@answers("post", "/v1/checkout/sessions")
def create_session(world: World, sent: Object) -> Object:
    mode = sent.get("mode", "payment")
    if mode == "subscription":
        raise Trouble(400, "The stand-in knows no subscriptions.", "parameter_invalid", param="mode")
    if "success_url" not in sent:
        raise Trouble(400, "Missing required param: success_url.", "parameter_missing", param="success_url")
    kinds = sent.get("allowed_payment_method_types", [])
    if mode == "setup" and not kinds and "currency" not in sent:
        raise Trouble(400, "You must provide `currency` in `setup` mode.", "parameter_missing", param="currency")
    if sent.get("customer"):
        world.get(sent["customer"], "customer")
    total = _total(sent) if mode == "payment" else None
    made = world.new(
        "checkout.session", "cs_test", mode=mode, status="open", customer=sent.get("customer"), setup_intent=None,
        payment_intent=None, amount_total=total, currency=sent.get("currency", "eur"), success_url=sent["success_url"],
        cancel_url=sent.get("cancel_url"), client_reference_id=sent.get("client_reference_id"), locale=sent.get("locale"),
        payment_status="unpaid" if mode == "payment" else "no_payment_required", expires_at=world.now() + DAY,
    )  # fmt: skip
    metadata(made, sent)
    made["url"] = f"{world.base}/pay/{made['id']}"
    world.secret(made["id"]).update(kinds=kinds or ["card"], sent=sent)
    if mode == "setup":
        made["setup_intent"] = _intend(world, made, sent.get("setup_intent_data", {}))["id"]
    return made


def _total(sent: Object) -> int:
    lines = sent.get("line_items") or []
    if not lines:
        raise Trouble(400, "Missing required param: line_items.", "parameter_missing", param="line_items")
    prices = [(line.get("price_data", {}), int(line.get("quantity", 1))) for line in lines]
    if any("unit_amount" not in price for price, _number in prices):
        raise Trouble(
            400, "The stand-in takes prices as `price_data[unit_amount]`.", "parameter_missing", param="line_items"
        )
    return sum(int(price["unit_amount"]) * number for price, number in prices)


def _intend(world: World, session: Object, data: Object) -> Object:
    made = world.new(
        "setup_intent", "seti", customer=session["customer"], payment_method=None, status="requires_payment_method",
        usage="off_session", mandate=None, last_setup_error=None, next_action=None,
        description=data.get("description"),
    )  # fmt: skip
    metadata(made, data)
    world.tell("setup_intent.created", made)
    return made


@answers("post", "/v1/checkout/sessions/{}/expire")
def expire_session(world: World, sent: Object, number: str) -> Object:
    found = world.get(number, "checkout.session")
    if found["status"] != "open":
        raise Trouble(
            400, f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {found["status"]}.'
        )
    found.update(status="expired", url=None)
    world.tell("checkout.session.expired", found)
    return found


@answers("get", "/v1/checkout/sessions/{}")
def session(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "checkout.session")


@answers("get", "/v1/checkout/sessions")
def sessions(world: World, sent: Object) -> Object:
    wanted = {key: sent[key] for key in ("customer", "payment_intent", "status") if key in sent}
    return page(world.all("checkout.session", **wanted), sent, "/v1/checkout/sessions")


@answers("post", "/v1/checkout/sessions/{}/expire")
def expire(world: World, sent: Object, number: str) -> Object:
    found = world.get(number, "checkout.session")
    if found["status"] != "open":
        raise Trouble(
            400, f"Only open sessions can be expired; this one is {found['status']}.", "checkout_session_not_open"
        )
    found.update(status="expired", url=None)
    world.tell("checkout.session.expired", found)
    return found


def choose(world: World, session: Object, form: dict[str, str]) -> Object:
    """What a person typed on the hosted page: the payment method, not yet held by anybody. Raises Trouble as shown there."""
    kinds = world.secret(session["id"])["kinds"]
    if form.get("iban") and "sepa_debit" in kinds:
        return make_account(world, form["iban"])
    chosen = make_card(world, form.get("card", "").replace(" ", ""))
    card = behaviour(world, chosen)
    if card.refused:
        raise Trouble(402, "Your card was declined.", "card_declined", "card_error", decline_code=card.refused)
    return chosen


def asks(world: World, method: Object) -> bool:
    """Whether the bank wants to see the holder now."""
    return bool(behaviour(world, method).asks)


def finish_setup(world: World, session: Object, method: Object) -> None:
    """The holder has agreed: the payment method is the customer's, and may be charged off session."""
    intent = world.get(session["setup_intent"], "setup_intent")
    give_to(world, method, session["customer"])
    world.secret(method["id"])["set up"] = True
    intent.update(status="succeeded", payment_method=method["id"], next_action=None, mandate=_mandate(world, method))
    session.update(status="complete", url=None)
    world.tell("setup_intent.succeeded", intent)
    world.tell("checkout.session.completed", session)


def refuse_setup(world: World, session: Object) -> None:
    """The holder failed or refused 3-D Secure: nothing is saved, the page may be tried again."""
    intent = world.get(session["setup_intent"], "setup_intent")
    intent["last_setup_error"] = {"type": "invalid_request_error", "code": "setup_intent_authentication_failure"}
    world.tell("setup_intent.setup_failed", intent)


def _mandate(world: World, method: Object) -> str | None:
    if method["type"] != "sepa_debit":
        return None
    details: dict[str, Any] = {
        "type": "sepa_debit",
        "sepa_debit": {"reference": f"CABAS{next(world.serial):08d}", "url": ""},
    }
    made = world.new(
        "mandate", "mandate", status="active", type="multi_use", payment_method=method["id"],
        payment_method_details=details, customer_acceptance={"type": "online", "accepted_at": world.now()},
    )  # fmt: skip
    world.secret(method["id"])["mandate"] = made["id"]
    return str(made["id"])
