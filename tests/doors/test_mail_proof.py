"""SPF, DKIM and DMARC found out by ourselves, with a real DNS server asked over a socket."""

from __future__ import annotations

import base64
import dataclasses
import socket
from collections.abc import Iterator
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import LazySettings

from dns_server import dns_server
from huiyin.doors.worker import mail_proof

KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
PRIVATE = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()
OURS, STRANGER = "9.9.9.9", "8.8.4.4"
RECORDS = {
    ("s1._domainkey.mail.shop.example", "TXT"): [f'"v=DKIM1; k=rsa; " "p={PUBLIC}"'],
    ("mail.shop.example", "TXT"): ['"v=spf1 a:out.shop.example mx -all"'],
    ("mail.shop.example", "MX"): ["10 in.shop.example."],
    ("in.shop.example", "A"): ["9.9.9.10"],
    ("out.shop.example", "A"): [OURS],
    ("_dmarc.shop.example", "TXT"): ['"v=DMARC1; p=reject"'],
    ("strict.example", "TXT"): ['"v=spf1 ip4:9.9.9.9 -all"'],
    ("_dmarc.strict.example", "TXT"): ['"v=DMARC1; p=none; aspf=s; adkim=s"'],
    ("news.strict.example", "TXT"): ['"v=spf1 ip4:9.9.9.9 -all"'],
    ("broken.example", "TXT"): ['"v=spf1 nonsense:x -all"'],
}


@pytest.fixture
def dns(settings: LazySettings) -> Iterator[None]:
    with dns_server(RECORDS) as address:
        settings.HUIYIN = dataclasses.replace(settings.HUIYIN, mail_dns_server=address)
        yield


def letter(
    *,
    sender: str = "zhou@mail.shop.example",
    envelope: str = "zhou@mail.shop.example",
    at: str = OURS,
    signed: str = "mail.shop.example",
    spoilt: bool = False,
) -> bytes:
    """Return a mail as our own server has delivered it."""
    raw = (
        f"From: {sender}\r\nTo: care@care.example\r\nSubject: x\r\nMessage-ID: <1@x.example>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n包裹还没送到。\r\n"
    ).encode()
    if signed:
        raw = dkim.sign(raw, b"s1", signed.encode(), PRIVATE, include_headers=[b"from"]) + raw
    if spoilt:
        raw = raw.replace("没送到".encode(), "送到了".encode())
    trace = (
        f"Return-Path: <{envelope}>\r\n"
        "Received: from mx (mx [10.0.0.2]) by box.care.example; Tue, 3 Nov 2026 10:00:01 +0800\r\n"
        f"Received: from out.shop.example (out.shop.example [{at}]) by mx.care.example;\r\n"
        "\tTue, 3 Nov 2026 10:00:00 +0800\r\n"
        "Received: from forged (forged [9.9.9.9]) by out.shop.example\r\n"
    )
    return trace.encode() + raw


def told(raw: bytes) -> tuple[Any, Any, Any]:
    found = mail_proof.verified(raw=raw)
    assert found["by"] == "huiyin"
    return found.get("spf"), found.get("dkim"), found.get("dmarc")


def test_a_mail_that_is_what_it_says(dns: None) -> None:
    assert told(letter()) == ("pass", "pass", "pass")
    assert told(letter().replace(b"\r\n", b"\n")) == ("pass", "pass", "pass")
    found = mail_proof.verified(raw=letter())
    assert found["domains"] == dict.fromkeys(("dkim", "spf", "dmarc"), "mail.shop.example")


def test_a_mail_that_was_changed_or_sent_from_elsewhere(dns: None) -> None:
    assert told(letter(spoilt=True)) == ("pass", "fail", "pass")
    assert told(letter(at=STRANGER)) == ("fail", "pass", "pass")
    assert told(letter(at=STRANGER, spoilt=True)) == ("fail", "fail", "fail")
    assert told(letter(at=STRANGER, signed="")) == ("fail", "none", "fail")


def test_who_proves_another_domain_proves_nothing(dns: None) -> None:
    assert told(letter(sender="boss@shop.example")) == ("pass", "pass", "pass")
    assert told(letter(sender="boss@strict.example")) == ("pass", "pass", "fail")
    assert told(letter(sender="a@strict.example", envelope="b@news.strict.example", signed="")) == (
        "pass",
        "none",
        "fail",
    )
    assert told(letter(sender="a@strict.example", envelope="b@strict.example", signed="")) == (
        "pass",
        "none",
        "pass",
    )


def test_a_domain_without_records_and_one_with_broken_ones(dns: None) -> None:
    other = letter(sender="a@none.example", envelope="a@none.example", signed="none.example")
    assert told(other) == ("none", "fail", "none")
    assert told(letter(envelope="a@broken.example", signed=""))[0] == "permerror"


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"no mail at all", bytes(range(256)), b"DKIM-Signature: v=1\n\nx",
        b"From: a@b\nReceived: from x ([999.1.1.1])\nDKIM-Signature: ;;;=\n\nx",
        b"Return-Path: <@>\nReceived: from \xff ([9.9.9.9])\nFrom: a@" + b"a." * 300 + b"b\n\nx",
    ],
)  # fmt: skip
def test_nothing_that_comes_in_breaks_it(dns: None, raw: bytes) -> None:
    assert mail_proof.verified(raw=raw)["by"] == "huiyin"


def test_a_silent_dns_is_a_temporary_error(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_proof, "BUDGET", 0.5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        settings.HUIYIN = dataclasses.replace(settings.HUIYIN, mail_dns_server=address)
        assert told(letter()) == ("temperror", "temperror", "temperror")
