"""The ledger: accounts, transfers between two of them, and gapless number series."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hub.models.calendar import Collection
from hub.models.fields import money_field
from hub.models.people import Household, Member


class AccountQuerySet(models.QuerySet["Account"]):
    def of_household(self, household: Household) -> Self:
        """Those of one household: what it has with the cooperative."""
        return self.filter(household=household)


class Account(models.Model):
    """Something money is in, or owed by. The code says whose: `household:K7M4RD2345`, `producer:quatre-saisons`,
    `host:tilleuls`, `hub:income`, `hub:vat`, `bank`, `cash:tilleuls`, `deposits`, `clearing:<collection>` …"""

    class Kind(models.TextChoices):
        ASSET = "asset", _("asset")
        LIABILITY = "liability", _("liability")
        INCOME = "income", _("income")
        EXPENSE = "expense", _("expense")

    code = models.CharField(max_length=90, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind)
    household = models.OneToOneField(Household, models.PROTECT, null=True, blank=True, related_name="account")

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")

    def __str__(self) -> str:
        return self.code


class Transfer(models.Model):
    """A movement of money: from the credited account to the debited one. Never changed, never deleted; a mistake is
    mended by a transfer that reverses it."""

    reference = models.CharField(max_length=120, unique=True)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits")
    amount = money_field()
    memo = models.CharField(max_length=200)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    collection = models.ForeignKey(Collection, models.PROTECT, null=True, blank=True, related_name="transfers")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["Transfer"]] = models.Manager()

    class Meta:
        verbose_name = _("transfer")
        indexes = [
            models.Index(fields=["debit"], include=["amount"], name="hub_transfer_debits"),
            models.Index(fields=["credit"], include=["amount"], name="hub_transfer_credits"),
            models.Index(fields=["occurred_at"], name="hub_transfer_occurred"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="hub_transfer_amount_positive",
                violation_error_message=_("An amount is above zero."),
            ),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")),
                name="hub_transfer_two_accounts",
                violation_error_message=_("Money moves between two different accounts."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"


class Series(models.Model):
    """The last number given in a gapless series, per kind of document, issuer and year."""

    kind = models.CharField(max_length=20)
    issuer = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("number series")
        constraints = [
            models.UniqueConstraint(fields=["kind", "issuer", "year"], name="hub_series_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.issuer} {self.year}"
