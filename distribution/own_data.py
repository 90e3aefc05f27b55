"""Everything kept about a household, for itself: as data for programs and as a page for people."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from distribution.models import Handover, Invoice, PaidBack, Refund, Shortage
from hub import ledger
from hub.models import Activity, ApiToken, Household, Hub, Letter, Member, Membership, Notice, Transfer
from hub.refusals import Words
from orders.models import Favourite, Mandate, Order, OrderLine, Payment, SavedCard, TopUp, Wish

Rows = Iterable[dict[str, Any]]


@dataclass(frozen=True)
class Section:
    """A kind of thing kept: `name` for programs, `title` and column labels for people."""

    name: str
    title: Words
    columns: dict[str, Words]
    rows: Callable[[Household], Rows]


def _of(household: Household) -> Q:
    return Q(member__household=household)


def _rows(query: Any, **renamed: str) -> Callable[[Household], Rows]:
    """The rows a query gives, with the columns renamed to what they are called outside."""

    def rows(household: Household) -> Rows:
        return [dict(zip(renamed, row, strict=True)) for row in query(household).values_list(*renamed.values())]

    return rows


SECTIONS: list[Section] = [
    Section(
        "household", _("Household"),
        {"code": _("code"), "name": _("name"), "address": _("address"), "postcode": _("postcode"), "city": _("town"),
         "access_note": _("how to reach the door"), "avoided_allergens": _("allergens to avoid"), "since": _("since")},
        _rows(lambda h: Household.objects.filter(pk=h.pk), code="code", name="name", address="address", postcode="postcode",
              city="city", access_note="access_note", avoided_allergens="avoided_allergens", since="created_at"),
    ),
    Section(
        "members", _("Members"),
        {"email": _("e-mail"), "first_name": _("first name"), "last_name": _("last name"), "phone": _("phone"),
         "language": _("language"), "muted": _("messages not wanted"), "since": _("since"), "signed_in": _("last signed in")},
        _rows(lambda h: Member.objects.filter(household=h).order_by("pk"), email="email", first_name="first_name",
              last_name="last_name", phone="phone", language="language", muted="muted", since="created_at",
              signed_in="last_login"),
    ),
    Section(
        "sign_in", _("Ways to sign in"),
        {"email": _("e-mail"), "kind": _("kind"), "since": _("since"), "used": _("last used")},
        lambda h: [
            *EmailAddress.objects.filter(user__household=h).order_by("pk").values("email", "verified"),
            *Authenticator.objects.filter(user__household=h).order_by("pk").values(
                email=F("user__email"), kind=F("type"), since=F("created_at"), used=F("last_used_at")
            ),
        ],
    ),
    Section(
        "programs", _("Keys for programs"),
        {"name": _("name"), "scopes": _("may"), "since": _("since"), "used": _("last used"), "revoked": _("taken back")},
        _rows(lambda h: ApiToken.objects.filter(_of(h)).order_by("pk"), name="name", scopes="scopes", since="created_at",
              used="last_used_on", revoked="revoked_at"),
    ),
    Section(
        "memberships", _("Points"),
        {"point": _("point"), "status": _("state"), "message": _("a word to the host"), "requested": _("asked for"),
         "accepted": _("accepted"), "ended": _("ended")},
        _rows(lambda h: Membership.objects.filter(household=h).order_by("pk"), point="point__name", status="status",
              message="message", requested="requested_at", accepted="accepted_at", ended="ended_at"),
    ),
    Section(
        "favourites", _("Favourites"), {"farm": _("farm"), "product": _("product")},
        _rows(lambda h: Favourite.objects.filter(household=h).order_by("pk"), farm="product__producer__name",
              product="product__name"),
    ),
    Section(
        "wishes", _("Not sent yet"),
        {"collection": _("distribution"), "note": _("a word to the host"), "product": _("product"), "packs": _("number of packs")},
        _rows(lambda h: Wish.objects.filter(household=h).order_by("pk", "lines__pk"), collection="collection__code", note="note",
              product="lines__packaging__product__name", packs="lines__quantity"),
    ),
    Section(
        "orders", _("Orders"),
        {"order": _("order"), "point": _("point"), "day": _("day"), "basket": _("basket number"), "note": _("a word to the host"),
         "payment": _("payment"), "expected": _("expected"), "final": _("final amount"), "placed": _("placed"),
         "cancelled": _("cancelled"), "collected": _("collected"), "collected_by": _("collected by"), "remark": _("note")},
        lambda household: _orders(household),
    ),
    Section(
        "lines", _("What was ordered"),
        {"order": _("order"), "farm": _("farm"), "product": _("product"), "label": _("packaging"), "ordered": _("ordered"),
         "delivered": _("delivered"), "weight_g": _("grams"), "price": _("price"), "amount": _("final amount")},
        _rows(lambda h: OrderLine.objects.filter(order__household=h).order_by("pk"), order="order__code", farm="producer__name",
              product="name", label="label", ordered="quantity", delivered="delivered", weight_g="weight_g", price="unit_price",
              amount="final_amount"),
    ),
    Section(
        "shortages", _("What was missing"),
        {"order": _("order"), "product": _("product"), "packs": _("number of packs"), "reason": _("reason"), "note": _("note")},
        _rows(lambda h: Shortage.objects.filter(line__order__household=h).order_by("pk"), order="line__order__code",
              product="line__name", packs="quantity", reason="reason", note="note"),
    ),
    Section(
        "payments", _("Payments"),
        {"day": _("day"), "amount": _("amount"), "means": _("means"), "order": _("order"), "note": _("note"),
         "undone": _("taken back")},
        _rows(lambda h: Payment.objects.filter(household=h).order_by("pk"), day="received_at", amount="amount", means="means",
              order="order__code", note="note", undone="undone_at"),
    ),
    Section(
        "cards", _("Saved cards"),
        {"brand": _("card"), "last4": _("last digits"), "expires": _("good until"), "consent": _("agreed to"), "since": _("since"),
         "removed": _("taken back")},
        _rows(lambda h: SavedCard.objects.filter(household=h).order_by("pk"), brand="brand", last4="last4", expires="expires",
              consent="consent", since="consented_at", removed="removed_at"),
    ),
    Section(
        "mandates", _("Direct debit mandates"),
        {"reference": _("reference"), "holder": _("account holder"), "iban": _("IBAN"), "last4": _("last digits"),
         "consent": _("agreed to"), "since": _("since"), "revoked": _("taken back")},
        _rows(lambda h: Mandate.objects.filter(household=h).order_by("pk"), reference="reference", holder="holder", iban="iban",
              last4="last4", consent="consent", since="signed_at", revoked="revoked_at"),
    ),
    Section(
        "top_ups", _("Sums for the balance"),
        {"day": _("day"), "amount": _("amount"), "means": _("means"), "state": _("state"), "paid": _("paid")},
        _rows(lambda h: TopUp.objects.filter(household=h).order_by("pk"), day="due_on", amount="amount", means="means",
              state="state", paid="paid_at"),
    ),
    Section(
        "refunds", _("Refunds"),
        {"day": _("day"), "collection": _("distribution"), "amount": _("amount"), "choice": _("choice"), "paid": _("paid")},
        _rows(lambda h: Refund.objects.filter(household=h).order_by("pk"), day="created_at", collection="collection__code",
              amount="amount", choice="choice", paid="paid_at"),
    ),
    Section(
        "paid_back", _("Credit sent back"),
        {"day": _("day"), "amount": _("amount"), "undone": _("taken back")},
        _rows(lambda h: PaidBack.objects.filter(household=h).order_by("pk"), day="at", amount="amount", undone="undone_at"),
    ),
    Section(
        "invoices", _("Invoices"),
        {"number": _("number"), "day": _("day"), "farm": _("farm"), "kind": _("kind"), "buyer": _("name on the invoice"),
         "total": _("amount")},
        _rows(lambda h: Invoice.objects.filter(household=h).annotate(buyer=KT("content__buyer__name")).order_by("pk"),
              number="number", day="issued_on", farm="producer__name", kind="kind", buyer="buyer", total="total"),
    ),
    Section(
        "account", _("Account"),
        {"day": _("day"), "memo": _("what for"), "debit": _("from account"), "credit": _("to account"), "amount": _("amount")},
        _rows(lambda h: Transfer.objects.filter(
                  Q(debit__code=ledger.household_account(h)) | Q(credit__code=ledger.household_account(h))).order_by("pk"),
              day="occurred_at", memo="memo", debit="debit__code", credit="credit__code", amount="amount"),
    ),
    Section(
        "messages", _("Messages sent"),
        {"day": _("day"), "to": _("to"), "subject": _("subject"), "text": _("text")},
        _rows(lambda h: Letter.objects.filter(notice__member__household=h).order_by("pk"), day="sent_at", to="recipients",
              subject="subject", text="text"),
    ),
    Section(
        "messages_waiting", _("Messages not sent yet"),
        {"kind": _("kind"), "due": _("day"), "data": _("text")},
        _rows(lambda h: Notice.objects.filter(_of(h), sent_at=None).order_by("pk"), kind="kind", due="due_at", data="data"),
    ),
    Section(
        "journal", _("Journal"),
        {"day": _("day"), "verb": _("what"), "subject": _("of what"), "data": _("details")},
        _rows(lambda h: Activity.objects.filter(Q(household=h) | Q(member__in=h.members.all())).order_by("pk"), day="at",
              verb="verb", subject="subject", data="data"),
    ),
]  # fmt: skip


def collect(household: Household, *, now: datetime) -> dict[str, Any]:
    """All sections by name, with the day they were read: about two statements a section."""
    sections = {section.name: [dict(row) for row in section.rows(household)] for section in SECTIONS}
    return {"cooperative": Hub.get().name, "read_at": now, **sections}


def as_json(data: dict[str, Any]) -> bytes:
    """For programs: UTF-8, instants in ISO 8601, amounts as text."""
    return (json.dumps(data, default=_plain, ensure_ascii=False, indent=1) + "\n").encode()


def as_page(data: dict[str, Any], *, language: str) -> bytes:
    """For people: one HTML page that needs nothing else."""
    with translation.override(language):
        tables = [
            {
                "title": section.title,
                "labels": section.columns.values(),
                "rows": [[row.get(name) for name in section.columns] for row in data[section.name]],
            }
            for section in SECTIONS
        ]
        context = {"tables": tables, "data": data, "language": language}
        return render_to_string("distribution/own_data_file.html", context).encode()


def _orders(household: Household) -> Rows:
    orders = Order.objects.filter(household=household).order_by("pk")
    handed = {row.order_id: row for row in Handover.objects.filter(order__household=household)}
    for order in orders.select_related("collection__point"):
        over = handed.get(order.pk)
        yield {
            "order": order.code,
            "point": order.collection.point.name,
            "day": order.collection.starts_at,
            "basket": order.basket_number,
            "note": order.note,
            "payment": order.payment_method,
            "expected": order.expected_total.amount,
            "final": order.final_total.amount if order.final_total else None,
            "placed": order.placed_at,
            "cancelled": order.cancelled_at,
            "collected": over.collected_at if over else None,
            "collected_by": over.collected_by if over else "",
            "remark": over.note if over else "",
        }


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
