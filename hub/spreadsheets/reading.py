"""What kind of file somebody sent, judged by its content and never by its name, and its cells."""

import re
import zipfile
from io import BytesIO

from django.utils.translation import gettext_lazy as _

from hub.refusals import Words
from hub.spreadsheets import delimited, workbook
from hub.spreadsheets.cells import MAX_BYTES, Spreadsheet, Unreadable

# "EncryptedPackage" as a directory entry of an OLE file: a workbook that asks for a password.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_NOT_SHEETS: list[tuple[re.Pattern[bytes], Words]] = [
    (re.compile(rb"%PDF"), _("This is a PDF document. Send the spreadsheet it was made from, as .xlsx or .csv.")),
    (
        re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\x00\x00\x00\x00|RIFF....WEBP|....ftyp", re.DOTALL),
        _("This is a picture. Send the spreadsheet itself, as .xlsx or .csv."),
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|meta|head|body|svg)", re.IGNORECASE),
        _("This is a web page or an XML document. Open it in a spreadsheet program and save it as .xlsx or .csv."),
    ),
    (
        re.compile(rb"\{\\rtf"),
        _("This is a text document. Save its table from a spreadsheet program, as .xlsx or .csv."),
    ),
    (
        re.compile(rb"\x1f\x8b|Rar!|7z\xbc\xaf|BZh|\xfd7zXZ"),
        _("This is a compressed archive. Take the spreadsheet out of it and send that, as .xlsx or .csv."),
    ),
]


def read(content: bytes, file_name: str) -> Spreadsheet:
    """The cells of a CSV or XLSX file. `file_name` is what people called it: it names the page of a CSV file.

    Raises Unreadable for anything else, damaged or protected or too large, with a sentence on what to do.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(_("This file is larger than 5 MB. Split it, or remove its pictures."), limit=MAX_BYTES)
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise Unreadable(_("This file is empty."))
    if content.startswith(b"PK"):
        return _from_archive(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_old_or_protected(content))
    for pattern, sentence in _NOT_SHEETS:
        if pattern.match(content):
            raise Unreadable(sentence)
    return delimited.read(content, file_name)


def _old_or_protected(content: bytes) -> Words:
    if _ENCRYPTED in content:
        return _("This file is protected by a password. Save it without one and send it again.")
    return _("This is an old Excel file (.xls). Open it and save it as .xlsx or .csv.")


def _from_archive(content: bytes) -> Spreadsheet:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                workbook.check_sizes(archive)
                return workbook.read(content)
            raise Unreadable(_other_archive(archive, names))
    # NotImplementedError is zipfile's word for a file packed in a way it cannot unpack: as good as damaged to us.
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError) as damage:
        raise Unreadable(workbook.DAMAGED) from damage


def _other_archive(archive: zipfile.ZipFile, names: set[str]) -> Words:
    if "xl/workbook.bin" in names:
        return _("This is a binary Excel file (.xlsb). Open it and save it as .xlsx or .csv.")
    if (
        "mimetype" in names
        and archive.getinfo("mimetype").file_size < 200
        and b"spreadsheet" in archive.read("mimetype")
    ):
        return _("This is an OpenDocument file (.ods). Open it and save it as .xlsx or .csv.")
    if any(name.endswith(".iwa") for name in names):
        return _("This is a Numbers file. In Numbers, choose File, Export to, Excel or CSV, and send that.")
    return _("This is not a spreadsheet. Send an .xlsx or .csv file.")
