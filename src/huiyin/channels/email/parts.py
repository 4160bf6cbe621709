"""The parts of a mail: which text is the body, which parts are files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from huiyin.channels.email import enclosed, headers, rich_text, tnef
from huiyin.channels.email.charsets import decode, storable
from huiyin.channels.inbound import Enclosed, InboundAttachment

MOST_PARTS = 200
MOST_DEPTH = 40
_ENDINGS = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv",
    "text/x-vcard": ".vcf", "text/vcard": ".vcf", "image/jpeg": ".jpg", "image/png": ".png",
    "image/gif": ".gif", "image/webp": ".webp", "image/heic": ".heic", "application/pdf": ".pdf",
    "message/rfc822": ".eml", "message/delivery-status": ".txt", "text/rfc822-headers": ".txt",
    "application/pgp-encrypted": ".asc", "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m", "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s", "application/x-pkcs7-signature": ".p7s",
    "application/ms-tnef": ".dat", "application/vnd.ms-tnef": ".dat", "audio/amr": ".amr",
    "audio/mpeg": ".mp3", "video/mp4": ".mp4",
}  # fmt: skip
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_WRAPPED = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_BODIES = frozenset({"text/plain", "text/html", "text/enriched"})
_KIND = re.compile(r"^[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}$")
_NOT_IN_NAMES = re.compile(
    '[\x00-\x1f\x7f/\\\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]'
)
_MOST_TEXT = 2_000_000
"""Bytes of one body that are read; what is longer stays in the raw mail."""
_MOST_UUENCODED = 2_000_000
_UNFOLDED = headers.TOLERANT.clone(max_line_length=None)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")


@dataclass(slots=True)
class Contents:
    """What a mail holds: bodies in order, files, and the repairs that reading needed."""

    texts: list[str] = field(default_factory=list)
    rich: list[str] = field(default_factory=list)
    """The HTML of the bodies, as it came."""
    files: list[InboundAttachment] = field(default_factory=list)
    passed_on: list[Message] = field(default_factory=list)
    """Whole mails attached to this one."""
    enclosed: list[Enclosed] = field(default_factory=list)
    """Invitations to the calendar, as they can be read."""
    seals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    count: int = 0

    def note(self, text: str) -> None:
        """Remember a repair once."""
        if text and text not in self.notes and len(self.notes) < 20:
            self.notes.append(text)

    def seal(self, name: str) -> None:
        """Remember how the mail is encrypted or signed, once."""
        if name and name not in self.seals:
            self.seals.append(name)

    @property
    def text(self) -> str:
        """The readable text of all bodies; one that says the same again is left out."""
        said: dict[str, str] = {}
        for text in self.texts:
            same = "".join(text.split())
            if same:
                said.setdefault(same, text.strip("\n"))
        return "\n\n".join(said.values())


def contents(*, message: Message) -> Contents:
    """Return a mail's bodies and files. Parts too many or too deep are kept as one file."""
    out = Contents()
    _take(part=message, depth=0, out=out)
    if not out.text:
        _promote(out=out)
    return out


def _promote(*, out: Contents) -> None:
    """Read a body that was sent as a named file, as some phones do; the file stays too."""
    for file in out.files:
        if file.content_type in {"text/plain", "text/html"} and file.content:
            text, note = decode(raw=file.content, charset=None)
            text = storable(text=text)
            out.texts.append(
                text if file.content_type == "text/plain" else rich_text.to_text(source=text)
            )
            out.note(note)
            out.note(f"body read from the attached {file.name}")
            return


