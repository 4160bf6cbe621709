"""The administrative divisions of China, indexed for reading addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from huiyin.core.extract.shipped import shipped_divisions, shipped_words

_ETHNIC: Final = re.compile(
    r"(?:(?:满|回|藏|苗|彝|壮|侗|瑶|白|傣|黎|傈僳|佤|畲|水|土|羌|仡佬|撒拉|毛南|锡伯|布依|朝鲜|土家|哈尼"
    r"|哈萨克|拉祜|东乡|纳西|景颇|柯尔克孜|达斡尔|仫佬|布朗|塔吉克|普米|怒|俄罗斯|鄂温克|鄂伦春|保安|裕固"
    r"|独龙|蒙古|维吾尔|各|傣族景颇|裕固|独龙)族?)+$"
)
_SUFFIX: Final = re.compile(
    r"(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|街道办事处|街道|苏木|省|市|盟|县|区|旗|镇|乡)$"
)
_PROVINCES: Final = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "西藏自治区": "西藏",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
}
# a name of three characters that ends so is a kind of place anywhere, not one town
_GENERIC_ENDS: Final = frozenset("路站区园场局心房村门口楼")

PROVINCE: Final = 1
CITY: Final = 2
COUNTY: Final = 3
TOWN: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """One division; ``level`` 1 province, 2 prefecture, 3 county, 4 town."""

    name: str
    level: int
    parent: Division | None

    def path(self) -> tuple[str, ...]:
        """Return the full names from the province down."""
        above = self.parent.path() if self.parent is not None else ()
        return (*above, self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Below:
    """The divisions under one division by the first two characters of every name they go by."""

    heads: dict[str, tuple[tuple[str, Division], ...]]

    def at(self, *, text: str, start: int) -> tuple[Division, int] | None:
        """Return the division named at ``start`` and where its name ends, the longest first."""
        for name, division in self.heads.get(text[start : start + 2], ()):
            if text.startswith(name, start):
                return division, start + len(name)
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """What a name can mean; ``full`` where it was said with its 市, 县, 区 …"""

    divisions: tuple[Division, ...]
    full: bool


class Divisions:
    """All divisions; towns are indexed only when their county is first named."""

    def __init__(self, *, counties: Iterable[tuple[list[str], str]], everyday: frozenset[str]):
        self._everyday = everyday
        self._towns: dict[Division, str] = {}
        self._under: dict[Division, list[Division]] = {}
        self._below: dict[Division, Below] = {}
        self._town_names: dict[str, Division] | None = None
        self.by_name: dict[str, Named] = {}
        known: dict[tuple[str, ...], Division] = {}
        for path, towns in counties:
            parent: Division | None = None
            for depth in range(1, len(path) + 1):
                key = tuple(path[:depth])
                division = known.get(key)
                if division is None:
                    division = known[key] = Division(key[-1], _level(key, len(path)), parent)
                    if parent is not None:
                        self._under.setdefault(parent, []).append(division)
                    self._name(division)
                parent = division
            if parent is not None and towns:
                self._towns[parent] = towns

    def _name(self, division: Division) -> None:
        if len(division.name) > 2 or division.name[-1] in "县市":
            self._add(division.name, division, full=True)
        stem = stem_of(name=division.name)
        # a district's short name alone is too often another word
        if len(stem) >= 2 and not (division.level == COUNTY and division.name[-1] == "区"):
            self._add(stem, division, full=False)

    def _add(self, name: str, division: Division, *, full: bool) -> None:
        old = self.by_name.get(name)
        if old is None:
            self.by_name[name] = Named((division,), full)
        elif old.divisions[0].level == division.level:
            self.by_name[name] = Named((*old.divisions, division), full)
        elif division.level < old.divisions[0].level:
            self.by_name[name] = Named((division, *old.divisions), full)
        else:
            self.by_name[name] = Named((*old.divisions, division), old.full)

    def below(self, *, division: Division) -> Below:
        """Return the divisions under ``division``, short names and skipped levels included."""
        found = self._below.get(division)
        if found is None:
            names: dict[str, Division] = {}
            self._collect(division, names)
            heads: dict[str, list[tuple[str, Division]]] = {}
            for name in sorted(names, key=len, reverse=True):
                heads.setdefault(name[:2], []).append((name, names[name]))
            found = self._below[division] = Below({k: tuple(v) for k, v in heads.items()})
        return found

    def _collect(self, division: Division, names: dict[str, Division]) -> None:
        children = self._under.get(division, [])
        for child in children:
            self._call(child, names)
        towns = self._towns.get(division)
        if towns:
            for name in towns.split():
                self._call(Division(name, TOWN, division), names)
        if division.level < COUNTY:
            for child in children:
                # from a province on, only cities and counties: town names repeat too often
                if division.level == CITY or child.level == CITY:
                    deeper: dict[str, Division] = {}
                    if division.level == PROVINCE:
                        for grandchild in self._under.get(child, []):
                            self._call(grandchild, deeper)
                    else:
                        self._collect(child, deeper)
                    for name, found in deeper.items():
                        names.setdefault(name, found)

    def _call(self, division: Division, names: dict[str, Division]) -> None:
        if len(division.name) > 1:
            names.setdefault(division.name, division)
        stem = stem_of(name=division.name)
        if len(stem) >= 2 and stem not in self._everyday:
            names.setdefault(stem, division)

    def towns(self) -> dict[str, Division]:
        """Return the towns by full name, and by short name of three or more characters.

        Where several towns share a name, the division is one of them, without a parent.
        """
        if self._town_names is None:
            names: dict[str, Division] = {}
            for county, towns in self._towns.items():
                for name in towns.split():
                    stem = stem_of(name=name)
                    for key in (name, stem):
                        if len(key) < 3 or (key == stem and key[-1] in _GENERIC_ENDS):
                            continue
                        if key in self.by_name:
                            continue
                        old = names.get(key)
                        if old is None:
                            names[key] = Division(name, TOWN, county)
                        elif old.parent is not None and old.parent is not county:
                            names[key] = Division(key, TOWN, None)
            self._town_names = names
        return self._town_names


def _level(key: tuple[str, ...], depth: int) -> int:
    if len(key) == 1:
        return PROVINCE
    if len(key) == 3 or key[-1][-1] in "县区旗" or (key[0][-1] == "市" and depth == 2):
        return COUNTY if not key[-1].endswith("地区") else CITY
    return CITY


def stem_of(*, name: str) -> str:
    """Return a division's short name: 涟源市 → 涟源, 新晃侗族自治县 → 新晃."""
    short = _PROVINCES.get(name)
    if short is not None:
        return short
    m = _SUFFIX.search(name)
    if m is None:
        return name
    stem = name[: m.start()]
    if m.group().startswith("自治") or name.endswith(("族乡", "族镇", "族区")):
        bare = _ETHNIC.sub("", stem)
        return bare if len(bare) >= 2 else stem
    return stem


@cache
def divisions() -> Divisions:
    """Return the shipped divisions."""
    return Divisions(counties=shipped_divisions(), everyday=shipped_words().everyday)
