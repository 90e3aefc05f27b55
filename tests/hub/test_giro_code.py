"""The transfer that a banking app fills in from a QR code."""

from decimal import Decimal

from django.template import Context, Template

from hub.giro_code import giro_code

IBAN = "FR1420041010050500013M02606"


def test_without_an_amount_the_payer_types_one() -> None:
    assert giro_code(name="Coopérative La Musette", iban=IBAN, reference="K7M4RD2345").split("\n") == [
        "BCD", "002", "1", "SCT", "", "Coopérative La Musette", IBAN, "", "", "", "K7M4RD2345",
    ]  # fmt: skip


def test_with_an_amount_and_a_long_name_it_stays_within_the_standard() -> None:
    text = giro_code(name="É" * 90, iban=IBAN, reference="K7M4RD2345", amount=Decimal("12.5"), bic="AGRIFRPP")
    lines = text.split("\n")
    assert (len(lines[5]), lines[4], lines[7]) == (70, "AGRIFRPP", "EUR12.50")
    assert len(text.encode()) <= 331


def test_its_letters_are_drawn_as_utf_8() -> None:
    """The standard's code 1 promises UTF-8; without being told, a French name would be drawn as Latin-1."""
    draw = "{% load cabas %}{% qr text 'code' "
    plain, promised = (
        Template(draw + end).render(Context({"text": giro_code(name="Coopérative", iban=IBAN, reference="K7M4RD2345")}))
        for end in ("%}", '"utf-8" %}')
    )
    assert plain != promised
    assert 'viewBox="0 0 37 37"' in promised  # version 5, far below the 13 that apps must read
