"""Payouts: the money leaving for a farm or a point against one statement, and the runs in which it leaves."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from distribution.models.settlement import PointStatement, Statement
from hub.models import BankAccount, CollectionPoint, Member, PointAccount
from hub.models.fields import money_field
from producers.models import Producer


class PayoutRun(models.Model):
    """Payouts sent together, by one rail: who started it and when. Its number is the bank's message id."""

    class Rail(models.TextChoices):
        FILE = "file", _("file for the bank")
        HAND = "hand", _("by hand")
        CONNECT = "connect", _("Stripe")

    number = models.CharField(max_length=20, unique=True)
    rail = models.CharField(max_length=8, choices=Rail)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    trouble = models.CharField(max_length=60, blank=True, help_text="why the last sweep could not go on")
    tried_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["PayoutRun"]] = models.Manager()

    class Meta:
        verbose_name = _("payout run")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(rail="file"), name="distribution_payoutrun_only_files_are_sent"
            )
        ]

    def __str__(self) -> str:
        return self.number


class PayoutFile(models.Model):
    """A run's file for the bank, made once: what is downloaded is these bytes, whenever."""

    run = models.OneToOneField(PayoutRun, models.PROTECT, related_name="file")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    transfers = models.PositiveIntegerField()
    total = money_field()

    objects: ClassVar[models.Manager["PayoutFile"]] = models.Manager()

    class Meta:
        verbose_name = _("file of a payout run")

    def __str__(self) -> str:
        return f"{self.run}.xml"


class PayoutQuerySet(models.QuerySet["Payout"]):
    def live(self) -> Self:
        """All but those that failed: one per statement."""
        return self.exclude(state=Payout.State.FAILED)

    def due(self) -> Self:
        """Those no run has taken yet."""
        return self.filter(state=Payout.State.DUE)

    def unpaid(self) -> Self:
        """Those whose money has not left."""
        return self.filter(state__in=[Payout.State.DUE, Payout.State.IN_RUN])

    def of_statements(self, numbers: Collection[str]) -> Self:
        """Those of statements with these numbers, of farms or of points: found by two indexes."""
        farms = Statement.objects.filter(number__in=numbers).values_list("pk", flat=True)
        points = PointStatement.objects.filter(number__in=numbers).values_list("pk", flat=True)
        return self.filter(Q(statement__in=list(farms)) | Q(point_statement__in=list(points)))

    def of_week(self, week: str) -> Self:
        """Those of a week's statements."""
        return self.filter(Q(statement__week=week) | Q(point_statement__week=week))

    def with_payees(self) -> Self:
        """With the statement, and whom and which account it goes to; without what the statement tells, which is long."""
        every = self.select_related("statement", "producer__connect", "point_statement", "point__account")
        return every.defer("statement__content", "producer__story", "point__description", "point__keys_note")

    def tally(self) -> dict[str, tuple[int, Decimal]]:
        """How many there are in each state and what they come to."""
        rows = self.order_by().values_list("state").annotate(count=Count("pk"), total=Sum("amount"))
        return {state: (count, total) for state, count, total in rows}


