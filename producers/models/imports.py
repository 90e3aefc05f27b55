"""A spreadsheet somebody sent: what it would do, what it did, and how to take it back."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from hub.codes import new_long_code
from hub.models import Member
from producers.models.producer import Producer


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, member: Member) -> Self:
        return self.filter(producer__in=Producer.objects.visible_to(member))

    def recent_of(self, producer: Producer) -> Self:
        """The last five of a producer, without their rows."""
        return self.filter(producer=producer).defer("preview", "applied").order_by("-created_at")[:5]


class Import(models.Model):
    """One file read for one producer and week. `preview` holds the rows as understood, `applied` what confirming
    changed, with the old values, so that it can be undone."""

    class Status(models.TextChoices):
        PREVIEWED = "previewed", _("to confirm")
        CONFIRMED = "confirmed", _("written")
        UNDONE = "undone", _("undone")

    code = models.CharField(max_length=10, unique=True, default=new_long_code, editable=False)
    producer = models.ForeignKey(Producer, models.CASCADE, related_name="imports")
    week = models.CharField(max_length=8)
    file_name = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.PREVIEWED)
    preview = models.JSONField(default=dict)
    applied = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    MOVES = {Status.PREVIEWED: {Status.CONFIRMED}, Status.CONFIRMED: {Status.UNDONE}, Status.UNDONE: set[Status]()}
    STAMPS = {Status.CONFIRMED: "confirmed_at", Status.UNDONE: "undone_at"}
    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name

    def move_to(self, status: Status, now: datetime) -> None:
        """Take the next state, stamp it, and keep what was done. Raises ValueError for a move the table does not allow."""
        if status not in self.MOVES[self.Status(self.status)]:
            raise ValueError(f"import {self.code}: {self.status} -> {status}")
        self.status = status
        setattr(self, self.STAMPS[status], now)
        self.save(update_fields=["status", self.STAMPS[status], "applied"])
