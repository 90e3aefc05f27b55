"""Catalogues as farmers write them, read into typed rows. Nothing here knows the database."""

from producers.reading.problems import CellError, Remark
from producers.reading.results import Catalogue, CatalogueRow, Ignored
from producers.reading.rows import NoCatalogue, read_catalogue

__all__ = ["Catalogue", "CatalogueRow", "CellError", "Ignored", "NoCatalogue", "Remark", "read_catalogue"]
