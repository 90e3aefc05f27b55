"""The cooperative's day in the database: a day begins there when it begins in its time zone, not in UTC."""

from typing import Any

from django.conf import settings

DAY_OF = """
CREATE OR REPLACE FUNCTION hub_day_of(instant timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (instant AT TIME ZONE '{zone}')::date
$$;
"""


def tell(connection: Any) -> None:
    """Let `hub_day_of` count in the time zone of the settings, which only takes names of zones. Needs the tables' owner;
    saying it again changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(DAY_OF.format(zone=settings.TIME_ZONE))
