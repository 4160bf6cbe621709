"""What goes into the cells of a workbook."""

from __future__ import annotations

from typing import Any, Final

_FORMULA: Final = frozenset("=+-@")


def safe(*, value: Any) -> Any:
    """Return a value for a cell: what begins like a formula is text all the same."""
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value
