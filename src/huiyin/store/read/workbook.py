"""What goes into a workbook: guarded cells, a sheet of figures, the bytes of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from huiyin.store.read.pages import Series

_FORMULA: Final = re.compile(r"[=@]|[+-](?![\d.,]+[\w\s%]*\Z)")
"""What begins like this may be reckoned; a signed number with its unit is none."""


def cells(*, values: Iterable[Any]) -> list[Any]:
    """Return one row's values for its cells.

    What begins like a formula is text all the same; signs that a workbook cannot hold are left out.
    """
    return [_safe(value) for value in values]


def _safe(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{text}" if _FORMULA.match(text) else text


def add_series(*, book: Workbook, series: Series) -> int:
    """Add a sheet with the table of a drawn figure; returns how many rows it has below its head."""
    sheet = book.create_sheet(series.title.replace("：", " ")[:31])
    sheet.append(cells(values=("", *(name for name, _values in series.rows))))
    heads: Sequence[str | date] = series.days or series.labels
    for i, label in enumerate(heads):
        row = (label, *(values[i] for _name, values in series.rows))
        sheet.append(cells(values=row))
    return len(series.labels)


def content(*, book: Workbook) -> bytes:
    """Return a workbook as the bytes of an xlsx file."""
    out = BytesIO()
    book.save(out)
    return out.getvalue()
