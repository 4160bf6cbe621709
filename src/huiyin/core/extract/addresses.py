"""Addresses, and places named in passing."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.extract.divisions import (
    COUNTY,
    PROVINCE,
    TOWN,
    Division,
    Divisions,
    Named,
    divisions,
    stem_of,
)
from huiyin.core.extract.shipped import shipped_words
from huiyin.core.extract.spans import Spans

# characters that end a name of a road or an estate
_STOP: Final = (
    r"\s,，。.；;：:!！?？、“”\"'（）()【】\[\]<>《》｜|/～~…的了到在从往发寄收送给我你您他她它们是没说被把就也还要不"
    r"这那哪个去又再才只让叫找问催查等"
)
_NAME: Final = rf"[^{_STOP}]{{1,8}}?"
# without a division before it, a name has to begin at a word that cannot be part of it
_FREE: Final = (
    rf"(?:(?<=解)放|和(?=[平谐顺兴睦美])|家(?=[园村湾坪塘冲])"
    rf"|[^{_STOP}放住家来和有会能都与0-9A-Za-z一二三四五六七八九十第])"
)
_KIND: Final = (
    r"(?:大道|大街|步行街|商业街|街道|街|路口|路|巷子?|胡同|村|社区|小区|花园|花苑|家园|佳苑|公寓|大厦"
    r"|广场|新村|山庄|工业园区?|产业园区?|科技园|物流园|开发区|经开区|高新区|园区|市场|公馆|宿舍|家属院)"
)
_BUILDING: Final = (
    r"(?:\s?(?:[A-Za-z]?\d{1,5}(?:[-—#]\d{1,5}){0,3}|[一二三四五六七八九十百]{1,4}|[A-Za-z])"
    r"(?:号楼|号院|号|栋|幢|座|单元|层|楼|室|房|组|弄|门)(?!码|店|线))"
)
_HOUSE: Final = rf"(?:{_BUILDING}{{1,5}}(?:(?<=[栋幢座元楼])\d{{2,4}}(?![\d元块年月]))?)"
_ZONE: Final = r"(?:经济技术开发区|经济开发区|经开区|高新技术开发区|高新区|开发区|工业园区?|新区)"
_TYPE: Final = re.compile(r"(?:街道|镇|乡|大街|大道|街|路)(?![上口下边面])")
_DETAIL: Final = re.compile(
    rf"(?:{_ZONE}|\s?{_NAME}{_KIND}{_HOUSE}?){{1,3}}(?:{_NAME}{_HOUSE})?|{_HOUSE}|{_NAME}{_HOUSE}"
)
_DETAIL_GATE: Final = re.compile(r"[路街道巷弄胡村社区园苑寓厦场庄馆舍院号栋幢座元层楼室镇乡]")
_NEW_TOWN: Final = re.compile(rf"[^{_STOP}]{{1,5}}?(?:街道|镇|乡)(?![上下里政])")
_LOOSE_GATE: Final = re.compile(
    r"[0-9一二三四五六七八九十]\s?(?:栋|幢|号楼|单元)|[路街道巷弄]\d{1,5}号"
)
_LOOSE: Final = re.compile(
    rf"{_FREE}{{2,8}}"
    rf"(?:(?<=[路街道巷弄])\d{{1,5}}号{_HOUSE}?|(?:\d{{1,3}}|[一二三四五六七八九十]{{1,3}})(?:栋|幢|号楼)"
    rf"{_HOUSE}?(?:(?<=[栋幢楼元])\d{{2,4}}(?!\d))?)"
)

_CUED: Final = re.compile(
    rf"(?:地址|住址|住在|家住)[是为在：:\s]{{0,2}}(?P<said>{_DETAIL.pattern})"
)

_PLACED: Final = (
    Reason("extract.address", "行政区划或街道门牌的写法", "names a division, a street or a house"),
)
_TOLD: Final = (Reason("extract.address.cue", "文中说这是地址", "the text calls it an address"),)
_PASSING: Final = (
    Reason("extract.place", "只提到地名，不是完整地址", "a place named in passing, no address"),
)


@cache
def _told() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = shipped_words()
    cue = "|".join(map(re.escape, words.address_cue))
    facility = "|".join(map(re.escape, words.facility))
    return re.compile(rf"(?:{cue})[是为在：:\s]{{0,2}}$"), re.compile(
        rf"[的市省区县]?(?:{facility})"
    )


class AddressReader:
    """Reads the addresses of one text, from the names that a pass over it found."""

    __slots__ = ("_all", "_cue", "_doubtful", "_everyday", "_facility", "_leads", "plain", "spans")

    def __init__(self, *, plain: str, spans: Spans) -> None:
        self.plain = plain
        self.spans = spans
        self._all: Divisions = divisions()
        self._cue, self._facility = _told()
        words = shipped_words()
        self._doubtful = words.doubtful_places
        self._everyday = words.everyday
        self._leads = words.place_leads

    def place(self, *, start: int, word: str, found: Named | Division) -> None:
        """Read the address or place that begins with a known name at ``start``."""
        end = start + len(word)
        if not self.spans.free(start, end):
            return
        if isinstance(found, Division):
            self._town(start, end, word, found)
            return
        options = found.divisions
        last, levels, full, end = self._descend(options, end, found.full)
        if not full and levels == 1:
            if word in self._doubtful:
                return
            if options[0].level == COUNTY and (word in self._everyday or self._inside(start)):
                return
        works = self._facility.match(self.plain, end) is not None
        detail_end = end if works else self._detail(end, last.level)
        # 长沙 is the city before it is the county of the same name
        certain = levels > 1 or len(options) == 1 or options[0].level < options[1].level
        parts = list(last.path()) if certain else [word]
        told = self._told_before(start)
        if detail_end > end:
            street = self.plain[end:detail_end].strip()
            if last.level == TOWN and not self.plain.endswith(last.name, start, end):
                # a short name goes on: not the town 平江街道 but the road 平江路
                street = stem_of(name=last.name) + street
                parts.pop()
            parts.append(street)
            end = detail_end
        elif not told and not (full and last.level != PROVINCE) and (levels < 2 or works):
            self.spans.add("place", start, end, "/".join(parts), _PASSING)
            return
        self.spans.add("address", start, end, "/".join(parts), _TOLD if told else _PLACED)

    def _inside(self, start: int) -> bool:
        """Tell whether a short name at ``start`` may be a part of other words (重新安排)."""
        before = self.plain[start - 1] if start else " "
        return before not in self._leads and "一" <= before <= "鿿"

    def _descend(
        self, options: tuple[Division, ...], end: int, full: bool
    ) -> tuple[Division, int, bool, int]:
        """Follow the names from the first one down; return the lowest, levels said, end."""
        plain = self.plain
        best: tuple[Division, int, bool, int] = (options[0], 1, full, end)
        for option in options:
            division, levels, whole, at = option, 1, full, end
            while division.level < TOWN:
                step = at + 1 if plain[at : at + 1] in (" ", "-") else at
                below = self._all.below(division=division).at(text=plain, start=step)
                if below is None:
                    break
                lower, at_next = below
                if not self.spans.free(at, at_next):
                    break
                division = lower
                whole = whole or plain.endswith(division.name, step, at_next)
                levels += 1
                at = at_next
            if at > best[3]:
                best = (division, levels, whole, at)
        return best

    def _detail(self, end: int, level: int) -> int:
        """Return where the road, estate and house after a division end."""
        plain = self.plain
        if _DETAIL_GATE.search(plain, end, end + 14) is None:
            return end
        at = end
        if level == TOWN:
            m = _TYPE.match(plain, at)
            if m is not None and self.spans.free(at, m.end()):
                at = m.end()
        if level == COUNTY:
            m = _NEW_TOWN.match(plain, at)
            if m is not None and self.spans.free(at, m.end()):
                at = m.end()
        m = _DETAIL.match(plain, at)
        if m is not None and self.spans.free(at, m.end()):
            at = m.end()
        return at

    def _town(self, start: int, end: int, word: str, town: Division) -> None:
        at = self._detail(end, TOWN)
        path = "/".join(town.path()) if town.parent is not None else town.name
        if at > end:
            path = f"{path}/{self.plain[end:at].strip()}"
            self.spans.add("address", start, at, path, _PLACED)
        elif word == town.name and word.endswith(("街道", "镇", "乡")):
            self.spans.add("address", start, end, path, _PLACED)
        elif self._told_before(start):
            self.spans.add("address", start, end, path, _TOLD)
        elif not self._inside(start):
            self.spans.add("place", start, end, path, _PASSING)

    def _told_before(self, start: int) -> bool:
        return self._cue.search(self.plain[max(0, start - 8) : start]) is not None

    def loose(self) -> None:
        """Read roads and houses that no division introduces."""
        if "址" in self.plain or "住" in self.plain:
            for m in _CUED.finditer(self.plain):
                start, end = m.span("said")
                self.spans.add("address", start, end, m["said"], _TOLD)
        if _LOOSE_GATE.search(self.plain) is None:
            return
        for m in _LOOSE.finditer(self.plain):
            self.spans.add("address", m.start(), m.end(), m.group(), _PLACED)
