from django.apps import AppConfig


class DistributionConfig(AppConfig):
    name = "distribution"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell orders what the treasurer has still to send to a household."""
        from distribution import refunds
        from orders.ordering import affording

        affording.LEAVING.append(refunds.to_send)