def _take(*, part: Message, depth: int, out: Contents) -> None:
    body = part.get_payload()
    kind = part.get_content_type()
    main = part.get_content_maintype()
    if isinstance(body, list) and main != "message":
        if depth >= MOST_DEPTH or out.count >= MOST_PARTS:
            out.files.append(_file(part=part, number=len(out.files) + 1))
            out.note("parts too many or too deep, the rest kept as a file")
            return
        if kind == "multipart/encrypted":
            out.note("encrypted, kept as files")
            out.seal("pgp_encrypted")
        if kind == "multipart/signed":
            how = str(part.get_param("protocol", "")).lower()
            out.seal("pgp_signed" if "pgp" in how else "smime_signed")
        before = len(out.texts)
        for each in body:
            if isinstance(each, Message):
                _take(part=each, depth=depth + 1, out=out)
        if kind == "multipart/alternative":
            out.texts[before:] = [_fuller(texts=out.texts[before:])]
        return
    out.count += 1
    if out.count > MOST_PARTS:
        out.note(f"more than {MOST_PARTS} parts, the rest left in the raw mail")
        return
    if kind in _BODIES and not _is_file(part=part):
        _take_body(part=part, kind=kind, out=out)
        return
    if main == "multipart":
        out.note("no parts found, read as text")
        _take_body(part=part, kind="text/plain", out=out)
        return
    if kind == "message/rfc822" and isinstance(body, list) and body:
        inner = body[0]
        if isinstance(inner, Message):
            out.passed_on.append(inner)
    found = _file(part=part, number=len(out.files) + 1)
    if kind in _SMIME:
        out.note("encrypted or signed as a whole (S/MIME), kept as a file")
        how = str(part.get_param("smime-type", "")).lower()
        out.seal(enclosed.smime(kind=how, name=found.name, content=found.content))
    if found.content:
        out.files.append(found)
    if kind == "text/calendar" or found.name.lower().endswith(".ics"):
        dates = enclosed.invitations(raw=found.content, charset=_charset(part=part))
        out.enclosed.extend(date for date in dates if date not in out.enclosed)
    if kind in _WRAPPED or found.name.lower() == "winmail.dat":
        _unwrap(file=found, out=out)


def _unwrap(*, file: InboundAttachment, out: Contents) -> None:
    """Take out what Outlook wrapped into winmail.dat; the file itself stays too."""
    try:
        inside = tnef.unpack(raw=file.content)
    except tnef.CannotUnpack:
        out.note("winmail.dat kept as a file")
        return
    if not out.text:
        out.texts.append(inside.text or rich_text.to_text(source=inside.html))
        if inside.html:
            out.rich.append(inside.html)
    for number, wrapped in enumerate(inside.files, start=1):
        kind = wrapped.content_type
        out.files.append(
            InboundAttachment(
                name=_clean_name(name=wrapped.name or f"winmail-{number}"),
                content_type=kind if _KIND.match(kind) else _by_name(name=wrapped.name),
                content=wrapped.content,
                size=len(wrapped.content),
                inline=bool(wrapped.cid),
                cid=wrapped.cid[:200],
            )
        )
    out.note("winmail.dat unpacked")


def _by_name(*, name: str) -> str:
    """Return the type that a file's ending tells."""
    ending = "." + name.lower().rpartition(".")[2]
    return next((kind for kind, e in _ENDINGS.items() if e == ending), "application/octet-stream")


def _fuller(*, texts: list[str]) -> str:
    """Return the version of a body to read: the first, unless it says almost nothing.

    Mail programs put plain text first; some write there only that HTML is needed to read on.
    """
    said = [text for text in texts if text.strip()]
    if not said:
        return ""
    longest = max(said, key=len)
    if len(said[0]) < 120 and len(longest) > 3 * len(said[0]) + 40:
        return longest
    return said[0]


def _take_body(*, part: Message, kind: str, out: Contents) -> None:
    raw = payload(part=part)
    if len(raw) > _MOST_TEXT:
        line_end = raw.rfind(b"\n", _MOST_TEXT // 2, _MOST_TEXT)
        raw = raw[: line_end if line_end > 0 else _MOST_TEXT]
        out.note("text too long, the rest left in the raw mail")
    text, note = decode(raw=raw, charset=_charset(part=part))
    out.note(note)
    text = storable(text=text)
    if kind == "text/html":
        out.rich.append(text)
        text = rich_text.to_text(source=text)
    elif str(part.get_param("format", "")).lower() == "flowed":
        text = _unflowed(text=text, joined=str(part.get_param("delsp", "")).lower() == "yes")
    out.texts.append(text)


def _is_file(*, part: Message) -> bool:
    if (part.get_content_disposition() or "") == "attachment":
        return True
    return bool(_given_name(part=part))


def _charset(*, part: Message) -> str | None:
    try:
        found = part.get_param("charset")
    except (ValueError, LookupError, TypeError):
        return None
    if isinstance(found, tuple):
        found = found[2]
    return str(found) if found else None


def payload(*, part: Message) -> bytes:
    """Return a part's bytes, its transfer encoding undone as far as it is true."""
    source = _source(part=part)
    encoding = headers.first(message=part, name="Content-Transfer-Encoding")
    encoding = encoding.split(";")[0].strip().strip("\"'").lower()
    if encoding == "base64" and part.get_content_maintype() == "text":
        wrong = len(_NOT_BASE64.findall(source[:4000]))
        if wrong * 20 > len(source[:4000]):
            return source
    if "uu" in encoding and len(source) > _MOST_UUENCODED:
        return source
    if encoding not in {"base64", "quoted-printable", "x-uuencode", "uuencode", "uue", "x-uue"}:
        return source
    if part["Content-Transfer-Encoding"] != encoding:
        del part["Content-Transfer-Encoding"]
        part["Content-Transfer-Encoding"] = encoding
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, TypeError):
        return source
    return content if isinstance(content, bytes) else source


