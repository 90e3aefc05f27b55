"""What all files for banks share: the letters that every bank takes, and the schemas they are checked against."""

import re
from functools import cache
from pathlib import Path

import sepaxml
from lxml import etree
from text_unidecode import unidecode

OUTSIDE = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]+")  # what banks need not understand (EPC 217-08)


def plain(text: str) -> str:
    """A text in the letters of all banks: é as e, & as +; "-" where nothing of it is left."""
    return " ".join(OUTSIDE.sub(" ", unidecode(text).replace("&", "+")).split()) or "-"


def validate(content: bytes, schema: str) -> None:
    """Check a file against its schema, as pain.008.001.08. Raises etree.DocumentInvalid."""
    _schema(schema).assertValid(etree.fromstring(content))


@cache
def _schema(name: str) -> etree.XMLSchema:
    """The schema as the library brings it. Its own validation takes a minute for three thousand transfers."""
    return etree.XMLSchema(etree.parse(str(Path(sepaxml.__file__).parent / "schemas" / f"{name}.xsd")))
