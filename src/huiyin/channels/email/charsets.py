"""Bytes of a mail to text, whatever charset they claim to be in."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_WIDER = {
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gb2312-80": "gb18030", "csgb2312": "gb18030",
    "euc-cn": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "ms936": "gb18030", "windows-936": "gb18030", "chinese": "gb18030", "gb18030": "gb18030",
    "gb18030-2022": "gb18030", "gb": "gb18030", "hz-gb-2312": "hz",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "csbig5": "big5hkscs", "x-x-big5": "big5hkscs",
    "big5-eten": "big5hkscs", "cn-big5": "big5hkscs",
    "iso-2022-jp": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext", "shift_jis": "cp932",
    "x-sjis": "cp932", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "utf8": "utf-8", "utf-8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "unicode": "utf-16", "iso-8859-1": "cp1252", "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8", "cp-850": "cp850", "windows-1252http-equivcontent-type": "cp1252",
}  # fmt: skip
"""Charsets as mails name them, read by a charset that contains them: much mail called gb2312 holds
characters that only GBK or GB18030 know."""
_NO_NAME = frozenset(
    {"", "unknown", "unknown-8bit", "x-unknown", "default", "default_charset", "binary", "8bit",
     "us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "latin1", "cp1252", "windows-1252",
     "windows-1251http-equivcontent-type"}
)  # fmt: skip
"""Names that mailers write when they do not know: the bytes are asked first."""
_ISO2022CN = frozenset({"iso-2022-cn", "iso-2022-cn-ext", "csiso2022cn"})
_UNSTORABLE = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_MOST_GUESSED = 65_536
_LIKELY = 0.85
"""Share of everyday characters from which on a Chinese charset is believed."""
_FEW_BROKEN = 0.05


def storable(*, text: str) -> str:
    """Return the text without what a database or JSON refuses: NUL, controls, lone surrogates."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return _UNSTORABLE.sub("", text).lstrip("\ufeff")


def decode(*, raw: bytes, charset: str | None) -> tuple[str, str]:
    """Return (text, repair). The repair is empty where the named charset was simply right.

    The order: the named charset read widely, which counts as no repair; UTF-8 that is plainly
    UTF-8; the Chinese charset in whose everyday characters the text falls; the named one with a
    few broken characters replaced; a statistical guess. Never raises.
    """
    name = _plain_name(charset)
    if b"\x00" in raw and raw.count(0) * 5 <= len(raw):
        raw = raw.replace(b"\x00", b"")
    if raw.isascii() and not _shifts(raw=raw, name=name):
        return raw.decode("ascii"), ""
    marked = _by_mark(raw=raw)
    if marked is not None:
        return marked[0], "" if marked[1] == name else f"{name or 'no charset'} read as {marked[1]}"
    if name in _ISO2022CN or (name in _NO_NAME and b"\x1b$)A" in raw):
        return _iso2022cn(raw=raw), "" if name in _ISO2022CN else "escapes read as iso-2022-cn"
    wide = "" if name in _NO_NAME else _WIDER.get(name, name)
    if wide and not _known(codec=wide):
        wide = ""
    if wide:
        text = _strict(raw=raw, codec=wide)
        if text is not None and not _rather_utf8(raw=raw, codec=wide):
            return text, ""
    guess = _guess(raw=raw)
    if guess is not None:
        return guess[0], f"{name or 'no charset'} read as {guess[1]}"
    if wide:
        text = raw.decode(wide, "replace")
        if text.count("\ufffd") <= max(1, len(text) * _FEW_BROKEN):
            return text, f"{name}: {text.count(chr(0xFFFD))} broken characters replaced"
    return _last_resort(raw=raw, name=name, wide=wide)


def _plain_name(charset: str | None) -> str:
    name = (charset or "").strip().strip("\"'").lower()
    name = name.split("*")[0].removeprefix("charset=").strip(" \t\"';")
    return name.replace("_", "-") if name.startswith(("iso_", "gb_", "hz_", "utf_")) else name


def _known(*, codec: str) -> bool:
    """Whether Python decodes this charset to text; rot13 and the like are no charsets."""
    try:
        found = codecs.lookup(codec)
    except (LookupError, ValueError):
        return False
    return bool(getattr(found, "_is_text_encoding", True)) and found.name not in {
        "idna", "punycode", "unicode_escape", "raw_unicode_escape", "unicode-escape",
        "raw-unicode-escape", "undefined", "mbcs", "oem",
    }  # fmt: skip


def _shifts(*, raw: bytes, name: str) -> bool:
    """Whether seven-bit bytes hold more than ASCII: escapes, HZ's or UTF-7's marks."""
    if b"\x1b" in raw or b"\x0e" in raw or b"\x00" in raw:
        return True
    return (name.startswith("hz") and b"~" in raw) or ("utf-7" in name and b"+" in raw)


def _by_mark(*, raw: bytes) -> tuple[str, str] | None:
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            text = _strict(raw=raw[len(mark) :] if codec == "utf-8" else raw, codec=codec)
            if text is not None:
                return text, codec
    return None


def _strict(*, raw: bytes, codec: str) -> str | None:
    try:
        text = raw.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None
    return text if isinstance(text, str) else None


