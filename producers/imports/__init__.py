"""Catalogues from spreadsheets: preview, confirm, undo."""

from producers.imports.acts import (
    UNDO_WITHIN,
    NothingToWrite,
    NotToConfirm,
    NotToUndo,
    confirm,
    preview,
    undo,
)
from producers.imports.shown import summary

__all__ = ["UNDO_WITHIN", "NotToConfirm", "NotToUndo", "NothingToWrite", "confirm", "preview", "summary", "undo"]
