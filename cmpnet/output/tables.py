"""What tables are made of: rows of text, and how numbers are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        cells: one text per column.
        aside: whether it belongs to the row above it and is shown fainter.
        strong: whether it is the best one.
    """

    cells: tuple[str, ...]
    aside: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first columns are text and whose other columns are numbers.

    Attributes:
        title: one line or more.
        headings: one per column.
        rows: the lines below the headings.
        text_columns: number of columns of text, which are aligned left.
    """

    title: str
    headings: tuple[str, ...]
    rows: list[Row]
    text_columns: int = 1


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction in %; "-" for None."""
    return "-" if value is None else f"{100 * value:.{digits}f}"
