"""What a text is about, beyond names and numbers: goods, counts, kinds and character pairs."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from huiyin.core.extract import DEFAULT
from huiyin.core.matching.gates import Opened
from huiyin.core.matching.people import frequency
from huiyin.core.matching.words import MatchWords

_HAN: Final = re.compile(r"[一-鿿]+")
_COUNT: Final = re.compile(
    r"((?<!\d)\d{1,6}(?:\.\d{1,3})?|[单半]|[一二两三四五六七八九十]{1,3})[多来几]?(个|件|天|箱|只|次|本|台|张|份|盒|瓶|袋|包|套|双|"
    r"颗|株|条|块|元|斤|公斤|寸|楼|栋|号楼|单元|岁|毫升|ml|ML|升|kg|米|把|桶|支|枚|罐|小时|趟|年级|班|床|室|期)"
)
_TENS: Final = re.compile(
    r"(?:[退赔补扣收差那花]|一共|总共|是)(?:我|了|的|回|给)?"
    r"([二三四五六七八九]?十[一二三四五六七八九]?)(?=[^一-鿿]|$|[退赔补块元没怎什哪几谁到的])"
)
_DIGITS: Final[dict[str, int | float]] = {
    **{c: i for i, c in enumerate("零一二三四五六七八九")},
    "两": 2,
    "单": 1,
    "半": 0.5,
}
_UNITS: Final = {"块": "元", "ML": "ml", "公斤": "kg"}
_NUMERALS: Final = frozenset("一二三四五六七八九十两半几")
_MEASURES: Final = frozenset("箱件个天次单票本台张份盒瓶袋包套双颗株条块元斤只桶支枚罐位名")
_CLAUSE: Final = re.compile(r"[^,。;!?\n() ]+")
_OVER: Final = re.compile(
    r"^(?!.*[没未冇]).*(?:到|戴|穿|用|吃|装|补|赔|退|收|修|换)(?:上|到|好|完)?(?:了|啦|哒)"
)
_NOT_THIS: Final = re.compile(r"(?:不是|跟|除了|另外)[^,。;,;\n]{0,6}$")
_POINTED: Final = re.compile(r"[那这另](?:一)?[个件单票边只箱盒瓶壶袋]")
_NOT_THAT: Final = re.compile(
    r"(?:不是|并非|不算|不包括|除了)[^,。;!?\n() ]{0,6}?"
    r"(?:那|[一二两三四五六七八九十0-9])[票箱件单批个包袋盒][^,。;!?\n() ]{0,6}"
    r"|[跟和与同][^,。;!?\n() ]{1,8}?"
    r"(?:分开|两码事|两回事|没关系|无关|不相干|不搭界|不是[一同][票单件批个回]|不同[票单件批])"
)
_WEIGHTS: Final[dict[str, float]] = {}
_WEIGHTS_KEPT: Final = 200_000
_FREQUENT: Final = 3000
_KNOWN: Final = 300
_UNSETTLED: Final = ("fault", "demand", "still")


def goods(*, content: str, words: MatchWords, opened: Opened) -> set[str]:
    """Return the goods named, each by the word kept for its group."""
    regex = opened.find(words.goods)
    if regex is None:
        return set()
    cleared = words.not_goods.sub(" ", content)
    return {words.same[m.group()] for m in regex.finditer(cleared)}


def firms(*, content: str, words: MatchWords, opened: Opened) -> dict[str, str]:
    """Return the firms named: the end of the name proper, and that with the kind of firm."""
    out: dict[str, str] = {}
    for m in opened.each(words.organisations, content):
        stem = content[max(0, m.start() - 2) : m.start()]
        if len(stem) == 2 and _HAN.fullmatch(stem) and stem not in words.common:
            out[stem] = stem + m.group()
    return out


def events(*, content: str, words: MatchWords, opened: Opened) -> set[str]:
    """Return the events told, each by the word kept for its group."""
    return {words.event[m.group()] for m in opened.each(words.events, content)}


def asides(
    *, plain: str, parcel_named: bool, words: MatchWords, opened: Opened
) -> list[tuple[int, int]]:
    """Return the spans of clauses that speak of another matter than the contact's own.

    ``parcel_named`` tells that the text names its parcel, so that what is said of an earlier one
    is beside the point; so is what is said of a parcel that it is not. Where one thing is settled
    and another one is named that is not, the settled one is; so is what is over where the writer
    says that he only asks for something else.
    """
    settled = words.signals["good_end"]
    focus = opened.finds(words.focus, plain)
    beside = opened.finds(words.aside, plain)
    earlier = parcel_named and opened.finds(words.earlier, plain)
    done = opened.finds(settled, plain)
    others = [m.span() for m in _NOT_THAT.finditer(plain)]
    if not (beside or earlier or done or focus):
        return others
    clauses = [(m.span(), m.group()) for m in _CLAUSE.finditer(plain)]
    spans = [
        span
        for span, clause in clauses
        if (beside and opened.finds(words.aside, clause))
        or (earlier and opened.finds(words.earlier, clause))
    ]
    if done:
        over = [span for span, clause in clauses if opened.finds(settled, clause)]
        if any(
            span not in over
            and (opened.finds(words.goods, clause) or _POINTED.search(clause))
            and any(opened.finds(words.signals[name], clause) for name in _UNSETTLED)
            for span, clause in clauses
        ):
            spans += over
    if focus:
        spans += [
            span
            for span, clause in clauses
            if not opened.finds(words.focus, clause)
            and (opened.finds(settled, clause) or _OVER.search(clause))
        ]
    return spans + others


def carriers(*, content: str, words: MatchWords) -> set[str]:
    """Return the codes of the carriers named, mishearings included, another parcel's left out."""
    out: set[str] = set()
    for m in DEFAULT.names.finditer(content):
        if not words.other_parcel.search(content[max(0, m.start() - 18) : m.start()]):
            out.add(DEFAULT.by_name[m.group()].code)
    return out


