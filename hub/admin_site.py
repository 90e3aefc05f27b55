"""The admin site: for looking things up, behind the second factor. What the cooperative does is done on its own pages."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from hub import second_factor

OURS = ("hub", "producers", "orders", "distribution")


class Site(admin.AdminSite):
    """Staff with a second factor, and our own models only: keys and addresses of sign-in are their owners' business."""

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_factor.is_set_up(request.user)  # type: ignore[arg-type]

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Keeps what our packages register; libraries bring forms that would change anything."""
        if admin_class is not None and admin_class.__module__.split(".")[0] in OURS:
            super().register(model_or_iterable, admin_class, **options)

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The admin's own form would be a second door with its own number of tries; staff without a factor set one up."""
        if not self.has_permission(request):
            return second_factor.ask(request)
        return super().login(request, extra_context)
