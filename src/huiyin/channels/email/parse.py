"""Bytes of a mail to its tree of parts, in time that grows with the size and nothing else.

Python's parser tries every open boundary on every line and calls itself for every level. What a
hostile mail makes of that is read flat: its parts one after another, whatever lay inside what.
"""

from __future__ import annotations

import email
import re
from email.message import Message
from email.parser import BytesParser

from huiyin.channels.email.headers import TOLERANT

MOST_HEAD = 256 * 1024
"""Bytes of a mail's header section; what is more is left in the raw mail."""
MOST_FLAT_PARTS = 1000
_MOST_LEVELS = 30
_MOST_DELIMITERS = 5000
_MOST_LINES = 2_000_000
_MOST_TRIES = 5_000_000
"""Lines of the mail times boundaries it declares."""
_BOUNDARY = re.compile(
    rb"boundary\s{0,80}=\s{0,80}(?:\"([^\"\r\n]{1,200})\"|([^\s\";]{1,200}))", re.I
)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n|\r\r")
_STRAY = re.compile(
    rb"^(?:([!-9;-~]{1,80})[ \t]{1,80}:|(?![!-9;-~]{1,990}:|[ \t]|\r?$))", re.MULTILINE
)
"""A line that is neither a header nor the continuation of one; blanks before the colon count."""
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|in-reply-to|references|reply-to|return-path|received"
    rb"|mime-version|content-(?:type|transfer-encoding|disposition)|x-[a-z-]{2,40}|auto-submitted"
    rb"|precedence|sender)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_USED = re.compile(rb"^--([^\r\n]{1,200})\r?\n(?=content-)", re.IGNORECASE | re.MULTILINE)
_DELIMITER = re.compile(rb"^--([^\r\n]{1,200})\r?$", re.MULTILINE)
_INNER_MAIL = re.compile(rb"content-type\s{0,80}:\s{0,80}message/", re.I)


def parse(*, raw: bytes) -> tuple[Message, tuple[str, ...]]:
    """Return (message, repairs). Never raises for any bytes."""
    notes: list[str] = []
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t \x00")
    if raw.startswith(b"From "):
        raw = raw[raw.find(b"\n") + 1 :]
    head_end = _end_of_head(raw=raw)
    if head_end > MOST_HEAD:
        cut = max(raw.rfind(b"\n", 0, MOST_HEAD), 0) or MOST_HEAD
        raw = raw[:cut] + raw[head_end:]
        notes.append(f"more than {MOST_HEAD} bytes of headers, the rest left in the raw mail")
    raw, mended = _mended(raw=raw)
    if mended:
        notes.append("lines among the headers that are none")
    boundaries = {a or b for a, b in _BOUNDARY.findall(raw)}
    if _hostile(raw=raw, boundaries=len(boundaries)):
        notes.append("parts too many or too deep, read one after another")
        return _flat(raw=raw, boundaries=boundaries), tuple(notes)
    try:
        message = email.message_from_bytes(raw, policy=TOLERANT)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
        notes.append("structure broken, parts read one after another")
        return _flat(raw=raw, boundaries=boundaries), tuple(notes)
    if message.get_content_maintype() == "multipart" and not message.is_multipart():
        used = set(_USED.findall(raw))
        if used:
            notes.append("parts found under another boundary than the declared one")
            return _flat(raw=raw, boundaries=used), tuple(notes)
    return message, tuple(notes)


def _end_of_head(*, raw: bytes) -> int:
    found = _END_OF_HEAD.search(raw)
    return found.start() if found else len(raw)


def _mended(*, raw: bytes) -> tuple[bytes, bool]:
    """Mend lines that would end the header section for Python's parser although headers follow."""
    head = raw[: _end_of_head(raw=raw)]
    last = -1
    for found in _KNOWN.finditer(head):
        last = found.end()
    if last < 0 or not _STRAY.search(head, 0, last):
        return raw, False
    return _STRAY.sub(_mend, head[:last]) + raw[last:], True


def _mend(found: re.Match[bytes]) -> bytes:
    name = found.group(1)
    return name + b":" if name else b"X-Unreadable: "


def _hostile(*, raw: bytes, boundaries: int) -> bool:
    lines = raw.count(b"\n") + raw.count(b"\r")
    return (
        boundaries > _MOST_LEVELS
        or lines > _MOST_LINES
        or lines * boundaries > _MOST_TRIES
        or (boundaries > 0 and raw.count(b"\n--") > _MOST_DELIMITERS)
        or len(_INNER_MAIL.findall(raw)) > _MOST_LEVELS
    )


def _flat(*, raw: bytes, boundaries: set[bytes]) -> Message:
    """Return a message whose parts are all leaves of the mail, in order."""
    only_head = BytesParser(policy=TOLERANT)
    head_end = _end_of_head(raw=raw)
    top = only_head.parsebytes(raw[:head_end] + b"\n\n", headersonly=True)
    parts: list[Message | str] = []
    start = -1
    for found in _DELIMITER.finditer(raw, head_end):
        name = found.group(1).rstrip()
        if name not in boundaries and name.removesuffix(b"--") not in boundaries:
            continue
        if start >= 0:
            _add(raw=raw[start : found.start()], parts=parts, parser=only_head)
        start = found.end() + 1
        if len(parts) >= MOST_FLAT_PARTS:
            break
    else:
        if start >= 0:
            _add(raw=raw[start:], parts=parts, parser=only_head)
    if parts:
        del top["Content-Type"], top["Content-Transfer-Encoding"]
        top["Content-Type"] = "multipart/mixed"
        top.set_payload(parts)
        return top
    top.set_payload(raw[head_end:].decode("ascii", "surrogateescape").lstrip("\r\n"))
    if top.get_content_maintype() in {"multipart", "message"}:
        del top["Content-Type"]
        top["Content-Type"] = "text/plain"
    return top


def _add(*, raw: bytes, parts: list[Message | str], parser: BytesParser) -> None:
    raw = raw.removesuffix(b"\n").removesuffix(b"\r")
    if raw.startswith((b"\n", b"\r\n")):
        raw = b"Content-Type: text/plain\n" + raw
    leaf = parser.parsebytes(raw, headersonly=True)
    if leaf.get_content_maintype() == "multipart":
        return
    if leaf.get_content_maintype() == "message":
        del leaf["Content-Type"]
        leaf["Content-Type"] = "application/octet-stream; name=message.eml"
    if str(leaf.get_payload()).strip():
        parts.append(leaf)
