from decimal import Decimal
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from hub.models import Household


class DistributionConfig(AppConfig):
    name = "distribution"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell orders what the treasurer has still to send to a household."""
        from orders.leaving import LEAVING

        LEAVING.append(_to_send)


def _to_send(household: "Household") -> Decimal:
    from distribution import refunds  # only once somebody asks: programs that never do start without it

    return refunds.to_send(household)
