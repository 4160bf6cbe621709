"""``huiyin due``: JSON lines in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from huiyin.doors.cli.due import command


def run(*lines: Any) -> list[dict[str, Any]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    result = CliRunner().invoke(command, ["-"], input=text)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def row(**fields: Any) -> dict[str, Any]:
    base = {"id": "a", "start": "2026-11-24T09:00:00+08:00", "calendar": "cn-office", "for": "PT4H"}
    return {key: value for key, value in {**base, **fields}.items() if value != "left out"}


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({}, "2026-11-24T13:00:00+08:00"),
        ({"start": "2026-11-24T01:00:00Z"}, "2026-11-24T13:00:00+08:00"),
        ({"start": "2025-09-30T17:00:00+08:00"}, "2025-10-09T12:00:00+08:00"),
        ({"start": "2025-09-27T12:00:00+08:00"}, "2025-09-28T13:00:00+08:00"),
        ({"calendar": "always", "for": "P7D"}, "2026-12-01T09:00:00+08:00"),
        (
            {"calendar": "always", "for": "P7D", "start": "2028-02-22T23:30:00Z"},
            "2028-02-29T23:30:00+00:00",
        ),
        (
            {"pauses": [["2026-11-24T10:00:00+08:00", "2026-11-24T12:30:00+08:00"]]},
            "2026-11-24T15:30:00+08:00",
        ),
        ({"pauses": [["2026-11-24T10:00:00+08:00", None]]}, None),
        ({"pauses": None}, "2026-11-24T13:00:00+08:00"),
    ],
)
def test_due(fields: dict[str, Any], due: str | None) -> None:
    [out] = run(row(**fields))
    assert (out["id"], out["due"]) == ("a", due)
    assert {"rule", "zh", "en"} <= out["because"][0].keys()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"start": "left out"}, "start"),
        ({"calendar": "left out"}, "calendar"),
        ({"for": "left out"}, "for"),
        ({"start": "2026-11-24T09:00:00"}, "offset"),
        ({"start": "yesterday"}, "ISO 8601"),
        ({"start": 5}, "start"),
        ({"calendar": "moon"}, "cn-office"),
        ({"calendar": ["always"]}, "unknown calendar"),
        ({"for": "P7D"}, "calendar days"),
        ({"for": "4 hours"}, "ISO 8601 duration"),
        ({"for": 4}, "ISO 8601 duration"),
        ({"for": None}, "ISO 8601 duration"),
        ({"pauses": "no"}, "pauses"),
        ({"pauses": [5]}, "pause 1"),
        ({"pauses": [["2026-11-24T10:00:00+08:00"]]}, "pause 1"),
        (
            {"pauses": [["2026-11-24T10:00:00+08:00", "2026-11-24T09:00:00+08:00"]]},
            "ends before it begins",
        ),
        ({"start": "9999-12-31T23:00:00+08:00"}, "2199"),
        ({"start": "9999-12-31T23:00:00+08:00", "calendar": "always", "for": "P7D"}, "too far"),
        ({"for": "PT999999999H", "calendar": "always"}, "9999"),
    ],
)
def test_a_bad_line_says_why_and_the_rest_goes_on(fields: dict[str, Any], message: str) -> None:
    first, other = run(row(**fields), row(id="b"))
    assert first["id"] == "a" and message in first["error"] and "due" not in first
    assert (other["id"], other["due"]) == ("b", "2026-11-24T13:00:00+08:00")


def test_an_unreadable_line_is_answered_in_its_place() -> None:
    outs = run("{", row(), "[1]")
    assert [sorted(out) for out in outs] == [
        ["error", "id"], ["because", "due", "id"], ["error", "id"],
    ]  # fmt: skip


def test_a_file_and_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps(row()) + "\n", encoding="utf-8")
    result = CliRunner().invoke(command, [str(path)])
    assert result.exit_code == 0 and "2026-11-24T13:00:00+08:00" in result.stdout
    missing = CliRunner().invoke(command, [str(tmp_path / "none.jsonl")])
    assert missing.exit_code != 0 and "cannot read" in missing.output
