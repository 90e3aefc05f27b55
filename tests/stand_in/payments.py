"""PaymentIntents and charges: held and captured, refused off session, debited days later."""

from typing import Any

from tests.stand_in.afterwards import dispute, end_refunds
from tests.stand_in.methods import DEBIT_DAYS, IBANS, behaviour, give_to, resolve
from tests.stand_in.routes import answers, keep, metadata
from tests.stand_in.world import DAY, Object, Trouble, World, cents, page, truth

# How long a hold lasts: a Visa charged off session by the merchant 4 days 18 hours, otherwise seven days.
HOLD_OFF_SESSION, HOLD = 410_400, 7 * DAY
SMALLEST, LARGEST = 50, 99_999_999
_CAN_CONFIRM = ("requires_payment_method", "requires_confirmation", "requires_action")
_CAN_CANCEL = (*_CAN_CONFIRM, "requires_capture")


@answers("post", "/v1/payment_intents")
def create(world: World, sent: Object) -> Object:
    amount = cents(sent["amount"])
    if amount < SMALLEST:
        raise Trouble(400, "Amount must be at least €0.50 eur", "amount_too_small", param="amount")
    if amount > LARGEST:
        raise Trouble(400, "Amount must be no more than €999,999.99", "amount_too_large", param="amount")
    if sent["currency"] != "eur":
        raise Trouble(400, f"Invalid currency: {sent['currency']}.", "parameter_invalid_string", param="currency")
    if sent.get("off_session") and not truth(sent.get("confirm")):
        raise Trouble(
            400, "`off_session` can only be used with `confirm=true`.", "parameter_invalid", param="off_session"
        )
    if sent.get("customer"):
        world.get(sent["customer"], "customer")
    made = world.new(
        "payment_intent", "pi", amount=amount, amount_capturable=0, amount_received=0, currency="eur",
        customer=sent.get("customer"), payment_method=None, status="requires_payment_method", latest_charge=None,
        capture_method=sent.get("capture_method", "automatic_async"), last_payment_error=None, next_action=None,
        cancellation_reason=None, canceled_at=None, transfer_group=sent.get("transfer_group"),
        description=sent.get("description"), setup_future_usage=sent.get("setup_future_usage"),
        statement_descriptor_suffix=sent.get("statement_descriptor_suffix"), receipt_email=sent.get("receipt_email"),
    )  # fmt: skip
    made["client_secret"] = f"{made['id']}_secret_{world.random.getrandbits(48):012x}"
    metadata(made, sent)
    if sent.get("payment_method"):
        try:
            _take_method(world, made, sent["payment_method"])
        except Trouble:
            del world.objects[made["id"]]  # refused before anything was made
            raise
    world.tell("payment_intent.created", made)
    if truth(sent.get("confirm")):
        _confirm(world, made, sent)
    return made


@answers("get", "/v1/payment_intents/{}")
def retrieve(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "payment_intent")


@answers("get", "/v1/payment_intents")
def every(world: World, sent: Object) -> Object:
    wanted = {key: sent[key] for key in ("customer",) if key in sent}
    return page(world.all("payment_intent", **wanted), sent, "/v1/payment_intents")


@answers("post", "/v1/payment_intents/{}")
def change(world: World, sent: Object, number: str) -> Object:
    found = world.get(number, "payment_intent")
    if "amount" in sent and found["status"] not in _CAN_CONFIRM:
        raise _unexpected(found, "updated")
    found = keep(world, "payment_intent", number, sent, "description", "receipt_email", "transfer_group")
    if "amount" in sent:
        found["amount"] = cents(sent["amount"])
    return found


@answers("post", "/v1/payment_intents/{}/confirm")
def confirm(world: World, sent: Object, number: str) -> Object:
    found = world.get(number, "payment_intent")
    _confirm(world, found, sent)
    return found


@answers("post", "/v1/payment_intents/{}/capture")
def capture(world: World, sent: Object, number: str) -> Object:
    found = world.get(number, "payment_intent")
    if found["status"] != "requires_capture":
        raise _unexpected(found, "captured")
    amount = cents(sent.get("amount_to_capture", found["amount_capturable"]))
    if amount > found["amount_capturable"]:
        raise Trouble(
            400, "The amount to capture is greater than the amount held.", "amount_too_large", param="amount_to_capture"
        )
    if amount < 1:
        raise Trouble(400, "The amount to capture must be above zero.", "amount_too_small", param="amount_to_capture")
    _collect(world, found, amount)
    return found


