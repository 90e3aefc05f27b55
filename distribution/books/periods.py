"""The days an export is about, and what is no period."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from hub.calendar import wall_to_utc
from hub.refusals import Refusal

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
LONGEST = 10  # years


class BadPeriod(Refusal):
    """Not two days in order, or more years than anybody keeps books of."""

    code = "bad-period"
    status = 422


@dataclass(frozen=True)
class Period:
    """From one local day to another, both included."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        return wall_to_utc(self.first, time(0))

    @property
    def ends(self) -> datetime:
        """The instant after its last day."""
        return wall_to_utc(self.last + timedelta(days=1), time(0))

    @property
    def bounds(self) -> dict[str, datetime]:
        return {"begins": self.begins, "ends": self.ends}


def day(text: str) -> date:
    """A day as forms and programs write it: 2026-11-26. Raises BadPeriod."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadPeriod(_("Give both days, for example 2026-01-01 and 2026-12-31.")) from error
    if not EARLIEST <= found <= LATEST:
        raise BadPeriod(_("A day lies between 2000 and 2099."))
    return found


def period(first: str, last: str) -> Period:
    """A period from two days as they were typed. Raises BadPeriod."""
    found = Period(day(first), day(last))
    if found.last < found.first:
        raise BadPeriod(_("The last day comes before the first."))
    if found.last.year - found.first.year >= LONGEST:
        raise BadPeriod(_("At most ten years at once."))
    return found


def one_year(found: Period) -> Period:
    """The journal numbers its entries per year: a period inside one. Raises BadPeriod."""
    if found.first.year != found.last.year:
        raise BadPeriod(_("The journal is made per year: choose days of one year."))
    return found
