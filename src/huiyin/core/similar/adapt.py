"""An answer given once, made to fit another complaint; nothing of the other person stays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.extract import Entity, extract
from huiyin.core.reply.personal import Own, foreign_data

BLANK: Final = "____"
"""What the writer has to fill in; the look at a reply stops it before it is sent."""

_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9])HY\d{8}-\d{6}(?!\d)")
_MAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", re.ASCII)
_LINK: Final = re.compile(r"https?://[^\s，。；）)]+")
_DIGITS: Final = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z_]{0,8}\d[\dA-Za-z_-]{4,}", re.ASCII)
_DOOR: Final = re.compile(
    r"(?:(?![到在送至于往的了住是])[一-鿿]){2,4}(?:路|街|巷|弄|大道|村|小区|花园|苑)"
    r"[\dA-Za-z一二三四五六七八九十百-]+(?:号|弄|栋|幢|座|单元|室|楼|户)?"
    r"(?:[\d一二三四五六七八九十-]+(?:号|栋|幢|座|单元|室|楼|户))*"
)
_COVERED: Final = re.compile(r"[\w一-鿿]?\*{1,}\w*")
_BLANKS: Final = re.compile(r"____(?:[ 、\-至到]?____)+")
_MONEY: Final = re.compile(
    r"^(?P<before>[^\d一二两三四五六七八九十百千万]*)[^元块圆]*(?P<after>.*)$", re.DOTALL
)
_TITLES: Final = ("女士", "先生", "小姐", "老师")


@dataclass(frozen=True, slots=True)
class Parties:
    """What a complaint's answer may name: its numbers, its people, its sums (分).

    ``granted`` is the sum that was granted. ``known`` are texts that belong to the house and may
    stay in any answer: its name, its hotline.
    """

    number: str = ""
    waybill: str = ""
    customer: str = ""
    goods: str = ""
    granted: int | None = None
    places: tuple[str, ...] = ()
    agent: str = ""
    people: tuple[str, ...] = ()
    """Further names: senders and contacts of the complaint."""
    secret: tuple[str, ...] = ()
    """Phones, mail addresses and addresses of the complaint."""
    known: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Adapted:
    """An answer made to fit, with ``blanks`` places to fill in; ``because`` says what changed."""

    text: str
    blanks: int
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    end: int
    to: str
    what: str


_NAMES: Final = {
    "number": ("投诉编号", "complaint number"),
    "waybill": ("运单号", "waybill"),
    "person": ("姓名", "name"),
    "agent": ("经办人", "handler"),
    "money": ("金额", "sum"),
    "date": ("日期", "date"),
    "place": ("地点", "place"),
    "goods": ("物品", "goods"),
    "secret": ("号码、地址", "numbers and addresses"),
}


def adapt(*, answer: str, theirs: Parties, mine: Parties) -> Adapted:
    """Make an answer fit another complaint.

    Number, waybill, names, sums, goods and places become this complaint's where they are known,
    else a visible blank; dates always become a blank, for they were promises to another. Whatever
    else looks like a number, an address or a link becomes a blank.
    """
    changes = [
        *_looks_like(answer, _LINK, _MAIL),
        *_literal(answer, theirs, mine),
        *_entities(answer, theirs, mine),
        *_looks_like(answer, _DOOR, _COVERED, _DIGITS),
    ]
    kept = (*mine.known, *theirs.known)
    text, done = _apply(answer, changes, kept=kept)
    text = _without_others(text, mine, kept, done)
    text = _BLANKS.sub(BLANK, text)
    return Adapted(text=text, blanks=text.count(BLANK), because=_because(done))


def _apply(
    answer: str, changes: list[_Change], kept: tuple[str, ...]
) -> tuple[str, dict[str, list[tuple[str, str]]]]:
    """Put the changes in, the earlier given first where two overlap; what is kept stays."""
    taken: list[tuple[int, int]] = []
    for word in kept:
        if word:
            taken.extend(m.span() for m in re.finditer(re.escape(word), answer))
    chosen: list[_Change] = []
    for change in changes:
        if all(change.end <= a or change.start >= b for a, b in taken):
            taken.append((change.start, change.end))
            chosen.append(change)
    chosen.sort(key=lambda c: c.start)
    out: list[str] = []
    at = 0
    done: dict[str, list[tuple[str, str]]] = {}
    for change in chosen:
        was = answer[change.start : change.end]
        out.extend((answer[at : change.start], change.to))
        at = change.end
        if was != change.to:
            done.setdefault(change.what, []).append((was, change.to))
    out.append(answer[at:])
    return "".join(out), done


def _without_others(
    text: str, mine: Parties, kept: tuple[str, ...], done: dict[str, list[tuple[str, str]]]
) -> str:
    """Blank the personal data that is still there and not this customer's or the agent's own."""
    own = Own(names=(mine.customer, mine.agent), known=kept)
    for found in reversed(foreign_data(text=text, own=own)):
        start, end = found.span
        what = "person" if found.kind == "person" else "secret"
        done.setdefault(what, []).append((text[start:end], BLANK))
        text = text[:start] + BLANK + text[end:]
    return text


def _literal(answer: str, theirs: Parties, mine: Parties) -> list[_Change]:
    """Find what is known of the other complaint, letter by letter."""
    pairs: list[tuple[str, str, str]] = [
        (theirs.number, mine.number or BLANK, "number"),
        (theirs.waybill, mine.waybill or BLANK, "waybill"),
        (theirs.agent, mine.agent or BLANK, "agent"),
    ]
    for name in (theirs.customer, *theirs.people):
        pairs.append((name, mine.customer or BLANK, "person"))
        family = name[:1]
        if 2 <= len(name) <= 4 and re.fullmatch(r"[一-鿿]+", name):
            pairs.extend((family + title, _address(mine), "person") for title in _TITLES)
    pairs.extend((word, BLANK, "secret") for word in theirs.secret)
    out: list[_Change] = []
    for was, to, what in sorted(pairs, key=lambda p: -len(p[0])):
        if len(was) > 1:
            out.extend(
                _Change(m.start(), m.end(), to, what) for m in re.finditer(re.escape(was), answer)
            )
    out.extend(
        _Change(m.start(), m.end(), mine.number or BLANK, "number")
        for m in _NUMBER.finditer(answer)
    )
    return out


def _address(mine: Parties) -> str:
    return mine.customer or BLANK


def _entities(answer: str, theirs: Parties, mine: Parties) -> list[_Change]:
    out = []
    for entity in extract(text=answer):
        change = _entity(entity, theirs, mine)
        if change is not None:
            out.append(_Change(entity.start, entity.end, *change))
    return out


def _entity(entity: Entity, theirs: Parties, mine: Parties) -> tuple[str, str] | None:
    match entity.type:
        case "waybill":
            return mine.waybill or BLANK, "waybill"
        case "waybill_tail":
            tail = str(entity.value)
            same = mine.waybill and theirs.waybill.endswith(tail)
            return (mine.waybill[-len(tail) :] if same else BLANK), "waybill"
        case "phone" | "phone_tail" | "id_card" | "order_no":
            return BLANK, "secret"
        case "person":
            own = theirs.customer[:1] and entity.text[:1] == theirs.customer[:1]
            return (_address(mine) if own else BLANK), "person"
        case "money":
            return _money(entity, theirs, mine), "money"
        case "date":
            return BLANK, "date"
        case "address":
            return BLANK, "place"
        case "place":
            city = str(entity.value).split("/")
            return None if any(p in city for p in mine.places) else (BLANK, "place")
        case "goods":
            if theirs.goods and entity.text == theirs.goods and mine.goods != theirs.goods:
                return mine.goods or BLANK, "goods"
            return None
        case _:
            return None


def _money(entity: Entity, theirs: Parties, mine: Parties) -> str:
    """Return this complaint's sum where theirs was the granted one; the unit is kept."""
    found = _MONEY.match(entity.text)
    before, after = (found["before"], found["after"]) if found else ("", "元")
    if entity.value == theirs.granted and mine.granted is not None:
        fen = mine.granted
        sum_ = f"{fen // 100}" + (f".{fen % 100:02d}" if fen % 100 else "")
    else:
        sum_ = BLANK
    if not before.strip("¥￥") and not after:
        return before + sum_ + ("" if before else "元")
    return before + sum_ + after


def _looks_like(answer: str, *patterns: re.Pattern[str]) -> list[_Change]:
    """Find what looks like a link, a door, a covered name or a number, whosever it is."""
    return [
        _Change(m.start(), m.end(), BLANK, "secret")
        for pattern in patterns
        for m in pattern.finditer(answer)
    ]


def _because(done: dict[str, list[tuple[str, str]]]) -> tuple[Reason, ...]:
    out = []
    for what, changes in done.items():
        zh, en = _NAMES[what]
        own = [to for _was, to in changes if BLANK not in to]
        left = len(changes) - len(own)
        parts_zh = [f"已换成本件的 {len(own)} 处"] if own else []
        parts_en = [f"{len(own)} replaced by this complaint's"] if own else []
        if left:
            parts_zh.append(f"留空 {left} 处")
            parts_en.append(f"{left} left blank")
        out.append(
            Reason(
                rule=f"similar.adapted.{what}",
                zh=f"{zh}：" + "，".join(parts_zh),
                en=f"{en}: " + ", ".join(parts_en),
            )
        )
    return tuple(out)
