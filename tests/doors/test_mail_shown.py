"""A mail on the complaint's page: its proof, its seals, what is in it, and how it was laid out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from company import LOST, World, complaint, photo
from huiyin.doors.worker.mail import accept
from huiyin.flows import reveal
from huiyin.store import models
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read.mails import judged
from huiyin.store.read.viewer import viewer_of
from letters import MAILS

Enter = Callable[[str], Client]


def take(world: World, raw: bytes, **about: Any) -> models.Complaint:
    accept(raw=raw, about=about)
    world.now = timezone.now()
    return complaint(world.decide()[0])


def shown(client: Client, case: models.Complaint) -> str:
    return client.get(f"/desk/c/{case.id.hex}/").content.decode()


def revealed(world: World, case: models.Complaint) -> None:
    world.do("admin", reveal.reveal, complaint_id=case.id, field="all")


LAID_OUT = f"""From: zhou@mail.example
Subject: photo
Message-ID: <laid-out@mail.example>
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<p>{LOST}，<b>看这里</b> <img src="cid:one%40mail"> <img src="cid:gone">
<img src="http://spy.example/x.png"><script>alert(1)</script>
<a href="javascript:alert(1)">x</a></p>
--b
Content-Type: image/png; name=a.png
Content-ID: <one@mail>
Content-Disposition: inline
Content-Transfer-Encoding: base64

{base64.b64encode(photo()).decode()}
--b
Content-Type: image/png; name=b.png
Content-ID: <false@mail>
Content-Disposition: inline

<script>alert(1)</script>
--b--
""".encode()


def test_the_layout_is_shown_with_its_own_pictures_and_can_do_nothing(
    world: World, as_person: Enter
) -> None:
    case = take(world, LAID_OUT)
    client = as_person("admin")
    message = models.Message.objects.get(direction="in")
    address = f"/desk/mail/{message.id.hex}"
    assert client.get(address).status_code == 404
    assert address not in shown(client, case)
    revealed(world, case)
    assert address in shown(client, case)
    answer = client.get(address)
    page = answer.content.decode()
    assert f'src="data:image/png;base64,{base64.b64encode(photo()).decode()}"' in page
    for bad in ("script", "javascript", "spy.example", "cid:"):
        assert bad not in page
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy + shown(client, case)
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert as_person("agent").get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("invitation", ["日历邀请", "查勘破损的包裹", "2026-11-05 14:00 +08:00", "海淀区仓库二楼"]),
        ("mails_in_a_mail", ["附带的邮件：middle", "附带的邮件：innermost", "中间的一封。"]),
        ("smime", ["S/MIME 加密，原件在附件里", "smime.p7m"]),
        ("pgp_in_the_text", ["PGP 加密，原件在附件里", "encrypted.asc"]),
        ("winmail_with_files", ["外箱破损.jpg", "winmail.dat"]),
    ],
)
def test_what_is_inside_can_be_read(
    world: World, as_person: Enter, name: str, words: list[str]
) -> None:
    raw = (MAILS / f"{name}.eml").read_bytes()
    raw = raw.replace(b"Subject: ", b"Subject: " + LOST.encode() + b" ", 1)
    page = shown(as_person("admin"), take(world, raw))
    for word in words:
        assert word in page


def test_what_was_found_out_about_the_sender_stands_beside_the_mail(
    world: World, as_person: Enter
) -> None:
    said = "dmarc=fail header.from=mail.example; spf=softfail smtp.mailfrom=b@evil.example"
    raw = f"Authentication-Results: mx.care.example; {said}\n".encode() + LAID_OUT
    case = take(world, raw, trusted=["mx.care.example"], verified={"by": "huiyin", "dkim": "none"})
    page = shown(as_person("admin"), case)
    assert "发件人可能是冒充的" in page
    assert "DMARC 不通过（mail.example）" in page
    assert "SPF 存疑（evil.example）" in page
    assert "mx.care.example 判定" in page
    assert "本系统核对" in page


@pytest.mark.parametrize(
    ("proof", "verdict"),
    [
        ([], ""),
        ([{"dmarc": "pass"}], "ok"),
        ([{"dmarc": "pass"}, {"dmarc": "fail"}], "bad"),
        ([{"spf": "pass", "dkim": "pass"}], "line"),
        ([{"spf": "fail"}], "warn"),
        ([{"dmarc": "temperror", "dkim": "none"}], "line"),
    ],
)
def test_the_worse_of_two_answers_counts(proof: list[dict[str, str]], verdict: str) -> None:
    assert judged(proof=proof) == verdict


@pytest.mark.parametrize(
    ("fate", "delivery"),
    [
        ({"state": "pending"}, "pending"),
        ({"state": "dead"}, "failed"),
        ({"state": "dead", "sent_at": timezone.now()}, "returned"),
        ({"state": "sent", "sent_at": timezone.now()}, "sent"),
        ({"state": "sent", "sent_at": timezone.now(), "delivery": "delivered"}, "delivered"),
        ({"state": "sent", "sent_at": timezone.now(), "delivery": "failed"}, "returned"),
    ],
)
def test_what_became_of_an_answer_stands_on_the_timeline(
    world: World, as_person: Enter, fate: dict[str, Any], delivery: str
) -> None:
    case = take(world, LAID_OUT)
    models.Outbox.objects.update(**fate)
    viewer = viewer_of(user=models.User.objects.get(username="admin"))
    page = complaint_read.page(viewer=viewer, complaint_id=case.id, now=timezone.now())
    assert [i.delivery for i in page.timeline if i.kind == "out"] == [delivery]
    assert ("退回，对方没有收到" in shown(as_person("admin"), case)) == (delivery == "returned")
