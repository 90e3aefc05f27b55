"""Spreadsheets in and out: what is read, what is refused with which words, and files that programs open unharmed."""

import csv
import io
import struct
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from hub.spreadsheets import Column, Formula, Unreadable, read, write_csv, write_xlsx
from hub.spreadsheets.cells import Cell, guarded, unguarded

NAMES = ["Pièce", "Mâche", "Œufs à la coque", "Salade feuille de chêne", "2,50 €"]


def rows_of(content: bytes, name: str = "catalogue.csv") -> list[tuple[Cell, ...]]:
    (sheet,) = read(content, name).sheets
    return [row.cells for row in sheet.rows]


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, change: tuple[bytes, bytes]) -> bytes:
    """A workbook with one of its parts edited."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            body = old.read(part)
            new.writestr(part, body.replace(*change) if part == name else body)
    return out.getvalue()


def refusal(content: bytes, name: str = "catalogue.xlsx") -> str:
    with pytest.raises(Unreadable) as caught, translation.override("en"):
        read(content, name)
    with translation.override("en"):
        return str(caught.value)


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "mac_roman", "cp850"])
def test_csv_is_read_in_every_usual_encoding(encoding: str) -> None:
    words = [name.replace("Œ", "O").replace("€", "EUR") if encoding == "cp850" else name for name in NAMES]
    content = "".join(f"{word};botte;12\r\n" for word in words).encode(encoding)
    assert rows_of(content) == [(word, "botte", "12") for word in words]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_csv_separator_is_found(separator: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([["Nom", "Prix", "Stock"], ["Poulet, prêt; à cuire", "2,50", "3"]])
    spreadsheet = read(out.getvalue().encode(), "x.csv")
    assert spreadsheet.separator == separator
    assert [row.cells for row in spreadsheet.sheets[0].rows] == [
        ("Nom", "Prix", "Stock"),
        ("Poulet, prêt; à cuire", "2,50", "3"),
    ]


def test_decimal_commas_do_not_pass_for_separators() -> None:
    assert rows_of(b"Nom;Prix;TVA\nA;2,50;5,5\nB;1,20;5,5\n")[1] == ("A", "2,50", "5,5")


def test_excel_hint_names_the_separator_and_is_no_row() -> None:
    assert rows_of(b"sep=,\r\nNom,Prix\r\nA;B,2\r\n") == [("Nom", "Prix"), ("A;B", "2")]


def test_blank_rows_count_and_empty_lines_at_the_end_do_not() -> None:
    assert rows_of(b"Nom;Prix\r\n;\r\nA;2\r\n;\r\n\r\n\r\n") == [("Nom", "Prix"), ("", ""), ("A", "2"), ("", "")]


def test_old_macintosh_line_ends_are_read() -> None:
    assert rows_of(b"Nom;Prix\rA;2\r") == [("Nom", "Prix"), ("A", "2")]


def test_line_breaks_and_quotes_inside_a_cell_are_kept() -> None:
    assert rows_of(b'Nom;Note\r\nA;"une\r\n""bonne"" botte"\r\n')[1] == ("A", 'une\r\n"bonne" botte')


def test_inches_in_the_middle_of_a_quoted_cell_are_read() -> None:
    assert rows_of(b'Nom;Note\r\nPot;"5" de haut"\r\nB;2\r\n')[2] == ("B", "2")


def test_a_quote_that_never_closes_is_refused_with_its_row() -> None:
    assert refusal(b'Nom;Prix\nA;2\n"B;3\nC;4\n') == "A quotation mark opened on row 3 is never closed."


def test_control_characters_become_visible_signs() -> None:
    assert rows_of(b"Nom;Prix\nA\x00B;\x1b2\n")[1] == ("A␀B", "␛2")


def test_emoji_and_right_to_left_words_are_words() -> None:
    assert rows_of("Nom;Prix\n🥕 carottes;2\nתפוחים;3\n".encode())[1:] == [("🥕 carottes", "2"), ("תפוחים", "3")]


def test_more_rows_or_columns_than_allowed_are_refused() -> None:
    assert refusal(b"A;1\n" * 20_001) == "This file has more than 20,000 rows. Split it."
    assert refusal(b"A;" * 100 + b"1\n").startswith("This file has more than 100 columns.")
    assert len(rows_of(b"A;1\n" * 20_000)) == 20_000


# XLSX


def test_xlsx_cells_have_types() -> None:
    content = workbook(["Nom", "Prix", "Jour", "Bio"], ["A", 2.2, date(2026, 11, 23), True], ["B", 0.1 + 0.2, 3])
    assert rows_of(content)[1:] == [
        ("A", Decimal("2.2"), date(2026, 11, 23), True),
        ("B", Decimal("0.3"), Decimal(3)),
    ]


def test_xlsx_rows_keep_their_numbers_and_blank_rows_at_the_end_are_none() -> None:
    content = workbook(["Nom", "Prix"], [], ["A", 2], [], [])
    (sheet,) = read(content, "x.xlsx").sheets
    assert [(row.number, row.cells) for row in sheet.rows] == [(1, ("Nom", "Prix")), (2, ()), (3, ("A", Decimal(2)))]


def test_formula_without_result_is_its_text_and_with_one_its_result() -> None:
    content = workbook(["Nom", "Prix"], ["=Confiture de lait", "=1+1"])
    assert rows_of(content)[1] == (Formula("=Confiture de lait"), Formula("=1+1"))
    sheet = "xl/worksheets/sheet1.xml"
    computed = with_part(content, sheet, (b"<f>1+1</f><v />", b"<f>1+1</f><v>2.5</v>"))
    assert rows_of(computed)[1] == (Formula("=Confiture de lait"), Decimal("2.5"))
    failed = with_part(content, sheet, (b'<c r="B2"><f>1+1</f><v />', b'<c r="B2" t="e"><f>1+1</f><v>#DIV/0!</v>'))
    assert rows_of(failed)[1] == (Formula("=Confiture de lait"), Formula("=1+1"))


def test_unit_of_a_number_format_is_read_with_the_number() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["Stock", "Prix", "Cher"])
    page.append([200, 2.5, 3])
    page["A2"].number_format = '0" kg"'
    page["B2"].number_format = '#,##0.00\\ "€"'
    page["C2"].number_format = '0.00" €/kg"'
    out = io.BytesIO()
    book.save(out)
    assert rows_of(out.getvalue())[1] == ("200 kg", Decimal("2.5"), "3 €/kg")


def test_hidden_pages_are_not_read() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["vu"])
    hidden = book.create_sheet("coûts")
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert [sheet.name for sheet in read(out.getvalue(), "x.xlsx").sheets] == ["Sheet"]


def test_a_page_that_declares_less_than_it_holds_is_read_whole() -> None:
    content = workbook(["Nom", "Prix"], ["A", 2])
    lying = with_part(content, "xl/worksheets/sheet1.xml", (b'<dimension ref="A1:B2"', b'<dimension ref="A1"'))
    assert rows_of(lying) == [("Nom", "Prix"), ("A", Decimal(2))]


def test_the_name_of_a_file_does_not_matter() -> None:
    assert rows_of(workbook(["Nom", "Prix"]), "catalogue.csv") == [("Nom", "Prix")]
    assert rows_of(b"Nom;Prix\n", "catalogue.xlsx") == [("Nom", "Prix")]


# Refused files, each with one sentence


def ole(*entries: str) -> bytes:
    names = b"".join(entry.encode("utf-16-le") for entry in entries)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500 + names


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, body in parts.items():
            packed.writestr(name.replace("__", "/"), body)
    return out.getvalue()


NO_SHEET = "This is not a spreadsheet. Send an .xlsx or .csv file."
PROTECTED = "This file is protected by a password. Save it without one and send it again."
DAMAGED = "This file is damaged or incomplete. Open it in a spreadsheet program, save it and send it again."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\xef\xbb\xbf \r\n\r\n", "This file is empty."),
        (b"x" * (5 * 1024 * 1024 + 1), "This file is larger than 5 MB. Split it, or remove its pictures."),
        (ole("EncryptionInfo", "EncryptedPackage"), PROTECTED),
        (ole("Workbook"), "This is an old Excel file (.xls). Open it and save it as .xlsx or .csv."),
        (b"%PDF-1.7 ...", "This is a PDF document. Send the spreadsheet it was made from, as .xlsx or .csv."),
        (b"\x89PNG\r\n\x1a\n....", "This is a picture. Send the spreadsheet itself, as .xlsx or .csv."),
        (
            b"<html><table><tr><td>Nom</td></tr></table></html>",
            "This is a web page or an XML document. Open it in a spreadsheet program and save it as .xlsx or .csv.",
        ),
        (b"PK\x03\x04 not an archive", DAMAGED),
        (archive(**{"word__document.xml": b"<w/>"}), NO_SHEET),
        (
            archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
            "This is an OpenDocument file (.ods). Open it and save it as .xlsx or .csv.",
        ),
        (
            archive(**{"xl__workbook.bin": b""}),
            "This is a binary Excel file (.xlsb). Open it and save it as .xlsx or .csv.",
        ),
        (archive(**{"xl__workbook.xml": b"<workbook/>"}), DAMAGED),
        (bytes(range(256)) * 40, NO_SHEET),
    ],
)
def test_what_is_no_spreadsheet_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    assert refusal(content) == sentence


def test_every_truncation_of_a_workbook_is_refused_or_read_but_never_crashes() -> None:
    content = workbook(["Nom", "Prix"], ["A", 2])
    for length in range(0, len(content), 97):
        assert refusal(content[:length]) in {DAMAGED, "This file is empty.", NO_SHEET}


@pytest.mark.parametrize("part", ["worksheets/sheet1.xml", "workbook.xml", "styles.xml", "_rels/workbook.xml.rels"])
def test_a_broken_part_is_refused(part: str) -> None:
    content = workbook(["Nom", "Prix"], ["A", 2])
    assert refusal(with_part(content, f"xl/{part}", (b">", b"<"))) == DAMAGED


def test_nan_in_a_number_cell_is_refused() -> None:
    content = workbook(["Nom", "Prix"], ["A", 2])
    assert refusal(with_part(content, "xl/worksheets/sheet1.xml", (b"<v>2</v>", b"<v>NaN</v>"))) == DAMAGED


def test_zip_bomb_is_refused_by_what_it_declares() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (65 * 1024 * 1024))
    assert len(out.getvalue()) < 100_000
    assert refusal(out.getvalue()).startswith("This file is far too large once unpacked.")


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b" " * (65 * 1024 * 1024))
    honest = struct.pack("<L", 65 * 1024 * 1024)
    assert refusal(out.getvalue().replace(honest, struct.pack("<L", 100))) == DAMAGED


def test_entities_that_multiply_are_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "' + b"ha" * 50_000 + b'">]><w>' + b"&a;" * 5_000 + b"</w>"
    content = workbook(["Nom", "Prix"])
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        body = old.read("xl/workbook.xml")
    assert refusal(with_part(content, "xl/workbook.xml", (body, bomb))) == DAMAGED


@pytest.mark.parametrize("place", ["A1048576", "XFD3"])
def test_a_stray_cell_far_away_costs_no_memory(place: str) -> None:
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    stray = f'<row r="{row}"><c r="{place}"><v>1</v></c></row></sheetData>'.encode()
    content = with_part(workbook(["Nom", "Prix"], ["A", 2]), "xl/worksheets/sheet1.xml", (b"</sheetData>", stray))
    assert rows_of(content) == [("Nom", "Prix"), ("A", Decimal(2))]


def test_more_rows_in_a_workbook_than_allowed_are_refused() -> None:
    stray = b'<row r="20001"><c r="A20001"><v>1</v></c></row></sheetData>'
    content = with_part(workbook(["Nom", "Prix"]), "xl/worksheets/sheet1.xml", (b"</sheetData>", stray))
    assert refusal(content) == "This file has more than 20,000 rows. Split it."


# Writing

COLUMNS = [Column("Nom", width=30), Column("Prix", "amount"), Column("Stock", "number"), Column("Jour", "date")]
ROWS: list[tuple[Cell, ...]] = [
    ("=1+1", Decimal("-2.50"), Decimal(12), date(2026, 11, 23)),
    ("+33 6", Decimal("1234.50"), None, None),
    ("-3 %", None, Decimal("0.25"), None),
    ("@ferme", None, None, None),
    ("Œuf; 'fermier' \"bio\"", None, None, None),
]


def test_csv_opens_in_a_french_spreadsheet() -> None:
    assert write_csv(COLUMNS, ROWS).decode() == (
        "\ufeffNom;Prix;Stock;Jour\r\n"
        "'=1+1;-2,50;12;23/11/2026\r\n"
        "'+33 6;1234,50;;\r\n"
        "'-3 %;;0,25;\r\n"
        "'@ferme;;;\r\n"
        '"Œuf; \'fermier\' ""bio""";;;\r\n'
    )


