"""What a household is told of its debits, each once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import translation
from djmoney.money import Money

from hub import format as say
from hub import notices
from hub.models import Hub, Member, Notice
from hub.money import money
from orders.models import TopUp


def tell(top_up: TopUp, kind: str, now: datetime, *, amount: Decimal | None = None, of: str = "") -> None:
    """Tell the members of the household, once for this sum and kind; of a day and mandate, once each. `amount` is told
    where it is not the whole sum, once for what it is a part `of`."""
    notices.queue(_notices([top_up], kind, now, amount, of))


def tell_all(top_ups: Sequence[TopUp], kind: str, now: datetime) -> None:
    """The same for many whole sums: a fixed number of statements."""
    notices.queue(_notices(top_ups, kind, now))


def _notices(
    top_ups: Sequence[TopUp], kind: str, now: datetime, amount: Decimal | None = None, of: str = ""
) -> Iterator[Notice]:
    hub, people = Hub.get(), defaultdict[int, list[Member]](list)
    for member in Member.objects.filter(household__in={one.household_id for one in top_ups}, is_active=True):
        people[member.household_id or 0].append(member)
    for top_up in top_ups:
        for member in people[top_up.household_id]:
            key = f"{_key(top_up, kind, of)}:{member.pk}"
            data = _data(hub, member, top_up, top_up.amount if amount is None else money(amount))
            yield Notice(kind=kind, key=key, member=member, due_at=now, data=data)


def _key(top_up: TopUp, kind: str, of: str) -> str:
    key = f"{kind}:{top_up.code}:{of}" if of else f"{kind}:{top_up.code}"
    if kind == "debit-announced" and top_up.mandate:
        key += f":{top_up.mandate.reference}:{top_up.due_on}"
    return key


def _data(hub: Hub, member: Member, top_up: TopUp, amount: Money) -> dict[str, Any]:
    mandate = top_up.mandate
    return {
        **_words(member, top_up, amount),
        "account_end": mandate.last4 if mandate else "",
        "mandate": mandate.reference if mandate else "",
        "creditor": hub.legal_name or hub.name,
        "creditor_id": hub.creditor_id if mandate and mandate.rail == mandate.Rail.BANK else "",
        "given_up": top_up.state == TopUp.State.CANCELLED,
        "number": top_up.number,
        "of": top_up.of,
    }


def _words(member: Member, top_up: TopUp, amount: Money) -> dict[str, str]:
    with translation.override(member.language):
        return {"amount": say.money(amount), "day": say.full_date(top_up.due_on)}
