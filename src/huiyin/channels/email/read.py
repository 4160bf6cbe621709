"""Read a mail, whatever it is worth: bytes to one contact."""

from __future__ import annotations

import email
import hashlib
import html
import quopri
import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

import nh3
from charset_normalizer import from_bytes

from huiyin.channels.email.quotes import part as part_quotes
from huiyin.channels.inbound import CannotRead, Inbound, InboundAttachment

MOST_BYTES = 30 * 1024 * 1024
MOST_PARTS = 200
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
    "hz-gb-2312": "hz", "big5": "big5hkscs", "iso-2022-cn": "gb18030", "cp936": "gb18030",
    "iso-2022-jp": "iso2022_jp_2", "us-ascii": "utf-8", "ascii": "utf-8", "utf8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}  # fmt: skip
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
_GAP = re.compile(r"(=\?[^?\s]{1,40}\?[bBqQ]\?[^?]*\?=)\s+(?==\?)")
_NUMBER = re.compile(r"\[(HY\d{8}-\d{6})\]")
_BAD = re.compile("[\x00\ud800-\udfff]")
_AUTO_SUBJECT = re.compile(
    r"^\s*(?:自动回复|自動回覆|\[?auto(?:matic)?[ -]?reply|out of (?:the )?office|外出)", re.I
)
_BOUNCE_FROM = re.compile(r"(?:mailer-daemon|postmaster)@", re.I)
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,240}>")
_BREAKS = re.compile(r"(?i)<\s*(?:br|/p|/div|/tr|/li|/h\d|/blockquote)\b[^>]*>")
_CELLS = re.compile(r"(?i)</t[dh]\s*>")
_DROP = re.compile(r"(?is)<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)")
_TAG = re.compile(r"<[^>]*>")


def _clean(text: str) -> str:
    return _BAD.sub("\ufffd", text)


def decode_bytes(*, raw: bytes, charset: str | None) -> tuple[str, str]:
    """Return (text, repair): the named charset widened, else what fits best."""
    name = (charset or "").strip().strip("\"'").lower()
    tried = [_WIDER.get(name, name)] if name and name not in {"unknown-8bit", "default"} else []
    for each in (*tried, "utf-8", "gb18030", "big5hkscs"):
        try:
            text = raw.decode(each)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
        note = "" if each == name else f"{name or 'no charset'} decoded as {each}"
        return text, note
    if tried:
        try:
            text = raw.decode(tried[0], "replace")
            if text.count("\ufffd") * 20 <= len(text) + 20:
                return text, f"{name}: some bytes were not readable"
        except LookupError:
            pass
    best = from_bytes(raw[:100_000]).best()
    charset_found = best.encoding if best else "gb18030"
    return raw.decode(charset_found, "replace"), f"guessed {charset_found}"


def header(*, value: object) -> str:
    """Return a header's text: encoded words in any state, raw 8-bit bytes, folding undone."""
    text = str(value)
    if any("\udc80" <= c <= "\udcff" for c in text):
        text, _ = decode_bytes(raw=text.encode("utf-8", "surrogateescape"), charset=None)
    text = re.sub(r"\r?\n\s*", " ", text)
    if "=?" not in text:
        return _clean(text).strip()
    text = _GAP.sub(r"\1", text)
    out: list[str] = []
    pending, charset, last = b"", "", 0

    def flush() -> None:
        nonlocal pending
        if pending:
            out.append(decode_bytes(raw=pending, charset=charset)[0])
            pending = b""

    for found in _WORD.finditer(text):
        if found.start() > last:
            flush()
            out.append(text[last : found.start()])
        if charset != found.group(1).lower():
            flush()
            charset = found.group(1).split("*")[0].lower()
        body = found.group(3)
        try:
            if found.group(2) in "bB":
                body = re.sub(r"[^A-Za-z0-9+/]", "", body)
                pending += b64decode(body + "=" * (-len(body) % 4))
            else:
                pending += quopri.decodestring(body.replace("_", " ").encode("utf-8", "replace"))
        except ValueError:
            flush()
            out.append(found.group(0))
        last = found.end()
    flush()
    out.append(text[last:])
    return _clean("".join(out)).strip()