def test_xlsx_text_is_text_and_numbers_have_formats() -> None:
    book = load_workbook(io.BytesIO(write_xlsx("Carottes/navets", COLUMNS, ROWS)))
    page = book["Carottes navets"]
    assert [(cell.value, cell.data_type, cell.number_format) for cell in page[2]] == [
        ("=1+1", "s", "@"),
        (-2.5, "n", "#,##0.00"),
        (12, "n", "General"),
        (datetime.combine(date(2026, 11, 23), time()), "d", "dd/mm/yyyy"),
    ]
    assert [page.cell(row, 1).data_type for row in range(1, 7)] == ["s"] * 6
    assert page.column_dimensions["A"].width == 30


def test_what_is_written_is_read_back() -> None:
    assert [row[0] for row in rows_of(write_csv(COLUMNS, ROWS))[1:]] == [row[0] for row in ROWS]
    assert [row[0] for row in rows_of(write_xlsx("x", COLUMNS, ROWS))[1:]] == [row[0] for row in ROWS]


@given(st.text(alphabet=st.sampled_from("'=+-@\t\ra é"), max_size=6))
def test_guarding_is_undone_exactly_and_leaves_no_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), min_size=1, max_size=5))
def test_any_text_survives_a_csv_file(rows: list[tuple[str, str]]) -> None:
    written = write_csv([Column("Nom"), Column("Note")], rows)
    shown = [tuple(cell.translate(SIGNS) for cell in row) for row in rows]
    assert rows_of(written)[1:] == shown


