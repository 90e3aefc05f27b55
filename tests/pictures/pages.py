"""Every page to look at: those of the URLconf, as the person whose page it is, and the empty cases."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from hub.models import Member
from tests.house.routes import Route, arguments, routes, welcome
from tests.pictures.big import Big

# What people look at every week. Tests look at these each time, at all others with --full.
MAIN = {
    "orders:home", "orders:points", "orders:shop", "orders:product", "orders:order", "producers:week", "producers:import-preview",
    "producers:catalogue", "producers:product", "distribution:harvest", "distribution:statements", "distribution:day",
    "distribution:counter", "distribution:basket", "distribution:closing", "distribution:sheets", "distribution:board",
    "distribution:payouts", "hub:memberships", "hub:account",
}  # fmt: skip
FILES = {"producers:export", "distribution:invoice-file"}
# Programs have addresses too; these are the audiences with eyes.
SEEN_BY = ("public", "member", "producer", "host", "coordinator")


@dataclass(frozen=True)
class Page:
    """One address seen by one person (nobody: signed out)."""

    name: str
    path: str
    who: str
    person: Member | None
    main: bool = False


def pages(big: Big) -> Iterator[Page]:
    """All of them. A route whose address the big village has no row for is not a page of it (a token, a photo)."""
    yield from _signed_out()
    for route in routes():
        if route.audience not in SEEN_BY or route.name in FILES or "format_" in route.parts:
            continue
        if route.path.endswith((".pdf", ".ics", ".csv")):
            continue
        try:
            path = reverse(route.name, kwargs=arguments(route, big.rows))
        except LookupError:
            continue
        # A name with and without arguments is one page: what lacks them leads to the other.
        who = _whose(route)
        yield Page(f"{who}-{_plain(route, path)}", path, who, big.people[who], route.name in MAIN)
    yield from _empty(big)


def _whose(route: Route) -> str:
    return next(who for who in ("household", "farmer", "host", "coordinator") if who in welcome(route))


def _plain(route: Route, path: str) -> str:
    return route.name.replace(":", "-") + ("" if route.parts else "-now")


def _signed_out() -> Iterator[Page]:
    for name, path in (
        ("home", "/"),
        ("points", "/points/"),
        ("sign-in", "/sign-in/login/"),
        ("sign-up", "/sign-in/signup/"),
    ):
        yield Page(f"public-{name}", path, "public", None, name in ("home", "sign-in"))


def _empty(big: Big) -> Iterator[Page]:
    """Nothing there yet: each says what to do next."""
    week, sale, farm = big.sale.week, big.sale.code, big.new_farm.code
    cases: list[tuple[str, str, Member]] = [
        ("no-point", "/", big.newcomer),
        ("nothing-ordered", "/", big.idle),
        ("order", f"/ma-commande/{sale}/", big.idle),
        ("order-placed", f"/ma-commande/{sale}/", big.member),
        ("shop-nothing-found", f"/boutique/{sale}/?q=licorne", big.idle),
        ("week", f"/ma-semaine/{farm}/{week}/", big.new_farmer),
        ("harvest", f"/a-recolter/{farm}/{week}/", big.new_farmer),
        ("statements", f"/releves/{farm}/", big.new_farmer),
        ("catalogue", f"/catalogue/{farm}/", big.new_farmer),
        ("day", "/jour-j/", big.new_host),
        ("prints", "/impressions/", big.new_host),
        ("requests", "/membres/", big.new_host),
        ("board", "/semaine/2025-W02/", big.coordinator),
        ("no-such-page", "/nulle-part/", big.member),
    ]
    for name, path, person in cases:
        yield Page(f"empty-{name}", path, "empty", person, name in ("nothing-ordered", "order-placed", "week", "day"))