def _rather_utf8(*, raw: bytes, codec: str) -> bool:
    """Whether bytes that a Chinese charset can read are UTF-8 all the same.

    Real GB or Big5 text of more than a few characters is never valid UTF-8 full of ideographs.
    """
    if codec not in {"gb18030", "big5hkscs", "cp932", "cp949", "cp1252"}:
        return False
    text = _strict(raw=raw, codec="utf-8")
    if text is None:
        return False
    high = [c for c in text if c > "\x7f"]
    return len(_HAN.findall("".join(high))) * 10 >= len(high) * 6


def _everyday(*, raw: bytes, codec: str) -> float:
    """Return which share of the double bytes are everyday characters of the charset, 0 to 1."""
    common = total = at = 0
    sample = raw[:_MOST_GUESSED]
    while at < len(sample) - 1:
        lead = sample[at]
        if lead < 0x81:
            at += 1
            continue
        trail = sample[at + 1]
        if codec == "gb18030" and 0x30 <= trail <= 0x39:
            at += 4
            total += 1
            continue
        at += 2
        total += 1
        if codec == "gb18030":
            common += trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3)
        else:
            common += 0xA4 <= lead <= 0xC6 or (0xA1 <= lead <= 0xA2)
    return common / total if total else 0.0


def _guess(*, raw: bytes) -> tuple[str, str] | None:
    text = _strict(raw=raw, codec="utf-8")
    if text is not None and not raw.isascii():
        return text, "utf-8"
    best: tuple[float, str, str] | None = None
    for codec in ("gb18030", "big5hkscs", "cp950"):
        text = _strict(raw=raw, codec=codec)
        if text is None:
            continue
        share = _everyday(raw=raw, codec=codec)
        if share >= _LIKELY and _paired(raw=raw) and (best is None or share > best[0]):
            best = (share, text, codec)
    return None if best is None else (best[1], best[2])


def _paired(*, raw: bytes) -> bool:
    """Whether high bytes stand in runs, as in Chinese, rather than alone, as in café."""
    runs = re.findall(rb"[\x80-\xff][\x40-\xff](?:[\x80-\xff][\x40-\xff])+", raw[:_MOST_GUESSED])
    high = sum(1 for b in raw[:_MOST_GUESSED] if b >= 0x80)
    covered = sum(sum(1 for b in run if b >= 0x80) for run in runs)
    return covered * 10 >= high * 6 or (high <= 4 and covered == high)


def _last_resort(*, raw: bytes, name: str, wide: str) -> tuple[str, str]:
    if raw.count(0) * 5 > len(raw):
        even = raw[0::2].count(0) > raw[1::2].count(0)
        codec = "utf-16-be" if even else "utf-16-le"
        return raw.decode(codec, "replace"), f"{name or 'no charset'} read as {codec}"
    if not wide and name in {"iso-8859-1", "latin1", "cp1252", "windows-1252"}:
        text = _strict(raw=raw, codec="cp1252")
        if text is not None:
            return text, ""
    best = from_bytes(raw[:_MOST_GUESSED]).best()
    codec = best.encoding if best is not None else wide or "gb18030"
    if wide:
        text = raw.decode(wide, "replace")
        if best is None or text.count("\ufffd") * 3 < len(text):
            return text, f"{name}: {text.count(chr(0xFFFD))} broken characters replaced"
    return raw.decode(codec, "replace"), f"{name or 'no charset'} guessed as {codec}"


def _iso2022cn(*, raw: bytes) -> str:
    """Decode ISO-2022-CN (RFC 1922), for which Python has no codec.

    The GB 2312 set is read; characters of the CNS 11643 planes become U+FFFD.
    """
    out: list[str] = []
    shifted = False
    gb = True
    pairs = bytearray()
    plain = bytearray()

    def flush() -> None:
        if pairs:
            known = (
                bytes(pairs).decode("gb18030", "replace") if gb else "\ufffd" * (len(pairs) // 2)
            )
            out.append(known)
            pairs.clear()
        if plain:
            out.append(bytes(plain).decode("ascii", "replace"))
            plain.clear()

    at = 0
    while at < len(raw):
        byte = raw[at]
        if byte == 0x1B and raw[at + 1 : at + 3] in {b"$)", b"$*", b"$+"}:
            flush()
            if raw[at + 1 : at + 3] == b"$)":
                gb = raw[at + 3 : at + 4] in {b"A", b"E"}
            at += 4
        elif byte == 0x1B and raw[at + 1 : at + 2] in {b"N", b"O"}:
            flush()
            out.append("\ufffd")
            at += 4
        elif byte in {0x0E, 0x0F}:
            flush()
            shifted = byte == 0x0E
            at += 1
        elif byte in {0x0A, 0x0D}:
            # A line's end ends the shift, whatever was written.
            flush()
            shifted = False
            plain.append(byte)
            at += 1
        elif shifted and 0x21 <= byte <= 0x7E and at + 1 < len(raw):
            pairs += bytes((byte | 0x80, raw[at + 1] | 0x80))
            at += 2
        else:
            plain.append(byte)
            at += 1
    flush()
    return "".join(out)
