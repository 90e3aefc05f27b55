"""Corrections that an invoice still contradicts: each waits for its credit note, or for the word that it is settled otherwise.

A credit note only lowers. Where a farm gets more of a household than it invoiced, the farm invoices the difference as well;
that is done outside, and noted here with its number.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from distribution.models import Correction, Invoice
from hub import activity
from hub.models import Activity, Member
from hub.refusals import Refusal
from producers.models import Producer

ASIDE = "correction.set-aside"

# Each correction with the invoices that tell of it and stand, the latest first, and whether as much is left of one of them.
TOLD = """
    SELECT c.id, i.id, i.total - n.credited >= abs(c.amount) AND (c.about_fee OR c.amount < 0)
    FROM distribution_correction c
    JOIN distribution_invoice i ON i.producer_id = c.producer_id AND CASE WHEN c.about_fee
        THEN i.kind = 'fee-invoice' AND i.statement_id = c.about_id
        ELSE i.kind = 'invoice' AND i.household_id = c.household_id AND (c.about_id IS NULL OR EXISTS (
            SELECT 1 FROM orders_order o JOIN distribution_statementblock b ON b.collection_id = o.collection_id
            WHERE o.id = i.order_id AND b.statement_id = c.about_id)) END
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(n.total), 0) AS credited FROM distribution_invoice n WHERE n.original_id = i.id) n
    WHERE i.total > n.credited AND NOT EXISTS (SELECT 1 FROM distribution_invoice d WHERE d.correction_id = c.id)
      AND NOT EXISTS (SELECT 1 FROM hub_activity a WHERE a.verb = %(aside)s AND a.subject = c.key)
      AND (%(one)s::bigint IS NULL OR c.id = %(one)s)
    ORDER BY c.noted_at, c.id, i.issued_at DESC, i.id DESC
"""


class NotSetAside(Refusal):
    """No word of how it was settled, or it has its credit note."""

    code = "not-set-aside"
    status = 422


@dataclass(frozen=True)
class Task:
    """A correction and the invoices from which its amount may be taken back, the latest first; none where it is of more
    than any of them has left, or raises what they say."""

    correction: Correction
    invoices: list[Invoice]

    @property
    def raises(self) -> bool:
        """Whether the household owes more than it was invoiced: no credit note says that."""
        return not self.correction.about_fee and self.correction.amount.amount > 0


def tasks() -> list[Task]:
    """What waits, for the treasurer, the oldest first: three statements."""
    told = _told(None)
    known = Correction.objects.select_related("producer", "household", "about").in_bulk(
        {one for one, _of, _enough in told}
    )
    invoices = Invoice.objects.defer("content").in_bulk({of for _one, of, enough in told if enough})
    found: dict[int, list[Invoice]] = {one: [] for one, _of, _enough in told}
    for one, of, enough in told:
        if enough:
            found[one].append(invoices[of])
    return [Task(known[one], rows) for one, rows in found.items()]


def invoices_of(correction: Correction) -> list[Invoice]:
    """The invoices from which a correction may be taken back."""
    return list(Invoice.objects.filter(pk__in=[of for _one, of, enough in _told(correction.pk) if enough]))


def set_aside(*, correction: Correction, why: str, by: Member, now: datetime) -> None:
    """A person's word that a correction is settled without a credit note: no invoice tells of it, the farm has invoiced the
    difference as well, or another correction answers it. Again, it changes nothing. Raises NotSetAside."""
    with transaction.atomic():
        Producer.objects.select_for_update(no_key=True).get(pk=correction.producer_id)  # as credit_notes.issue
        if Activity.objects.filter(verb=ASIDE, subject=correction.key).exists():
            return
        if not why.strip():
            raise NotSetAside(_("Say how it is settled: the number of the other invoice, or why none is needed."))
        if Invoice.objects.filter(correction=correction).exists():
            raise NotSetAside(_("This correction has its credit note already."))
        activity.record(
            verb=ASIDE, subject=correction.key, by=by, now=now, household=correction.household,
            producer_code=correction.producer.code, data={"why": why.strip()[:200]},
        )  # fmt: skip


def _told(one: int | None) -> list[tuple[int, int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(TOLD, {"aside": ASIDE, "one": one})
        return list(cursor.fetchall())
