"""Headers of a mail to text: encoded words in any state, raw 8-bit bytes, folding undone."""

from __future__ import annotations

import quopri
import re
from base64 import b64decode
from collections.abc import Iterator
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses

from huiyin.channels.email.charsets import decode, storable

MOST_CHARACTERS = 10_000
"""Of one header's value; what is longer is cut, the raw mail is kept anyway."""
_WORD = re.compile(r"=\?([^?\s=]{0,40})\?([bBqQ])\?([^?]*)(?:\?=|\?$|$)")
_GAP = re.compile(r"(\?=)\s+(?==\?)")
_FOLD = re.compile(r"\r?\n[ \t]*|\r[ \t]*")
_FOLD_IN_WORD = re.compile(r"(=\?[^?\s=]{0,40}\?[bBqQ]\?[^?\r\n]*)[\r\n]+[ \t]*(?=[^?\r\n]*\?=)")
_SPACE_BEFORE_TEXT = re.compile(r"(=\?[^?\s=]{0,40}\?[bBqQ]\?)\s+")
_ADDRESS = re.compile(r"[^\s<>\"(),;:@]{1,100}@[^\s<>\"(),;:@]{1,150}")


class Tolerant(Compat32):
    """Parsing policy under which a header is text, also where raw 8-bit bytes stand in it."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """Return the value with raw bytes decoded; encoded words are left for :func:`text`."""
        return _readable(value=str(value)[:MOST_CHARACTERS])


TOLERANT = Tolerant()


def _readable(*, value: str) -> str:
    value = value.replace("\x00", "")
    if value.isascii():
        return value
    if any("\udc80" <= c <= "\udcff" for c in value):
        value, _ = decode(raw=value.encode("utf-8", "surrogateescape"), charset=None)
    return storable(text=value)


def first(*, message: Message, name: str) -> str:
    """Return the first header of this name that says anything, folding undone, not decoded."""
    for value in message.get_all(name, []):
        if str(value).strip():
            return str(value)
    return ""


def text(*, value: str) -> str:
    """Return the readable text of a header's value on one line.

    Neighbouring encoded words of one charset are joined before they are decoded, since many
    mailers cut a character in two; padding may lack; a word may be folded or have lost its end.
    """
    value = _readable(value=value[:MOST_CHARACTERS])
    if "=?" not in value:
        return storable(text=_FOLD.sub(" ", value)).replace("\n", " ").strip()
    for _ in range(20):
        mended = _FOLD_IN_WORD.sub(r"\1", value)
        if mended == value:
            break
        value = mended
    value = _SPACE_BEFORE_TEXT.sub(r"\1", _GAP.sub(r"\1", _FOLD.sub(" ", value)))
    out: list[str] = []
    pending, charset, last = b"", "", 0
    for found in _WORD.finditer(value):
        between = value[last : found.start()]
        name = found.group(1).split("*")[0].lower()
        if pending and (between or name != charset):
            out.append(decode(raw=pending, charset=charset)[0])
            pending = b""
        out.append(between)
        charset = name
        pending += _word_bytes(kind=found.group(2), body=found.group(3))
        last = found.end()
    if pending:
        out.append(decode(raw=pending, charset=charset)[0])
    out.append(value[last:])
    return re.sub(r"[\n\t]+", " ", storable(text="".join(out))).strip()


def _word_bytes(*, kind: str, body: str) -> bytes:
    if kind in "qQ":
        plain = body.replace("_", " ").encode("utf-8", "replace")
        return quopri.decodestring(plain)
    letters = re.sub(r"[^A-Za-z0-9+/]", "", body.replace("-", "+").replace("_", "/"))
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return b64decode(letters + "=" * (-len(letters) % 4))


def addresses(*, message: Message, name: str) -> tuple[tuple[str, str], ...]:
    """Return (name, address) pairs of a header, addresses in lower case.

    Names are decoded after the addresses are told apart, so a comma or an address that someone
    encoded into a name stays a name.
    """
    return tuple(_addresses(values=[str(v) for v in message.get_all(name, [])]))


def _addresses(*, values: list[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for value in values:
        flat = _FOLD.sub(" ", value[:MOST_CHARACTERS])
        try:
            pairs = getaddresses([flat])
        except (ValueError, IndexError, TypeError, RecursionError):
            pairs = []
        good = [(n, a) for n, a in pairs if _ADDRESS.fullmatch(a.strip())]
        if not good:
            source = flat if _ADDRESS.search(flat) else text(value=flat)
            good = [(source[: m.start()].strip("<\"' "), m.group()) for m in
                    _ADDRESS.finditer(source)]  # fmt: skip
        for shown, address in good:
            plain = storable(text=address.strip().lower().strip("'.\u200b"))[:200]
            if "@" in plain and plain not in seen:
                seen.add(plain)
                yield text(value=shown).strip("\"' ")[:120], plain
