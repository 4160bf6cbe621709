"""Polling a real mail server: nothing is lost, nothing doubled, nothing blocks the next."""

from __future__ import annotations

import dataclasses
import imaplib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

import dovecot_server
from company import LOST, World
from dovecot_server import PASSWORD, USER, CannotStartDovecot, Mailbox, running_dovecot
from huiyin.doors.worker import imap as imap_line
from huiyin.doors.worker import mail
from huiyin.store import models
from huiyin.store.read import audit, operations
from ready_made import furnish

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    """A Dovecot for this file; skipped where none can be had."""
    try:
        program = dovecot_server.binary()
    except CannotStartDovecot as error:
        pytest.skip(str(error))
    with running_dovecot(program=program) as box:
        yield box


@pytest.fixture
def box(server: Mailbox, world: World, settings: LazySettings) -> Mailbox:
    """The mailbox, empty, and Huiyin set up to read it."""
    server.empty()
    use(settings, server)
    assert mail.poll() == 0
    assert state()["worked_at"]
    due()
    return server


def use(settings: LazySettings, server: Mailbox, **other: object) -> None:
    given: dict[str, object] = {
        "imap_host": "127.0.0.1",
        "imap_port": server.port,
        "imap_user": USER,
        "imap_password": PASSWORD,
        "imap_tls": "none",
        "smtp_from": USER,
    }
    settings.HUIYIN = dataclasses.replace(settings.HUIYIN, **(given | other))  # type: ignore[arg-type]


def due() -> None:
    """Let the poll be due again."""
    models.Job.objects.filter(name="imap").update(next_at=timezone.now() - timedelta(seconds=1))


def state() -> dict[str, object]:
    return dict(models.Job.objects.get(name="imap").state)


def letter(words: str, *, number: int = 1) -> bytes:
    return (
        f"From: a{number}@mail.example\nTo: {USER}\nSubject: {number}\n"
        f"Message-ID: <{number}@mail.example>\nDate: {format_datetime(timezone.now())}\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{words}\n"
    ).encode()


def test_mail_is_taken_once_and_marked_as_read(box: Mailbox) -> None:
    given = letter(LOST, number=1)
    box.put(raw=given, name="1.a")
    box.put(raw=letter(LOST, number=2).replace(b"utf-8", b"gbk"), name="2.a")
    assert mail.poll() == 2
    assert box.unread() == 0
    first = models.InboxItem.objects.order_by("id")[0]
    assert bytes(first.raw).replace(b"\r\n", b"\n") == given
    assert mail.poll() == 0
    due()
    assert mail.poll() == 0
    assert models.InboxItem.objects.count() == 2


def test_what_somebody_opened_in_between_is_taken_all_the_same(box: Mailbox) -> None:
    box.put(raw=letter(LOST), name="1.a:2,S")
    (box.home / "mail" / "new" / "1.a:2,S").rename(box.home / "mail" / "cur" / "1.a:2,S")
    assert mail.poll() == 1


def test_mail_marked_unread_again_is_recognised(box: Mailbox) -> None:
    box.put(raw=letter(LOST), name="1.a")
    assert mail.poll() == 1
    with imaplib.IMAP4("127.0.0.1", box.port) as line:
        line.authenticate("PLAIN", lambda _x: f"\0{USER}\0{PASSWORD}".encode())
        line.select()
        line.store("1", "-FLAGS", "(\\Seen)")
    due()
    assert mail.poll() == 0
    assert box.unread() == 0
    item = models.InboxItem.objects.get()
    assert item.repeats == 1


def test_what_was_read_before_we_came_stays_where_it_is(
    box: Mailbox,
) -> None:
    models.Job.objects.all().delete()
    (box.home / "mail" / "cur" / "1.old:2,S").write_bytes(letter("旧邮件", number=8))
    os.chown(box.home / "mail" / "cur" / "1.old:2,S", *dovecot_server.owner())
    box.put(raw=letter(LOST, number=9), name="2.new")
    assert mail.poll() == 1
    assert b"a9@mail.example" in bytes(models.InboxItem.objects.get().raw)


def test_what_cannot_be_read_does_not_stop_the_next(box: Mailbox, world: World) -> None:
    box.put(raw=b"no headers at all\n\njust words\n", name="1.a")
    box.put(raw=bytes(range(256)) * 10, name="2.a")
    box.put(raw=b"", name="3.a")
    box.put(raw=letter(LOST), name="4.a")
    assert mail.poll() == 4
    outcomes = sorted(d.outcome for d in world.decide())
    assert outcomes == ["opened", "quarantined", "quarantined", "quarantined"]
    assert operations.balance().balanced
    assert list(audit.balance_faults()) == []


def test_deleted_mail_of_others_is_not_expunged(box: Mailbox) -> None:
    box.put(raw=letter(LOST), name="1.a")
    (box.home / "mail" / "cur" / "2.b:2,ST").write_bytes(letter("删", number=2))
    os.chown(box.home / "mail" / "cur" / "2.b:2,ST", *dovecot_server.owner())
    mail.poll()
    assert (box.home / "mail" / "cur" / "2.b:2,ST").exists()


