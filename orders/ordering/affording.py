"""Whether a household may owe what an order can cost: the point's minimum, its ceiling, credit and a card."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from hub import ledger
from hub.models import Household, PaymentMethod
from hub.money import money
from orders.leaving import leaving
from orders.models import SavedCard
from orders.ordering.refusals import AccountTooLow, CardNeeded, MinimumNotMet
from orders.ordering.sale import Sale


def check_minimum(sale: Sale, totals: tuple[Decimal, Decimal]) -> None:
    """An order that is not empty reaches what the point asks. Raises MinimumNotMet."""
    if sale.minimum is not None and 0 < totals[0] < sale.minimum:
        raise MinimumNotMet(
            _("This collection point takes orders from %(minimum)s.") % {"minimum": money(sale.minimum)},
            minimum=str(sale.minimum),
            ordered=str(totals[0]),
        )


def check_money(household: Household, sale: Sale, method: str, totals: tuple[Decimal, Decimal]) -> None:
    """Credit, without what was asked back, less what all unsettled orders may cost stays at or above the floor; at the
    point, a ceiling holds; a card is saved. Stripe is not asked: what it says is for after the deadline. Raises
    AccountTooLow, CardNeeded."""
    if method == PaymentMethod.CARD:
        if not SavedCard.objects.usable().filter(household=household).exists():
            raise CardNeeded(_("Save your card first: nothing is charged before the food is handed over."))
    elif method == PaymentMethod.AT_POINT:
        _check_ceiling(sale, sale.engaged_at_point + totals[1])
    else:
        _check_credit(household, sale, sale.engaged + totals[1])


def _check_ceiling(sale: Sale, engaged: Decimal) -> None:
    if engaged > sale.ceiling:
        raise AccountTooLow(
            _("Orders paid at the collection point may reach %(ceiling)s in all.") % {"ceiling": money(sale.ceiling)},
            ceiling=str(sale.ceiling),
            engaged=str(engaged),
        )


def _check_credit(household: Household, sale: Sale, engaged: Decimal) -> None:
    back = leaving(household)
    missing = sale.floor - ledger.balance(ledger.household_account(household)) + back + engaged
    if missing > 0 and back:
        raise AccountTooLow(
            _("Your account does not cover this order: %(missing)s missing, since %(back)s is on its way back to you.")
            % {"missing": money(missing), "back": money(back)},
            missing=str(missing),
        )
    if missing > 0:
        raise AccountTooLow(
            _("Your account does not cover this order: %(missing)s missing.") % {"missing": money(missing)},
            missing=str(missing),
        )
