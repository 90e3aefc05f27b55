"""Messages that must be sent, each once, and the letters that were sent."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hub.models.calendar import Collection
from hub.models.people import Member


class NoticeQuerySet(models.QuerySet["Notice"]):
    def due(self, now: datetime) -> Self:
        """Not sent, not given up, whose hour has come and, for a reminder, has not passed."""
        fresh = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(fresh, sent_at=None, given_up_at=None, due_at__lte=now)

    def failing(self) -> Self:
        """Tried at least once and not sent."""
        return self.filter(sent_at=None, attempts__gt=0)


class Notice(models.Model):
    """A message somebody must get, written in the transaction of the fact it tells. `key` names the fact, so the same
    fact is told once however often its step runs. The words are made from `kind` and `data` when it is sent."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160, unique=True)
    member = models.ForeignKey(Member, models.CASCADE, null=True, blank=True, related_name="notices")
    email = models.EmailField(blank=True, help_text=_("For somebody who is not a member yet."))
    data = models.JSONField(default=dict)
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, blank=True, related_name="notices")
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, given_up_at=None), name="hub_notice_due"),
            models.Index(fields=["collection", "kind"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False) | ~Q(email=""),
                name="hub_notice_somebody",
                violation_error_message=_("A message goes to somebody."),
            )
        ]

    def __str__(self) -> str:
        return self.key


class Letter(models.Model):
    """A message as it left: kept so that it can be read again, and in the demo read at all."""

    message_id = models.CharField(max_length=200, unique=True)
    notice = models.ForeignKey(Notice, models.SET_NULL, null=True, blank=True, related_name="letters")
    recipients = models.TextField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list, help_text="names and sizes of what was attached")
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("letter")
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return self.subject
