"""The rush before the deadline: many households order at once, over several connections to the database.

The operation is measured beside pgbench, which sends the very same statements to an equal database without the rules in
between: they are recorded while the orders are placed, and written down as scripts for it.
"""

import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, connections

from hub import embedded
from hub.embedded_servers import programs
from orders import ordering
from orders.ordering import SoldOut
from producers.models import Stock
from tests import make
from tests.bench import ground, meters, world
from tests.bench.figures import Figure, at_most, ratio_at_least
from tests.bench.world import World

WORK = "Rush, the operation: 8-line orders, 200 products of which 20 scarce"
SCARCE = 20
FIRST_ORDER = 1_000_000_000  # so that an order's row id is found again in the recorded statements
ORDER_ID = re.compile(r"\b1\d{9}\b")
Statement = tuple[str, Any]


@dataclass
class Share:
    """What one connection did. `acts` are the statements of each transaction and whether it was committed."""

    began: float = 0.0
    ended: float = 0.0
    placed: int = 0
    sold_out: int = 0
    deadlocks: int = 0
    cpu: float = 0.0


@dataclass
class Recorder:
    """Remembers the statements of each order as they are sent."""

    acts: list[tuple[list[Statement], bool]] = field(default_factory=list)
    now: list[Statement] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.now.append((sql, params))
        return execute(sql, params, many, context)

    def over(self, *, committed: bool) -> None:
        self.acts.append((self.now, committed))
        self.now = []


def run(quick: bool) -> Iterator[Figure]:
    for connections_, orders in ((2, 400), (8, 400)) if quick else ((2, 5000), (8, 5000)):
        yield from _rush(connections_, orders)