def test_ten_megabytes_come_whole(box: Mailbox) -> None:
    words = letter(LOST) + b"x" * 79 + b"\n"
    raw = words + (b"y" * 79 + b"\n") * 130_000
    box.put(raw=raw, name="1.a")
    assert mail.poll() == 1
    assert bytes(models.InboxItem.objects.get().raw).replace(b"\r\n", b"\n") == raw


def test_a_wrong_password_rests_longer_each_time_and_is_told_without_it(
    box: Mailbox, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    use(settings, box, imap_password="wrong-secret-word")
    with caplog.at_level(logging.DEBUG):
        waits = []
        for _ in range(3):
            due()
            assert mail.poll() == 0
            waits.append(models.Job.objects.get(name="imap").next_at - timezone.now())
    assert waits[0] < waits[1] < waits[2]
    assert state()["failures"] == 3
    assert "AUTHENTICATIONFAILED" in str(state()["error"])
    assert "wrong-secret-word" not in caplog.text + json.dumps(state())
    assert mail.poll() == 0
    use(settings, box)
    due()
    box.put(raw=letter(LOST), name="1.a")
    assert mail.poll() == 1
    assert "error" not in state()


def test_a_server_that_is_down_or_silent_is_told(
    box: Mailbox, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use(settings, box, imap_port=silent.getsockname()[1])
        monkeypatch.setattr(imap_line, "TIMEOUT", 0.3)
        assert mail.poll() == 0
        assert "time" in str(state()["error"]).lower()
        port = silent.getsockname()[1]
    use(settings, box, imap_port=port)
    due()
    assert mail.poll() == 0
    assert "refused" in str(state()["error"]).lower()
    page = operations.page()
    imap = next(way for way in page.ways if way.code == "imap")
    assert imap.failing_since is not None
    assert "refused" in imap.error.lower()


def test_the_server_may_die_in_the_middle(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 6):
        box.put(raw=letter(LOST, number=number), name=f"{number}.a")
    taken = mail.accept
    done: list[bytes] = []

    def stop_after_two(*, raw: bytes, **about: Any) -> tuple[str, bool]:
        done.append(raw)
        if len(done) == 2:
            box.stop()
        return taken(raw=raw, **about)

    monkeypatch.setattr(mail, "accept", stop_after_two)
    mail.poll()
    assert state()["error"]
    box.start(binary=dovecot_server.binary())
    due()
    mail.poll()
    assert models.InboxItem.objects.count() == 5
    assert box.unread() == 0


KILLED = """
import os, signal, sys
from huiyin.config.start import prepare
prepare(migrate=sys.argv[1] == "before")
from huiyin.doors.worker import imap, mail
if sys.argv[1] == "before":
    mail.intake.accept = lambda **_given: os.kill(os.getpid(), signal.SIGKILL)
elif sys.argv[1] == "after":
    import imaplib
    given = imaplib.IMAP4.uid
    def uid(self, command, *args):
        if command == "STORE":
            os.kill(os.getpid(), signal.SIGKILL)
        return given(self, command, *args)
    imaplib.IMAP4.uid = uid
mail.poll()
from huiyin.store import models
print(models.InboxItem.objects.count(), sum(r.repeats for r in models.InboxItem.objects.all()))
"""


@pytest.mark.timeout(400)
def test_kill_9_loses_nothing_and_doubles_nothing(server: Mailbox, tmp_path: Path) -> None:
    server.empty()
    furnish(data=tmp_path)
    environ = {name: value for name, value in os.environ.items() if name[:7] != "HUIYIN_"}
    environ |= {
        "DJANGO_SETTINGS_MODULE": "huiyin.config.django_settings",
        "HUIYIN_DATA": str(tmp_path),
        "HUIYIN_IMAP_HOST": "127.0.0.1",
        "HUIYIN_IMAP_PORT": str(server.port),
        "HUIYIN_IMAP_USER": USER,
        "HUIYIN_IMAP_PASSWORD": PASSWORD,
        "HUIYIN_IMAP_TLS": "none",
        "HUIYIN_IMAP_POLL_SECONDS": "5",
    }

    def run(how: str) -> subprocess.CompletedProcess[str]:
        wait_for_lease(tmp_path)
        return subprocess.run(
            [sys.executable, "-c", KILLED, how],
            env=environ, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    server.put(raw=letter(LOST), name="1.a")
    assert run("before").returncode == -signal.SIGKILL
    assert server.unread() == 1
    assert run("after").returncode == -signal.SIGKILL
    assert server.unread() == 1
    last = run("whole")
    assert last.stdout.split() == ["1", "1"], last.stderr
    assert server.unread() == 0


def wait_for_lease(folder: Path) -> None:
    """Let the lease of a killed worker lapse at once."""
    import sqlite3

    file = folder / "huiyin.sqlite3"
    if file.exists():
        with sqlite3.connect(file) as line:
            line.execute("UPDATE job SET lease_until = NULL, next_at = '2000-01-01 00:00:00'")
        line.close()
