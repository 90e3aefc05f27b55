"""What kind of file somebody sent, judged by its content, and the statement in it."""

from django.utils.translation import gettext_lazy as _

from distribution.bank import camt, csv_file
from distribution.bank.values import BadStatement, Statement
from hub.refusals import Words
from hub.spreadsheets import MAX_BYTES

_WRONG: tuple[tuple[tuple[bytes, ...], Words], ...] = (
    ((b"%PDF",), _("This is a PDF document. Download the movements from your bank as CSV or as camt.053.")),
    (
        (b"PK", b"\xd0\xcf\x11\xe0"),
        _("This is a workbook or an archive, whatever its name says. Download the movements as CSV or as camt.053."),
    ),
    ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), _("This is a picture. Download the movements as CSV or as camt.053.")),
)


def read(content: bytes) -> Statement:
    """The statement in a file as banks export them. Raises BadStatement for anything else, with what to do."""
    if len(content) > MAX_BYTES:
        raise BadStatement(_("This file is larger than 5 MB. Choose a shorter period at the bank."))
    start = content.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")[:20]
    if not start:
        raise BadStatement(_("This file is empty."))
    for marks, sentence in _WRONG:
        if start.startswith(marks):
            raise BadStatement(sentence)
    if start.replace(b"\x00", b"").startswith(b"<"):
        return camt.read(content)
    return csv_file.read(content)
