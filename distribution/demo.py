"""The village: one cooperative, three points, twelve farms, seventy-five households, three weeks of their life.

Built only through the operations that pages and programs use, and the real importer. Deterministic apart from codes and
the day it is built on. A sale is open, one is handed out today, one was confirmed last week; those of the weeks to come
are planned by the rhythm of each point, and wait for some of the farms to publish.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.utils import timezone

from distribution import demo_after, demo_cards, demo_debits, demo_farms, demo_money, demo_weeks
from distribution import village_people as people
from distribution.demo_places import Village, found, sale_day
from hub import calendar, closings
from producers import imports, stock

CATALOGUES = Path(__file__).parent / "village"
SEED = 48

Say = Callable[[str], None]


def build(*, now: datetime, say: Say = lambda _words: None) -> Village:
    """Build the whole village in an empty database. `say` is told what is being done."""
    begun, random = timezone.now(), Random(SEED)  # noqa: S311  (a village, not a secret)
    say("cooperative, points and households")
    village = found(now)
    say("catalogues of twelve farms")
    last = _publish(village, now)
    say("money before the first orders: cards, debits, accounts at Stripe")
    demo_debits.fill(village.homes["tilleuls"], now=now)
    demo_farms.open_accounts(village, now=now - timedelta(days=20))
    say("last week, from orders to statements")
    demo_weeks.last_week(village, last, random, now)
    demo_debits.go_on(village.homes["tilleuls"], now=now)
    demo_after.fill(village, last, now=now)
    say("today's hand-over")
    demo_weeks.today(village, random, now)
    say("the sale that is open, and those to come")
    demo_weeks.open_sale(village, random, now)
    calendar.plan_collections(now=now)
    say("boxes, cheques, the bank's statement, closed days")
    demo_money.fill(
        point=village.points["tilleuls"], homes=[home for place in village.homes.values() for home in place],
        host=village.hosts["tilleuls"],
        treasurer=village.coordinator, now=now,
    )  # fmt: skip
    closings.close_due(now=now)
    demo_cards.at(now + (timezone.now() - begun))
    return village


def _publish(village: Village, now: datetime) -> str:
    """Every farm imports its spreadsheet for last week and says "same as last week" up to the sale that is open. For the
    week after it all but a few have; the farm one plays with is among those few."""
    today = calendar.local_date(now)
    last, this, open_ = (calendar.week_of(day) for day in (today - timedelta(weeks=1), today, sale_day(now)))
    weeks = sorted({this, open_})
    coming = calendar.shift_week(open_, 1)
    a_week_ago = now - timedelta(weeks=1)
    for producer in village.farms:
        by = village.farmers[producer.code]
        file = next(CATALOGUES.glob(f"{producer.code}.*"))
        preview = imports.preview(
            producer=producer, week=last, file_name=file.name, content=file.read_bytes(), by=by, now=a_week_ago
        )
        imports.confirm(imp=preview, by=by, now=a_week_ago)
        for week in weeks if producer.code in people.UNDECIDED else [*weeks, coming]:
            stock.copy_last_week(producer=producer, week=week, by=by, now=now)
    return last
