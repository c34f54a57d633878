"""What a spreadsheet must not take for a formula. Pure; every CSV file that is written goes through here."""

from typing import TypeVar

# The last four are the full-width forms, which some spreadsheets read like the plain ones.
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
Cell = TypeVar("Cell")


def harmless(cell: Cell) -> Cell | str:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it; anything else as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(STARTS_FORMULA) else cell
