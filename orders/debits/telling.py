"""What a household is told of its debits, each once."""

from datetime import datetime
from decimal import Decimal

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
    hub, mandate = Hub.get(), top_up.mandate
    key = f"{kind}:{top_up.code}"
    if of:
        key += f":{of}"
    if kind == "debit-announced" and mandate:
        key += f":{mandate.reference}:{top_up.due_on}"
    creditor = hub.creditor_id if mandate and mandate.rail == mandate.Rail.BANK else ""
    notices.queue(
        Notice(
            kind=kind,
            key=f"{key}:{member.pk}",
            member=member,
            due_at=now,
            data={
                **_words(member, top_up, top_up.amount if amount is None else money(amount)),
                "account_end": mandate.last4 if mandate else "",
                "mandate": mandate.reference if mandate else "",
                "creditor": hub.legal_name or hub.name,
                "creditor_id": creditor,
                "given_up": top_up.state == TopUp.State.CANCELLED,
                "number": top_up.number,
                "of": top_up.of,
            },
        )
        for member in Member.objects.filter(household=top_up.household_id, is_active=True)
    )


def _words(member: Member, top_up: TopUp, amount: Money) -> dict[str, str]:
    with translation.override(member.language):
        return {"amount": say.money(amount), "day": say.full_date(top_up.due_on)}
