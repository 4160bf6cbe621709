"""Every row of every workbook goes through the one guard of cells."""

from __future__ import annotations

import re
from pathlib import Path

import huiyin
from huiyin.store.read import workbook

ROOT = Path(huiyin.__file__).parent
ROW = re.compile(r"(?:sheet|head)\.append\((?!\[\]\))\s*(\S{0,12})")


def test_rows_are_written_by_cells() -> None:
    makers = [
        path
        for floor in ("store", "doors")
        for path in (ROOT / floor).rglob("*.py")
        if "import Workbook" in path.read_text(encoding="utf-8")
    ]
    assert len(makers) >= 7
    for path in makers:
        rows = ROW.findall(path.read_text(encoding="utf-8"))
        assert rows, path
        assert all(row.startswith("cells(") for row in rows), (path, rows)


def test_what_a_cell_must_not_hold_is_made_harmless() -> None:
    told = (
        "=1+1",
        "+SUM(A1)",
        "-5+3",
        "-1|A",
        "-",
        "@a",
        "丢了\x0b\x00件",
        "",
        5,
        None,
        "a=b",
        "=5",
    )
    assert workbook.cells(values=told) == [
        "'=1+1", "'+SUM(A1)", "'-5+3", "'-1|A", "'-", "'@a", "丢了件", "", 5, None, "a=b", "'=5",
    ]  # fmt: skip


def test_a_signed_number_stays_as_it_is() -> None:
    told = ("+146", "-3.5%", "+12 %", "-1,200", "+8613812345678", "-2.5 小时")
    assert workbook.cells(values=told) == list(told)
