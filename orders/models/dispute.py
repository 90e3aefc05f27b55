"""Disputes: a household tells its bank that it does not owe what was charged, and the bank takes the money back at once."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hub.models import Household, Member
from hub.models.fields import money_field
from orders.models.card import CardPayment
from orders.models.debit import TopUp


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def open(self) -> Self:
        """Those the bank has not decided."""
        return self.filter(state=Dispute.State.OPEN)

    def unfinished(self) -> Self:
        """Those Stripe may still change: not decided, or won and the money not back yet."""
        return self.filter(Q(state=Dispute.State.OPEN) | Q(state=Dispute.State.WON, taken=True))

    def to_look_at(self) -> Self:
        """Those somebody must answer or, once lost, decide on."""
        return self.filter(Q(state=Dispute.State.OPEN) | Q(state=Dispute.State.LOST, settled_at=None, top_up=None))


class Dispute(models.Model):
    """One contested payment: open until the bank decides, won or lost for good. `taken` says that its amount is gone.

    A lost one is settled by a person: the household owes it after all (`charged`), or the cooperative bears it.
    """

    class State(models.TextChoices):
        OPEN = "open", _("contested")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    payment = models.ForeignKey(CardPayment, models.PROTECT, null=True, blank=True, related_name="disputes")
    top_up = models.ForeignKey(TopUp, models.PROTECT, null=True, blank=True, related_name="disputes")
    stripe_id = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    amount = money_field()
    taken = models.BooleanField(default=False)
    reason = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    due_by = models.DateTimeField(null=True, blank=True, help_text="until when it can be answered")
    checked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    charged = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_dispute_amount_positive"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="orders_dispute_close_stamped",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, charged=False) | Q(state="lost", settled_at__isnull=False),
                name="orders_dispute_only_lost_settled",
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_id

    @property
    def household(self) -> Household | None:
        """Whose payment it was."""
        if self.top_up is not None:
            return self.top_up.household
        return self.payment.order.household if self.payment else None

    @property
    def words(self) -> str:
        """Why the holder contests, as a person says it."""
        return str(REASONS.get(self.reason, _("another reason")))


REASONS = {
    "fraudulent": _("says it was not them"),
    "product_not_received": _("says the food was not handed over"),
    "product_unacceptable": _("says the food was not as promised"),
    "duplicate": _("says it was charged twice"),
    "credit_not_processed": _("says a refund is missing"),
    "unrecognized": _("does not recognise the charge"),
    "debit_not_authorized": _("says the debit was not allowed"),
    "insufficient_funds": _("not enough money on the account"),
    "incorrect_account_details": _("wrong account"),
}