def scarce_world(orders: int, packs: int = 200) -> World:
    """One household per order, and half as many packs of the scarce products as are asked for."""
    village = world.build(homes=orders, packs=packs)
    asked = orders * 8 * 3 // (packs * 2)
    scarce = [pack.product_id for pack in village.packs[:SCARCE]]
    Stock.objects.update(quantity=1_000_000_000)
    for stock in Stock.objects.filter(product__in=scarce):
        content = stock.product.packagings.get().content
        Stock.objects.filter(pk=stock.pk).update(quantity=max(1, asked // 2) * content)
    return village


def _rush(clients: int, orders: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, ground.database("rush") as base:
        village = scarce_world(orders)
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('orders_order', 'id'), %s)", [FIRST_ORDER])
        ground.settle()
        connections.close_all()
        with ground.database("rush_placed", like=base):
            database = meters.postmaster()
            busy = meters.family_cpu(database)
            shares = _together(village, clients, orders, Path(folder))
            cpu = meters.family_cpu(database) - busy + sum(share.cpu for share in shares)
            deadlocks = sum(share.deadlocks for share in shares) + _deadlocks()
            placed = sum(share.placed for share in shares)
            rate = placed / (max(share.ended for share in shares) - min(share.began for share in shares))
            lost, too_many = abs(placed - _count("SELECT count(*) FROM orders_order")), oversold()
        with ground.database("rush_replayed", like=base) as name:
            busy = meters.family_cpu(database) + _children()
            beside = placed / _pgbench(name, sorted(Path(folder).glob("*.sql")))
            replaying = meters.family_cpu(database) + _children() - busy
    words = f"{orders} orders over {clients} connections"
    against = f"the same statements by pgbench, {clients} connections"
    yield Figure(WORK, words, rate, "orders/s", ratio_at_least(0.5), beside, against)
    yield Figure(WORK, "… processor time of an order, program and database", cpu / placed * 1000, "ms", None,
                 replaying / placed * 1000, against)  # fmt: skip
    yield Figure(WORK, "… times a household was told that something is sold out, and ordered the rest",
                 sum(share.sold_out for share in shares), "")  # fmt: skip
    yield Figure(WORK, "… packs sold that there were not", too_many, "", at_most(0))
    yield Figure(WORK, "… deadlocks", deadlocks, "", at_most(0))
    yield Figure(WORK, "… orders answered and not found", lost, "", at_most(0))


def _together(village: World, clients: int, orders: int, folder: Path) -> list[Share]:
    """Every client is a process with a connection of its own and its share of the households."""
    forked = get_context("fork")
    gate = forked.Barrier(clients)
    connections.close_all()
    with ProcessPoolExecutor(clients, mp_context=forked, initializer=_inherit, initargs=(gate, village)) as pool:
        jobs = [pool.submit(_order, range(n, orders, clients), folder / f"{n}.sql") for n in range(clients)]
        return [job.result() for job in jobs]


inherited: dict[str, Any] = {}


def _inherit(gate: Barrier, village: World) -> None:
    inherited.update(gate=gate, village=village)


def _order(homes: range, script: Path) -> Share:
    village: World = inherited["village"]
    share, recorder = Share(), Recorder()
    connection.ensure_connection()
    inherited["gate"].wait()
    with connection.execute_wrapper(recorder):
        share.began, cpu = time.time(), time.process_time()
        for home in homes:
            _shopper(village, home, share, recorder)
        share.ended, share.cpu = time.time(), time.process_time() - cpu
    script.write_text("".join(_script(recorder)))
    connections.close_all()
    return share


def _shopper(village: World, home: int, share: Share, recorder: Recorder) -> None:
    """Orders; told that something is sold out, orders the rest."""
    wish = village.basket(home, 8)
    while wish:
        try:
            ordering.place(
                household=village.homes[home], collection=village.collection, wish=wish, by=village.members[home],
                now=make.now(),
            )  # fmt: skip
        except SoldOut as refusal:
            recorder.over(committed=False)
            share.sold_out += 1
            wish = {
                pack: n for pack, n in wish.items() if pack not in {row["packaging"] for row in refusal.data["short"]}
            }
        except OperationalError:
            recorder.over(committed=False)
            share.deadlocks += 1
        else:
            recorder.over(committed=True)
            share.placed += 1
            return


def _script(recorder: Recorder) -> Iterator[str]:
    """The recorded transactions as pgbench reads them; the row id of an order is what the database answers there."""
    cursor = psycopg.ClientCursor(connection.connection)
    for statements, committed in recorder.acts:
        yield "BEGIN;\n"
        for sql, params in statements:
            text = ORDER_ID.sub(":id", cursor.mogrify(sql, params))
            answers = text.startswith('INSERT INTO "orders_order" ')
            yield f"{text} \\gset\n" if answers else f"{text};\n"
        yield "COMMIT;\n" if committed else "ROLLBACK;\n"


def _pgbench(database: str, scripts: list[Path]) -> float:
    """Seconds of the slowest of as many pgbench as there are scripts, started together, connecting not counted."""
    connections.close_all()
    user = str(settings.DATABASES["default"]["USER"])
    words: list[str | Path] = [
        programs("pgbench"),
        "-n",
        "-c",
        "1",
        "-t",
        "1",
        "-h",
        embedded.sockets(settings.CABAS_HOME),
        "-U",
        user,
    ]
    running = [
        subprocess.Popen([*words, "-f", script, database], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for script in scripts
    ]
    said = [one.communicate()[0] for one in running]
    if any(one.returncode for one in running):
        raise RuntimeError(f"pgbench: {said[0][-500:]}")
    return max(1 / float(re.search(r"tps = ([0-9.]+)", words)[1]) for words in said)  # type: ignore[index]


def oversold() -> int:
    """Base units that orders take and stock does not have, or that stock has reserved for nobody."""
    return _count(
        """SELECT coalesce(sum(greatest(taken - quantity, 0) + abs(taken - reserved)), 0)
           FROM (SELECT s.quantity, s.reserved, coalesce(sum(l.content * l.quantity), 0) AS taken FROM producers_stock s
                 LEFT JOIN orders_orderline l ON l.stock_id = s.id GROUP BY s.id) AS one"""
    )


def _children() -> float:
    """Processor seconds of the programs we started, once they have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _count(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0] or 0)


def _deadlocks() -> int:
    return _count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
