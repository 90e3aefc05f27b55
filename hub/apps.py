from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "hub"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bind shared tasks to our Celery app in every process and register the system checks."""
        from hub import celery, checks  # noqa: F401  (imported for what importing them does)
