"""``huiyin playbook``: what a process owner runs before handing a change in."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from huiyin import playbooks
from huiyin.doors.cli.playbook import command


def test_a_shipped_playbook_is_printed_and_checks(tmp_path: Path) -> None:
    shown = CliRunner().invoke(command, ["show", "city-carrier"])
    assert shown.exit_code == 0
    assert shown.output == playbooks.text(name="city-carrier")
    file = tmp_path / "own.yaml"
    file.write_text("\ufeff" + shown.output, encoding="utf-8")
    checked = CliRunner().invoke(command, ["check", str(file)])
    assert checked.exit_code == 0, checked.output
    line = json.loads(checked.output)
    assert line["ok"] is True
    assert line["key"] == "city-carrier"
    assert line["examples"] > 30


def test_problems_are_told_with_line_and_remedy_in_both_languages() -> None:
    text = playbooks.text(name="city-carrier").replace("department: fleet", "department: flet", 1)
    at = text[: text.index("department: flet\n")].count("\n") + 1
    for language, words in (("zh", "是否想写“fleet”？"), ("en", "did you mean 'fleet'?")):
        result = CliRunner().invoke(command, ["check", "-", "--language", language], input=text)
        assert result.exit_code == 1
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert line.startswith(f"-:{at}:")
        assert words in line


def test_unreadable_files_are_one_clear_line(tmp_path: Path) -> None:
    missing = CliRunner().invoke(command, ["check", str(tmp_path / "no.yaml")])
    assert missing.exit_code != 0
    assert len(missing.stderr.splitlines()) == 1
    file = tmp_path / "gbk.yaml"
    file.write_bytes("key: a\nname: 规程".encode("gbk"))
    foreign = CliRunner().invoke(command, ["check", str(file)])
    assert foreign.exit_code != 0
    assert "line 2 is not UTF-8" in foreign.stderr
    unknown = CliRunner().invoke(command, ["show", "nobody"])
    assert "city-carrier" in unknown.stderr


def test_playbooks_and_facts_are_listed() -> None:
    listed = CliRunner().invoke(command, ["list", "--language", "en"])
    lines = [json.loads(line) for line in listed.output.splitlines()]
    assert [line["key"] for line in lines] == list(playbooks.shipped())
    assert all(line["name"].isascii() for line in lines)
    facts = CliRunner().invoke(command, ["facts"])
    named = {json.loads(line)["fact"]: json.loads(line) for line in facts.output.splitlines()}
    assert named["category"]["means"] == "投诉类别"
    assert "critical" in named["urgency"]["values"]


def test_procedures_are_drawn_as_files_or_lines(tmp_path: Path) -> None:
    out = CliRunner().invoke(
        command, ["draw", "city-carrier", "--category", "lost", "--out", str(tmp_path / "new")]
    )
    assert out.exit_code == 0, out.output
    lines = [json.loads(line) for line in out.stdout.splitlines()]
    assert {line["branch"] for line in lines} == {"complaint", "consultation"}
    for line in lines:
        assert Path(line["file"]).read_text(encoding="utf-8").startswith("<svg")
        assert line["words"]
    english = CliRunner().invoke(command, ["draw", "express-default", "--language", "en"])
    assert all("<svg" in json.loads(line)["svg"] for line in english.stdout.splitlines())
    assert CliRunner().invoke(command, ["draw", "express-default", "--category", "x"]).exit_code
    assert CliRunner().invoke(command, ["draw", str(tmp_path / "none.yaml")]).exit_code == 1


def test_differences_are_told_by_name(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    text = playbooks.text(name="express-default").replace("normal: PT4H", "normal: PT3H", 1)
    file.write_text(text, encoding="utf-8")
    out = CliRunner().invoke(command, ["diff", "express-default", str(file)])
    (line,) = [json.loads(line) for line in out.stdout.splitlines()]
    assert line["where"] == "clocks.first_reply.for.normal"
    assert (line["before"], line["after"]) == ("4 小时", "3 小时")
    file.write_text("a: &x [*x]", encoding="utf-8")
    broken = CliRunner().invoke(command, ["diff", "express-default", str(file)])
    assert broken.exit_code == 1
    assert "own.yaml:1:" in broken.output