def counts(*, content: str) -> set[str]:
    """Return the counts said ("8天", "27寸", "12张"), Chinese numerals turned into digits."""
    out: set[str] = set()
    for m in _COUNT.finditer(content):
        said = m.group(1)
        number = said if said[0].isdigit() else digits(said)
        if number and not _NOT_THIS.search(content[max(0, m.start() - 8) : m.start()]):
            out.add(f"{number}{_UNITS.get(m.group(2), m.group(2))}")
    return out


def sums(*, content: str) -> set[int]:
    """Return the sums said as bare tens ("退那六十"), in 分."""
    return {
        int(number) * 100
        for m in _TENS.finditer(content)
        for number in (digits(m.group(1)),)
        if number
    }


def kinds(*, content: str, words: MatchWords, opened: Opened) -> tuple[str, ...]:
    """Return the kinds of trouble the text speaks of, the one most spoken of first."""
    found: list[tuple[int, str]] = []
    for name, choice in words.kinds.items():
        if choice in opened:
            times = sum(1 for _ in opened.each(choice, content))
            if times:
                found.append((-times, name))
    if not found:
        return tuple(n for n, choice in words.kinds_else.items() if opened.finds(choice, content))
    found.sort(key=_times)
    return tuple([name for _, name in found])


def _times(found: tuple[int, str]) -> int:
    return found[0]


def pairs(
    *,
    content: str,
    named: Collection[str],
    surnames: Collection[str],
    words: MatchWords,
) -> dict[str, float]:
    """Return the telling character pairs with their weights (0 to 1, higher is rarer).

    Pairs of characters, not words: the same place or thing is cut into words differently from
    one text to the next. Those of the places and people in ``named``, and of a surname with the
    title after it, are left out: they are compared as such.
    """
    out: dict[str, float] = {}
    known = {name[i : i + 2] for name in named for i in range(len(name) - 1)}
    for run in _HAN.findall(content):
        for i in range(len(run) - 1):
            pair = run[i : i + 2]
            weight = pair_weight(pair=pair, words=words)
            if weight and pair not in known and pair[0] not in surnames:
                out[pair] = weight
    return out


def pair_weight(*, pair: str, words: MatchWords) -> float:
    """Return how telling a character pair is, 0 to 1; remembered for every pair seen."""
    weight = _WEIGHTS.get(pair)
    if weight is None:
        if len(_WEIGHTS) > _WEIGHTS_KEPT:
            _WEIGHTS.clear()
        weight = _WEIGHTS[pair] = _weight(pair, words)
    return weight


def _weight(pair: str, words: MatchWords) -> float:
    if pair in words.common or pair[0] in words.joiners or pair[1] in words.joiners:
        return 0.0
    if pair[0] in _NUMERALS and pair[1] in _MEASURES:
        return 0.0
    known = frequency(word=pair)
    if not known and (pair[0] in words.counters or pair[1] in words.counters):
        return 0.0
    if known > _FREQUENT:
        return 0.5
    if known > _KNOWN:
        return 0.8
    return 1.0 if known else 0.75


def digits(said: str) -> str:
    """Return a Chinese numeral up to ninety-nine in digits; nothing for what is none."""
    if "十" in said:
        left, _, right = said.partition("十")
        return f"{_DIGITS.get(left, 1) * 10 + (_DIGITS.get(right, 0) if right else 0)}"
    return str(_DIGITS.get(said, ""))
