"""``huiyin evaluate``: what a line holds says what is judged by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from huiyin.doors.bench.reading import reading
from huiyin.doors.cli import main

LABELLED: list[dict[str, Any]] = [
    {
        "id": 1,
        "text": "单号SF1234567890123摔坏了，赔我300元",
        "entities": [
            {"type": "waybill", "text": "SF1234567890123"},
            {"type": "money", "text": "300元"},
        ],
    },
    {"id": 2, "text": "没有说", "entities": [{"type": "money", "text": "九块九"}]},
]
CONTACTS: list[dict[str, Any]] = [
    {"id": "a", "at": "2026-06-01T09:00:00+08:00", "channel": "phone", "sender": "13907350001",
     "text": "运单SF1234567890123三天没动", "truth": {"decision": "new", "complaint": "C1"}},
    {"id": "b", "at": "2026-06-01T15:00:00+08:00", "channel": "wechat", "sender": "wx1",
     "text": "SF1234567890123 还没到", "truth": {"decision": "join", "complaint": "C1"}},
    {"channel": "system", "at": "2026-06-02T09:00:00+08:00", "event": "closed", "opened_by": "a"},
]  # fmt: skip


def evaluate(tmp_path: Path, rows: list[Any]) -> tuple[int, dict[str, Any], str]:
    file = tmp_path / "labelled.jsonl"
    file.write_text(
        "\n".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows),
        encoding="utf-8",
    )
    done = CliRunner().invoke(main, ["evaluate", str(file)])
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "{}"
    return done.exit_code, json.loads(last) if last.startswith("{") else {}, done.stderr


def test_extraction_is_judged_by_entities(tmp_path: Path) -> None:
    code, line, said = evaluate(tmp_path, LABELLED)
    assert code == 0
    assert line["extraction"]["per_type"]["waybill"]["f1"] == 1.0
    assert line["extraction"]["per_type"]["money"]["recall"] == 0.5
    assert "extraction:" in said
    assert "accuracy" not in line


def test_matching_is_judged_by_contacts_with_their_truth(tmp_path: Path) -> None:
    code, line, said = evaluate(tmp_path, [*CONTACTS, *LABELLED])
    assert code == 0
    assert line["matching"]["contacts"] == 2
    assert line["matching"]["link_precision"] == line["matching"]["link_recall"] == 1.0
    assert line["extraction"]["rows"] == 2
    assert "link precision" in said


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    rows = [
        "no json",
        {"id": 3, "text": "x", "entities": [{"type": "money"}]},
        {"id": 4, "text": "x", "entities": [], "at": "yesterday"},
        {"id": 5, "text": "x", "entities": [], "at": "2026-06-01T09:00:00"},
        {"id": 6, "text": "x", "category": "weather"},
        {"id": 7, "category": "delay"},
    ]
    code, line, said = evaluate(tmp_path, rows)
    assert code == 1
    assert line == {}
    for word in ('no "text"', "ISO 8601", "offset", "weather", 'missing field "text"'):
        assert word in said, word
    assert "no labelled rows" in said


def test_texts_made_by_rule_are_read_and_matched() -> None:
    found = reading()
    assert found == reading()
    assert found["extraction"]["f1"] >= 0.97
    assert found["matching"]["link_precision"] >= 0.98
    assert found["matching"]["link_recall"] >= 0.95