@answers("post", "/v1/payment_intents/{}/cancel")
def cancel(world: World, sent: Object, number: str) -> Object:
    found = world.get(number, "payment_intent")
    if found["status"] not in _CAN_CANCEL:
        raise _unexpected(found, "canceled")
    _cancel(world, found, sent.get("cancellation_reason"))
    return found


@answers("get", "/v1/charges/{}")
def charge(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "charge")


@answers("get", "/v1/charges")
def charges(world: World, sent: Object) -> Object:
    wanted = {key: sent[key] for key in ("customer", "payment_intent", "transfer_group") if key in sent}
    return page(world.all("charge", **wanted), sent, "/v1/charges")


def _unexpected(intent: Object, verb: str) -> Trouble:
    words = f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}."
    return Trouble(400, words, "payment_intent_unexpected_state", payment_intent=intent)


def _take_method(world: World, intent: Object, number: str) -> None:
    chosen = resolve(world, number)
    if chosen["customer"] is None and world.secret(chosen["id"]).get("detached"):
        words = "The provided PaymentMethod was detached from a Customer. It may not be used again."
        raise Trouble(400, words, "payment_method_unexpected_state", param="payment_method")
    if chosen["customer"] not in (None, intent["customer"]):
        raise Trouble(
            400,
            "The payment method belongs to another customer.",
            "payment_method_unexpected_state",
            param="payment_method",
        )
    if chosen["type"] == "sepa_debit" and intent["capture_method"] == "manual":
        raise Trouble(400, "`sepa_debit` cannot be captured by hand.", "payment_intent_incompatible_payment_method")
    intent.update(payment_method=chosen["id"], status="requires_confirmation")


def _confirm(world: World, intent: Object, sent: Object) -> None:
    if intent["status"] not in _CAN_CONFIRM:
        raise _unexpected(intent, "confirmed")
    if sent.get("payment_method"):
        _take_method(world, intent, sent["payment_method"])
    if intent["payment_method"] is None:
        raise Trouble(400, "A payment method is missing.", "payment_intent_unexpected_state", payment_intent=intent)
    method = world.get(intent["payment_method"], "payment_method")
    off_session = truth(sent.get("off_session", "false"))
    world.secret(intent["id"]).update(off_session=off_session, return_url=sent.get("return_url"))
    if method["type"] == "sepa_debit":
        _debit(world, intent, method)
        return
    asks = behaviour(world, method).asks
    if asks and not (off_session and asks == "until set up" and world.secret(method["id"]).get("set up")):
        if off_session:
            raise _decline(world, intent, method, "authentication_required")
        _ask(world, intent)
        return
    authorise(world, intent)


def _ask(world: World, intent: Object) -> None:
    """3-D Secure on session: the holder is sent to a page of the bank."""
    url = f"{world.base}/3ds/{intent['id']}"
    back = world.secret(intent["id"])["return_url"]
    intent.update(
        status="requires_action",
        next_action={"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": back}},
    )
    world.tell("payment_intent.requires_action", intent)


def authorise(world: World, intent: Object) -> None:
    """The bank says yes, or no: then raises Trouble 402 and the intent waits for another card."""
    method = world.get(intent["payment_method"], "payment_method")
    declines = behaviour(world, method).declines
    if declines:
        raise _decline(world, intent, method, declines)
    intent["next_action"] = None
    made = _new_charge(world, intent, method)
    if intent["setup_future_usage"]:
        give_to(world, method, intent["customer"])
        world.secret(method["id"])["set up"] = True
    if intent["capture_method"] == "manual":
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        seconds = HOLD_OFF_SESSION if world.secret(intent["id"]).get("off_session") else HOLD
        made["payment_method_details"]["card"]["capture_before"] = world.now() + seconds
        world.tell("charge.succeeded", made)
        world.tell("payment_intent.amount_capturable_updated", intent)
    else:
        _collect(world, intent, intent["amount"])
        world.tell("charge.succeeded", made)


def fail_authentication(world: World, intent: Object) -> None:
    """The holder failed or refused 3-D Secure."""
    error = {"type": "invalid_request_error", "code": "payment_intent_authentication_failure"}
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error)
    world.tell("payment_intent.payment_failed", intent)


def _decline(world: World, intent: Object, method: Object, reason: str) -> Trouble:
    code = reason if reason == "authentication_required" else "card_declined"
    error = {"type": "card_error", "code": code, "decline_code": reason, "message": "Your card was declined."}
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        last_payment_error=error | {"payment_method": dict(method)},
    )
    world.tell("payment_intent.payment_failed", intent)
    return Trouble(402, error["message"], code, "card_error", decline_code=reason, payment_intent=dict(intent))


