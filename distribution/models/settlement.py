"""What producers and points are owed, and what households received and get back."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hub.models import Collection, CollectionPoint, Household, Member
from hub.models.fields import money_field
from orders.models import CardRefund, Order
from producers.models import Producer

if TYPE_CHECKING:
    from distribution.models.payout import Payout

WITH_FEE = Q(content__entries__contains=[{"what": "hub-fee"}])


class PayableQuerySet(models.QuerySet[Any]):
    """Statements that payouts pay."""

    def with_payouts(self) -> Self:
        """With what `payout` reads, in one more statement of SQL for all of them."""
        return self.prefetch_related("payouts")


class Payable(models.Model):
    """What is owed to somebody for a week, by a number of its own."""

    payouts: Any  # of Payout, from either kind of statement

    class Meta:
        abstract = True

    @property
    def payout(self) -> "Payout | None":
        """The payout that holds; None where nothing is to be paid. Those that failed are history."""
        return next((one for one in self.payouts.all() if one.state != one.State.FAILED), None)


class StatementQuerySet(PayableQuerySet):
    def visible_to(self, member: Member) -> Self:
        return self.filter(producer__in=Producer.objects.visible_to(member))

    def with_fee(self) -> Self:
        """Those that keep back a fee of the cooperative: found by their index, without opening a content."""
        return self.filter(WITH_FEE)


class Statement(Payable):
    """What a producer is owed for a week: numbered without gaps, immutable. Corrections go on the next one."""

    number = models.CharField(max_length=20, unique=True)
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="statements")
    week = models.CharField(max_length=8)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    net = money_field()
    issued_at = models.DateTimeField()

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        ordering = ["-issued_at", "-number"]
        indexes = [models.Index(fields=["id"], condition=WITH_FEE, name="distribution_statement_fees")]

    def __str__(self) -> str:
        return self.number


class StatementBlock(models.Model):
    """One producer's sales at one collection are stated once."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="blocks")
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="+")
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="statement_blocks")
    net = money_field()

    objects: ClassVar[models.Manager["StatementBlock"]] = models.Manager()

    class Meta:
        verbose_name = _("block of a statement")
        constraints = [
            models.UniqueConstraint(fields=["producer", "collection"], name="distribution_statementblock_once")
        ]

    def __str__(self) -> str:
        return f"{self.statement}: {self.collection}"


class PointStatementQuerySet(PayableQuerySet):
    def visible_to(self, member: Member) -> Self:
        """Those of the points the member looks after."""
        return self.filter(point__in=CollectionPoint.objects.visible_to(member))


class PointStatement(Payable):
    """What a point is owed for a week, its part of what was sold there: numbered without gaps, immutable."""

    number = models.CharField(max_length=20, unique=True)
    point = models.ForeignKey(CollectionPoint, models.PROTECT, related_name="statements")
    week = models.CharField(max_length=8)
    net = money_field()
    issued_at = models.DateTimeField()

    objects = PointStatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement of a point")
        ordering = ["-issued_at", "-number"]
        constraints = [models.CheckConstraint(condition=Q(net__gt=0), name="distribution_pointstatement_net_positive")]

    def __str__(self) -> str:
        return self.number


class PointStatementBlock(models.Model):
    """A point's part of one collection is stated once."""

    statement = models.ForeignKey(PointStatement, models.PROTECT, related_name="blocks")
    collection = models.OneToOneField(Collection, models.PROTECT, related_name="point_block")
    net = money_field()

    objects: ClassVar[models.Manager["PointStatementBlock"]] = models.Manager()

    class Meta:
        verbose_name = _("block of a point’s statement")

    def __str__(self) -> str:
        return f"{self.statement}: {self.collection}"


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def visible_to(self, member: Member) -> Self:
        """Their household's; a coordinator, all."""
        return self if member.is_coordinator else self.filter(household=member.household_id)


class Receipt(models.Model):
    """What a household received and paid at one collection: made once from what was settled, never changed."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="receipt")
    household = models.ForeignKey(Household, models.PROTECT, related_name="receipts")
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="receipts")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    total = money_field()
    issued_at = models.DateTimeField()

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        ordering = ["-issued_at", "-pk"]

    def __str__(self) -> str:
        return str(self.order)


class RefundQuerySet(models.QuerySet["Refund"]):
    def visible_to(self, member: Member) -> Self:
        """Their household's; a coordinator, all."""
        return self if member.is_coordinator else self.filter(household=member.household_id)

    def to_choose(self) -> Self:
        """Those whose household has not said what it wants."""
        return self.filter(choice=Refund.Choice.WAITING)

    def to_pay(self) -> Self:
        """Those asked back and not paid yet, the oldest first."""
        return self.filter(choice=Refund.Choice.REFUND, paid_at=None).order_by("chosen_at", "pk")

    def by_transfer(self) -> Self:
        """Those to pay that the treasurer sends: no card takes them, or the card has refused."""
        return self.to_pay().filter(Q(card_refund=None) | Q(card_refund__state=CardRefund.State.FAILED))

    def on_the_way_to_cards(self) -> Self:
        """Those to pay that go back to a card by themselves."""
        return self.to_pay().filter(card_refund__state__in=[CardRefund.State.ASKED, CardRefund.State.SENT])


class Refund(models.Model):
    """Money a household may have back for what was not delivered: it chooses, nothing is decided for it. What the treasurer
    noted as sent and took back is sent again as another `attempt`."""

    class Choice(models.TextChoices):
        WAITING = "waiting", _("to be chosen")
        CREDIT = "credit", _("kept as credit")
        REFUND = "refund", _("to be refunded")

    household = models.ForeignKey(Household, models.PROTECT, related_name="refunds")
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="refunds")
    amount = money_field()
    choice = models.CharField(max_length=8, choices=Choice, default=Choice.WAITING)
    send_to = models.CharField(
        _("account to send it to"), max_length=60, blank=True, help_text=_("An IBAN; empty, the treasurer asks.")
    )
    created_at = models.DateTimeField()
    chosen_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    attempt = models.PositiveSmallIntegerField(default=1, db_default=1)
    card_refund = models.OneToOneField(
        CardRefund, models.PROTECT, null=True, blank=True, related_name="shortage", help_text="its way back to the card"
    )

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        constraints = [
            models.UniqueConstraint(fields=["household", "collection"], name="distribution_refund_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="distribution_refund_amount_positive"),
            models.CheckConstraint(
                condition=Q(paid_at=None) | Q(choice="refund"),
                name="distribution_refund_paid_was_asked",
                violation_error_message=_("The household has not asked for this money back."),
            ),
            models.CheckConstraint(
                condition=Q(choice="waiting", chosen_at=None) | (~Q(choice="waiting") & Q(chosen_at__isnull=False)),
                name="distribution_refund_choice_stamped",
            ),
            models.CheckConstraint(
                condition=Q(card_refund=None) | ~Q(choice="waiting"), name="distribution_refund_card_was_asked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household}: {self.amount}"

    @property
    def reference(self) -> str:
        """Names its transfer by the bank in the books."""
        name = f"refund:{self.collection_id}:{self.household.code}"
        return name if self.attempt == 1 else f"{name}:{self.attempt}"

    @property
    def goes_by_itself(self) -> bool:
        """Whether it is on its way to the card, or there."""
        return self.card_refund is not None and self.card_refund.state != CardRefund.State.FAILED
