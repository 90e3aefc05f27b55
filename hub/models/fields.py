"""The money field of the house: two decimals, one currency column per row however many amounts it holds."""

from typing import Any

from djmoney.models.fields import MoneyField


class AmountField(MoneyField):
    """django-money's field, with what a type checker needs to know: it is given and gives `Money`."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def deconstruct(self) -> Any:
        """In migrations it is django-money's field: the difference exists for type checkers alone."""
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[no-untyped-call]
        return name, "djmoney.models.fields.MoneyField", args, kwargs


def money_field(**options: Any) -> Any:
    """An amount in the hub's currency. The first money field of a model must not be nullable: all share its currency.

    Annotate with `Money` where an amount crosses a function.
    """
    return AmountField(max_digits=12, decimal_places=2, currency_field_name="currency", **options)  # type: ignore[no-untyped-call]
