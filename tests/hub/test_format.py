"""How numbers and times are said, in both languages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from djmoney.money import Money

from hub import format as say

PARIS = ZoneInfo("Europe/Paris")
NBSP, NNBSP = "\u00a0", "\u202f"


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[misc, arg-type]  # five numbers


@pytest.fixture(params=["fr", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


@pytest.fixture
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("amount", "fr", "en"),
    [
        ("12.5", "12,50_€", "€12.50"),
        ("0", "0,00_€", "€0.00"),
        ("-8.4", "−8,40_€", "−€8.40"),
        ("97437.05", "97 437,05_€", "€97,437.05"),
    ],
)
def test_money(language: str, amount: Any, fr: str, en: str) -> None:
    expected = {"fr": fr.replace(" ", NNBSP).replace("_", NBSP), "en": en}
    assert say.money(euros(amount)) == expected[language]


@pytest.mark.parametrize(
    ("amount", "fr", "en"),
    [("150", "+150,00_€", "+€150.00"), ("-12.5", "−12,50_€", "−€12.50"), ("0", "0,00_€", "€0.00")],
)
def test_what_an_account_gains_or_loses(language: str, amount: Any, fr: str, en: str) -> None:
    assert say.signed_money(euros(amount)) == {"fr": fr.replace("_", NBSP), "en": en}[language]


def test_a_minus_sign_is_no_hyphen_and_has_no_space(language: str) -> None:
    written = [say.short_money(euros("-12")), say.number(-3), say.percentage(Decimal("-0.5")), say.rate(Decimal("-2"))]
    expected = {
        "fr": ["−12_€", "−3", "−50,0_%", "−2_%"],
        "en": ["−€12", "−3", "−50.0%", "−2%"],
    }[language]  # fmt: skip
    assert written == [words.replace("_", NBSP) for words in expected]


def test_a_plain_number_is_in_the_currency_of_the_hub(language: str) -> None:
    assert say.money(Decimal("12.50")) == say.money(euros("12.50"))
    assert say.short_money(Decimal(3)) == {"fr": f"3{NBSP}€", "en": "€3"}[language]


def test_round_amounts_may_lose_their_decimals(language: str) -> None:
    assert say.short_money(euros("1192")) == {"fr": f"1{NNBSP}192{NBSP}€", "en": "€1,192"}[language]
    assert say.short_money(euros("192.50")) == say.money(euros("192.50"))


def test_an_estimate_says_so(language: str) -> None:
    assert say.estimate(euros("48.90")) == "~" + say.money(euros("48.90"))


@pytest.mark.parametrize(
    ("amount", "unit", "fr", "en"),
    [
        (500, "g", "500 g", "500 g"),
        (999, "g", "999 g", "999 g"),
        (1000, "g", "1 kg", "1 kg"),
        (1800, "g", "1,8 kg", "1.8 kg"),
        (1625, "g", "1,625 kg", "1.625 kg"),
        (5_000_000, "g", "5 000 kg", "5,000 kg"),
        (0, "g", "0 g", "0 g"),
        (-30, "g", "−30 g", "−30 g"),
        (750, "ml", "75 cl", "75 cl"),
        (125, "ml", "125 ml", "125 ml"),
        (1500, "ml", "1,5 l", "1.5 l"),
        (0, "ml", "0 ml", "0 ml"),
        (1, "piece", "1 pièce", "1 piece"),
        (6, "piece", "6 pièces", "6 pieces"),
        (Decimal("1.5"), "piece", "1,5 pièces", "1.5 pieces"),
    ],
)
def test_quantity(language: str, amount: Any, unit: str, fr: str, en: str) -> None:
    words = {"fr": fr, "en": en}[language]
    number, _sep, name = words.rpartition(" ")
    glue = " " if unit == "piece" else NBSP
    assert say.quantity(amount, unit).replace(glue, NBSP) == f"{number.replace(' ', NNBSP)}{NBSP}{name}"


@pytest.mark.parametrize(
    ("label", "glued"),
    [
        ("pot 250 g", "pot 250_g"), ("pièce ~1,8 kg (max 2,3 kg)", "pièce ~1,8_kg (max 2,3_kg)"), ("botte", "botte"),
        ("pièce (~ 800 g)", "pièce (~_800_g)"), ("bouteille 1 L", "bouteille 1_L"),
        ("bouteille 75 cl", "bouteille 75_cl"), ("boîte de 6 pièces", "boîte de 6_pièces"), ("6 grandes", "6 grandes"),
    ],
)  # fmt: skip
def test_a_number_stays_beside_its_unit(label: str, glued: str) -> None:
    assert say.glued(label) == glued.replace("_", NBSP)


def test_an_unknown_unit_is_a_mistake_of_ours(french: None) -> None:
    with pytest.raises(ValueError, match="lb"):
        say.quantity(1, "lb")


def test_unit_price(language: str) -> None:
    price = euros("2.80")
    assert say.unit_price(price, "g") == {"fr": f"2,80{NBSP}€/kg", "en": "€2.80/kg"}[language]
    assert say.unit_price(price, "ml") == {"fr": f"2,80{NBSP}€/l", "en": "€2.80/l"}[language]
    assert say.unit_price(euros("0.40"), "piece") == {"fr": f"0,40{NBSP}€ la pièce", "en": "€0.40 each"}[language]


def test_percentage(language: str) -> None:
    assert say.percentage(Decimal("0.823")) == {"fr": f"82,3{NBSP}%", "en": "82.3%"}[language]
    assert say.percentage(Decimal("0.2"), 0) == {"fr": f"20{NBSP}%", "en": "20%"}[language]


def test_days(language: str) -> None:
    when = paris(2026, 11, 24, 20, 0)
    assert say.day(when) == {"fr": "mardi 24 novembre", "en": "Tuesday 24 November"}[language]
    assert say.short_day(when) == {"fr": "mar. 24 nov.", "en": "Tue 24 Nov"}[language]
    assert say.full_date(when) == {"fr": "24 novembre 2026", "en": "24 November 2026"}[language]
    assert say.leaf(when)["number"] == "24"
    assert say.leaf(date(2026, 11, 26))["weekday"] == {"fr": "jeu.", "en": "Thu"}[language]


def test_the_first_of_a_month(language: str) -> None:
    assert say.day(date(2026, 12, 1)) == {"fr": "mardi 1er décembre", "en": "Tuesday 1 December"}[language]
    assert say.full_date(date(2026, 12, 11)) == {"fr": "11 décembre 2026", "en": "11 December 2026"}[language]


@pytest.mark.parametrize(
    ("hour", "minute", "fr", "en"),
    [
        (20, 0, "20_h", "8_pm"),
        (17, 30, "17_h_30", "5:30_pm"),
        (9, 5, "9_h_05", "9:05_am"),
        (0, 0, "0_h", "midnight"),
        (12, 0, "12_h", "noon"),
        (12, 15, "12_h_15", "12:15_pm"),
        (0, 15, "0_h_15", "12:15_am"),
    ],
)
def test_clock(language: str, hour: int, minute: int, fr: str, en: str) -> None:
    assert say.clock(paris(2026, 11, 24, hour, minute)) == {"fr": fr, "en": en}[language].replace("_", NBSP)


def test_times_are_told_in_the_hubs_zone_whatever_zone_they_come_in(french: None) -> None:
    winter = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    summer = datetime(2026, 7, 24, 19, 0, tzinfo=UTC)
    assert say.day_time(winter) == f"mardi 24 novembre, 20{NBSP}h"
    assert say.day_time(summer) == f"vendredi 24 juillet, 21{NBSP}h"
    assert say.day(datetime(2026, 11, 24, 23, 30, tzinfo=UTC)) == "mercredi 25 novembre"


def test_day_time_in_english(english: None) -> None:
    assert say.day_time(paris(2026, 11, 24, 20, 0)) == f"Tuesday 24 November, 8{NBSP}pm"
    assert say.short_day_time(paris(2026, 11, 24, 20, 0)) == f"Tuesday 8{NBSP}pm"


@pytest.mark.parametrize(
    ("start", "end", "fr", "en"),
    [
        ((17, 30), (19, 0), "17_h_30_–_19_h", "5:30_–_7_pm"),
        ((10, 0), (12, 30), "10_h_–_12_h_30", "10_am_–_12:30_pm"),
        ((12, 0), (14, 0), "12_h_–_14_h", "noon_–_2_pm"),
        ((8, 0), (11, 0), "8_h_–_11_h", "8_–_11_am"),
    ],
)
def test_window(language: str, start: tuple[int, int], end: tuple[int, int], fr: str, en: str) -> None:
    said = say.window(paris(2026, 11, 26, *start), paris(2026, 11, 26, *end))
    assert said == {"fr": fr, "en": en}[language].replace("_", NBSP).replace(f"–{NBSP}", "– ")


def test_a_window_over_midnight_names_the_other_day(french: None) -> None:
    said = say.window(paris(2026, 11, 26, 22, 0), paris(2026, 11, 27, 1, 0))
    assert said == f"22{NBSP}h{NBSP}– vendredi 27 novembre, 1{NBSP}h"


@pytest.mark.parametrize(
    ("delta", "fr", "en"),
    [
        (timedelta(days=1, hours=4, minutes=59), "1_j_4_h", "1_d_4_h"),
        (timedelta(days=4), "4_j", "4_d"),
        (timedelta(hours=4, minutes=12), "4_h_12_min", "4_h_12_min"),
        (timedelta(hours=4), "4_h", "4_h"),
        (timedelta(minutes=32, seconds=59), "32_min", "32_min"),
        (timedelta(seconds=59), "moins d’une minute", "less than a minute"),
        (timedelta(0), "", ""),
        (timedelta(days=-1), "", ""),
    ],
)
def test_left(language: str, delta: timedelta, fr: str, en: str) -> None:
    now = paris(2026, 11, 20, 12, 0)
    assert say.left(now + delta, now) == {"fr": fr, "en": en}[language].replace("_", NBSP)


def test_left_counts_real_hours_over_a_change_of_clocks(french: None) -> None:
    # Clocks go back on 25 October 2026 at 3 h and forward on 28 March 2027 at 2 h: that Sunday has 25, then 23 hours.
    # Two moments of one zone are subtracted by Python as wall time; through UTC they are real hours.
    autumn = [paris(2026, 10, 25, hour, 0).astimezone(UTC) for hour in (0, 23)]
    spring = [paris(2027, 3, 28, hour, 0).astimezone(UTC) for hour in (0, 23)]
    assert say.left(autumn[1], autumn[0]) == f"1{NBSP}j"
    assert say.left(spring[1], spring[0]) == f"22{NBSP}h"


def test_left_counts_real_hours_for_local_moments_too(french: None) -> None:
    assert say.left(paris(2026, 10, 25, 23, 0), paris(2026, 10, 25, 0, 0)) == f"1{NBSP}j"


def test_iso_carries_the_offset_of_the_day() -> None:
    assert say.iso(datetime(2026, 11, 24, 19, 0, tzinfo=UTC)) == "2026-11-24T20:00+01:00"
    assert say.iso(datetime(2026, 7, 24, 19, 0, tzinfo=UTC)) == "2026-07-24T21:00+02:00"
    assert say.iso(date(2026, 7, 24)) == "2026-07-24"


def test_near_days(language: str) -> None:
    now = paris(2026, 11, 24, 23, 30)
    said = [say.near_day(paris(2026, 11, day, 0, 15), now) for day in (23, 24, 25, 26)]
    assert (
        said
        == {
            "fr": ["hier", "aujourd’hui", "demain", "jeudi 26 novembre"],
            "en": ["yesterday", "today", "tomorrow", "Thursday 26 November"],
        }[language]
    )


def test_weeks(language: str) -> None:
    assert say.week_label("2026-W48") == {"fr": "semaine 48", "en": "week 48"}[language]
    assert say.week_label("2027-W01") == {"fr": "semaine 1", "en": "week 1"}[language]
    assert say.week_label(date(2027, 1, 3)) == {"fr": "semaine 53", "en": "week 53"}[language]
    assert say.week_days("2026-W48") == {"fr": "23 au 29 novembre", "en": "23 to 29 November"}[language]
    assert say.week_days("2026-W49") == {"fr": "30 novembre au 6 décembre", "en": "30 November to 6 December"}[language]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Camille Morel", "CM"),
        ("camille", "C"),
        ("Anne-Sophie de la Tour", "AT"),
        ("", ""),
        ("Élise Garnier", "ÉG"),
        (" (x) ", ""),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert say.initials(name) == letters


def test_listing(language: str) -> None:
    assert (
        say.listing(["gluten", "lait", "œufs"])
        == {"fr": "gluten, lait et œufs", "en": "gluten, lait and œufs"}[language]
    )
    assert say.listing([]) == ""


def test_without_a_language_french_is_spoken() -> None:
    with translation.override(None):
        assert say.money(euros("12.5")) == f"12,50{NBSP}€"


@pytest.mark.parametrize(("language", "words"), [("fr", ["5,5\u00a0%", "20\u00a0%"]), ("en", ["5.5%", "20%"])])
def test_rates(language: str, words: list[str]) -> None:
    with translation.override(language):
        assert [say.rate(Decimal("5.50")), say.rate(Decimal(20))] == words
