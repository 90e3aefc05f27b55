"""The week of a cooperative with many points: closing and settling grow with the lines and no faster.

Points come in groups of ten that share twenty farms, as neighbours do. The orders of one collection are placed for real
and copied for the others, since placing is measured elsewhere.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

from django.db import connection, connections

from distribution import closing, settlement, statements
from hub import ledger
from hub.codes import new_code
from hub.models import Collection
from orders.models import Order, OrderLine
from tests import make
from tests.bench import ground, meters, world
from tests.bench.figures import Figure, at_most, ratio_at_least, ratio_at_most
from tests.bench.world import World

WORK = "The week: points × 60 households × 10 lines"
HOMES, LINES, GROUP = 60, 10, 10


@dataclass
class Done:
    """Seconds on the clock, of processor time (web and database), and how much memory grew, in MB."""

    seconds: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0


def run(quick: bool) -> Iterator[Figure]:
    few, many = (2, 20) if quick else (10, 100)
    with ground.database("weeks") as base:
        codes = _build(GROUP + few + many)
        ground.settle()
        connections.close_all()
        first, small, large = codes[:2], codes[GROUP : GROUP + few], codes[GROUP + few :]
        with ground.database("weeks_one", like=base):
            _apart([first], _close)
            (little,), (one,) = _apart([small], _close), _apart([large], _close)
            yield from _growth("closing", few, many, little, one)
            (settled,), (much,) = _apart([small], _settle), _apart([large], _settle)
            yield from _growth("settling, and the statements of farms", few, many, settled, much)
            yield Figure(WORK, "trial balance", float(ledger.trial_balance()), "€", at_most(0))
        with ground.database("weeks_one", like=base):
            _apart([codes[:-many]], _close)
            (alone,) = _apart([large], _sweep)
        with ground.database("weeks_two", like=base):
            _apart([codes[:-many]], _close)
            both = _apart([large, large], _sweep)
            assert not closing.waiting(now=make.now()).exists()
    seconds, cpu = max(done.seconds for done in both), sum(done.cpu for done in both)
    yield Figure(WORK, f"closing {many} collections, collections a second with two sharing workers", many / seconds, "/s",
                 ratio_at_least(1.7), many / alone.seconds, "one worker")  # fmt: skip
    yield Figure(WORK, "… processor time of both", cpu, "s", None, alone.cpu, "one worker")


def _growth(what: str, few: int, many: int, little: Done, much: Done) -> Iterator[Figure]:
    lines = many * HOMES * LINES
    yield Figure(WORK, f"{what}: {many} collections, {lines} lines, processor time", much.cpu, "s",
                 ratio_at_most(1.1 * many / few), little.cpu, f"{few} collections")  # fmt: skip
    yield Figure(WORK, f"{what}: by how much memory grew", much.memory, "MB", None, little.memory, f"{few} collections")


def _apart(parts: Sequence[Sequence[str]], act: Callable[[Sequence[str]], Done]) -> list[Done]:
    """Each part in a process of its own, at the same time; in a session of its own, among which Linux shares the cores."""
    connections.close_all()
    with ProcessPoolExecutor(len(parts), mp_context=get_context("fork"), initializer=os.setsid) as pool:
        return list(pool.map(act, parts))


@contextmanager
def _watched() -> Iterator[Done]:
    connection.ensure_connection()
    before, done = meters.memory(), Done()
    with meters.spent() as turn:
        yield done
    done.seconds, done.cpu, done.memory = turn.seconds, turn.cpu, meters.greatest_memory() - before
    connections.close_all()


def _close(codes: Sequence[str]) -> Done:
    with _watched() as done:
        for collection in Collection.objects.filter(code__in=codes).iterator():
            closing.close_collection(collection=collection, now=make.now())
    return done


def _sweep(codes: Sequence[str]) -> Done:
    """As the tick and its helper do: whatever is due and nobody else has."""
    with _watched() as done:
        closing.close_due(now=make.now())
    return done


def _settle(codes: Sequence[str]) -> Done:
    """After the hosts' word, which is put there."""
    Collection.objects.filter(code__in=codes).update(status="confirmed", confirmed_at=make.now())
    with _watched() as done:
        settlement.settle_due(now=make.now())
        statements.issue_due(now=make.now())
    return done


def _build(number: int) -> list[str]:
    """So many collections past their deadline, each with the orders of 60 households; their codes."""
    codes: list[str] = []
    pattern = world.build(homes=HOMES, packs=100, lines=LINES, weighed=False)
    while len(codes) < number:
        group = world.build(homes=0, packs=100, weighed=False)
        sales = [group.collection]
        for _point in range(GROUP - 1):
            point = make.point(payment_methods=["at-point"])
            make.host(point)
            for farm in group.farms:
                make.supply(farm, point)
            sales.append(make.collection(point))
        _copy(pattern, group, sales)
        codes += [make.passed(sale).code for sale in sales]
    return codes[:number]


def _copy(pattern: World, group: World, sales: Sequence[Collection]) -> None:
    """The orders of the pattern, by the same households, at each of the sales, of the group's products."""
    now, orders = make.now(), Order.objects.filter(collection=pattern.collection)
    Order.objects.bulk_create(
        Order(
            code=new_code(), household_id=one.household_id, collection=sale, payment_method=one.payment_method,
            expected_total=one.expected_total, maximum_total=one.maximum_total, placed_at=now, changed_at=now,
        )
        for sale in sales
        for one in orders
    )  # fmt: skip
    own = {"order_id": "o.id", "collection_id": "o.collection_id", "producer_id": "k.producer_id", "product_id": "k.product_id",
           "packaging_id": "k.id", "stock_id": "s.id"}  # fmt: skip
    columns = [str(field.column) for field in OrderLine._meta.concrete_fields if field.column != "id"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO orders_orderline ({", ".join(columns)})
                SELECT {", ".join(own.get(column, f"l.{column}") for column in columns)}
                FROM orders_orderline l JOIN orders_order p ON p.id = l.order_id
                JOIN orders_order o ON o.household_id = p.household_id AND o.collection_id = ANY(%s)
                JOIN unnest(%s::bigint[], %s::bigint[]) AS same(old, new) ON same.old = l.packaging_id
                JOIN producers_packaging k ON k.id = same.new
                JOIN producers_stock s ON s.product_id = k.product_id
                WHERE l.collection_id = %s""",
            [[sale.pk for sale in sales], [pack.pk for pack in pattern.packs], [pack.pk for pack in group.packs],
             pattern.collection.pk],
        )  # fmt: skip
        cursor.execute(
            """UPDATE producers_stock s SET reserved = n.taken
               FROM (SELECT stock_id, sum(content * quantity) AS taken FROM orders_orderline GROUP BY stock_id) n
               WHERE n.stock_id = s.id"""
        )
