"""winmail.dat: the files that Outlook wraps into one (MS-OXTNEF), read within bounds.

Libraries for it believe every count that a file declares, so a hundred bytes keep them busy for
hours; here no count is believed and every byte is read at most a few times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from huiyin.channels.email.charsets import decode, storable

MOST_FILES = 100
_SIGNATURE = b"\x78\x9f\x3e\x22"
_IN_ATTACHMENT = 2
_BODY, _TITLE, _DATA, _BEGINS, _PROPERTIES, _OF_MAIL, _CODEPAGE = (
    0x800C, 0x8010, 0x800F, 0x9002, 0x9005, 0x9003, 0x9007,
)  # fmt: skip
_LONG_NAME, _SHORT_NAME, _MIME, _CONTENT_ID, _OBJECT, _HTML, _TEXT = (
    0x3707, 0x3704, 0x370E, 0x3712, 0x3701, 0x1013, 0x1000,
)  # fmt: skip
_FIXED = {
    0x0001: 0, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4,
    0x000B: 4, 0x0014: 8, 0x0040: 8, 0x0048: 16,
}  # fmt: skip
"""Bytes of a property's value by its type, padding included (MS-OXTNEF 2.1.3.4)."""
_VARIABLE = frozenset({0x000D, 0x001E, 0x001F, 0x0102})
_MANY, _NAMED, _WIDE = 0x1000, 0x8000, 0x001F
_OBJECT_ID = 16
"""Bytes of the interface's id that stands before an embedded object."""
_MOST_PROPERTIES = 2000


class CannotUnpack(ValueError):
    """The file is no winmail.dat or broken from its beginning."""


@dataclass(slots=True)
class Wrapped:
    """A file inside winmail.dat."""

    name: str = ""
    content_type: str = ""
    cid: str = ""
    content: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class Unpacked:
    """What winmail.dat holds; a body only where it is text or HTML."""

    text: str = ""
    html: str = ""
    files: list[Wrapped] = field(default_factory=list)


def unpack(*, raw: bytes) -> Unpacked:
    """Return what is inside; what is cut off at the end is left out. Raises CannotUnpack."""
    if not raw.startswith(_SIGNATURE) or len(raw) < 17:
        raise CannotUnpack("no winmail.dat")
    out = Unpacked()
    charset: str | None = None
    for level, name, value in _attributes(raw=raw):
        if name == _CODEPAGE and len(value) >= 4:
            charset = f"cp{_number(value)}"
        elif level == _IN_ATTACHMENT:
            if name == _BEGINS:
                if len(out.files) >= MOST_FILES:
                    break
                out.files.append(Wrapped())
            elif out.files:
                _add(file=out.files[-1], name=name, value=value, charset=charset)
        elif name == _BODY:
            out.text = _words(value, charset)
        elif name == _OF_MAIL:
            for kind, known, content in _properties(value):
                if known == _TEXT and not out.text:
                    out.text = _words(content, "utf-16-le" if kind == _WIDE else charset)
                elif known == _HTML and not out.html:
                    out.html = _words(content, "utf-16-le" if kind == _WIDE else None)
    out.files = [file for file in out.files if file.content]
    return out


def _attributes(*, raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (level, name, value) of each attribute."""
    at = 6
    while at + 11 <= len(raw):
        level, name = raw[at], _number(raw[at + 1 : at + 3])
        length = _number(raw[at + 5 : at + 9])
        if level not in {1, 2} or at + 9 + length > len(raw):
            return
        yield level, name, raw[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _add(*, file: Wrapped, name: int, value: bytes, charset: str | None) -> None:
    if name == _TITLE:
        file.name = file.name or _words(value, charset)
    elif name == _DATA:
        file.content = value
    elif name == _PROPERTIES:
        for kind, known, content in _properties(value):
            words = "utf-16-le" if kind == _WIDE else charset
            if known == _LONG_NAME or (known == _SHORT_NAME and not file.name):
                file.name = _words(content, words)
            elif known == _MIME:
                file.content_type = _words(content, words).lower()
            elif known == _CONTENT_ID:
                file.cid = _words(content, words).strip("<>")
            elif known == _OBJECT and not file.content:
                inner = content[_OBJECT_ID:]
                file.content = inner or content
                if inner.startswith(_SIGNATURE):
                    file.name = file.name or "winmail.dat"
                    file.content_type = "application/ms-tnef"


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (type, id, first value) of MAPI properties until the bytes end or make no sense."""
    at, end = 4, len(value)
    for _ in range(min(_number(value[:4]), _MOST_PROPERTIES)):
        if at + 4 > end:
            return
        kind, known = _number(value[at : at + 2]), _number(value[at + 2 : at + 4])
        at += 4
        if known >= _NAMED:
            by_number = _number(value[at + 16 : at + 20]) == 0
            at += 24 if by_number else 24 + _padded(_number(value[at + 20 : at + 24]))
        many = bool(kind & _MANY)
        kind &= ~_MANY
        count = 1
        if many or kind in _VARIABLE:
            count = _number(value[at : at + 4])
            at += 4
        first = b""
        if kind in _VARIABLE:
            for turn in range(count):
                if at + 4 > end:
                    return
                length = _number(value[at : at + 4])
                if turn == 0:
                    first = value[at + 4 : at + 4 + length]
                at += 4 + _padded(length)
        elif kind in _FIXED:
            first = value[at : at + _FIXED[kind]]
            at += count * _FIXED[kind]
        else:
            return
        if at > end:
            return
        yield kind, known, first


def _number(value: bytes) -> int:
    return int.from_bytes(value, "little")


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4


def _words(value: bytes, charset: str | None) -> str:
    if charset == "utf-16-le":
        text = value[: len(value) // 2 * 2].decode("utf-16-le", "replace")
    else:
        text = decode(raw=value.rstrip(b"\x00"), charset=charset)[0]
    return storable(text=text.rstrip("\x00"))
