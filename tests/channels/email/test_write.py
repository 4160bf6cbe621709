"""What we send: whole, readable everywhere, answerable, and closed to injected headers."""

from __future__ import annotations

import email
import re
from datetime import datetime
from email import policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.channels.email.read import read
from huiyin.channels.email.write import CannotWriteMail, MailFile, write

AT = datetime.fromisoformat("2026-11-03T10:00:00+08:00")
ID = "<019a47c2f3d07b6a9c5de0f1a2b3c4d5@care.example>"


def written(**given: Any) -> bytes:
    facts: dict[str, Any] = {
        "sender": "回音客服 <care@care.example>",
        "recipient": "zhou@mail.example",
        "subject": "[HY20261103-000017] 已收到您的投诉",
        "text": "您好：\n请看 https://care.example/t/1/?a=1&b=2 。\n谢谢 <周>",
        "message_id": ID,
        "at": AT,
    }
    return write(**(facts | given))


def parsed(**given: Any) -> Any:
    return email.message_from_bytes(written(**given), policy=policy.default)


def test_headers_say_who_when_and_what() -> None:
    mail = parsed(number="HY20261103-000017", answers=["<1@mail.example>", "<2@mail.example>"])
    assert mail["From"].addresses[0].display_name == "回音客服"
    assert mail["From"].addresses[0].addr_spec == "care@care.example"
    assert mail["To"] == "zhou@mail.example"
    assert mail["Subject"] == "[HY20261103-000017] 已收到您的投诉"
    assert mail["Date"].datetime == AT
    assert mail["Message-ID"] == ID
    assert mail["In-Reply-To"] == "<2@mail.example>"
    assert mail["References"] == "<1@mail.example> <2@mail.example>"
    assert mail["X-Huiyin-Loop"] == "care@care.example"
    assert mail["X-Huiyin-Complaint"] == "HY20261103-000017"
    assert "Auto-Submitted" not in mail
    assert "Reply-To" not in mail


def test_an_automatic_text_says_so() -> None:
    assert parsed(automatic=True, answers=["<1@mail.example>"])["Auto-Submitted"] == "auto-replied"
    mail = parsed(automatic=True)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"


def test_answers_go_where_mail_is_read() -> None:
    assert parsed(reply_to="inbox@care.example")["Reply-To"] == "inbox@care.example"
    assert "Reply-To" not in parsed(reply_to="CARE@care.example")


def test_the_company_s_name_stands_where_the_sender_has_none() -> None:
    mail = parsed(sender="care@care.example", sender_name="长运物流")
    assert mail["From"].addresses[0].display_name == "长运物流"


def test_text_and_html_say_the_same() -> None:
    mail = parsed()
    plain = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    rich = mail.get_body(("html",)).get_content().replace("\r\n", "\n")
    assert plain == "您好：\n请看 https://care.example/t/1/?a=1&b=2 。\n谢谢 <周>\n"
    link = "https://care.example/t/1/?a=1&amp;b=2"
    assert f'<a href="{link}">{link}</a>' in rich
    assert "谢谢 &lt;周&gt;" in rich


def test_the_wire_is_seven_bit_with_short_lines_and_repeats_exactly() -> None:
    raw = written(subject="很长的主题" * 30, text="长行" * 5000)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw == written(subject="很长的主题" * 30, text="长行" * 5000)


def test_our_own_mail_is_known_again() -> None:
    own = frozenset({"care@care.example"})
    assert read(raw=written(), own_addresses=own, received_at=AT).auto == "own_echo"
    other = frozenset({"help@other.example"})
    back = read(raw=written(), own_addresses=other, received_at=AT)
    assert (back.auto, back.text) == (
        None,
        "您好：\n请看 https://care.example/t/1/?a=1&b=2 。\n谢谢 <周>",
    )


@pytest.mark.parametrize(
    "bad",
    ["", "nobody", "@", "a@", "@b.example", "a b@c.example", "a@b.example, c@d.example",
     "a@b.example\r\nBcc: c@d.example", "a@b.example>", "周@b.example", "a@b c", ".a@b.example",
     "a..b@c.example", "a@b..example", "a@" + "b" * 300, '"a b"@c.example', "a@b.example\0"],
)  # fmt: skip
def test_an_unusable_address_is_refused(bad: str) -> None:
    with pytest.raises(CannotWriteMail):
        written(recipient=bad)


def test_a_domain_in_chinese_is_written_in_ascii() -> None:
    assert parsed(recipient="a@例子.中国")["To"] == "a@xn--fsqu00a.xn--fiqs8s"


def test_a_message_id_that_is_none_is_refused_or_left_out() -> None:
    with pytest.raises(CannotWriteMail):
        written(message_id="<a b@c>\r\nX: y")
    mail = parsed(answers=["<1@mail.example>\r\nBcc: x@y.example", "nothing", "<2@mail.example>"])
    assert mail["References"] == "<2@mail.example>"


EVIL = st.text(max_size=60) | st.sampled_from(
    [
        "x\r\nBcc: a@b.example", "x\nBcc: a@b.example", "x\r\n\r\nbody", "\x00", "\u2028Bcc: a",
        "=?utf-8?q?=0D=0ABcc:_a?=", "=??Q?=00=0A0:", "=\x00?utf-8?q?=0ABcc:_a?=", "\x85Bcc: a",
        "\ud800", "长" * 300, "\x0bBcc: a", "a\rBcc: b",
    ]
)  # fmt: skip


@given(EVIL, EVIL, EVIL, EVIL)
def test_no_header_is_injected(subject: str, text: str, name: str, number: str) -> None:
    raw = written(
        subject=subject, text=text, sender="care@care.example", sender_name=name, number=number
    )
    head = raw.split(b"\r\n\r\n")[0]
    names = re.findall(rb"(?m)^([^\s:]+):", head.replace(b"\r\n", b"\n"))
    allowed = {b"From", b"To", b"Subject", b"Date", b"Message-ID", b"X-Huiyin-Loop",
               b"X-Huiyin-Complaint", b"MIME-Version", b"Content-Type"}  # fmt: skip
    assert set(names) <= allowed
    assert len(names) == len(set(names))


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=80))
def test_any_subject_is_read_again(subject: str) -> None:
    back = read(
        raw=written(subject=subject),
        own_addresses=frozenset({"x@y.example"}),
        received_at=AT,
    )
    assert back.subject == subject.replace("=?", "= ?")


def test_files_go_with_it_and_the_text_stays_readable() -> None:
    files = [
        MailFile("答复函 1.pdf", "application/pdf", b"%PDF-1.7 x"),
        MailFile("reply\r\nBcc: a@b.example.docx", "application/octet-stream", b"PK"),
    ]
    mail = parsed(files=files)
    assert written(files=files) == written(files=files)
    assert mail.get_content_type() == "multipart/mixed"
    assert "谢谢 <周>" in mail.get_body(("plain",)).get_content()
    first, second = mail.iter_attachments()
    assert (first.get_filename(), first.get_content()) == ("答复函 1.pdf", b"%PDF-1.7 x")
    assert first.get_content_type() == "application/pdf"
    assert "\n" not in second.get_filename()
    assert mail["Bcc"] is None
    sent_by_us = read(raw=written(files=files), own_addresses=frozenset(), received_at=AT)
    assert sent_by_us.attachments[0].name == "答复函 1.pdf"
