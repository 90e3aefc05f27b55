"""Why an order is not placed; nothing has changed when one of these is raised."""

from hub.refusals import Refusal


class NotOpenYet(Refusal):
    """The sale has not begun, by the clock of the database."""

    code = "not-open-yet"


class OrderingClosed(Refusal):
    """The deadline has passed, by the clock of the database; what was ordered before stands."""

    code = "ordering-closed"


class NotAMember(Refusal):
    """The household is not accepted at the point, and has ordered nothing there."""

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
    """The order is below what the point asks: `data["minimum"]`, and `data["ordered"]` as expected."""

    code = "minimum-not-met"


class AccountTooLow(Refusal):
    """The account does not cover the order (`data["missing"]`), or what is to be paid on the spot would pass the ceiling
    (`data["ceiling"]`, `data["engaged"]` with this order)."""

    code = "account-too-low"


class CardNeeded(Refusal):
    """An order paid by card needs a card saved first."""

    code = "card-needed"


class BadQuantity(Refusal):
    """A number of packs below zero or above `MOST_PACKS`: `data["packagings"]` are ids."""

    code = "bad-quantity"
    status = 422


class NoSuchPayment(Refusal):
    """The point does not take this method, or cards are not set up here; `data["offered"]` are those it takes."""

    code = "no-such-payment"
    status = 422
