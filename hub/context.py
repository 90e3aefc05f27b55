"""What every page needs: the cooperative, the reader's spaces and the navigation of the one they are in."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from hub.models import Host, Hub, Member, Role
from hub.refusals import Words


@dataclass(frozen=True)
class Entry:
    """One link of the navigation. It appears as soon as `url_name` exists; the name may not need arguments. `also` names
    pages that are tabs of its own, wherever their addresses begin."""

    label: Words
    icon: str
    url_name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """An entry whose address is known, with those of its tabs."""

    label: Words
    icon: str
    url: str
    also: tuple[str, ...] = ()

    def reach(self, path: str) -> int:
        """How much of a path begins like one of its addresses; 0 for none."""
        return max((len(url) for url in (self.url, *self.also) if _under(path, url)), default=0)


@dataclass(frozen=True)
class Space:
    """The pages of one role. `key` is what a page may put into its context as `space`."""

    key: str
    label: Words
    icon: str
    entries: tuple[Entry, ...]


SPACES = (
    Space(
        "public",
        _("The cooperative"),
        "store",
        (
            Entry(_("Points"), "map-pin", "orders:points"),
            Entry(_("Farms"), "tractor", "orders:farms"),
            Entry(_("Fair price"), "euro", "hub:fair-price"),
            Entry(_("Sign in"), "user-round", "account_login"),
        ),
    ),
    Space(
        "member",
        _("My household"),
        "house",
        (
            Entry(_("Home"), "house", "orders:home"),
            Entry(_("Shop"), "store", "orders:shop"),
            Entry(_("My order"), "shopping-bag", "orders:order"),
            Entry(_("My balance"), "wallet", "distribution:balance"),
            Entry(_("Baskets"), "calendar-days", "orders:baskets"),
            Entry(_("Rescue"), "sprout", "orders:surplus"),
        ),
    ),
    Space(
        "producer",
        _("My farm"),
        "tractor",
        (
            Entry(_("My week"), "calendar-days", "producers:week"),
            Entry(_("To harvest"), "sprout", "distribution:harvest"),
            Entry(_("Statements"), "file-text", "distribution:statements"),
            Entry(_("Catalogue"), "clipboard-list", "producers:catalogue"),
            Entry(_("My farm"), "tractor", "producers:farm"),
        ),
    ),
    Space(
        "host",
        _("My collection point"),
        "map-pin",
        (
            Entry(_("The day"), "list-checks", "distribution:day"),
            Entry(_("Printing"), "printer", "distribution:prints"),
            Entry(_("Members"), "users-round", "hub:memberships"),
            Entry(_("Cash box"), "banknote", "distribution:boxes"),
            Entry(_("My point"), "map-pin", "hub:my-point"),
        ),
    ),
    Space(
        "coordinator",
        _("Coordination"),
        "chart-column",
        (
            Entry(
                _("The week"),
                "calendar-days",
                "distribution:board",
                also=("distribution:day", "distribution:prints"),
            ),
            Entry(_("Figures"), "chart-column", "distribution:figures"),
            Entry(_("Payouts"), "hand-coins", "distribution:payouts"),
            Entry(
                _("Accounts"),
                "wallet",
                "distribution:accounts",
                also=(
                    "distribution:bank",
                    "distribution:boxes",
                    "distribution:cheques",
                    "orders:debits",
                    "distribution:invoices",
                    "distribution:books",
                ),
            ),
            Entry(_("Contracts"), "handshake", "orders:contracts"),
            Entry(_("Team"), "users-round", "producers:team"),
            Entry(_("Settings"), "settings", "producers:settings"),
        ),
    ),
)


FOOTER = (
    Entry(_("What we do"), "info", "hub:about"),
    Entry(_("Fair price"), "euro", "hub:fair-price"),
    Entry(_("Open data"), "table-2", "hub:open-data"),
    Entry(_("Help"), "circle-help", "hub:help"),
    Entry(_("Legal notice"), "file-text", "hub:legal"),
)


@cache
def footer() -> tuple[Link, ...]:
    """The links under every page whose address exists."""
    return tuple(filter(None, map(_link, FOOTER)))


@cache
def links() -> dict[str, tuple[Link, ...]]:
    """The links of each space whose address exists; found once per process."""
    return {space.key: tuple(filter(None, map(_link, space.entries))) for space in SPACES}


def _link(entry: Entry) -> Link | None:
    url = _address(entry.url_name)
    return Link(entry.label, entry.icon, url, tuple(filter(None, map(_address, entry.also)))) if url else None


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def spaces_of(member: Member | None) -> set[str]:
    """Which spaces a person has, in one query. Everybody signed in has a household's."""
    if member is None:
        return {"public"}
    mine = Member.objects.filter(pk=member.pk)
    roles = mine.values_list(
        Exists(Host.objects.current().filter(member=OuterRef("pk"))),
        Exists(mine.filter(producer_roles__isnull=False)),
        Exists(Role.objects.current().coordinators().filter(member=OuterRef("pk"))),
    ).get()
    held = {key for key, has in zip(("host", "producer", "coordinator"), roles, strict=True) if has}
    return {"member"} | held


def front_of(key: str, spaces: set[str]) -> str:
    """The first page of one of a person's spaces; home where they do not have it."""
    first = links()[key][:1] if key in spaces else ()
    return first[0].url if first else "/"


def _under(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)


def space_at(path: str, spaces: set[str]) -> str:
    """The space a path belongs to: that of the longest entry it begins with, else the member's own."""
    home = "public" if "public" in spaces else "member"
    found = [(link.reach(path), key) for key in spaces for link in links()[key] if link.reach(path)]
    return max(found)[1] if found else home


def navigation(path: str, spaces: set[str], key: str = "") -> dict[str, Any]:
    """The links of the space a page is in, with the current one marked, and the other spaces to go to. A coordinator
    who hosts no point keeps the links of the coordination on a host's pages."""
    if key == "host" and "host" not in spaces and "coordinator" in spaces:
        key = "coordinator"
    key = key or space_at(path, spaces)
    shown = links()[key]
    current = max((link for link in shown if link.reach(path)), key=lambda link: link.reach(path), default=None)
    others = [(space, links()[space.key][0].url) for space in SPACES if space.key in spaces and links()[space.key]]
    return {
        "space": key,
        "links": shown,
        "current": current.url if current else "",
        "spaces": others,
        "footer": footer(),
    }


def site(request: HttpRequest) -> dict[str, Any]:
    """`hub`, and `my_spaces` (read only by pages that print a header)."""
    user = getattr(request, "user", None)  # a request refused for its host has none yet
    member = user if isinstance(user, Member) else None
    return {"hub": SimpleLazyObject(Hub.get), "my_spaces": SimpleLazyObject(lambda: spaces_of(member))}
