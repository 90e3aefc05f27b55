"""The money field of the house: two decimals, one currency column per row however many amounts it holds."""

from typing import Any

from djmoney.models.fields import MoneyField


def money_field(**options: Any) -> Any:
    """An amount in the hub's currency. The first money field of a model must not be nullable: all share its currency.

    django-money's field is untyped; annotate with `Money` where an amount crosses a function.
    """
    return MoneyField(max_digits=12, decimal_places=2, currency_field_name="currency", **options)
