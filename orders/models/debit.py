"""Money that households send to their balance by card or direct debit: mandates, sums on their way, files for the bank."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from hub.codes import new_long_code
from hub.models import Household, Member
from hub.models.fields import money_field

LEAST, MOST = 10, 500
SHORTEST_NOTICE, LEGAL_NOTICE = 2, 14


class MandateQuerySet(models.QuerySet["Mandate"]):
    def usable(self) -> Self:
        """Not revoked: a debit may still name them."""
        return self.filter(revoked_at=None)


class Mandate(models.Model):
    """A household lets the cooperative debit its account: at Stripe, which then knows the IBAN, or through the
    cooperative's bank. `notice_days` is how long before a debit it is announced; the law says 14 unless less was agreed."""

    class Rail(models.TextChoices):
        STRIPE = "stripe", _("through Stripe")
        BANK = "bank", _("through the bank")

    household = models.ForeignKey(Household, models.PROTECT, related_name="mandates")
    rail = models.CharField(max_length=6, choices=Rail)
    reference = models.CharField(max_length=35, unique=True, default=new_long_code)
    holder = models.CharField(_("account holder"), max_length=70, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    customer = models.CharField(max_length=80, blank=True)
    method = models.CharField(max_length=80, blank=True)
    notice_days = models.PositiveSmallIntegerField(default=LEGAL_NOTICE)
    consent = models.TextField()
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("direct debit mandate")
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(revoked_at=None), name="orders_mandate_one_usable"
            ),
            models.UniqueConstraint(fields=["method"], condition=~Q(method=""), name="orders_mandate_method_once"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=False) | (Q(rail="stripe", iban="") & ~Q(method=""))
                | (Q(rail="bank", method="") & ~Q(iban="")),
                name="orders_mandate_rail_has_account",
            ),
            models.CheckConstraint(
                condition=Q(notice_days__gte=SHORTEST_NOTICE, notice_days__lte=LEGAL_NOTICE),
                name="orders_mandate_notice",
                violation_error_message=_("A debit is announced 2 to 14 days before."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"•••• {self.last4}"


class DebitFile(models.Model):
    """A file of debits for the bank (pain.008): written once, never changed; `sha256` is of its bytes, `collection_on` the
    first of its debits' days."""

    code = models.CharField(max_length=12, unique=True, default=new_long_code)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    collection_on = models.DateField()
    number = models.PositiveIntegerField()
    total = money_field()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Member, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager["DebitFile"]] = models.Manager()

    class Meta:
        verbose_name = _("file of debits")
        ordering = ["-written_at", "-pk"]

    def __str__(self) -> str:
        return self.code


class TopUpQuerySet(models.QuerySet["TopUp"]):
    def unfinished(self) -> Self:
        """Those that may still bring money: one that was given up as well, while its page can be paid on."""
        given_up = Q(state=TopUp.State.CANCELLED) & ~Q(page="")
        return self.filter(Q(state__in=[TopUp.State.DUE, TopUp.State.PROCESSING]) | given_up)

    def next_first(self) -> Self:
        """Those to come by their day, then what was, the latest first."""
        to_come = Case(When(state=TopUp.State.DUE, then=F("due_on")))
        return self.order_by(to_come.asc(nulls_last=True), "-due_on", "-pk")


class TopUp(models.Model):
    """A sum on its way to a household's balance. It counts once it is there (`paid`), even where it was given up or marked
    as refused before; a bank may take a debit back weeks later (`returned`). `page` is where it can be paid by card, ""
    once that is closed. Several of one `plan` are instalments of a sum."""

    class Means(models.TextChoices):
        CARD = "card", _("card")
        DEBIT = "debit", _("direct debit")

    class State(models.TextChoices):
        DUE = "due", _("to come")
        PROCESSING = "processing", _("at the bank")
        PAID = "paid", _("received")
        FAILED = "failed", _("refused by the bank")
        CANCELLED = "cancelled", _("given up")
        RETURNED = "returned", _("taken back by the bank")

    MOVES: ClassVar = {
        State.DUE: {State.PROCESSING, State.PAID, State.FAILED, State.CANCELLED},
        State.PROCESSING: {State.PAID, State.FAILED},
        State.PAID: {State.RETURNED},
        State.FAILED: {State.PAID},
        State.CANCELLED: {State.PROCESSING, State.PAID},
        State.RETURNED: set(),
    }

    household = models.ForeignKey(Household, models.PROTECT, related_name="top_ups")
    code = models.CharField(max_length=12, unique=True, default=new_long_code)
    key = models.CharField(max_length=100, unique=True)
    means = models.CharField(max_length=6, choices=Means)
    mandate = models.ForeignKey(Mandate, models.PROTECT, null=True, blank=True, related_name="top_ups")
    amount = money_field()
    number = models.PositiveSmallIntegerField(default=1)
    of = models.PositiveSmallIntegerField(default=1)
    plan = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    due_on = models.DateField()
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, blank=True)
    file = models.ForeignKey(DebitFile, models.PROTECT, null=True, blank=True, related_name="top_ups")
    sequence = models.CharField(max_length=4, blank=True, help_text="FRST or RCUR, as the file said")
    page = models.CharField(max_length=120, blank=True)
    stripe_id = models.CharField(max_length=80, blank=True)
    failure = models.CharField(max_length=60, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="when it failed, was given up or returned")

    objects = TopUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("top-up")
        ordering = ["-due_on", "-pk"]
        indexes = [models.Index(fields=["stripe_id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=LEAST, amount__lte=MOST),
                name="orders_topup_amount",
                violation_error_message=_("Between 10 and 500 €."),
            ),
            models.CheckConstraint(
                condition=Q(means="card", mandate=None) | Q(means="debit", mandate__isnull=False),
                name="orders_topup_debit_has_mandate",
            ),
            models.CheckConstraint(
                condition=Q(means="card") | Q(announced_at__isnull=False) | Q(state__in=["due", "cancelled"]),
                name="orders_topup_announced_first",
                violation_error_message=_("A debit is announced before it is made."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["due", "processing"], paid_at=None, ended_at=None)
                | Q(state="paid", paid_at__isnull=False, ended_at=None)
                | Q(state__in=["failed", "cancelled"], paid_at=None, ended_at__isnull=False)
                | Q(state="returned", paid_at__isnull=False, ended_at__isnull=False),
                name="orders_topup_state_stamped",
            ),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=F("of")), name="orders_topup_number"),
            models.UniqueConstraint(fields=["plan", "number"], condition=~Q(plan=""), name="orders_topup_part_once"),
        ]

    def __str__(self) -> str:
        return self.code

    def may_move_to(self, state: State) -> bool:
        """As the database has it (orders/migrations/0011_money_that_came_after_all.py): one that was refused counts after
        all only where it was in a file for the bank, one that was given up only where Stripe knows it."""
        if state not in self.MOVES[self.State(self.state)]:
            return False
        if self.state == self.State.FAILED:
            return self.file_id is not None
        return self.state != self.State.CANCELLED or bool(self.stripe_id)
