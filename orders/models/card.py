"""Cards: saved once by a household, held before the hand-over, captured for what was delivered."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from hub.models import Household, Member
from hub.models.fields import money_field
from orders.models.order import Order


class SavedCardQuerySet(models.QuerySet["SavedCard"]):
    def usable(self) -> Self:
        """Not removed by their household."""
        return self.filter(removed_at=None)


class SavedCard(models.Model):
    """A card a household lets us charge for its orders. Only its last digits are ours; `consent` is the text agreed to."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="cards")
    customer = models.CharField(max_length=80)
    method = models.CharField(max_length=80, unique=True)
    brand = models.CharField(max_length=20)
    last4 = models.CharField(max_length=4)
    expires = models.CharField(max_length=7, help_text="last month, as 2031-12")
    consent = models.TextField()
    consented_at = models.DateTimeField()
    consented_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = SavedCardQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved card")
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(removed_at=None),
                name="orders_savedcard_one_usable",
                violation_error_message=_("A household pays with one card at a time."),
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=False) | ~Q(brand="") & ~Q(expires=""),
                name="orders_savedcard_usable_is_a_card",
                violation_error_message=_("This is no card."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand.replace('_', ' ').capitalize()} •••• {self.last4}"

    @property
    def last_month(self) -> str:
        """The last month it is good for, as it is printed on the card: 12/2031."""
        year, _sep, month = self.expires.partition("-")
        return f"{month}/{year}"


class CardPaymentQuerySet(models.QuerySet["CardPayment"]):
    def unfinished(self) -> Self:
        """Those Stripe may still change."""
        return self.filter(state__in=CardPayment.UNFINISHED)

    def given_up(self) -> Self:
        """Those refused and never mended, of orders that are still to be paid by card."""
        refused = self.filter(state=CardPayment.State.RELEASED, refused_at__isnull=False, held_at=None)
        later = CardPayment.objects.filter(order=OuterRef("order"), number__gt=OuterRef("number"))
        waiting = refused.filter(order__payment_method="card", order__cancelled_at=None, order__settled_at=None)
        return waiting.exclude(Exists(later))


class CardPayment(models.Model):
    """An order's card payment: the greatest amount shown is held, what was delivered is captured, never more.

    One live payment an order; a hold that ran out is followed by another `number`. Stripe's key is `hold:<order>:<number>`.
    """

    class State(models.TextChoices):
        DUE = "due", _("to be held")
        HELD = "held", _("held")
        REFUSED = "refused", _("refused by the bank")
        CAPTURED = "captured", _("paid")
        RELEASED = "released", _("released")

    order = models.ForeignKey(Order, models.PROTECT, related_name="card_payments")
    number = models.PositiveSmallIntegerField()
    card = models.ForeignKey(SavedCard, models.PROTECT, related_name="payments")
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    amount = money_field()
    captured = money_field(null=True, blank=True)
    refunded = money_field(default=0)
    stripe_id = models.CharField(max_length=80, blank=True)
    refusal = models.CharField(max_length=60, blank=True)
    capture_before = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True, help_text="when Stripe was last asked about it")
    held_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    MOVES = {
        State.DUE: {State.HELD, State.REFUSED, State.RELEASED},
        State.REFUSED: {State.HELD, State.RELEASED},
        State.HELD: {State.CAPTURED, State.RELEASED},
        State.CAPTURED: set[State](),
        State.RELEASED: set[State](),
    }
    UNFINISHED = (State.DUE, State.HELD, State.REFUSED)
    STAMPS = {
        State.HELD: "held_at",
        State.REFUSED: "refused_at",
        State.CAPTURED: "captured_at",
        State.RELEASED: "released_at",
    }
    objects = CardPaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("card payment")
        indexes = [models.Index(fields=["stripe_id"])]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="orders_cardpayment_number_once"),
            models.UniqueConstraint(
                fields=["order"], condition=~Q(state="released"), name="orders_cardpayment_one_live"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_cardpayment_amount_positive"),
            models.CheckConstraint(
                condition=Q(captured=None) | Q(captured__gt=0, captured__lte=F("amount")),
                name="orders_cardpayment_captured_within_hold",
                violation_error_message=_("Never more than what was held."),
            ),
            models.CheckConstraint(
                condition=Q(state="captured", captured__isnull=False) | (~Q(state="captured") & Q(captured=None)),
                name="orders_cardpayment_captured_says_how_much",
            ),
            models.CheckConstraint(
                condition=Q(refunded=0) | Q(refunded__gt=0, refunded__lte=F("captured")),
                name="orders_cardpayment_refunded_within_captured",
                violation_error_message=_("Never more is given back than was paid."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.amount}"

    @property
    def key(self) -> str:
        """Names this hold for Stripe."""
        return f"hold:{self.order.code}:{self.number}"

    def may_move_to(self, state: State) -> bool:
        """Whether a state may follow the one it has."""
        return state in self.MOVES[self.State(self.state)]

    def move_to(self, state: State, now: datetime, **more: object) -> None:
        """Take the next state and stamp it. Raises ValueError for a move the table does not allow."""
        if not self.may_move_to(state):
            raise ValueError(f"card payment {self.pk}: {self.state} -> {state}")
        self.state = state
        for field, value in {self.STAMPS[state]: now, **more}.items():
            setattr(self, field, value)
        self.save(update_fields=["state", self.STAMPS[state], *more])


class CardRefundQuerySet(models.QuerySet["CardRefund"]):
    def unfinished(self) -> Self:
        """Those Stripe has not answered for good."""
        return self.filter(state__in=[CardRefund.State.ASKED, CardRefund.State.SENT])


class CardRefund(models.Model):
    """Money on its way back to a card: asked for, sent, done once Stripe has said so. A bank may still refuse it weeks
    later; then it has failed, and what was posted is reversed."""

    class State(models.TextChoices):
        ASKED = "asked", _("to be sent")
        SENT = "sent", _("on its way")
        DONE = "done", _("given back")
        FAILED = "failed", _("refused by the card")

    payment = models.ForeignKey(CardPayment, models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=100, unique=True)
    amount = money_field()
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="when Stripe was last asked about it")
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=60, blank=True)
    stripe_id = models.CharField(max_length=80, blank=True)

    MOVES = {
        State.ASKED: {State.SENT, State.DONE, State.FAILED},
        State.SENT: {State.DONE, State.FAILED},
        State.DONE: {State.FAILED},
        State.FAILED: set[State](),
    }
    objects = CardRefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund to a card")
        indexes = [models.Index(fields=["stripe_id"])]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_cardrefund_amount_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "sent"], done_at=None, failed_at=None)
                | Q(state="done", done_at__isnull=False, failed_at=None)
                | Q(state="failed", failed_at__isnull=False),
                name="orders_cardrefund_state_stamped",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def may_move_to(self, state: State) -> bool:
        """Whether a state may follow the one it has."""
        return state in self.MOVES[self.State(self.state)]