SIGNS = {number: 0x2400 + number for number in range(32) if number not in (9, 10, 13)} | {
    0x7F: 0x2421,
    0xFFFE: 0xFFFD,
    0xFFFF: 0xFFFD,
}


def test_catalogue_files_of_the_suite_are_read() -> None:
    folder = Path(__file__).parents[1] / "producers" / "catalogues"
    kinds = {path.name: read(path.read_bytes(), path.name) for path in sorted(folder.glob("*.[cx]*"))}
    assert {name: (book.kind, book.separator, book.encoding) for name, book in kinds.items()} == {
        "chevrerie-du-vallon.xlsx": ("xlsx", "", ""),
        "erreurs.csv": ("csv", ";", "utf-8"),
        "fournil-de-la-garenne.csv": ("csv", "\t", "utf-8"),
        "maraichage-les-quatre-saisons.csv": ("csv", ";", "cp1252"),
        "volailles-du-bocage.csv": ("csv", ",", "utf-8"),
    }


def test_a_cell_too_long_is_not_told_as_an_open_quote() -> None:
    long = b"x" * 200_000
    assert refusal(b"Nom;Prix\n" + long + b";2\n") == "A cell of row 2 is too long to be read."
    assert refusal(b'Nom;Prix\n"' + long + b'";2\n') == "A cell of row 2 is too long to be read."
    assert refusal(b'Nom;Prix\n"' + long + b";2\n") == "A quotation mark opened on row 2 is never closed."
