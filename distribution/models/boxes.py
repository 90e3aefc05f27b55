"""What is carried and counted: boxes of cash, money paid in to the bank, cheques and those that bounce."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hub.models import CollectionPoint, Member, Transfer
from hub.models.fields import money_field
from orders.models import Payment


class Undoable(models.Model):
    """Something a person said, once (`key`), and may take back: a reversal in the books, never a change."""

    key = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


class CashCount(Undoable):
    """A box was counted. What it holds beyond what the books expected went to `cash:differences` with `transfer`.

    `sheet` holds how many of each coin and note, by its value.
    """

    class Means(models.TextChoices):
        CASH = "cash", _("cash")
        LOCAL = "local", _("local currency")

    point = models.ForeignKey(CollectionPoint, models.PROTECT, related_name="counts")
    means = models.CharField(max_length=5, choices=Means)
    expected = money_field()
    counted = money_field()
    sheet = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True)
    transfer = models.OneToOneField(Transfer, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["CashCount"]] = models.Manager()

    class Meta:
        verbose_name = _("count of a box")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(counted__gte=0), name="distribution_cashcount_not_below_zero"),
            models.CheckConstraint(
                condition=Q(counted=models.F("expected"), transfer=None)
                | (~Q(counted=models.F("expected")) & Q(transfer__isnull=False)),
                name="distribution_cashcount_difference_posted",
            ),
            models.CheckConstraint(
                condition=Q(counted=models.F("expected")) | ~Q(note=""),
                name="distribution_cashcount_difference_explained",
                violation_error_message=_("Say what the difference may come from."),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def difference(self) -> Any:
        """Above zero: more was there than the books said."""
        return self.counted - self.expected


class BankDepositQuerySet(models.QuerySet["BankDeposit"]):
    def visible_to(self, member: Member) -> Self:
        """A coordinator sees all; a host, what left the boxes of the own points."""
        if member.is_coordinator:
            return self
        return self.filter(point__in=CollectionPoint.objects.visible_to(member))


class BankDeposit(Undoable):
    """Money carried to the bank: cash or local currency of a point, or a slip of cheques. Numbered without gaps."""

    class Kind(models.TextChoices):
        CASH = "cash", _("cash")
        CHEQUES = "cheques", _("cheques")
        LOCAL = "local", _("local currency")

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    point = models.ForeignKey(CollectionPoint, models.PROTECT, null=True, blank=True, related_name="bank_deposits")
    amount = money_field()
    note = models.CharField(max_length=200, blank=True)
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="bank_deposit")

    objects = BankDepositQuerySet.as_manager()

    class Meta:
        verbose_name = _("deposit at the bank")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="distribution_bankdeposit_amount_positive"),
            models.CheckConstraint(
                condition=Q(kind="cheques", point=None) | (~Q(kind="cheques") & Q(point__isnull=False)),
                name="distribution_bankdeposit_of_a_box",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DepositedCheque(models.Model):
    """A cheque on a slip. It is on one slip at a time."""

    deposit = models.ForeignKey(BankDeposit, models.PROTECT, related_name="cheques")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="deposited")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["DepositedCheque"]] = models.Manager()

    class Meta:
        verbose_name = _("cheque on a slip")
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(undone_at=None),
                name="distribution_depositedcheque_once",
                violation_error_message=_("This cheque is on another slip already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.deposit}: {self.payment}"


class BouncedCheque(Undoable):
    """The bank has not paid a cheque: its household owes the amount again."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="bounced")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="bounced_cheque")

    objects: ClassVar[models.Manager["BouncedCheque"]] = models.Manager()

    class Meta:
        verbose_name = _("bounced cheque")
        constraints = [
            models.UniqueConstraint(
                fields=["payment"], condition=Q(undone_at=None), name="distribution_bouncedcheque_once"
            )
        ]

    def __str__(self) -> str:
        return self.key
