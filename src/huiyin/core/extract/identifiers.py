"""Waybills, phones, order numbers, identity cards: telling one number from another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.extract.carriers import Carrier, CarrierPatterns
from huiyin.core.extract.numerals import spoken_digits
from huiyin.core.extract.shipped import shipped_words
from huiyin.core.extract.spans import Spans
from huiyin.core.extract.words import Words

_CUE_REACH: Final = 12
_PHONE: Final = re.compile(
    r"(?<![A-Za-z0-9*])(?:"
    r"(?P<mobile>(?:\+?(?:00)?86[- ]?)?1[3-9]\d(?:\d{8}|[- ]\d{4}[- ]?\d{4}|\d{4}[- ]\d{4}"
    r"|\d[- ]\d{3}[- ]?\d{4}|\d[- ]\d{4}[- ]?\d{3}|\*{4}\d{4})(?:\s?[-转]\s?\d{4})?)"
    r"|(?P<landline>[(（]?0(?:10|2\d|[3-9]\d\d)[)）]?[- ]?\d{7,8}"
    r"(?:\s?(?:转|分机号?|-|ext\.?)\s?\d{1,6})?)"
    r"|(?P<service>[48]00(?:[- ]\d{3}[- ]?\d{4}|[- ]?\d{4}[- ]\d{3}|[- ]\d{7}))"
    r")(?![A-Za-z0-9*])"
)
_EXTENSION: Final = re.compile(r"\s?(?:转|分机号?|ext\.?)\s?")
_DIGIT: Final = re.compile(r"[0-9]")
_TOKEN: Final = re.compile(r"[A-Za-z0-9]{2,}")
_PIECE: Final = re.compile(r"[A-Za-z0-9]+")
_PARTED: Final = re.compile(r"[A-Za-z0-9]{2}[ \-—–_·.]{1,2}[A-Za-z0-9]")
_GAPS: Final = frozenset((" ", "-", "—", "–", "_", "·", ".", "  ", " -", "- ", "--", "——"))
MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_LANDLINE: Final = re.compile(r"0(?:10\d{8}|2\d{9}|[3-9]\d{9,10})")
_LOCAL: Final = re.compile(r"[2-8]\d{6,7}")
_ID_CARD: Final = re.compile(r"[1-9]\d{5}(?:19|20)\d{9}[0-9X]")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CONFUSED: Final = str.maketrans("OoQDlIi|SsBZz", "0000111" + "1" + "55" + "8" + "22")
_SPOKEN: Final = re.compile(
    r"[A-Za-z]{0,4} ?[零〇一二三四五六七八九幺洞拐勾两杠0-9]"
    r"[零〇一二三四五六七八九幺洞拐勾两杠0-9 -]{5,40}"
)
_SPOKEN_GATE: Final = re.compile(r"[零〇一二三四五六七八九幺洞拐勾两]{4}")
_OWN_FORM: Final = re.compile(r"(?!WX|VX|QQ|WEI|DD|NO)[A-Z]{1,5}\d{9,15}")
"""Numbers of carriers whose form nobody told us: a few letters, then many digits."""
_LONG_OWN_FORM: Final = re.compile(r"(?!WX|VX|QQ|WEI|DD|NO)[A-Z]{1,4}\d{10,15}")
"""So long that it is one though nothing else speaks of a parcel."""
_LOOSE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){5,31}")

_WAYBILL_FORM: Final = (
    Reason("extract.waybill.form", "符合快递单号格式", "has the form of a waybill number"),
)
_WAYBILL_CUE: Final = (
    Reason("extract.waybill.cue", "文中说这是单号", "the text calls it a waybill number"),
)
_WAYBILL_NAMED: Final = (
    Reason("extract.waybill.named", "紧跟在快递公司名后", "stands right beside a carrier's name"),
)
_WAYBILL_PARCEL: Final = (
    Reason(
        "extract.waybill.parcel", "文中说的是快件，长数字多为单号", "a long number beside a parcel"
    ),
)
_WAYBILL_LETTERS: Final = (
    Reason(
        "extract.waybill.letters",
        "几个字母加十位以上数字，多为单号",
        "a few letters and ten digits or more are mostly a waybill number",
    ),
)
_WAYBILL_READ: Final = (
    Reason(
        "extract.waybill.misread",
        "按形近字更正后符合单号格式（O→0、l→1 等）",
        "fits a waybill form once look-alike letters are read as digits",
    ),
)
_WAYBILL_SPOKEN: Final = (
    Reason("extract.waybill.spoken", "逐字念出的单号", "a waybill number read out digit by digit"),
)
_WAYBILL_JOINED: Final = (
    Reason("extract.waybill.joined", "去掉空格和横线后符合单号格式", "fits once joined"),
)
_TAIL: Final = (
    Reason("extract.tail", "只说了单号的一部分", "only a part of the waybill number is given"),
)
_PHONE_TAIL: Final = (
    Reason("extract.phone.tail", "只说了手机号的末几位", "only the phone's last digits are given"),
)
_ORDER: Final = (Reason("extract.order", "文中说这是订单号", "the text calls it an order number"),)
PHONE_FORM: Final = {
    "mobile": (
        Reason("extract.phone.mobile", "手机号码的写法", "has the form of a mobile number"),
    ),
    "landline": (
        Reason("extract.phone.landline", "固定电话的写法", "has the form of a landline number"),
    ),
    "service": (
        Reason("extract.phone.service", "服务热线的写法", "has the form of a service number"),
    ),
}
_PHONE_CUE: Final = (Reason("extract.phone.cue", "文中说这是电话", "the text calls it a phone"),)
_PHONE_SPOKEN: Final = (
    Reason("extract.phone.spoken", "逐字念出的电话号码", "a phone number read out digit by digit"),
)
_ID_CHECKED: Final = (
    Reason(
        "extract.id_card.checked",
        "身份证号码，校验位相符",
        "an identity card number with a matching check digit",
        source="GB 11643-1999",
    ),
)
_ID_CUE: Final = (
    Reason("extract.id_card.cue", "文中说这是身份证号", "the text calls it an identity card"),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Cues:
    before: re.Pattern[str]
    tail: re.Pattern[str]
    tail_after: re.Pattern[str]
    part: re.Pattern[str]
    phone_tail: re.Pattern[str]
    parcel: re.Pattern[str]


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in words)


@cache
def _cues() -> _Cues:
    words: Words = shipped_words()
    glue = r"(?:[号码是为我发给你们的：:#＃（(\[【“\"' .，,]|no|No|NO){0,5}$"
    count = r"[零〇一二三四五六七八九十两几0-9]{1,2}"
    # "后四位", "后4位", "后四", and "最后6021", where the first digit counts nothing
    counted = rf"(?:{count}位?数?(?:数字)?(?<![0-9])|[0-9]{{1,2}}(?![0-9])|(?=[0-9]{{4}}))"
    value = r"(?P<value>[A-Za-z0-9]{3,12}|[零〇一二三四五六七八九幺洞拐]{3,8})"
    return _Cues(
        before=re.compile(
            f"(?:(?P<foreign>{_any(words.foreign)})|(?P<order>{_any(words.order)})"
            f"|(?P<phone>{_any(words.phone)})|(?P<waybill>{_any(words.waybill)})){glue}"
        ),
        tail=re.compile(
            f"(?:{_any(words.tail)}|[最后末]?[后末尾]面?{counted})"
            rf"(?:[数是为号：: 字]|四位|数字){{0,4}}{value}(?![A-Za-z0-9]|[个天件点月年元块楼栋])"
        ),
        tail_after=re.compile(rf"[ （(，,]{{0,2}}(?:{_any(words.tail_after)})"),
        part=re.compile(
            f"(?:{_any(words.part)})(?:单号|号码)?(?:的)?(?:前面?|中间|开头|后面?|最后|末)?"
            rf"(?:{count}位)?(?:数字|数)?[是为：: ]{{0,2}}{value}(?![A-Za-z0-9])"
        ),
        phone_tail=re.compile(rf"(?:{_any(words.phone_tail)})[号的]{{0,2}}$"),
        parcel=re.compile(_any(words.parcel)),
    )


def id_card_valid(*, number: str) -> bool:
    """Tell whether an 18-character identity number has a real birth date and check digit.

    Source: GB 11643-1999 (ISO 7064, MOD 11-2).
    """
    if not _ID_CARD.fullmatch(number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(c) * w for c, w in zip(number, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17]


def find_identifiers(*, plain: str, spans: Spans, carriers: CarrierPatterns) -> None:
    """Add the numbers that name a parcel, a person or an order to ``spans``.

    ``plain`` is the text in half-width writing, as long as the original.
    """
    cues = _cues()
    _tails(plain, spans, cues)
    reader = _Reader(plain=plain, spans=spans, carriers=carriers, cues=cues)
    if _DIGIT.search(plain):
        tokens = [m.span() for m in _TOKEN.finditer(plain)]
        for start, _ in tokens:
            if plain[start] in "0148":
                _phone(plain, start, spans, cues)
        for start, end in tokens:
            if end - start > 3:
                reader.token(start, end)
        if _PARTED.search(plain):
            reader.joined()
    if _SPOKEN_GATE.search(plain):
        reader.spoken()


def _tails(plain: str, spans: Spans, cues: _Cues) -> None:
    for pattern in (cues.tail, cues.part):
        for m in pattern.finditer(plain):
            start, end = m.span("value")
            said = m["value"]
            if said.isascii() and not any(c.isdigit() for c in said):
                continue
            before = plain[max(0, m.start() - 6) : m.start()]
            value = said.upper() if said.isascii() else spoken_digits(text=said)
            if cues.phone_tail.search(before):
                spans.add("phone_tail", start, end, value, _PHONE_TAIL)
            elif len(value) <= 10:
                spans.add("waybill_tail", start, end, value, _TAIL)


def _phone(plain: str, token: int, spans: Spans, cues: _Cues) -> None:
    """Read a phone number whose first digits stand at ``token``."""
    start = token
    if plain.startswith("86", token) or plain.startswith("0086", token):
        start = token - 1 if token and plain[token - 1] == "+" else token
    elif token and plain[token - 1] in "(（":
        start = token - 1
    m = _PHONE.match(plain, start)
    if m is None or not spans.free(*m.span()):
        return
    kind = m.lastgroup or "mobile"
    said = m.group()
    compact = said.isdigit()
    if not compact and start > 1 and plain[start - 1] in " -" and said[0] not in "+(（":
        # a piece of a longer number, unless a word or a whole number stands before it
        before = plain[start - 2]
        if before.isascii() and before.isalnum() and spans.free(start - 2, start - 1):
            long_before = plain[max(0, start - 11) : start - 1]
            if not (long_before.isalnum() and long_before.isascii() and len(long_before) > 9):
                return
    if compact:
        cue = cues.before.search(plain[max(0, start - _CUE_REACH) : start])
        if cue is not None and cue.lastgroup in ("waybill", "foreign", "order"):
            return
    main, extension = _split_extension(said, kind)
    digits = "".join(c for c in main if c.isdigit() or c == "*")
    if kind == "mobile" and len(digits) > 11:
        digits = digits[-11:]
    value = f"{digits}-{extension}" if extension else digits
    spans.add("phone", start, m.end(), value, PHONE_FORM[kind])


def _split_extension(said: str, kind: str) -> tuple[str, str]:
    parts = _EXTENSION.split(said, maxsplit=1)
    if len(parts) == 2:
        return parts[0], parts[1].strip()
    head, _, last = said.rpartition("-")
    digits = sum(c.isdigit() or c == "*" for c in head)
    if (kind == "mobile" and digits >= 11 and len(last.strip()) == 4) or (
        kind == "landline" and digits >= 10
    ):
        return head, last.strip()
    return said, ""


class _Reader:
    """Judges the numbers of one text by form, by what stands before, and by what is around."""

    __slots__ = ("carriers", "cues", "parcel", "plain", "said", "spans")

    def __init__(self, *, plain: str, spans: Spans, carriers: CarrierPatterns, cues: _Cues) -> None:
        self.plain = plain
        self.spans = spans
        self.carriers = carriers
        self.cues = cues
        self.said: list[tuple[int, int, Carrier]] | None = None
        self.parcel: bool | None = None

    def token(self, start: int, end: int) -> None:
        spans, plain = self.spans, self.plain
        if not spans.free(start, end) or end - start > 34:
            return
        said = plain[start:end]
        value = said.upper()
        length = end - start
        if self.carriers.telling.fullmatch(value):
            self._told(start, end, value)
            return
        if said.isalpha():
            return
        if not said.isdigit():
            self._lettered(start, end, said, value)
            return
        if length == 18 and id_card_valid(number=value):
            spans.add("id_card", start, end, value, _ID_CHECKED)
            return
        self._digits(start, end, value)

    def _told(self, start: int, end: int, value: str) -> None:
        if value.isdigit():
            if end - start == 18 and id_card_valid(number=value):
                self.spans.add("id_card", start, end, value, _ID_CHECKED)
                return
            kind = self._before(start)
            if kind == "order":
                self.spans.add("order_no", start, end, value, _ORDER)
                return
            if kind == "foreign":
                return
        self._waybill(start, end, value, _WAYBILL_FORM)

    def _lettered(self, start: int, end: int, said: str, value: str) -> None:
        """Read a token of letters and digits that fits no form as it stands."""
        if len(value) == 18 and value[-1] == "X" and id_card_valid(number=value):
            self.spans.add("id_card", start, end, value, _ID_CHECKED)
            return
        for word in self.carriers.latin:
            if value.startswith(word):
                rest = value[len(word) :]
                if self.carriers.telling.fullmatch(rest) or (rest.isdigit() and len(rest) >= 10):
                    named = self.carriers.by_name.get(word)
                    self._waybill(start + len(word), end, rest, _WAYBILL_NAMED, named)
                    return
        head = said.rstrip("0123456789")
        rest = said[len(head) :]
        if head.isalpha() and head.isascii() and len(head) <= 5 and MOBILE.fullmatch(rest):
            self.spans.add("phone", start + len(head), end, rest, PHONE_FORM["mobile"])
            return
        kind = self._before(start)
        if kind in ("order", "foreign"):
            if kind == "order" and len(value) >= 8:
                self.spans.add("order_no", start, end, value, _ORDER)
            return
        digits = sum(c.isdigit() for c in said)
        if digits >= 7 and self._misread(start, end, said):
            return
        if kind == "waybill" and len(value) >= 6 and digits >= 4:
            self._unknown(start, end)
        elif digits >= 8 and len(value) >= 10 and self._beside(start, end) is not None:
            self._waybill(start, end, value, _WAYBILL_NAMED)
        elif _LONG_OWN_FORM.fullmatch(value) and kind is None:
            self._waybill(start, end, value, _WAYBILL_LETTERS)
        elif _OWN_FORM.fullmatch(value) and self._parcel():
            self._waybill(start, end, value, _WAYBILL_PARCEL)

    def _misread(self, start: int, end: int, said: str) -> bool:
        for cut in (0, 2, 3, 4):
            head = said[:cut].upper()
            body = said[cut:]
            if cut and (not head.isalnum() or head.isdigit()):
                continue
            if sum(c.isdigit() for c in body) < 7:
                return False
            fixed = body.translate(_CONFUSED)
            if not fixed.isdigit():
                continue
            if cut == 0 and MOBILE.fullmatch(fixed):
                self.spans.add("phone", start, end, fixed, PHONE_FORM["mobile"])
                return True
            for value in (head + fixed, head.replace("5", "S").replace("7", "T") + fixed):
                if self.carriers.telling.fullmatch(value):
                    self._waybill(start, end, value, _WAYBILL_READ)
                    return True
        return False

    def _digits(self, start: int, end: int, value: str) -> None:
        length = len(value)
        kind = self._before(start)
        if kind == "order":
            if length >= 8:
                self.spans.add("order_no", start, end, value, _ORDER)
            return
        if kind == "foreign":
            if length == 18 and _ID_CARD.fullmatch(value):
                self.spans.add("id_card", start, end, value, _ID_CUE)
            return
        if kind == "phone":
            if _LOCAL.fullmatch(value):
                self.spans.add("phone", start, end, value, _PHONE_CUE)
                return
            if length < 12:
                return
        if kind == "waybill" and length >= 6:
            if length <= 9 and (
                self.cues.tail_after.match(self.plain, end)
                or self.plain[start - 1 : start] in ("你", "们", "给", "发")
            ):
                self.spans.add("waybill_tail", start, end, value, _TAIL)
                return
            self._unknown(start, end)
            return
        if 3 < length <= 8 and self.cues.tail_after.match(self.plain, end):
            self.spans.add("waybill_tail", start, end, value, _TAIL)
            return
        if 10 <= length <= 22:
            if self._beside(start, end) is not None:
                self._waybill(start, end, value, _WAYBILL_NAMED)
            elif length >= 12 and self._parcel():
                self._waybill(start, end, value, _WAYBILL_PARCEL)
            elif length >= 12 and self.carriers.likely(number=value):
                self._waybill(start, end, value, _WAYBILL_FORM)

    def _unknown(self, start: int, end: int) -> None:
        """Take a number of no known form that the text calls a waybill number."""
        m = _LOOSE.match(self.plain, start)
        if m is not None and m.end() > end and self.spans.free(start, m.end()):
            end = m.end()
        self._waybill(start, end, self.plain[start:end].upper(), _WAYBILL_CUE)

    def joined(self) -> None:
        """Read numbers written in groups: YT 8811 9891 91750."""
        pieces = [m.span() for m in _PIECE.finditer(self.plain)]
        group: list[tuple[int, int]] = []
        for start, end in [*pieces, (-1, -1)]:
            if (
                group
                and start >= 0
                and self.plain[group[-1][1] : start] in _GAPS
                and self.spans.free(start, end)
                and len(group) < 40
            ):
                group.append((start, end))
                continue
            if len(group) > 1:
                self._group(group)
            group = [(start, end)] if start >= 0 and self.spans.free(start, end) else []

    def _group(self, group: list[tuple[int, int]]) -> None:
        first = 0
        start = group[0][0]
        m = _LOOSE.match(self.plain, start)
        if m is not None and "-" in m.group() and self._before(start) == "waybill":
            said = m.group()
            if sum(c.isdigit() for c in said) >= 4 and self.spans.free(*m.span()):
                value = said.replace("-", "").upper()
                known = self.carriers.telling.fullmatch(value) is not None
                self._waybill(start, m.end(), value if known else said.upper(), _WAYBILL_CUE)
                return
        while first < len(group) - 1:
            for last in range(min(len(group), first + 9) - 1, first, -1):
                part = group[first : last + 1]
                value = "".join(self.plain[s:e] for s, e in part).upper()
                if not 10 <= len(value) <= 24:
                    continue
                start, end = part[0][0], part[-1][1]
                if self._whole(start, end, value, len(part)):
                    first = last
                    break
            first += 1

    def _whole(self, start: int, end: int, value: str, count: int) -> bool:
        if MOBILE.fullmatch(value) and count <= 5:
            return self.spans.add("phone", start, end, value, PHONE_FORM["mobile"])
        kind = self._before(start)
        if kind in ("foreign", "order", "phone"):
            return False
        if self.carriers.telling.fullmatch(value) and (not value.isdigit() or len(value) >= 13):
            return self._waybill(start, end, value, _WAYBILL_JOINED)
        if kind == "waybill" and value.isdigit() and len(value) >= 12:
            return self._waybill(start, end, value, _WAYBILL_CUE)
        return False

    def spoken(self) -> None:
        """Read numbers said digit by digit: 幺三八 …"""
        for m in _SPOKEN.finditer(self.plain):
            said = m.group()
            start = m.start() + len(said) - len(said.lstrip())
            said = said.strip(" -杠")
            end = start + len(said)
            if said.isascii() or not self.spans.free(start, end):
                continue
            value = spoken_digits(text=said).upper()
            kind = self._before(start)
            if kind in ("foreign", "order"):
                continue
            if MOBILE.fullmatch(value) or (len(value) >= 10 and _LANDLINE.fullmatch(value)):
                self.spans.add("phone", start, end, value, _PHONE_SPOKEN)
            elif self.carriers.telling.fullmatch(value) or (kind == "waybill" and len(value) >= 8):
                self._waybill(start, end, value, _WAYBILL_SPOKEN)
            elif kind == "phone" and _LOCAL.fullmatch(value):
                self.spans.add("phone", start, end, value, _PHONE_SPOKEN)

    def _before(self, start: int) -> str | None:
        """Return which kind of number the words right before ``start`` announce."""
        cue = self.cues.before.search(self.plain[max(0, start - _CUE_REACH) : start])
        return None if cue is None else cue.lastgroup

    def _parcel(self) -> bool:
        if self.parcel is None:
            self.parcel = (
                self.cues.parcel.search(self.plain) is not None
                or self.carriers.names.search(self.plain) is not None
            )
        return self.parcel

    def _names(self) -> list[tuple[int, int, Carrier]]:
        if self.said is None:
            by_name = self.carriers.by_name
            self.said = [
                (m.start(), m.end(), by_name[m.group()])
                for m in self.carriers.names.finditer(self.plain)
            ]
        return self.said

    def _beside(self, start: int, end: int) -> Carrier | None:
        """Return the carrier named within a few characters of a number."""
        for s, e, carrier in self._names():
            if (0 <= start - e <= 4) or (0 <= s - end <= 3):
                return carrier
        return None

    def _waybill(
        self,
        start: int,
        end: int,
        value: str,
        because: tuple[Reason, ...],
        prefixed: Carrier | None = None,
    ) -> bool:
        named = prefixed
        distance = 0 if prefixed is not None else 1 << 30
        for s, e, carrier in self._names():
            if s >= start and e <= end:
                continue
            # a name before the number counts as nearer than one after it
            away = start - e if e <= start else (s - end) * 2 + 2
            if away < distance:
                named, distance = carrier, away
        if distance > 14 and named is not None and len({c for _, _, c in self._names()}) > 1:
            named = None
        ranked = self.carriers.rank(number=value, named=named)
        return self.spans.add("waybill", start, end, value, because, ranked)
