"""The three acts of an import: look, write, take back."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hub import activity
from hub.calendar import local_date, week_days, week_of
from hub.models import Member, VatRate
from hub.refusals import Refusal
from hub.spreadsheets import Spreadsheet, read
from producers.imports import storing, undoing, writing
from producers.imports.plan import make_plan
from producers.imports.shelf import Shelf
from producers.models import Import, Producer, Product
from producers.reading import Catalogue, read_catalogue
from producers.reading.problems import Remark

UNDO_WITHIN = timedelta(hours=24)


class NotToConfirm(Refusal):
    """The import was written or undone already."""

    code: ClassVar[str] = "import-already-written"


class NothingToWrite(Refusal):
    """No row of the import changes anything."""

    code: ClassVar[str] = "nothing-to-import"


class NotToUndo(Refusal):
    """The import was not written, was undone, or was written too long ago."""

    code: ClassVar[str] = "import-not-undoable"


def preview(
    *, producer: Producer, week: str, file_name: str, content: bytes, by: Member | None, now: datetime
) -> Import:
    """What a spreadsheet would do to a producer's catalogue and to the stock of a week, kept to be looked at.

    Nothing of the catalogue is written. Raises Unreadable or NoCatalogue for a file that holds no catalogue.
    """
    spreadsheet = read(content, file_name)
    catalogue = _catalogue(spreadsheet, producer, week)
    plan = make_plan(catalogue.rows, Shelf.load(producer, week, this_week=week_of(local_date(now))))
    strange = [Remark("", "nothing-known")] if plan.is_strange else []
    kept = {
        "sheet": storing.sheet_to_json(spreadsheet, catalogue),
        "separator": spreadsheet.separator,
        "encoding": spreadsheet.encoding,
        "columns": catalogue.layout.read_as,
        "remarks": [storing.remark_to_json(remark) for remark in (*strange, *catalogue.layout.remarks)],
        **storing.plan_to_json(plan, catalogue.ignored),
    }
    return Import.objects.create(
        producer=producer, week=week, file_name=_name(file_name), preview=kept, created_at=now, created_by=by
    )


def confirm(*, imp: Import, by: Member | None, now: datetime) -> Import:
    """Write the rows of an import that have no errors, in one transaction and a fixed number of statements.

    The file is compared with the catalogue once more, under locks: what became wrong since the preview is left and told
    in `applied["errors"]`. Orders already placed keep their prices. Raises NotToConfirm and NothingToWrite.
    """
    with transaction.atomic():
        # Two phones of one farm take turns; NO KEY leaves room for the order lines that refer to the producer.
        producer = Producer.objects.select_for_update(no_key=True).get(pk=imp.producer_id)
        imp = Import.objects.select_for_update(of=("self",)).get(pk=imp.pk)
        imp.producer = producer
        if imp.status != Import.Status.PREVIEWED:
            raise NotToConfirm(_("This import is already written."))
        catalogue = _catalogue(storing.sheet_from_json(imp.preview["sheet"]), producer, imp.week)
        shelf = Shelf.load(producer, imp.week, this_week=week_of(local_date(now)), lock=True)
        plan = make_plan(catalogue.rows, shelf)
        if not plan.to_write:
            raise NothingToWrite(_("No row of this file changes anything."))
        shown = storing.plan_to_json(plan, catalogue.ignored)
        imp.applied = shown | writing.write(plan).as_json()
        imp.move_to(Import.Status.CONFIRMED, now)
        _record("catalogue.imported", imp, shown["counts"], by, now)
    return imp


def undo(*, imp: Import, by: Member | None, now: datetime) -> Import:
    """Put everything an import changed back as it was, but rows changed or ordered since: these are left and told in
    `applied["left"]`. Raises NotToUndo."""
    with transaction.atomic():
        producer = Producer.objects.select_for_update(no_key=True).get(pk=imp.producer_id)
        imp = Import.objects.select_for_update(of=("self",)).get(pk=imp.pk)
        imp.producer = producer
        if imp.status != Import.Status.CONFIRMED or imp.confirmed_at is None:
            raise NotToUndo(_("There is nothing to undo."))
        if now - imp.confirmed_at > UNDO_WITHIN:
            raise NotToUndo(_("An import can be undone for 24 hours."))
        imp.applied["left"] = undoing.restore(imp)
        imp.move_to(Import.Status.UNDONE, now)
        _record("catalogue.import-undone", imp, {"left": len(imp.applied["left"])}, by, now)
    return imp


def _catalogue(spreadsheet: Spreadsheet, producer: Producer, week: str) -> Catalogue:
    return read_catalogue(spreadsheet, week=week, vat_rates=_rates(producer, week))


def _rates(producer: Producer, week: str) -> set[Decimal]:
    """The VAT rates in force in a week, those the catalogue has, and none for who charges none."""
    monday, sunday = week_days(week)
    in_force = VatRate.objects.filter(Q(valid_until=None) | Q(valid_until__gte=monday), valid_from__lte=sunday)
    in_use = Product.objects.active().filter(producer=producer)
    rates = set(in_force.values_list("percentage").union(in_use.values_list("vat_rate")))
    usual = {Decimal(producer.default_vat_rate)} | (set() if producer.charges_vat else {Decimal(0)})
    return {rate for (rate,) in rates} | usual


def _name(file_name: str) -> str:
    return file_name.replace("\\", "/").rsplit("/", 1)[-1].replace("\x00", "")[-200:] or "catalogue"


def _record(verb: str, imp: Import, counts: dict[str, int], by: Member | None, now: datetime) -> None:
    data = {"file": imp.file_name, "week": imp.week, **counts}
    activity.record(verb=verb, subject=imp.code, by=by, now=now, producer_code=imp.producer.code, data=data)
