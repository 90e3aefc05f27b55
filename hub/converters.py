"""What stands in addresses besides slugs: ISO weeks."""

from django.urls import register_converter

from hub.calendar import week_days


class WeekConverter:
    """An ISO week of this century that exists, as 2026-W48; another text is not found."""

    regex = r"[0-9]{4}-W[0-9]{2}"

    def to_python(self, value: str) -> str:
        week_days(value)
        # Pages lead to the weeks around theirs: the first and the last that dates can tell have no neighbour.
        if not value.startswith("20"):
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(WeekConverter, "week")
