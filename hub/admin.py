"""Looking things up: people, places, dates, books. Names and addresses may be put right; everything else only read."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from hub import activity, profile
from hub.models import (
    Account,
    Activity,
    ApiToken,
    Collection,
    CollectionPoint,
    FeeRule,
    Host,
    HostInvitation,
    Household,
    Hub,
    Letter,
    Member,
    Membership,
    Notice,
    Role,
    Series,
    Transfer,
    VatRate,
    WeeklySchedule,
)


def _links(model: Any) -> list[Any]:
    """The fields of a model that always lead to a row of another."""
    return [field for field in model._meta.concrete_fields if field.is_relation and not field.null]


class Looked(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to look at: none is added, changed or deleted here."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        """The rows its columns name and the ones those are called by. All that can be reached is a hundred joins."""
        shown = set(self.get_list_display(request))
        near = [one for one in _links(self.model) if shown & {one.name, "__str__"}]
        return [
            name
            for one in near
            for name in (one.name, *(f"{one.name}__{far.name}" for far in _links(one.related_model)))
        ]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def show(
    model: type[models.Model],
    *columns: str,
    search: Sequence[str] = (),
    filters: Sequence[str] = (),
    hidden: Sequence[str] = (),
) -> None:
    """Register a model to look at: the columns of its list, what it is found by, fields that nobody needs to see."""
    options = {
        "__module__": __name__, "list_display": columns or ("__str__",), "search_fields": search, "list_filter": filters,
        "exclude": hidden,
    }  # fmt: skip
    admin.site.register(model, type(f"Looked{model.__name__}", (Looked,), options))


class Righted(Looked):
    """A few fields may be put right, by the same act as on the member's own page; the journal says who did."""

    righted: tuple[str, ...] = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        apart = {*self.righted, *(self.exclude or ())}
        return [f.name for f in self.opts.concrete_fields if f.name not in apart]


@admin.register(Member)
class MemberAdmin(Righted):
    """How somebody is called and reached."""

    list_display = ("full_name", "email", "household", "is_active", "is_staff")
    search_fields = ("email", "first_name", "last_name", "household__name")
    list_filter = ("is_active", "is_staff", "language")
    exclude = ("password", "groups", "user_permissions")
    righted = ("first_name", "last_name", "phone", "language")

    def save_model(self, request: HttpRequest, obj: Member, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        fields = {name: form.cleaned_data[name] for name in self.righted}
        profile.describe_member(member=obj, **fields)
        _note(request, "member.described", obj.email, form)


@admin.register(Household)
class HouseholdAdmin(Righted):
    """Where a household lives."""

    list_display = ("name", "code", "city", "created_at")
    search_fields = ("name", "code", "members__email", "members__last_name")
    exclude = ()
    righted = ("name", "address", "postcode", "city", "access_note")

    def save_model(self, request: HttpRequest, obj: Household, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        fields = {name: form.cleaned_data[name] for name in self.righted}
        profile.describe_household(household=obj, **fields)
        _note(request, "household.described", obj.code, form)


def _note(request: HttpRequest, verb: str, subject: str, form: forms.ModelForm) -> None:  # type: ignore[type-arg]
    by = request.user if isinstance(request.user, Member) else None
    activity.record(verb=verb, subject=subject, by=by, now=timezone.now(), data={"fields": form.changed_data})


show(Hub)
show(CollectionPoint, "name", "code", "kind", "city", "archived_at", search=("name", "code", "city"), filters=("kind",))
show(WeeklySchedule, "point", "weekday", "starts", "ends", "valid_from", "valid_until", filters=("point",))
show(Collection, "code", "point", "starts_at", "closes_at", "status", search=("code",), filters=("status", "point"))
show(Host, "member", "point", "since", "until", search=("member__email",), filters=("point",))
show(
    Membership, "household", "point", "status", "requested_at", search=("household__name",), filters=("status", "point")
)
show(Role, "member", "kind", "granted_at", "revoked_at", search=("member__email",))
show(
    HostInvitation, "email", "point", "created_at", "used_at", "withdrawn_at", search=("email",), hidden=("token_hash",)
)
show(ApiToken, "name", "member", "created_at", "last_used_on", "revoked_at", hidden=("token_hash",))
show(FeeRule, "payee", "percentage", "point", "valid_from")
show(VatRate, "percentage", "valid_from", "valid_until")
show(Account, "code", "kind", search=("code",), filters=("kind",))
show(Transfer, "reference", "debit", "credit", "amount", "occurred_at", search=("reference", "memo"))
show(Series, "kind", "issuer", "year", "last")
show(Activity, "at", "verb", "subject", "member", "point", search=("verb", "subject", "producer_code"))
show(
    Notice,
    "kind",
    "member",
    "email",
    "due_at",
    "sent_at",
    "attempts",
    search=("key", "email", "member__email"),
    hidden=("data",),
)
show(Letter, "subject", "recipients", "sent_at", search=("recipients", "subject"), hidden=("notice",))
