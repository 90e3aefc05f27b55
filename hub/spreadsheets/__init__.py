"""Spreadsheets in and out: CSV and XLSX bytes to cells, and rows to files that a French spreadsheet opens as they are.

The only package that imports openpyxl. It knows cells, not catalogues.
"""

from hub.spreadsheets.cells import MAX_BYTES, UNSEEN_SIGNS, Cell, Formula, Row, Sheet, Spreadsheet, Unreadable
from hub.spreadsheets.reading import read
from hub.spreadsheets.writing import Column, Kind, stream_csv, write_csv, write_xlsx

__all__ = [
    "MAX_BYTES",
    "UNSEEN_SIGNS",
    "Cell",
    "Column",
    "Formula",
    "Kind",
    "Row",
    "Sheet",
    "Spreadsheet",
    "Unreadable",
    "read",
    "stream_csv",
    "write_csv",
    "write_xlsx",
]