def _source(*, part: Message) -> bytes:
    """Return the body's own bytes; asking for it as text would already guess a charset."""
    held = getattr(part, "_payload", None)
    return held.encode("utf-8", "surrogateescape") if isinstance(held, str) else b""


def _unflowed(*, text: str, joined: bool) -> str:
    """Join the lines that format=flowed broke (RFC 3676)."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:].removeprefix(" ")
        if open_depth != depth or body == "-- ":
            out.append("\n" + ">" * depth + (" " if depth else ""))
        flows = body.endswith(" ") and body != "-- "
        out.append(body[:-1] if flows and joined else body)
        open_depth = depth if flows else -1
    return "".join(out)[1:]


def _given_name(*, part: Message) -> str:
    """Return the file name as any of its encodings gives it, "" for none."""
    for header_name, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = part.get_param(parameter, None, header_name)
        except (ValueError, LookupError, TypeError):
            continue
        if isinstance(value, tuple):
            charset, _language, escaped = value
            raw = escaped.encode("latin-1", "replace") if escaped else b""
            name = decode(raw=raw, charset=charset)[0]
            if "=?" in name:
                name = headers.text(value=name)
        elif value:
            name = headers.text(value=str(value))
        else:
            continue
        if name.strip():
            return name
    return ""


def _file_name(*, part: Message, number: int) -> str:
    name = _given_name(part=part)
    kind = part.get_content_type()
    if not name and kind == "message/rfc822":
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            name = headers.text(value=headers.first(message=inner[0], name="Subject"))[:80]
            name = f"{name}.eml" if name else ""
    if not name:
        name = f"part-{number}{_ENDINGS.get(kind, '')}"
    return _clean_name(name=name)


def _clean_name(*, name: str) -> str:
    name = _NOT_IN_NAMES.sub("_", storable(text=name).replace("\n", " ")).strip(" .") or "part"
    if len(name) > 150:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: 149 - len(ending)]}.{ending}" if dot and len(ending) < 10 else name[:150]
    return name


def _file(*, part: Message, number: int) -> InboundAttachment:
    kind = part.get_content_type()
    content = _whole(part=part) if part.is_multipart() else payload(part=part)
    cid = headers.first(message=part, name="Content-ID").strip("<> \t\r\n")[:200]
    return InboundAttachment(
        name=_file_name(part=part, number=number),
        content_type=kind if _KIND.match(kind) else "application/octet-stream",
        content=content,
        size=len(content),
        inline=(part.get_content_disposition() or "") == "inline" or bool(cid),
        cid=storable(text=cid),
    )


def _whole(*, part: Message) -> bytes:
    """Return the bytes of an attached mail, or of what its parts say where it cannot be rebuilt."""
    inner = part.get_payload()
    held = inner if isinstance(inner, list) and part.get_content_maintype() == "message" else [part]
    out: list[bytes] = []
    for each in held:
        if not isinstance(each, Message):
            continue
        try:
            out.append(each.as_bytes(policy=_UNFOLDED))
        except (ValueError, LookupError, TypeError, AttributeError, KeyError, RecursionError):
            out.append(b"\n".join(payload(part=p) for p in each.walk() if not p.is_multipart()))
    return b"\n".join(out)
