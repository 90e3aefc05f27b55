"""Farms' accounts at Stripe, the page where they give their identity, and transfers from our balance to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from hub.stripe_gateway.asking import anew, asking, client, made_under, once
from hub.stripe_gateway.words import Account, Transferred


@dataclass(frozen=True)
class _Link:
    """A page for an account; Stripe gives it no id of its own."""

    id: str
    url: str


def account(*, key: str, reference: str, now: datetime) -> str:
    """The id of an account that can receive transfers, made once; Stripe asks the farm itself for the rest. Raises Away."""
    asked: dict[str, Any] = {
        "country": "FR",
        "controller": {
            "stripe_dashboard": {"type": "express"},
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
        },
        "capabilities": {"transfers": {"requested": True}},
        "metadata": {"key": key, "producer": reference},
    }
    return once(
        "account", key, asked, now,
        send=lambda options: client().v1.accounts.create(asked, options).id,  # type: ignore[arg-type]
        read=str,
        find=lambda since: _find_account(key, since),
    )  # fmt: skip


def onboarding_page(*, account: str, return_url: str, refresh_url: str, now: datetime) -> str:
    """The address of Stripe's page where a farm gives what Stripe asks for; good once, for some minutes. Raises Away."""
    asked = {
        "account": account, "type": "account_onboarding", "return_url": return_url, "refresh_url": refresh_url,
    }  # fmt: skip
    return anew(
        "onboarding", f"onboarding:{account}", asked, now,
        send=lambda options: _Link(account, client().v1.account_links.create(asked, options).url),  # type: ignore[arg-type]
    ).url  # fmt: skip


def read_account(number: str) -> Account:
    """An account as it is now. Raises Away."""
    found = asking(lambda: client().v1.accounts.retrieve(number))
    able = getattr(found.capabilities, "transfers", None) == "active"
    wants = list(getattr(found.requirements, "currently_due", None) or [])
    return Account(found.id, able and bool(found.details_submitted), wants)


def transfer(*, key: str, account: str, amount: int, group: str, description: str, now: datetime) -> str:
    """Move so many cents from our balance to an account, once; the transfer's id. Raises Away, Declined."""
    asked = {
        "amount": amount,
        "currency": settings.CURRENCY.lower(),
        "destination": account,
        "transfer_group": group,
        "description": description,
        "metadata": {"key": key},
    }

    return once(
        "transfer", key, asked, now,
        send=lambda options: client().v1.transfers.create(asked, options).id,  # type: ignore[arg-type]
        read=str,
        find=lambda _since: _find_transfer(account, group, key),
    )  # fmt: skip


def read_transfer(number: str) -> Transferred:
    """A transfer as it is now. Raises Away, Declined."""
    found = asking(lambda: client().v1.transfers.retrieve(number))
    return Transferred(found.id, found.amount, found.amount_reversed)


def _find_account(key: str, since: datetime) -> str | None:
    made: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
    every = client().v1.accounts.list(made).auto_paging_iter()
    return next((one.id for one in every if made_under(one, key)), None)


def _find_transfer(account: str, group: str, key: str) -> str | None:
    asked: Any = {"destination": account, "transfer_group": group, "limit": 100}
    every = client().v1.transfers.list(asked).auto_paging_iter()
    return next((one.id for one in every if made_under(one, key)), None)
