"""``huiyin mail``: pipes, files, folders, Maildirs and mboxes; one line for each mail."""

from __future__ import annotations

import json
import mailbox
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import DatabaseError

from company import LOST, World
from huiyin.config import start
from huiyin.doors.cli import mail
from huiyin.doors.worker import mail as worker_mail
from huiyin.store import models
from huiyin.store.read import audit, office
from letters import MAILS, NAMES

OTHER = "快递员上门时骂人，态度恶劣"


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own database is ready already."""
    monkeypatch.setattr(start, "prepare", lambda: None)


def letter(words: str, *, number: int = 1, more: str = "") -> bytes:
    return (
        f"From: a{number}@mail.example\nSubject: s{number}\nMessage-ID: <{number}@mail.example>\n"
        f"{more}Content-Type: text/plain; charset=utf-8\n\n{words}\n"
    ).encode()


def run(*words: Any, input: bytes = b"", code: int = 0) -> list[dict[str, Any]]:
    result = CliRunner().invoke(mail.command, [str(w) for w in words], input=input)
    assert result.exit_code == code, (result.output, result.exception)
    return [json.loads(line) for line in result.stdout.splitlines()]


def outcomes(lines: Sequence[dict[str, Any]]) -> list[str]:
    return [line.get("outcome", "error") for line in lines]


def test_a_mail_from_a_pipe_opens_then_joins_then_is_recognised(world: World) -> None:
    (first,) = run("-", input=letter(LOST))
    case = models.Complaint.objects.get()
    assert (first["outcome"], first["number"], first["source"]) == ("created", case.number, "-")
    assert first["because"][0]["rule"] == "match.new"
    reply = letter("请问有消息吗？", number=2, more="In-Reply-To: <1@mail.example>\n")
    (second,) = run(input=reply)
    assert (second["outcome"], second["number"]) == ("joined", case.number)
    (again,) = run("-", input=letter(LOST))
    assert (again["outcome"], again["first"]) == ("duplicate", "created")
    assert again["number"] == case.number


def test_files_folders_maildirs_and_mboxes(world: World, tmp_path: Path) -> None:
    one = tmp_path / "one.eml"
    one.write_bytes(letter(LOST))
    maildir = mailbox.Maildir(tmp_path / "maildir")
    maildir.add(letter(OTHER, number=2))
    maildir.add(letter("谢谢", number=3))
    box = mailbox.mbox(tmp_path / "box")
    box.add(letter("From here\n\nFrom the shop 2026\n包裹丢了", number=4))
    box.add(letter("运费多收了八块，运单JT5544332211009", number=5))
    box.flush()
    box.close()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "b.eml").write_bytes(letter("外箱压烂，杯子碎了，运单YT7788990011223", number=6))
    (folder / "note.txt").write_text("no mail")
    lines = run(one, tmp_path / "maildir", tmp_path / "box", folder)
    assert lines[0]["source"] == str(one)
    assert len(lines) == 6
    assert lines[4]["source"].endswith("box#2")
    assert "quarantined" not in outcomes(lines)
    texts = [bytes(r.raw).decode() for r in models.InboxItem.objects.order_by("id")]
    assert "\nFrom the shop 2026\n" in texts[3]
    assert list(audit.balance_faults()) == []


def test_what_cannot_be_read_is_kept_and_stops_nothing(world: World, tmp_path: Path) -> None:
    (tmp_path / "bad.eml").write_bytes(b"\xff\xfe no mail at all")
    (tmp_path / "empty.eml").write_bytes(b"")
    (tmp_path / "good.eml").write_bytes(letter(LOST))
    names = [tmp_path / n for n in ("bad.eml", "gone.eml", "empty.eml", "good.eml")]
    lines = run(*names, code=1)
    assert outcomes(lines) == ["quarantined", "error", "empty", "created"]
    assert lines[1]["error"] == "no such file or folder"
    assert lines[0]["number"] is None
    assert lines[0]["because"][0]["zh"] == "没有发件人地址"


def test_a_machine_s_mail_is_set_aside(world: World) -> None:
    (line,) = run(input=letter("我在休假", more="Auto-Submitted: auto-replied\n"))
    assert (line["outcome"], line["number"]) == ("set_aside", None)
    assert line["because"][0]["rule"] == "receive.automatic"


def test_every_captured_mail_in_one_mbox(world: World, tmp_path: Path) -> None:
    """All odd mails together: each gets a fate, and the books balance."""
    raws = [(MAILS / f"{name}.eml").read_bytes() for name in NAMES]
    stream = b"".join(
        b"From a@mail.example Tue Nov  3 10:12:44 2026\n"
        + raw.replace(b"\nFrom ", b"\n>From ").rstrip(b"\n")
        + b"\n\n"
        for raw in raws
    )
    lines = run(input=stream)
    assert len(lines) == len(raws)
    assert {"created", "set_aside", "quarantined"} <= set(outcomes(lines))
    assert outcomes(lines).count("quarantined") == 2
    assert list(audit.balance_faults()) == []
    assert list(audit.broken_links()) == []


def test_nothing_comes_in(world: World, tmp_path: Path) -> None:
    assert run(input=b"") == [{"source": "-", "outcome": "empty"}]
    assert run(tmp_path) == []
    nothing, letters = tmp_path / "nothing.eml", tmp_path / "b.eml"
    nothing.touch()
    letters.write_bytes(letter(LOST))
    first, second = run(nothing, letters)
    assert first == {"source": str(nothing), "outcome": "empty"}
    assert second["outcome"] == "created"


@pytest.mark.django_db
def test_without_a_company_the_mail_server_keeps_the_mail() -> None:
    office.forget()
    assert run(input=letter(LOST), code=75) == []


def test_a_database_that_refuses_leaves_the_mail_with_the_mail_server(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_given: Any) -> Any:
        raise DatabaseError("disk full")

    monkeypatch.setattr(worker_mail.intake, "accept", refuse)
    assert run(input=letter(LOST), code=75) == []
