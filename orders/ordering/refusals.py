"""Why an order is not placed; nothing has changed when one of these is raised."""

from hub.refusals import Refusal


class NotOpenYet(Refusal):
    code = "not-open-yet"


class OrderingClosed(Refusal):
    code = "ordering-closed"


class NotAMember(Refusal):
    code = "not-a-member"
    status = 404


class PointLeft(Refusal):
    """The household has left the point: what it ordered there may shrink."""

    code = "point-left"


class SoldOut(Refusal):
    """`data["short"]` lists each line that cannot be had: packaging id, name, label, wanted and available packs."""

    code = "sold-out"


class NotOnSale(Refusal):
    """`data["packagings"]` are ids of what is not on sale at this collection."""

    code = "not-on-sale"


class MinimumNotMet(Refusal):
    code = "minimum-not-met"


class AccountTooLow(Refusal):
    code = "account-too-low"


class CardNeeded(Refusal):
    """An order paid by card needs a card saved first."""

    code = "card-needed"


class BadQuantity(Refusal):
    code = "bad-quantity"
    status = 422


class NoSuchPayment(Refusal):
    code = "no-such-payment"
    status = 422