class Payout(models.Model):
    """The money leaving for a producer or a point against one statement: due, taken into a run, sent, paid.

    What fails stays as it is and is followed by another `attempt`, so a statement has one live payout at most. The account
    is written down when a run takes it. `posted_at` says that its transfer is in the books.
    """

    class State(models.TextChoices):
        DUE = "due", _("to be paid")
        IN_RUN = "in-run", _("in a run")
        SENT = "sent", _("at the bank")
        PAID = "paid", _("paid")
        FAILED = "failed", _("not paid")

    class Reason(models.TextChoices):
        WITHDRAWN = "withdrawn", _("taken out of the run")
        REJECTED = "rejected", _("rejected by the bank")
        MISTAKE = "mistake", _("noted by mistake")
        NO_FUNDS = "no-funds", _("not enough money at Stripe")
        NOT_READY = "not-ready", _("the farm’s Stripe account cannot receive money")
        REFUSED = "refused", _("refused by Stripe")
        REVERSED = "reversed", _("taken back at Stripe")

    statement = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="payouts")
    producer = models.ForeignKey(Producer, models.PROTECT, null=True, blank=True, related_name="payouts")
    point_statement = models.ForeignKey(PointStatement, models.PROTECT, null=True, blank=True, related_name="payouts")
    point = models.ForeignKey(CollectionPoint, models.PROTECT, null=True, blank=True, related_name="payouts")
    attempt = models.PositiveSmallIntegerField(default=1)
    amount = money_field()
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    run = models.ForeignKey(PayoutRun, models.PROTECT, null=True, blank=True, related_name="payouts")
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    destination = models.CharField(max_length=80, blank=True, help_text="Stripe account")
    stripe_id = models.CharField(max_length=80, blank=True, help_text="Stripe transfer")
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    posted_at = models.DateTimeField(null=True, blank=True)

    # The database holds the same table (migrations/0010_payout_runs.py). Paid fails when the bank sends the money back, or when
    # somebody noted it by mistake: the books are put right by a transfer in the other direction.
    MOVES: ClassVar = {
        State.DUE: {State.IN_RUN},
        State.IN_RUN: {State.SENT, State.PAID, State.FAILED},
        State.SENT: {State.PAID, State.FAILED},
        State.PAID: {State.FAILED},
        State.FAILED: set[State](),
    }

    objects = PayoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("payout")
        indexes = [models.Index(fields=["run", "state"])]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="distribution_payout_amount_positive"),
            models.UniqueConstraint(fields=["statement", "attempt"], name="distribution_payout_attempt_once"),
            models.UniqueConstraint(
                fields=["statement"],
                condition=~Q(state="failed"),
                name="distribution_payout_one_live",
                violation_error_message=_("A statement is paid once."),
            ),
            models.UniqueConstraint(
                fields=["point_statement", "attempt"], name="distribution_payout_point_attempt_once"
            ),
            models.UniqueConstraint(
                fields=["point_statement"],
                condition=~Q(state="failed"),
                name="distribution_payout_point_one_live",
                violation_error_message=_("A statement is paid once."),
            ),
            models.CheckConstraint(
                condition=Q(statement__isnull=False, producer__isnull=False, point_statement=None, point=None)
                | Q(statement=None, producer=None, point_statement__isnull=False, point__isnull=False),
                name="distribution_payout_to_farm_or_point",
            ),
            models.CheckConstraint(
                condition=Q(state="due", run=None)
                | Q(state__in=["in-run", "sent"], run__isnull=False)
                | Q(state__in=["paid", "failed"]),
                name="distribution_payout_due_or_in_a_run",
            ),
            models.CheckConstraint(
                condition=Q(state="due") | ~Q(iban="") | ~Q(destination=""),
                name="distribution_payout_goes_somewhere",
                violation_error_message=_("This farm has not given a bank account yet."),
            ),
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False, posted_at__isnull=False)
                | Q(state="sent", sent_at__isnull=False, posted_at__isnull=False, paid_at=None)
                | Q(state="failed", failed_at__isnull=False) & ~Q(reason="")
                | Q(state__in=["due", "in-run"], paid_at=None, sent_at=None, posted_at=None, failed_at=None),
                name="distribution_payout_stamped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payee}: {self.amount}"

    @property
    def stated(self) -> Statement | PointStatement:
        """The statement it pays."""
        stated = self.statement or self.point_statement
        if stated is None:
            raise ValueError(f"payout {self.pk} is against nothing")
        return stated

    @property
    def number(self) -> str:
        """The number of its statement."""
        return self.stated.number

    @property
    def payee(self) -> Producer | CollectionPoint:
        """Whom it goes to."""
        payee = self.producer or self.point
        if payee is None:
            raise ValueError(f"payout {self.pk} goes to nobody")
        return payee

    @property
    def account(self) -> BankAccount | None:
        """The account the payee has now; None for a point that has given none."""
        return self.producer or getattr(self.point, "account", None)

    @property
    def holder(self) -> str:
        """The name that the bank wants to know."""
        if self.producer is not None:
            return self.producer.legal_name or self.producer.name
        account = self.account
        return account.holder if isinstance(account, PointAccount) else self.payee.name

    @property
    def books(self) -> str:
        """The account in the books that owes it."""
        return f"{'producer' if self.producer_id else 'host'}:{self.payee.code}"

    @property
    def reference(self) -> str:
        """Names its transfer in the books."""
        number = f"payout:{self.number}"
        return number if self.attempt == 1 else f"{number}:{self.attempt}"

    def again(self, now: datetime) -> "Payout":
        """The next attempt at the same, unsaved."""
        return Payout(
            statement=self.statement, producer=self.producer, point_statement=self.point_statement, point=self.point,
            attempt=self.attempt + 1, amount=self.amount, created_at=now,
        )  # fmt: skip

    def move_to(self, state: State, **stamps: "datetime | Member | str | None") -> list[str]:
        """Take the next state and its stamps, unsaved; the fields to save. Raises ValueError for a move that is not allowed."""
        if state not in self.MOVES[self.State(self.state)]:
            raise ValueError(f"payout {self.pk}: {self.state} -> {state}")
        for field, value in {"state": state, **stamps}.items():
            setattr(self, field, value)
        return ["state", *stamps]
