"""The sheets agree: what households get, what farms bring and what is picked are the same packs."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from distribution import closing, sheets
from distribution.contents import SHEETS
from distribution.fingerprints import fingerprint
from distribution.models import Sheet
from orders import ordering
from tests import make
from tests.distribution import week as weeks
from tests.distribution.week import Week

pytestmark = pytest.mark.django_db

Packs = Counter[tuple[str, str, str]]


def close(week: Week) -> None:
    make.passed(week.collection)
    assert closing.close_collection(collection=week.collection, now=make.now()) is True


def newest(week: Week, kind: str) -> list[dict[str, Any]]:
    found = Sheet.objects.filter(kind=kind, week=week.collection.week).latest_versions()
    return [sheet.content for sheet in found]


# Each sheet's lines with the farm they are of.
Lines = Iterator[tuple[str, dict[str, Any]]]


def of_farm(content: dict[str, Any]) -> str:
    return str(content["header"]["producer"]["name"])


def rows(week: Week, kind: str) -> Lines:
    return ((of_farm(content), row) for content in newest(week, kind) for row in content["rows"])


def taken(week: Week) -> Lines:
    return (
        (farm, row | {"quantity": taker["quantity"]})
        for farm, row in rows(week, "delivery-note")
        for taker in row["takers"]
    )


def slips(week: Week) -> Lines:
    found = ((of_farm(content), slip) for content in newest(week, "member-slips") for slip in content["slips"])
    return ((farm, line) for farm, slip in found for line in slip["lines"])


def packed(week: Week) -> Lines:
    lines = (line for household in newest(week, "packing")[0]["households"] for line in household["lines"])
    return ((line["producer"]["name"], line) for line in lines)


def labelled(week: Week) -> Lines:
    return ((line["producer"]["name"], line) for line in newest(week, "labels")[0]["lines"])


def on_tables(week: Week) -> Lines:
    places = newest(week, "table-plan")[0]["places"]
    return ((place["producer"]["name"], product) for place in places for product in place["products"])


def packs(lines: Lines) -> Packs:
    found: Packs = Counter()
    for farm, line in lines:
        found[farm, line["product"], line["packaging"]] += line["quantity"]
    return found


def sums(week: Week) -> dict[str, Packs]:
    """Packs per farm and packaging, as each sheet has them."""
    return {
        "delivery-note": packs(rows(week, "delivery-note")),
        "takers": packs(taken(week)),
        "harvest": packs(rows(week, "harvest")),
        "member-slips": packs(slips(week)),
        "packing": packs(packed(week)),
        "labels": packs(labelled(week)),
        "table-plan": packs(on_tables(week)),
    }


def agreed(week: Week) -> Packs:
    totals = sums(week)
    assert all(total == totals["packing"] for total in totals.values()), totals
    by_zone = [row["packs"] for row in newest(week, "sign-off")[0]["rows"]]
    assert sum(sum(zones.values()) for zones in by_zone) == totals["packing"].total()
    return totals["packing"]


def expected(week: Week, carrots: int, leeks: int, chicken: int) -> Packs:
    quantities = {week.carrots: carrots, week.leeks: leeks, week.chicken: chicken}
    return Counter(
        {(pack.producer.name, pack.product.name, pack.label): quantity for pack, quantity in quantities.items()}
    )


def test_households_farms_and_harvest_agree_before_and_after_changes() -> None:
    week = weeks.build()
    close(week)
    assert agreed(week) == expected(week, 5, 3, 3)
    line = week.order("Éloi").lines.get(packaging=week.carrots)
    later = make.now() + timedelta(minutes=1)
    closing.amend(line=line, delta=-2, reason="producer", by=week.host, now=later)
    closing.amend(order=week.order("Zoé"), packaging=week.leeks, delta=4, reason="member", by=week.host, now=later)
    assert agreed(week) == expected(week, 3, 7, 3)


def test_the_fingerprint_is_that_of_the_content_as_stored() -> None:
    week = weeks.build()
    close(week)
    for sheet in Sheet.objects.all():
        assert sheet.sha256 == fingerprint(sheet.content)
        header = sheet.content["header"]
        assert (header["kind"], header["version"], header["week"]) == (sheet.kind, sheet.version, sheet.week)


def keys(shape: Any) -> set[str]:
    return set(shape.__annotations__)


@pytest.mark.parametrize("kind", ["market", "round"])
def test_every_key_of_the_contents_is_there(kind: str) -> None:
    week = weeks.build(kind=kind)
    close(week)
    for sheet in Sheet.objects.all():
        assert set(sheet.content) == keys(SHEETS[sheet.kind]), sheet.kind  # type: ignore[index]


def test_a_round_has_a_route_instead_of_a_sign_off_list() -> None:
    week = weeks.build(kind="round")
    week.homes["Zoé"].route_position = 1
    week.homes["Zoé"].save()
    for name in ("Éloi", "Bahri"):
        week.homes[name].route_position = 2
        week.homes[name].save()
    close(week)
    kinds = set(Sheet.objects.filter(producer=None).values_list("kind", flat=True))
    assert kinds == {"packing", "table-plan", "labels", "duty", "route"}
    stops = Sheet.objects.get(kind="route").content["stops"]
    assert [(stop["stop"], stop["basket_number"]) for stop in stops] == [(1, 3), (2, 1), (3, 2)]


def test_the_packing_sheet_says_what_to_pay_and_what_to_weigh() -> None:
    week = weeks.build()
    close(week)
    households = newest(week, "packing")[0]["households"]
    assert [(one["basket_number"], one["family_name"], one["due"]) for one in households] == [
        (1, "Bahri", "45.80"), (2, "Éloi", "10.60"), (3, "Zoé", "24.80"),
    ]  # fmt: skip
    chicken = [line for line in households[0]["lines"] if line["weighed"]]
    assert [(one["weighed"], one["quantity"], one["amount"], one["place"], one["zone"]) for one in chicken] == [
        ({"expected_g": 1800, "max_g": 2300}, 2, "39.60", "F1", "chilled")
    ]
    assert newest(week, "sign-off")[0]["due"] == "81.20"


def test_producers_see_first_names_and_no_contact() -> None:
    week = weeks.build()
    close(week)
    for content in newest(week, "member-slips"):
        assert {slip["name"] for slip in content["slips"]} <= {"Camille B.", "Camille É.", "Camille Z."}
        assert "@" not in str(content)


def test_the_harvest_list_has_a_column_per_point_and_marks_those_open() -> None:
    week = weeks.build()
    elsewhere = make.point(name="Autre point")
    make.supply(week.garden, elsewhere)
    other = make.collection(elsewhere, starts_at=week.collection.starts_at, ends_at=week.collection.ends_at)
    home = make.household("Quéré")
    make.join(home, elsewhere)
    ordering.place(household=home, collection=other, wish={week.carrots.pk: 4}, by=None, now=make.now())
    close(week)
    harvest = Sheet.objects.get(kind="harvest", producer=week.garden)
    by_point = {column["collection"]: column["open"] for column in harvest.content["columns"]}
    assert by_point == {week.collection.code: False, other.code: True}
    carrots = next(row for row in harvest.content["rows"] if row["product"] == week.carrots.product.name)
    assert (carrots["quantity"], sorted(cell["quantity"] for cell in carrots["cells"])) == (9, [4, 5])
    make.passed(other)
    closing.close_collection(collection=other, now=make.now())
    newer = Sheet.objects.get(kind="harvest", producer=week.garden, version=2)
    assert [column["open"] for column in newer.content["columns"]] == [False, False]
    assert [row["change"] for row in newer.content["rows"]] == [None, None]


def test_a_cancelled_line_stays_struck_from_version_two_on() -> None:
    week = weeks.build()
    close(week)
    line = week.order("Éloi").lines.get(packaging=week.leeks)
    closing.amend(line=line, delta=-1, reason="producer", by=week.host, now=make.now() + timedelta(minutes=1))
    (household,) = [one for one in newest(week, "packing")[0]["households"] if one["family_name"] == "Éloi"]
    marks = {one["product"]: (one["quantity"], one["change"] and one["change"]["mark"]) for one in household["lines"]}
    assert marks == {week.carrots.product.name: (3, None), week.leeks.product.name: (0, "cancelled")}
    assert household["change"]["mark"] == "changed"


@pytest.mark.parametrize("households", [3, 30])
def test_the_lists_of_a_point_take_few_statements(households: int, django_assert_max_num_queries: Any) -> None:
    week = weeks.build()
    for nth in range(households):
        home = make.household(f"Foyer {nth:02}")
        make.join(home, week.point)
        wish = {week.carrots.pk: 1} if nth < 10 else {}
        ordering.place(household=home, collection=week.collection, wish=wish, by=None, now=make.now())
    close(week)
    with django_assert_max_num_queries(20):
        contents = sheets.build(week.collection, now=make.now())
    assert len(contents) == 5 + 3 * 2
