"""What the pages show of mail: ways that fail, mail not sent, mail that cannot be read, files."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from company import LOST, World, complaint
from huiyin.doors.worker.mail import accept
from huiyin.store import files, models
from huiyin.store.ledger import jobs
from huiyin.store.read import audit
from letters import MAILS

Enter = Callable[[str], Client]


@pytest.fixture
def dead(world: World) -> models.Outbox:
    """A mail that was refused for good."""
    decided = world.post("email", LOST, sender="zhou@mail.example", email="zhou@mail.example")
    row = models.Outbox.objects.get(complaint_id=decided.complaint_id)
    row.state, row.attempts, row.error = "dead", 3, "550 no such user zhou@mail.example"
    row.save()
    return row


def test_a_way_that_fails_is_shown_with_its_reason(
    world: World, as_person: Enter, settings: LazySettings
) -> None:
    settings.HUIYIN = dataclasses.replace(
        settings.HUIYIN, imap_host="mail.example", imap_user="care", smtp_host="mail.example"
    )
    now = timezone.now()
    jobs.failed(name="imap", now=now, error="gaierror: no such host", remember={})
    jobs.worked(name="smtp", now=now, remember={})
    text = as_person("admin").get("/desk/operations").content.decode()
    assert "gaierror: no such host" in text
    assert "不通" in text
    assert "正常" in text
    jobs.worked(name="imap", now=now, remember={"left": ["UID 7: 200000000 bytes"]})
    text = as_person("admin").get("/desk/operations").content.decode()
    assert "gaierror" not in text
    assert "UID 7: 200000000 bytes" in text


def test_mail_that_was_not_sent_is_shown_masked_and_sent_again(
    dead: models.Outbox, as_person: Enter
) -> None:
    client = as_person("admin")
    text = client.get("/desk/operations").content.decode()
    assert "550 no such user z***@mail.example" in text
    assert "zhou@mail.example" not in text
    answer = client.post("/desk/operations/send-again", {"id": [dead.id.hex, "nonsense"]})
    assert answer.status_code == 302
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("pending", 0)


def test_who_may_not_send_again_is_refused(dead: models.Outbox, as_person: Enter) -> None:
    answer = as_person("ops").post("/desk/operations/send-again", {"id": dead.id.hex})
    assert answer.status_code == 403
    dead.refresh_from_db()
    assert dead.state == "dead"


def test_a_long_or_binary_mail_in_quarantine_is_never_cut(world: World, as_person: Enter) -> None:
    raw = b"Subject: no sender\n\n" + b"\xb0\xfc words\n" * 2000
    accept(raw=raw)
    world.now = timezone.now()
    assert world.decide()[0].outcome == "quarantined"
    item = models.InboxItem.objects.get()
    client = as_person("admin")
    page = client.get(f"/desk/quarantine/{item.id.hex}")
    assert "readonly" in page.content.decode()
    client.post(f"/desk/quarantine/{item.id.hex}", {"do": "retry", "raw": "Subject: cut"})
    item.refresh_from_db()
    assert (item.state, bytes(item.raw)) == ("quarantined", raw)
    whole = client.get(f"/desk/quarantine/{item.id.hex}/raw")
    assert whole.content == raw
    assert "attachment" in whole["Content-Disposition"]
    assert models.Export.objects.get().what == "quarantine"
    assert as_person("ops").get(f"/desk/quarantine/{item.id.hex}/raw").status_code == 403
    assert client.get("/desk/quarantine/nonsense/raw").status_code == 404


def test_a_mail_without_sender_is_written_down_by_hand(world: World, as_person: Enter) -> None:
    body = base64.b64encode(LOST.encode()).decode()
    head = "Subject: help\nContent-Type: text/plain; charset=utf-8"
    accept(raw=f"{head}\nContent-Transfer-Encoding: base64\n\n{body}\n".encode())
    world.now = timezone.now()
    assert world.decide()[0].outcome == "quarantined"
    item = models.InboxItem.objects.get()
    client = as_person("boss")
    link = f"/desk/new?quarantined={item.id.hex}"
    assert link in client.get(f"/desk/quarantine/{item.id.hex}").content.decode()
    page = client.get(link)
    assert page.context["form"]["text"] == f"help\n{LOST}"
    assert as_person("agent").get(link).context["held"] is None, "not his to take from there"
    form = {"text": LOST, "phone": "13812345678", "branch": "complaint", "channel": "phone"}
    client.post("/desk/new", {**form, "quarantined": item.id.hex, "once": "h-1"})
    case = models.Complaint.objects.get()
    item.refresh_from_db()
    assert (item.state, item.complaint_id) == ("joined", case.id)
    assert list(audit.balance_faults()) == []


def test_a_corrected_mail_goes_on_and_its_first_bytes_stay(world: World, as_person: Enter) -> None:
    raw = f"Subject: x\nContent-Type: text/plain; charset=utf-8\n\n{LOST}\n".encode()
    accept(raw=raw)
    world.now = timezone.now()
    world.decide()
    item = models.InboxItem.objects.get()
    fixed = "From: a@mail.example\r\n" + raw.decode().replace("\n", "\r\n")
    as_person("admin").post(f"/desk/quarantine/{item.id.hex}", {"do": "retry", "raw": fixed})
    item.refresh_from_db()
    assert item.state == "opened"
    assert files.fetch(sha256=item.headers["original"]) == raw


def test_files_of_a_mail_keep_their_chinese_names(world: World, as_person: Enter) -> None:
    accept(raw=(MAILS / "attachment_names.eml").read_bytes())
    world.now = timezone.now()
    case = complaint(world.decide()[0])
    kept = {a.name: a for a in models.Attachment.objects.filter(message__complaint=case)}
    assert len(kept) == 6
    client = as_person("admin")
    answer = client.get(f"/desk/file/{kept['物品清单.xlsx'].id.hex}")
    assert answer["Content-Type"] == "application/octet-stream"
    assert (
        answer["Content-Disposition"]
        == "attachment; filename*=utf-8''%E7%89%A9%E5%93%81%E6%B8%85%E5%8D%95.xlsx"
    )
    image = client.get(f"/desk/file/{kept['外箱照片.png'].id.hex}")
    assert image["Content-Type"] == "image/png"
    assert image["Content-Disposition"].startswith("inline")
