"""The bank accounts to which the cooperative pays farms and points."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from hub.models.places import CollectionPoint

NEW_ACCOUNT_WAITS = timedelta(hours=48)
"""How long nothing is paid to an account that was just changed, unless the coordination confirms it. Whoever steals a session
wins nothing by it: everybody has been told meanwhile. And nobody who is honest is forgotten: time alone ends the wait, so a
weekly payout never hangs on a phone call (database: distribution/migrations/0010_payout_runs.py, for points
0016_point_payouts.py)."""


class BankAccount(models.Model):
    """An account that payouts go to, and since when."""

    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    iban_changed_at = models.DateTimeField(null=True, blank=True)
    iban_confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When somebody of the coordination said that the account is the right one.")
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(iban__regex=r"^([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})?$"),
                name="%(app_label)s_%(class)s_iban",
                violation_error_message=_("This is not an IBAN."),
            ),
            models.CheckConstraint(
                condition=Q(bic__regex=r"^([A-Z0-9]{8}([A-Z0-9]{3})?)?$"),
                name="%(app_label)s_%(class)s_bic",
                violation_error_message=_("This is not a BIC."),
            ),
        ]

    @property
    def as_shown(self) -> str:
        """Names the account as a page shows it, without telling its number: another name once any of it was changed."""
        facts = (getattr(self, "holder", ""), self.iban, self.bic, self.iban_changed_at)
        return salted_hmac("hub.payees", repr(facts)).hexdigest()[:24]

    def account_waits_until(self, now: datetime) -> datetime | None:
        """Until when nothing is paid to the account, changed lately and confirmed by nobody; None when it may be used."""
        changed, confirmed = self.iban_changed_at, self.iban_confirmed_at
        if changed is None or (confirmed is not None and confirmed >= changed) or now >= changed + NEW_ACCOUNT_WAITS:
            return None
        return changed + NEW_ACCOUNT_WAITS


class PointAccount(BankAccount):
    """Who is paid a point's part of the sales, and where: the host, or the association that hosts it."""

    point = models.OneToOneField(CollectionPoint, models.PROTECT, related_name="account")
    holder = models.CharField(_("account holder"), max_length=70)

    objects: ClassVar[models.Manager["PointAccount"]] = models.Manager()

    class Meta:
        verbose_name = _("account of a point")
        constraints = [
            *BankAccount.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(holder="") & ~Q(iban=""),
                name="hub_pointaccount_is_somebodys",
                violation_error_message=_("Give the account and the name of who holds it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point}: {self.holder}"