def _new_charge(world: World, intent: Object, method: Object) -> Object:
    details: dict[str, Any] = {"type": method["type"], method["type"]: dict(method[method["type"]])}
    made = world.new(
        "charge", "ch", amount=intent["amount"], amount_captured=0, amount_refunded=0, captured=False, refunded=False,
        disputed=False, paid=True, currency="eur", customer=intent["customer"], payment_intent=intent["id"],
        payment_method=method["id"], payment_method_details=details, transfer_group=intent["transfer_group"],
        status="succeeded", balance_transaction=None, failure_code=None, description=intent["description"],
    )  # fmt: skip
    made["metadata"] = dict(intent["metadata"])
    intent["latest_charge"] = made["id"]
    return made


def _collect(world: World, intent: Object, amount: int) -> None:
    """The money is the platform's: 1.5 % + 25 cents of fees on a card, 35 cents on a debit."""
    made = world.get(intent["latest_charge"], "charge")
    is_debit = made["payment_method_details"]["type"] == "sepa_debit"
    fee = 35 if is_debit else 25 + (amount * 15 + 500) // 1000
    movement = world.balance("payment" if is_debit else "charge", amount, made["id"], fee)
    made.update(
        captured=True, amount_captured=amount, balance_transaction=movement["id"], status="succeeded", paid=True
    )
    intent.update(status="succeeded", amount_capturable=0, amount_received=amount, next_action=None)
    if intent["capture_method"] == "manual":
        world.tell("charge.captured", made)
    world.tell("payment_intent.succeeded", intent)
    method = world.get(made["payment_method"], "payment_method")
    if behaviour(world, method).disputed:
        dispute(world, made["id"])


def _cancel(world: World, intent: Object, reason: str | None) -> None:
    intent.update(
        status="canceled", amount_capturable=0, cancellation_reason=reason, canceled_at=world.now(), next_action=None
    )
    world.tell("payment_intent.canceled", intent)


def _debit(world: World, intent: Object, method: Object) -> None:
    """A SEPA debit is asked for now and ends days later."""
    if not world.secret(method["id"]).get("mandate"):
        raise Trouble(
            400, "This bank account has no mandate.", "payment_method_unexpected_state", param="payment_method"
        )
    made = _new_charge(world, intent, method)
    made.update(status="pending", paid=False)
    intent["status"] = "processing"
    world.secret(intent["id"])["ends"] = world.now() + DEBIT_DAYS * DAY
    world.tell("payment_intent.processing", intent)
    world.tell("charge.pending", made)


def let_time_pass(world: World) -> None:
    """End what is due by the stand-in's clock: debits settle or fail, holds nobody captured are released, slow refunds end."""
    end_refunds(world)
    for intent in world.all("payment_intent")[::-1]:
        if intent["status"] == "processing" and world.secret(intent["id"])["ends"] <= world.now():
            number = world.secret(intent["payment_method"])["number"]
            end_debit(world, intent, IBANS.get(number, ""))
        elif intent["status"] == "requires_capture":
            held = world.get(intent["latest_charge"], "charge")["payment_method_details"]["card"]
            if held["capture_before"] <= world.now():
                _cancel(world, intent, "automatic")


def end_debit(world: World, intent: Object, outcome: str) -> None:
    """The bank pays a debit (`outcome` ""), pays it and has it `disputed` at once, or refuses it for the reason given."""
    if intent["status"] != "processing":
        raise Trouble(400, "This debit is over.", "payment_intent_unexpected_state")
    made = world.get(intent["latest_charge"], "charge")
    if outcome in ("", "disputed"):
        _collect(world, intent, intent["amount"])
        world.tell("charge.succeeded", made)
        if outcome:
            dispute(world, made["id"], "debit_not_authorized")
        return
    made.update(status="failed", failure_code=outcome)
    error = {"type": "card_error", "code": outcome, "message": "The bank refused the debit."}
    intent.update(status="requires_payment_method", last_payment_error=error)
    world.tell("charge.failed", made)
    world.tell("payment_intent.payment_failed", intent)


def pay_session(world: World, session: Object, method: Object) -> None:
    """A Checkout in `payment` mode was paid on its page. Raises Trouble 402 when the bank declines."""
    data = world.secret(session["id"])["sent"].get("payment_intent_data", {})
    made = create(world, {"amount": session["amount_total"], "currency": session["currency"], **data})
    made["customer"] = session["customer"]
    made.update(payment_method=method["id"], status="requires_confirmation")
    session["payment_intent"] = made["id"]
    authorise(world, made)
    session.update(status="complete", payment_status="paid", url=None)
    world.tell("checkout.session.completed", session)
