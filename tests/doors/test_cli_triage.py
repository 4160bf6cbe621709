"""``huiyin triage`` and ``huiyin evaluate``: lines in, lines out, errors that lose nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from huiyin.doors.cli import main


def run(command: str, *lines: bytes | dict[str, Any]) -> Result:
    raw = b"\n".join(
        line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()
        for line in lines
    )
    return CliRunner().invoke(main, [command], input=raw)


def test_every_line_is_answered_in_order() -> None:
    found = run(
        "triage",
        {"id": 1, "text": "单号7312345678901234，快递摔碎了，要求赔偿300元"},
        b"{broken",
        {"id": "three"},
        b"\xff\xfe",
        b"[1]",
        {"id": 6, "text": "等了两天", "at": "yesterday"},
        {"id": 7, "text": ""},
        {"id": 8, "text": "明天还没到吗", "at": "2026-11-26T10:00:00+08:00"},
    )
    assert found.exit_code == 0
    out = [json.loads(line) for line in found.stdout.splitlines()]
    assert [line.get("id") for line in out] == [1, None, "three", None, None, 6, 7, 8]
    assert [("error" in line) for line in out] == [
        False,
        True,
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    assert set(out[1]) == {"id", "error"}
    first = out[0]
    assert first["category"] in {"damaged", "claim"}
    assert 0.0 <= first["confidence"] <= 1.0
    assert {e["type"] for e in first["entities"]} >= {"money"}
    for entity in first["entities"]:
        text = "单号7312345678901234，快递摔碎了，要求赔偿300元"
        assert text[entity["start"] : entity["end"]] == entity["text"]
    assert first["because"][0]["zh"] and first["because"][0]["en"]


def test_a_file_that_is_absent_is_one_clear_line() -> None:
    found = CliRunner().invoke(main, ["triage", "no/such/file"])
    assert found.exit_code == 1
    assert "cannot read no/such/file" in found.output


def test_the_last_line_of_an_evaluation_is_its_score() -> None:
    found = run(
        "evaluate",
        {"id": 1, "text": "快递太慢了，等了十天", "category": "delay", "urgency": "normal"},
        {"id": 2, "text": "没收到货怎么显示签收了", "category": "delivery", "urgency": "high"},
        {"id": 3, "text": "小哥骂人", "category": "speed"},
        {"id": 4, "category": "delay"},
        {"id": 5, "text": "送得好", "category": "other", "urgency": "soon"},
        b"nothing",
    )
    assert found.exit_code == 0
    last = json.loads(found.stdout.splitlines()[-1])
    assert last["rows"] == 2
    assert last["accuracy"] == last["macro_f1"] == 1.0
    assert last["high_critical_recall"] == 1.0
    assert last["category"]["per_class"]["delay"] == {
        "precision": 1.0, "recall": 1.0, "f1": 1.0, "rows": 1,
    }  # fmt: skip
    for told in ("no such category 'speed'", 'missing field "text"', "no such urgency 'soon'"):
        assert told in found.stderr
    assert "true \\ said" in found.stderr


@pytest.mark.parametrize("lines", [(), (b"nothing",)])
def test_without_a_labelled_row_there_is_no_score(lines: tuple[bytes, ...]) -> None:
    found = run("evaluate", *lines)
    assert found.exit_code == 1
    assert "no labelled rows" in found.stderr
