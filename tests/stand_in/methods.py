"""Customers, cards and bank accounts. Numbers behave as in Stripe's test mode, where they mean the same."""

from dataclasses import dataclass

from tests.stand_in.routes import answers, keep, metadata
from tests.stand_in.world import Object, Trouble, World, page, since


@dataclass(frozen=True)
class Card:
    """How a card number behaves: `asks` for 3-D Secure never, until set up, or always; `declines` when charged; `refunds`
    are done at once, `pending` for a while, or `failing` some time after they were done."""

    asks: str = ""
    declines: str = ""
    refused: str = ""
    disputed: bool = False
    refunds: str = ""


CARDS = {
    "4242424242424242": Card(),
    "5555555555554444": Card(),
    "4000002500003155": Card(asks="until set up"),
    "4000002760003184": Card(asks="always"),
    "4000000000000002": Card(refused="generic_decline"),
    "4000000000000341": Card(declines="generic_decline"),
    "4000000000009995": Card(declines="insufficient_funds", refused="insufficient_funds"),
    "4000000000000259": Card(disputed=True),
    "4000000000007726": Card(refunds="pending"),
    "4000000000005126": Card(refunds="failing"),
}
# Debits of these accounts end so many days after they were asked for; others succeed.
DEBIT_DAYS = 5
IBANS = {
    "AT611904300234573201": "",
    "AT861904300235473202": "debit_not_authorized",
    "AT321904300235473204": "",
    "AT051904300235473205": "insufficient_funds",
    "AT591904300235473203": "disputed",
}
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_visa_chargeDeclined": "4000000000000341",
}


@answers("post", "/v1/customers")
def create_customer(world: World, sent: Object) -> Object:
    made = world.new("customer", "cus", email=sent.get("email"), name=sent.get("name"), invoice_settings={})
    made["preferred_locales"] = sent.get("preferred_locales", [])
    metadata(made, sent)
    world.tell("customer.created", made)
    return made


@answers("get", "/v1/customers")
def customers(world: World, sent: Object) -> Object:
    return page(since(world.all("customer"), sent), sent, "/v1/customers")


@answers("get", "/v1/customers/{}")
def customer(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "customer")


@answers("post", "/v1/customers/{}")
def change_customer(world: World, sent: Object, number: str) -> Object:
    changed = keep(world, "customer", number, sent, "email", "name")
    world.tell("customer.updated", changed)
    return changed


@answers("delete", "/v1/customers/{}")
def delete_customer(world: World, sent: Object, number: str) -> Object:
    found = world.get(number, "customer")
    for held in world.all("payment_method", customer=number):
        let_go(world, held)
    del world.objects[found["id"]]
    world.tell("customer.deleted", found)
    return {"id": number, "object": "customer", "deleted": True}


@answers("get", "/v1/customers/{}/payment_methods")
def methods_of(world: World, sent: Object, number: str) -> Object:
    held = world.all("payment_method", customer=world.get(number, "customer")["id"])
    wanted = [one for one in held if sent.get("type") in (None, one["type"])]
    return page(wanted, sent, f"/v1/customers/{number}/payment_methods")


@answers("get", "/v1/payment_methods/{}")
def method(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "payment_method")


@answers("post", "/v1/payment_methods/{}/detach")
def detach(world: World, sent: Object, number: str) -> Object:
    found = world.get(number, "payment_method")
    if found["customer"] is None:
        raise Trouble(
            400, "The payment method you provided is not attached to a customer.", "payment_method_unexpected_state"
        )
    let_go(world, found)
    world.tell("payment_method.detached", found)
    return found


@answers("get", "/v1/mandates/{}")
def mandate(world: World, sent: Object, number: str) -> Object:
    return world.get(number, "mandate")


def let_go(world: World, found: Object) -> None:
    """Take a payment method from its customer, for good: nobody is charged with it any more."""
    found["customer"] = None
    world.secret(found["id"])["detached"] = True


def resolve(world: World, number: str) -> Object:
    """A payment method by its id; the test tokens of the documentation make one."""
    if number in TOKENS:
        return make_card(world, TOKENS[number])
    return world.get(number, "payment_method")


def make_card(world: World, number: str) -> Object:
    """A card that nobody holds yet. Raises Trouble 402 for a number no bank gave out."""
    if number not in CARDS:
        raise Trouble(402, "Your card number is incorrect.", "incorrect_number", "card_error", param="number")
    brand = "mastercard" if number.startswith("5") else "visa"
    face = {
        "brand": brand,
        "last4": number[-4:],
        "exp_month": 12,
        "exp_year": 2031,
        "country": "FR",
        "funding": "debit",
    }
    made = world.new("payment_method", "pm", type="card", customer=None, billing_details={}, card=face)
    world.secret(made["id"])["number"] = number
    return made


def make_account(world: World, iban: str) -> Object:
    """A bank account to debit. Raises Trouble 400 for an IBAN whose check digits are wrong."""
    compact = iban.replace(" ", "").upper()
    if not _adds_up(compact):
        raise Trouble(400, "The IBAN you provided is invalid.", "invalid_bank_account_iban", param="sepa_debit[iban]")
    face = {"last4": compact[-4:], "country": compact[:2], "bank_code": compact[4:9], "fingerprint": compact[-8:]}
    made = world.new("payment_method", "pm", type="sepa_debit", customer=None, billing_details={}, sepa_debit=face)
    world.secret(made["id"])["number"] = compact
    return made


def behaviour(world: World, method: Object) -> Card:
    """How the card behind a payment method behaves."""
    return CARDS.get(world.secret(method["id"]).get("number", ""), Card())


def give_to(world: World, method: Object, customer: str | None) -> None:
    """Attach a payment method to a customer."""
    method["customer"] = customer
    if customer:
        world.tell("payment_method.attached", method)


def _adds_up(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return len(iban) >= 15 and turned.isalnum() and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
