"""What the bank says: statements as files, their lines, and what each line was found to be."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hub.codes import new_long_code
from hub.models import Household, Member, Transfer
from hub.models.fields import money_field


class BankFile(models.Model):
    """A statement somebody sent. `content` holds its lines as read until they are written, then nothing.

    `opening` and `closing` are the balances that the file itself states, None where it states none.
    """

    code = models.CharField(max_length=10, unique=True, default=new_long_code, editable=False)
    file_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=[("csv", "CSV"), ("camt", "camt.053")])
    account = models.CharField(max_length=34, blank=True)
    content = models.JSONField(default=list)
    count = models.PositiveIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    total = money_field()
    opening = money_field(null=True, blank=True)
    closing = money_field(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["BankFile"]] = models.Manager()

    class Meta:
        verbose_name = _("bank statement")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name


class BankLine(models.Model):
    """One movement of the cooperative's account as the bank tells it; above zero came in. Never changed.

    `fingerprint` is made of account, day, amount, label and the how-manieth equal line of that day it is: the same
    line in another file has the same, so it is written once. `end_to_end` is the payer's or our own reference.
    """

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="lines")
    fingerprint = models.CharField(max_length=64, unique=True)
    day = models.DateField()
    value_day = models.DateField(null=True, blank=True)
    amount = money_field()
    label = models.CharField(max_length=500)
    party = models.CharField(max_length=140, blank=True)
    party_iban = models.CharField(max_length=34, blank=True)
    end_to_end = models.CharField(max_length=35, blank=True)

    objects: ClassVar[models.Manager["BankLine"]] = models.Manager()

    class Meta:
        verbose_name = _("line of a bank statement")
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="distribution_bankline_moves_something")]
        indexes = [
            models.Index(fields=["day"], name="distribution_bankline_day"),
            models.Index(fields=["party_iban"], name="distribution_bankline_payer", condition=~Q(party_iban="")),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.amount}"

    @property
    def words(self) -> str:
        """What the bank wrote; of a household that was erased, that it was."""
        return self.label or gettext("of an erased household")


class BankMatch(models.Model):
    """What a line, or a part of it, was found to be. Undone by a reversal, never changed otherwise.

    `transfer` takes the amount off `bank:unmatched`. A line that tells of a movement already in the books names it in
    `linked`. `by` is empty where the line said it all by itself.
    """

    class Kind(models.TextChoices):
        HOUSEHOLD = "household", _("a household’s account")
        LINKED = "linked", _("already in the books")
        STRIPE = "stripe", _("card payments paid out by Stripe")
        FEES = "fees", _("fees of the bank")
        OTHER = "other", _("another account of the cooperative")
        IGNORED = "ignored", _("left out of the books")

    line = models.ForeignKey(BankLine, models.PROTECT, related_name="matches")
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    amount = money_field()
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="bank_matches")
    linked = models.ForeignKey(Transfer, models.PROTECT, null=True, blank=True, related_name="bank_matches")
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="bank_match")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["BankMatch"]] = models.Manager()

    class Meta:
        verbose_name = _("use of a bank line")
        constraints = [
            models.UniqueConstraint(fields=["line", "number"], name="distribution_bankmatch_once"),
            models.UniqueConstraint(
                fields=["linked"],
                condition=Q(undone_at=None),
                name="distribution_bankmatch_linked_once",
                violation_error_message=_("This movement belongs to another line of the bank already."),
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="distribution_bankmatch_amount_positive"),
            models.CheckConstraint(
                condition=Q(kind="household", household__isnull=False) | (~Q(kind="household") & Q(household=None)),
                name="distribution_bankmatch_household_named",
            ),
            models.CheckConstraint(
                condition=Q(kind="linked", linked__isnull=False) | (~Q(kind="linked") & Q(linked=None)),
                name="distribution_bankmatch_movement_named",
            ),
            models.CheckConstraint(
                condition=~Q(kind="ignored") | ~Q(reason=""),
                name="distribution_bankmatch_ignored_why",
                violation_error_message=_("Say why the line is left out."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.kind}"