def html_to_text(*, source: str) -> str:
    """Return the readable text of HTML with its line structure."""
    text = _DROP.sub("", source[:2_000_000])
    text = _BREAKS.sub("\n", text)
    text = _CELLS.sub("\t", text)
    text = html.unescape(_TAG.sub("", text)).replace("\xa0", " ")
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _payload(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        content = None
    if isinstance(content, bytes):
        return content
    plain = part.get_payload()
    return plain.encode("utf-8", "surrogateescape") if isinstance(plain, str) else b""


def _auto(message: Message, *, sender: str, subject: str, own: bool) -> str | None:
    if own:
        return "own_echo"
    submitted = str(message.get("Auto-Submitted", "no")).lower()
    path = str(message.get("Return-Path", "")).strip()
    if (
        message.get_content_type() == "multipart/report"
        or _BOUNCE_FROM.search(sender)
        or path == "<>"
    ):
        return "bounce"
    if (
        not submitted.startswith("no")
        or message.get("X-Autoreply")
        or message.get("X-Autorespond")
        or _AUTO_SUBJECT.match(subject)
    ):
        return "auto_reply"
    if message.get("List-Id") or str(message.get("Precedence", "")).lower() in {"bulk", "list"}:
        return "mailing_list"
    return None


def _attachment(part: Message, number: int) -> InboundAttachment:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        name = ""
    if part.get_content_maintype() == "message":
        content = b"".join(
            p.as_bytes() for p in (part.get_payload() or []) if isinstance(p, Message)
        )
    else:
        content = _payload(part)
    kind = part.get_content_type()
    name = header(value=name) or f"part-{number}"
    name = re.sub(r"[\\/\r\n\t]", "_", name)[-150:]
    return InboundAttachment(
        name=name,
        content_type=kind[:100],
        content=content,
        size=len(content),
        inline=part.get_content_disposition() == "inline",
        cid=str(part.get("Content-ID", "")).strip("<> ")[:200],
    )


def _walk(part: Message, depth: int, out: list[Message]) -> None:
    if len(out) >= MOST_PARTS or depth > 30:
        return
    body = part.get_payload()
    if part.is_multipart() and part.get_content_maintype() != "message" and isinstance(body, list):
        for each in body:
            if isinstance(each, Message):
                _walk(each, depth + 1, out)
    else:
        out.append(part)


def _when(message: Message, *, received_at: datetime) -> datetime:
    try:
        moment = parsedate_to_datetime(header(value=message.get("Date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return received_at
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    late = moment > received_at + timedelta(hours=1)
    return received_at if late or moment.year < 2000 else moment


def read(*, raw: bytes, own_addresses: frozenset[str], received_at: datetime) -> Inbound:
    """Read one mail. Raises CannotRead, and nothing else, for what must be quarantined whole."""
    if len(raw) > MOST_BYTES:
        raise CannotRead(zh="邮件超过 30 MB", en="the mail is larger than 30 MB")
    try:
        return _read(raw=raw, own_addresses=own_addresses, received_at=received_at)
    except CannotRead:
        raise
    except Exception as error:
        raise CannotRead(
            zh=f"邮件格式无法解析：{type(error).__name__}",
            en=f"cannot parse the mail: {error}"[:200],
        ) from error


def _read(*, raw: bytes, own_addresses: frozenset[str], received_at: datetime) -> Inbound:
    message = email.message_from_bytes(raw)
    addresses = getaddresses([header(value=message.get("From", ""))])
    name, sender = next(((n, a) for n, a in addresses if "@" in a), ("", ""))
    sender = sender.strip().lower()[:200]
    if not sender:
        raise CannotRead(zh="没有发件人地址", en="the mail has no sender address")
    subject = header(value=message.get("Subject", ""))[:300]
    parts: list[Message] = []
    _walk(message, 0, parts)
    notes: list[str] = []
    plain: list[str] = []
    rich: list[str] = []
    files: list[InboundAttachment] = []
    for number, part in enumerate(parts, start=1):
        kind = part.get_content_type()
        attached = part.get_content_disposition() == "attachment" or (
            part.get_filename() is not None and kind not in {"text/plain", "text/html"}
        )
        if kind in {"text/plain", "text/html"} and not attached:
            text, note = decode_bytes(raw=_payload(part), charset=part.get_content_charset())
            if note:
                notes.append(note)
            (plain if kind == "text/plain" else rich).append(_clean(text))
        else:
            content = _attachment(part, number)
            if content.content:
                files.append(content)
    body = "\n".join(plain).strip() or html_to_text(source="\n".join(rich))
    new, quoted = part_quotes(text=body[:200_000])
    ident = _MESSAGE_ID.search(str(message.get("Message-ID", "")))
    own_id = ident.group(0) if ident else ""
    links = _MESSAGE_ID.findall(f"{message.get('References', '')} {message.get('In-Reply-To', '')}")
    number_found = _NUMBER.search(subject)
    own = sender in own_addresses or (
        message.get("X-Huiyin-Complaint") is not None and bool(message.get("X-Huiyin-Loop"))
    )
    return Inbound(
        channel="email",
        external_id=own_id or hashlib.sha256(raw).hexdigest(),
        sender=sender,
        sender_name=name.strip()[:120],
        email=sender,
        subject=subject,
        text=(new or subject or "（无正文）")[:100_000],
        quoted=quoted[:100_000],
        html=nh3.clean("\n".join(rich)[:500_000]) if rich else "",
        at=_when(message, received_at=received_at),
        thread=own_id,
        references=tuple(dict.fromkeys(links))[-20:],
        attachments=tuple(files),
        auto=_auto(message, sender=sender, subject=subject, own=own),
        recipients=tuple(
            a.lower()
            for _n, a in getaddresses([header(value=message.get(h, "")) for h in ("To", "Cc")])
        ),
        notes=tuple(notes),
        number=number_found.group(1) if number_found else "",
    )


def external_id(*, raw: bytes) -> str:
    """Return the id by which a mail is recognised when it comes again."""
    head = raw[:65536]
    found = re.search(rb"(?im)^message-id:\s*(<[^<>\s]{3,190}>)", head)
    if found:
        return found.group(1).decode("ascii", "replace")
    return hashlib.sha256(raw).hexdigest()
