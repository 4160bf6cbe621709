"""What goes into the cells of a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

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
