"""Numbers others gave out: what their check digits contradict is refused with a sentence."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from hub import identifiers

IBAN = "FR7630006000011234567890189"
SIRET = "73282932000074"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_numbers_are_kept_without_spaces():
    assert identifiers.siret("732 829 320 00074") == SIRET
    assert identifiers.siret("356 000 000 00048") == "35600000000048"
    assert identifiers.vat_number("fr 44 732 829 320", siret=SIRET) == "FR44732829320"
    assert identifiers.vat_number("BE 0428.759.497", siret=SIRET) == "BE0428759497"
    assert (identifiers.siret(""), identifiers.vat_number(" ")) == ("", "")


@pytest.mark.parametrize("text", ["73282932000075", "732 829 320 00047", "37282932000074"])
def test_a_siret_with_a_wrong_or_swapped_digit_is_refused(text):
    with pytest.raises(identifiers.WrongNumber, match="check digits"):
        identifiers.siret(text)


@pytest.mark.parametrize("text", ["123", "7328293200007A", "73282932000074 2", "\u0663" * 14])
def test_what_is_no_siret_is_refused(text):
    with pytest.raises(identifiers.WrongNumber, match="fourteen digits"):
        identifiers.siret(text)


def test_a_vat_number_belongs_to_the_company():
    with pytest.raises(identifiers.WrongNumber, match="check digits"):
        identifiers.vat_number("FR45732829320")
    with pytest.raises(identifiers.WrongNumber, match="country"):
        identifiers.vat_number("44732829320")
    with pytest.raises(identifiers.WrongNumber, match="company"):
        identifiers.vat_number("FR44732829320", siret="35600000000048")


def test_the_bank_is_found_from_the_iban():
    # Nothing is left to fill in: the three last signs of a long BIC name the branch, here the head office (ISO 9362).
    assert identifiers.account("fr76 3000 6000 0112 3456 7890 189") == (IBAN, "AGRIFRPPXXX")
    assert identifiers.account(IBAN, "agri frpp") == (IBAN, "AGRIFRPP")
    assert identifiers.account("DE89 3704 0044 0532 0130 00")[0] == "DE89370400440532013000"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FR7630006000011234567890188", "check digits"),
        ("FR7630006000011234567980189", "check digits"),
        ("FR763000600001123456789018", "too short or too long"),
        ("30006000011234567890189", "not an IBAN"),
        ("", "not an IBAN"),
        ("FR76\x003000", "not an IBAN"),
        ("SA0380000000608010167519", "SEPA"),
    ],
)
def test_a_wrong_iban_is_refused(text, words):
    with pytest.raises(identifiers.WrongNumber, match=words) as refused:
        identifiers.account(text)
    assert refused.value.data == {"field": "iban"}


@pytest.mark.parametrize("text", ["AGRIFRP", "ZZZZZZZZ", "AGRIFRPPXX", "<script>"])
def test_a_wrong_bic_is_refused(text):
    with pytest.raises(identifiers.WrongNumber, match="BIC") as refused:
        identifiers.account(IBAN, text)
    assert refused.value.data == {"field": "bic"}


def test_accounts_are_shown_masked_and_in_groups():
    assert identifiers.masked(IBAN) == "FR76 … 0189"
    assert identifiers.masked("") == ""
    assert identifiers.spaced(IBAN) == "FR76 3000 6000 0112 3456 7890 189"
