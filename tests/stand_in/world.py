"""What the stand-in knows: its objects, its clock, its events, and the errors it answers with."""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from time import time
from typing import Any

Object = dict[str, Any]
API_VERSION = "2026-10-28.endive"
DAY = 24 * 3600


class Trouble(Exception):
    """An error as Stripe words it: HTTP status, type, code, and what else the body says."""

    def __init__(self, status: int, message: str, code: str = "", kind: str = "invalid_request_error", **more: Any):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **({"code": code} if code else {}), **more}}


@dataclass
class World:
    """All state of one stand-in. Every use holds `lock`."""

    seed: int = 1
    base: str = ""
    objects: dict[str, Object] = field(default_factory=dict)
    hidden: dict[str, Object] = field(default_factory=dict)
    pending: list[Object] = field(default_factory=list)
    skipped: int = 0

    def __post_init__(self) -> None:
        self.lock = RLock()
        self.random = random.Random(self.seed)
        self.serial = count(1)

    def now(self) -> int:
        """Seconds since 1970 by the stand-in's clock, which `skip` moves ahead."""
        return int(time()) + self.skipped

    def new(self, kind: str, prefix: str, /, **values: Any) -> Object:
        """A new object with an id like Stripe's."""
        number = f"{prefix}_{next(self.serial):05d}{self.random.getrandbits(64):016x}"
        made = {"id": number, "object": kind, "created": self.now(), "livemode": False, "metadata": {}, **values}
        self.objects[number] = made
        return made

    def get(self, number: Any, kind: str) -> Object:
        """The object of that id and kind; Trouble 404 otherwise."""
        found = self.objects.get(str(number))
        if found is None or found["object"] != kind:
            raise Trouble(404, f"No such {kind}: '{number}'", "resource_missing", param="id")
        return found

    def all(self, kind: str, /, **wanted: Any) -> list[Object]:
        """Objects of a kind with these values, newest first."""
        same = (one for one in self.objects.values() if one["object"] == kind)
        found = [one for one in same if all(one.get(key) == value for key, value in wanted.items())]
        return found[::-1]

    def secret(self, number: str) -> Object:
        """What the stand-in remembers of an object and never tells: the card behind a payment method …"""
        return self.hidden.setdefault(number, {})

    def tell(self, kind: str, subject: Object) -> None:
        """Record an event with the object as it is now; the deliverer sends it."""
        frozen = json.loads(json.dumps(subject))
        data = {"object": frozen}
        event = self.new(
            "event", "evt", type=kind, api_version=API_VERSION, data=data, request=None, pending_webhooks=1
        )
        self.pending.append(event)

    def balance(self, kind: str, amount: int, source: str, fee: int = 0, days: int = 3, /) -> Object:
        """A movement of the platform's balance, in cents; available after `days`."""
        return self.new(
            "balance_transaction", "txn", type=kind, amount=amount, fee=fee, net=amount - fee, currency="eur",
            source=source, available_on=self.now() + days * DAY, reporting_category=kind, exchange_rate=None,
        )  # fmt: skip


def cents(value: Any) -> int:
    """An amount as sent."""
    return int(value)


def truth(value: Any) -> bool:
    """A boolean as sent."""
    return str(value).lower() == "true"


def since(found: Iterable[Object], sent: Object) -> list[Object]:
    """Those made between the instants of `created`."""
    between = sent.get("created", {})
    return [one for one in found if int(between.get("gte", 0)) <= one["created"] < int(between.get("lt", 1 << 60))]


def page(found: Iterable[Object], sent: Object, url: str) -> Object:
    """A list as Stripe pages it: newest first, `limit`, `starting_after`, `ending_before`."""
    rows = list(found)
    ids = [row["id"] for row in rows]
    limit = int(sent.get("limit", 10))
    if not 1 <= limit <= 100:
        raise Trouble(400, "Limit must be between 1 and 100.", "parameter_invalid_integer", param="limit")
    if "starting_after" in sent:
        rows = rows[_place(ids, sent["starting_after"]) + 1 :]
    elif "ending_before" in sent:
        end = _place(ids, sent["ending_before"])
        rows = rows[max(0, end - limit) : end]
    return {"object": "list", "url": url, "data": rows[:limit], "has_more": len(rows) > limit}


def _place(ids: list[str], wanted: str) -> int:
    try:
        return ids.index(wanted)
    except ValueError:
        raise Trouble(404, f"No such object: '{wanted}'", "resource_missing", param="starting_after") from None
