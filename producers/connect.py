"""A farm's account at Stripe: opened once, completed on Stripe's page, read again until it can receive money."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hub import activity, stripe_gateway
from hub.models import Member
from hub.refusals import Words
from hub.stripe_gateway import NEVER, Declined
from producers.models import ConnectAccount, Producer

SOON, SELDOM = timedelta(minutes=5), timedelta(days=1)

# By the beginning of what Stripe asks for, in its words.
WANTS: tuple[tuple[tuple[str, ...], Words], ...] = (
    (("external_account",), _("the bank account Stripe pays to")),
    (("tos_acceptance",), _("your agreement to Stripe’s terms")),
    (("business_profile",), _("what you sell")),
    (("individual", "company", "representative", "owners", "person_", "relationship"), _("your identity")),
)


def begin(*, producer: Producer, return_url: str, refresh_url: str, by: Member, now: datetime) -> str:
    """The address of Stripe's page for this farm, whose account is made the first time. Raises stripe_gateway.Away.

    The caller has asked for a second factor.
    """
    known = ConnectAccount.objects.filter(producer=producer).first() or _open(producer, by, now)
    return stripe_gateway.onboarding_page(
        account=known.account, return_url=return_url, refresh_url=refresh_url, now=now
    )


def read_again(*, account: ConnectAccount, now: datetime) -> ConnectAccount:
    """The account as Stripe knows it now; one it does not know any more receives nothing. Raises stripe_gateway.Away."""
    try:
        found = stripe_gateway.read_account(account.account)
        account.ready, account.wants = found.ready, [one[:100] for one in found.wants]
    except Declined:
        account.ready, account.wants = False, []
    account.checked_at = now
    account.save(update_fields=["ready", "wants", "checked_at"])
    return account


def reread(*, now: datetime, until: float = NEVER) -> int:
    """Ask Stripe about accounts that are not ready, and once a day about the others. Returns how many; ends when it is away."""
    if not stripe_gateway.is_set_up():
        return 0
    old = Q(ready=False, checked_at__lte=now - SOON) | Q(checked_at__lte=now - SELDOM)
    rows = ConnectAccount.objects.filter(old).order_by("checked_at", "pk")
    return stripe_gateway.each(rows, lambda account: read_again(account=account, now=now), until=until).answered()


def wanted(account: ConnectAccount) -> list[str]:
    """What Stripe still asks a farm for, in words, each once."""
    return list(dict.fromkeys(str(_in_words(one)) for one in account.wants))


def _in_words(asked: str) -> Words:
    return next((words for beginnings, words in WANTS if asked.startswith(beginnings)), _("something else"))


def _open(producer: Producer, by: Member, now: datetime) -> ConnectAccount:
    number = stripe_gateway.account(key=f"connect:{producer.code}", reference=producer.code, now=now)
    with transaction.atomic():
        account, made = ConnectAccount.objects.get_or_create(
            producer=producer, defaults={"account": number, "made_at": now, "checked_at": now}
        )
        if made:
            activity.record(verb="producer.connect", subject=producer.code, by=by, now=now, producer_code=producer.code)
    return account
