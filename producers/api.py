"""The API's calls about a farm: its week's stock, its spreadsheets."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import UploadedFile
from ninja.params.functions import File, Query

from hub.models import Member
from hub.spreadsheets import MAX_BYTES
from hub.wire.calls import SCOPES, Calls, caller
from hub.wire.once import once
from hub.wire.shapes import Code, Week
from producers import imports, programs
from producers.models import Import, Producer
from producers.programs import ImportOut, StockIn, StockOut
from producers.week import Week as Sheet
from producers.week import next_week

calls = Calls(tags=["stock"])


@calls.get("producers/{producer}/stock/{week}", auth=SCOPES["read"], response=StockOut)
def stock(request: HttpRequest, producer: Code, week: Week) -> StockOut:
    """A farm's week: quantities in base units and in packs, reserved and left, prices."""
    return programs.stock_out(Sheet(_farm(caller(request), producer), week))


@calls.put("producers/{producer}/stock/{week}", auth=SCOPES["stock"], response=StockOut)
@once()
def put_stock(request: HttpRequest, producer: Code, week: Week, asked: StockIn) -> StockOut:
    """Publish rows of a farm's week, all or none; packagings that are not named stay as they are.

    Fewer than reserved is refused (`below-reserved`) with what is reserved, in packs. Orders placed keep their prices.
    """
    member = caller(request)
    farm = _farm(member, producer)
    programs.publish(producer=farm, week=week, asked=asked, by=member, now=timezone.now())
    return programs.stock_out(Sheet(farm, week))


@calls.post("producers/{producer}/imports", auth=SCOPES["stock"], response={201: ImportOut})
@once(201)
def new_import(
    request: HttpRequest,
    producer: Code,
    file: UploadedFile = File(..., description="a catalogue as XLSX or CSV"),
    week: Week | None = Query(None, description="whose stock it gives; the week being prepared unless said"),
) -> ImportOut:
    """Read a spreadsheet and say what it would do; nothing of the catalogue is written yet."""
    member, now = caller(request), timezone.now()
    farm = _farm(member, producer)
    imp = imports.preview(
        producer=farm, week=week or next_week(farm, now), file_name=file.name or "", content=file.read(MAX_BYTES + 1),
        by=member, now=now,
    )  # fmt: skip
    return programs.import_out(imp)


@calls.get("imports/{code}", auth=SCOPES["read"], response=ImportOut)
def one_import(request: HttpRequest, code: Code) -> ImportOut:
    """An import as it stands."""
    return programs.import_out(_import(caller(request), code))


@calls.post("imports/{code}/confirmation", auth=SCOPES["stock"], response=ImportOut)
@once()
def confirm_import(request: HttpRequest, code: Code) -> ImportOut:
    """Write the rows without errors, compared with the catalogue once more."""
    member = caller(request)
    return programs.import_out(imports.confirm(imp=_import(member, code), by=member, now=timezone.now()))


@calls.post("imports/{code}/undo", auth=SCOPES["stock"], response=ImportOut)
@once()
def undo_import(request: HttpRequest, code: Code) -> ImportOut:
    """Within 24 hours, put back what an import changed, but rows changed or ordered since."""
    member = caller(request)
    return programs.import_out(imports.undo(imp=_import(member, code), by=member, now=timezone.now()))


def _farm(member: Member, code: str) -> Producer:
    return get_object_or_404(Producer.objects.visible_to(member).distinct(), code=code)


def _import(member: Member, code: str) -> Import:
    return get_object_or_404(Import.objects.visible_to(member).select_related("producer").distinct(), code=code)
