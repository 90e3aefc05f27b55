"""What happens to money received: refunds, disputes, transfers to farms, payouts to the bank, and the balance of it all."""

from tests.stand_in.methods import behaviour
from tests.stand_in.routes import answers, metadata
from tests.stand_in.world import DAY, Object, Trouble, World, cents, page, since

DISPUTE_FEE = 2000
REFUND_DAYS = 5


@answers("post", "/v1/refunds")
def refund(world: World, sent: Object) -> Object:
    charge = _charge(world, sent)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = cents(sent.get("amount", left))
    if not charge["captured"]:
        raise Trouble(400, "This charge was not captured: cancel its PaymentIntent.", "charge_not_refundable")
    if charge["disputed"]:
        raise Trouble(400, "This charge has been charged back.", "charge_disputed")
    if left == 0:
        raise Trouble(400, f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    if not 0 < amount <= left:
        raise Trouble(
            400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
        )
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    manner = behaviour(world, world.get(charge["payment_method"], "payment_method")).refunds
    made = world.new(
        "refund", "re", amount=amount, charge=charge["id"], payment_intent=charge["payment_intent"], currency="eur",
        status="pending" if manner == "pending" else "succeeded", reason=sent.get("reason"), failure_reason=None,
    )  # fmt: skip
    if manner:
        world.secret(made["id"])["ends"] = world.now() + REFUND_DAYS * DAY
    metadata(made, sent)
    made["balance_transaction"] = world.balance("refund", -amount, made["id"])["id"]
    world.tell("refund.created", made)
    world.tell("charge.refunded", charge)
    return made


def end_refunds(world: World) -> None:
    """Refunds whose bank took its time are done by now; those it sends back have failed, and the money is here again."""
    for made in world.all("refund")[::-1]:
        if world.secret(made["id"]).get("ends", world.now() + 1) > world.now():
            continue
        del world.secret(made["id"])["ends"]
        if made["status"] == "pending":
            made["status"] = "succeeded"
            world.tell("refund.updated", made)
            continue
        made.update(status="failed", failure_reason="lost_or_stolen_card")
        made["failure_balance_transaction"] = world.balance("refund_failure", made["amount"], made["id"])["id"]
        charge = world.get(made["charge"], "charge")
        charge["amount_refunded"] -= made["amount"]
        charge["refunded"] = False
        world.tell("refund.failed", made)


def _charge(world: World, sent: Object) -> Object:
    if sent.get("charge"):
        return world.get(sent["charge"], "charge")
    if not sent.get("payment_intent"):
        raise Trouble(400, "One of charge and payment_intent is needed.", "parameter_missing", param="charge")
    intent = world.get(sent["payment_intent"], "payment_intent")
    if intent["latest_charge"] is None:
        raise Trouble(400, "This PaymentIntent has no successful charge to refund.", "charge_not_refundable")
    return world.get(intent["latest_charge"], "charge")


@answers("get", "/v1/refunds/{}")
def one_refund(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "refund")


@answers("get", "/v1/refunds")
def refunds(world: World, sent: Object) -> Object:
    wanted = {key: sent[key] for key in ("charge", "payment_intent") if key in sent}
    return page(world.all("refund", **wanted), sent, "/v1/refunds")


# Disputes are opened and decided by banks: the stand-in's own door does what they would do.


def dispute(world: World, charge: str, reason: str = "product_not_received", amount: int = 0) -> Object:
    """A holder contests a charge, or `amount` of it in cents: that and a fee leave the balance."""
    found = world.get(charge, "charge")
    if found["disputed"] or not found["captured"]:
        raise Trouble(400, "Only a captured charge is disputed, once.", "charge_disputed")
    left = found["amount_captured"] - found["amount_refunded"]
    amount = amount or left
    if not 0 < amount <= left:
        raise Trouble(400, f"Disputed amount ({amount}) is greater than what is left of the charge ({left})")
    made = world.new(
        "dispute", "du", amount=amount, charge=charge, payment_intent=found["payment_intent"], currency="eur",
        reason=reason, status="needs_response", is_charge_refundable=False,
        evidence_details={"due_by": world.now() + 10 * 24 * 3600, "has_evidence": False},
    )  # fmt: skip
    made["balance_transactions"] = [world.balance("adjustment", -amount, made["id"], DISPUTE_FEE)]
    found["disputed"] = True
    world.tell("charge.dispute.created", made)
    world.tell("charge.dispute.funds_withdrawn", made)
    return made


def decide(world: World, number: str, won: bool) -> Object:
    """The bank decides a dispute: won, the amount comes back; the fee does not."""
    found = world.get(number, "dispute")
    if found["status"] in ("won", "lost"):
        raise Trouble(400, "This dispute is decided.", "dispute_closed")
    found["status"] = "won" if won else "lost"
    if won:
        found["balance_transactions"].append(world.balance("adjustment", found["amount"], number))
        world.tell("charge.dispute.funds_reinstated", found)
    world.tell("charge.dispute.closed", found)
    return found


@answers("get", "/v1/disputes/{}")
def one_dispute(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "dispute")


@answers("get", "/v1/disputes")
def disputes(world: World, sent: Object) -> Object:
    wanted = {key: sent[key] for key in ("charge", "payment_intent") if key in sent}
    return page(since(world.all("dispute", **wanted), sent), sent, "/v1/disputes")


@answers("post", "/v1/disputes/{}/close")
def close_dispute(world: World, sent: Object, number: str) -> Object:
    return decide(world, number, won=False)


@answers("post", "/v1/transfers")
def transfer(world: World, sent: Object) -> Object:
    amount = cents(sent.get("amount", 0))
    if amount < 1:
        raise Trouble(400, "The amount must be at least 1.", "parameter_invalid_integer", param="amount")
    destination = world.get(sent["destination"], "account")
    if destination["capabilities"].get("transfers") != "active":
        raise Trouble(
            400, "Your destination account cannot receive transfers yet.", "insufficient_capabilities_for_transfer"
        )
    if sent.get("source_transaction"):
        _check_source(world, world.get(sent["source_transaction"], "charge"), amount)
    elif amount > available(world):
        raise Trouble(400, "You have insufficient available funds in your Stripe account.", "balance_insufficient")
    made = world.new(
        "transfer", "tr", amount=amount, amount_reversed=0, reversed=False, currency=sent["currency"],
        destination=destination["id"], source_transaction=sent.get("source_transaction"),
        transfer_group=sent.get("transfer_group"), description=sent.get("description"),
    )  # fmt: skip
    metadata(made, sent)
    made["balance_transaction"] = world.balance("transfer", -amount, made["id"], 0, 0)["id"]
    world.tell("transfer.created", made)
    return made


def _check_source(world: World, charge: Object, amount: int) -> None:
    sent_on = sum(
        one["amount"] - one["amount_reversed"] for one in world.all("transfer", source_transaction=charge["id"])
    )
    if sent_on + amount > charge["amount_captured"]:
        raise Trouble(400, "The transfers exceed the source charge.", "transfer_source_balance_parameters_mismatch")


@answers("get", "/v1/transfers/{}")
def one_transfer(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "transfer")


@answers("get", "/v1/transfers")
def transfers(world: World, sent: Object) -> Object:
    wanted = {key: sent[key] for key in ("destination", "transfer_group") if key in sent}
    return page(world.all("transfer", **wanted), sent, "/v1/transfers")


@answers("post", "/v1/transfers/{}/reversals")
def reverse(world: World, sent: Object, number: str) -> Object:
    found = world.get(number, "transfer")
    left = found["amount"] - found["amount_reversed"]
    amount = cents(sent.get("amount", left))
    if not 0 < amount <= left:
        raise Trouble(400, f"Reversal amount ({amount}) is greater than unreversed amount ({left})", param="amount")
    found["amount_reversed"] += amount
    found["reversed"] = found["amount_reversed"] == found["amount"]
    made = world.new("transfer_reversal", "trr", amount=amount, transfer=number, currency=found["currency"])
    metadata(made, sent)
    made["balance_transaction"] = world.balance("transfer_refund", amount, made["id"], 0, 0)["id"]
    world.tell("transfer.reversed", found)
    return made


@answers("post", "/v1/payouts")
def pay_out(world: World, sent: Object) -> Object:
    """From the platform's balance to its bank, by hand: automatic payouts are off."""
    amount = cents(sent["amount"])
    if amount > available(world):
        raise Trouble(400, "You have insufficient funds in your Stripe account.", "balance_insufficient")
    made = world.new("payout", "po", amount=amount, currency=sent["currency"], status="paid", automatic=False)
    metadata(made, sent)
    made["arrival_date"] = world.now() + 2 * 24 * 3600
    made["balance_transaction"] = world.balance("payout", -amount, made["id"], 0, 0)["id"]
    world.tell("payout.paid", made)
    return made


@answers("get", "/v1/payouts")
def payouts(world: World, sent: Object) -> Object:
    return page(world.all("payout"), sent, "/v1/payouts")


@answers("get", "/v1/balance")
def balance(world: World, sent: Object) -> Object:
    ready = available(world)
    total = sum(one["net"] for one in world.all("balance_transaction"))
    sums = {"available": ready, "pending": total - ready}
    return {"object": "balance", "livemode": False} | {
        name: [{"amount": amount, "currency": "eur", "source_types": {"card": amount}}] for name, amount in sums.items()
    }


def available(world: World) -> int:
    """Cents that may leave today."""
    return sum(one["net"] for one in world.all("balance_transaction") if one["available_on"] <= world.now())


@answers("get", "/v1/balance_transactions")
def movements(world: World, sent: Object) -> Object:
    wanted = {key: sent[key] for key in ("source", "type") if key in sent}
    return page(since(world.all("balance_transaction", **wanted), sent), sent, "/v1/balance_transactions")


@answers("get", "/v1/balance_transactions/{}")
def movement(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "balance_transaction")


@answers("get", "/v1/events/{}")
def event(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "event")


@answers("get", "/v1/events")
def events(world: World, sent: Object) -> Object:
    wanted = {key: sent[key] for key in ("type",) if key in sent}
    return page(world.all("event", **wanted), sent, "/v1/events")
