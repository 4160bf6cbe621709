"""Any bytes at all: a contact or a declared refusal, never another exception, in bounded time."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.channels.email import charsets, headers, rich_text, tnef
from huiyin.channels.email.read import MOST_WORDS, external_id, read
from huiyin.channels.inbound import CannotRead, Inbound
from letters import MAILS, NAMES, OWN, RECEIVED

RAWS = [(MAILS / f"{name}.eml").read_bytes() for name in NAMES]
HEAD = b"From: a@mail.example\nSubject: x\nDate: Tue, 3 Nov 2026 10:12:44 +0800\n"


JUNK = [
    b"\n", b"\r\n\r\n", b"=?gbk?B?", b"\x00", b"--", b"\xff\xfe", b'"', b"boundary=x",
    b"Content-Type: multipart/mixed; boundary=\n", b"Content-Type: message/rfc822\n\n",
]  # fmt: skip


def survives(raw: bytes) -> Inbound | None:
    """Read bytes; whatever comes out can be stored as JSON and as text."""
    assert external_id(raw=raw).startswith("mail:")
    try:
        mail = read(raw=raw, own_addresses=OWN, received_at=RECEIVED)
    except CannotRead as error:
        assert error.zh
        assert error.en
        return None
    assert mail.text
    assert max(len(mail.text), len(mail.quoted)) <= MOST_WORDS
    assert mail.at is not None
    assert mail.at <= RECEIVED
    words = [
        mail.text, mail.quoted, mail.html, mail.subject, mail.sender, mail.sender_name,
        mail.email, mail.thread, mail.number, *mail.references, *mail.notes,
    ]  # fmt: skip
    words += [word for file in mail.attachments for word in (file.name, file.content_type)]
    words += [word for one in mail.enclosed for word in (one.title, one.text, str(one.facts))]
    words += [str(one) for one in mail.proof]
    together = json.dumps(words, ensure_ascii=False)
    together.encode("utf-8")
    assert "\\u0000" not in together
    assert "\n" not in mail.subject + mail.sender_name
    return mail


@given(st.binary(max_size=2000))
def test_random_bytes(raw: bytes) -> None:
    survives(raw)
    survives(HEAD + raw)
    survives(HEAD + b"\n" + raw)


@given(st.sampled_from(RAWS), st.randoms(use_true_random=False))
def test_mutated_mails(raw: bytes, chance: random.Random) -> None:
    bad = bytearray(raw)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(bad) + 1)
        match chance.randrange(5):
            case 0:
                bad[at : at + chance.randint(1, 60)] = b""
            case 1:
                bad[at:at] = chance.choice(JUNK)
            case 2 if bad:
                bad[min(at, len(bad) - 1)] = chance.randrange(256)
            case 3:
                piece = chance.choice(RAWS)
                start = chance.randrange(len(piece))
                bad[at:at] = piece[start : start + 300]
            case _:
                bad[at:at] = bad[at : at + 100] * 3
    survives(bytes(bad))


@given(st.lists(st.sampled_from([*b"<>/=\"' &;#-!?", *b"divpblockquotestyledisplay:nonehidden"])))
def test_random_html(source: list[int]) -> None:
    html = bytes(source).decode()
    rich_text.to_text(source=html)
    rich_text.safe(source=html)


@given(
    st.binary(max_size=300),
    st.sampled_from([None, "", "gb2312", "gbk", "utf-8", "big5", "hz-gb-2312", "iso-2022-jp",
                     "iso-2022-cn", "utf-7", "utf-16", "us-ascii", "iso-8859-1", "x-unknown",
                     "rot13", "base64", "punycode", "idna", "undefined", "zlib", "a\x00b"]),
)  # fmt: skip
def test_any_charset(raw: bytes, charset: str | None) -> None:
    text, _note = charsets.decode(raw=raw, charset=charset)
    assert isinstance(text, str)


@given(st.binary(max_size=400), st.integers(0, 2**32 - 1))
def test_any_winmail(raw: bytes, count: int) -> None:
    """No count that a file declares is believed: whatever it says, the reading ends."""
    for value in (raw, count.to_bytes(4, "little") + raw):
        head = b"\x78\x9f\x3e\x22\x01\x00\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00"
        block = b"\x02\x05\x90\x06\x00" + len(value).to_bytes(4, "little") + value + b"\x00\x00"
        found = tnef.unpack(raw=head + block + value)
        assert len(found.files) <= tnef.MOST_FILES


@given(st.text(max_size=300))
def test_any_header(value: str) -> None:
    assert "\n" not in headers.text(value=value)


@given(st.text(alphabet=st.characters(codec="gb18030", exclude_categories=["C", "Z"]), min_size=1))
def test_chinese_words_survive_every_spelling(words: str) -> None:
    body = f"包裹没有送到：{words}".encode("gb18030")
    for spelled in (
        HEAD + b"Content-Type: text/plain; charset=gb18030\n\n" + body,
        HEAD + b"Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(body),
    ):  # fmt: skip
        mail = survives(spelled)
        assert mail is not None
        assert words in mail.text + mail.quoted


def nested(levels: int) -> bytes:
    """Return a mail whose parts lie in each other."""
    out = ["From: a@mail.example\n"]
    for level in range(levels):
        out.append(f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n')
    out.append("Content-Type: text/plain\n\ndeep words\n")
    out.extend(f"--b{level}--\n" for level in reversed(range(levels)))
    return "".join(out).encode()


TEN_MB = 10_000_000
HOSTILE: dict[str, Callable[[], bytes]] = {
    "deep nesting": lambda: nested(3000),
    "deep nesting of long text": lambda: nested(200).replace(
        b"deep", b"deep\n" * 400_000 + b"deep"
    ),
    "mails in mails": lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 20_000 + b"\nhello",
    "thousands of parts": lambda: (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=x\n\n"
        + b"--x\nContent-Type: image/png; name=a.png\n\nhi\n" * 20_000
    ),
    "huge headers": lambda: HEAD + b"X-A: b\n" * 500_000 + b"\nhello",
    "one huge header": lambda: HEAD + b"X: " + b"a\n " * 1_000_000 + b"\n\nhello",
    "many dates": lambda: HEAD + b"Date: x\n" * 100_000 + b"\nhello",
    "addresses": lambda: b"From: " + b"<a@b.c>," * 500_000 + b"\n\nhello",
    "encoded words": lambda: HEAD + b"Subject: " + b"=?utf-8?B?AAAA?= " * 50_000 + b"\n\nhello",
    "tags that never end": lambda: HEAD + b"Content-Type: text/html\n\n" + b"<a <div " * 500_000,
    "deep html": lambda: HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 500_000 + b"hello",
    "scripts that never end": lambda: HEAD + b"Content-Type: text/html\n\n" + b"<script>" * 300_000,
    "hidden parts": lambda: HEAD + b"Content-Type: text/html\n\n" + b"<p hidden>a</p>" * 300_000,
    "flowed text": lambda: (
        HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 500_000
    ),
    "accents on one letter": lambda: HEAD + b"\n" + b"a" + "\u0301\u0316".encode() * 50_000,
    "numbers": lambda: HEAD + b"\n" + b"HY20261103-000031 " * 200_000,
    "long bounce": lambda: b"Return-Path: <>\n" + HEAD + b"\n" + b"Message-ID: <a@b>\n" * 200_000,
    "ten megabytes of text": lambda: HEAD + b"\n" + b"word " * (TEN_MB // 5),
    "ten megabytes in a file": lambda: (
        HEAD
        + b'Content-Type: application/zip; name="a.zip"\nContent-Transfer-Encoding: base64\n\n'
        + base64.encodebytes(bytes(TEN_MB))
    ),
}


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_mails_are_read_in_time(what: str) -> None:
    """The limit is far above what is needed; work that grows with the square never ends in it."""
    mail = survives(HOSTILE[what]())
    assert mail is not None
    if what == "deep nesting":
        assert mail.text == "deep words"
    if what == "ten megabytes in a file":
        assert mail.attachments[0].content == bytes(TEN_MB)


def test_a_mail_above_the_limit_is_refused_whole() -> None:
    assert survives(HEAD + b"\n" + b"a" * (30 * 1024 * 1024)) is None
