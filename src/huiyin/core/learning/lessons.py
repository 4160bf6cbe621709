"""From corrections to lessons: the last word on a text counts, and nobody teaches too much."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from huiyin.core.because import Reason
from huiyin.core.triage import CATEGORIES, URGENCIES

_HASHED_OUT = 5
"""One text in so many is held out by its hash, for ever."""
_NEWEST_OUT = Fraction(1, 10)
"""This share of the newest texts is held out besides: the model must know what comes now."""
_SEVERAL = 5
"""From so many corrections on, a person is judged by how many others overturned."""


@dataclass(frozen=True, slots=True)
class Taught:
    """One correction as it was made. ``text`` is masked already.

    ``category`` and ``urgency`` are what stands for the half of the answer that this correction
    does not touch.
    """

    id: str
    at: datetime
    by: int | None
    text: str
    field: str
    after: str
    category: str
    urgency: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text with its right answer. ``by`` said the last word."""

    key: str
    text: str
    category: str
    urgency: str
    at: datetime
    by: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """The figures that learning keeps to.

    ``least`` lessons are needed; one person gives at most ``person_percent`` of them; a new model
    may lose at most ``margin_percent`` points of macro-F1 on the shipped examples.
    """

    least: int
    person_percent: int
    margin_percent: int


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is learned from, what is kept apart to measure by, and why some was left out."""

    train: tuple[Lesson, ...]
    held_out: tuple[Lesson, ...]
    because: tuple[Reason, ...]

    @property
    def total(self) -> int:
        """How many there are on both sides."""
        return len(self.train) + len(self.held_out)

    @property
    def fingerprint(self) -> str:
        """A hash over both sides: the same lessons train the same model."""
        digest = hashlib.sha256()
        for side, lessons in (("train", self.train), ("held out", self.held_out)):
            for one in sorted(lessons, key=lambda lesson: lesson.key):
                digest.update(f"{side}\0{one.key}\0{one.category}\0{one.urgency}\n".encode())
        return digest.hexdigest()


def held_apart(*, text: str, one_in: int) -> bool:
    """Tell whether a text belongs to the part that is only measured by; the same text always."""
    return int(_key(text)[:12], 16) % one_in == 0


def gather(*, taught: Sequence[Taught], policy: Policy) -> Lessons:
    """Return the lessons of corrections, split the same way whatever order they come in.

    Of several corrections of one text the last wins, field by field. Left out are texts without
    words, kinds that the model does not know, people whose corrections others mostly overturned,
    and what a person gives beyond his share (his oldest first). Each omission has its reason.
    """
    ordered = sorted(taught, key=lambda one: (one.at, one.id))
    because: list[Reason] = []
    distrusted = _overturned(ordered)
    if distrusted:
        kept = [one for one in ordered if one.by not in distrusted]
        because.append(
            _left_out(
                "learning.overturned",
                len(ordered) - len(kept),
                "所更正的内容多数被他人改回，不用于学习",
                "mostly overturned by others",
            )
        )
        ordered = kept
    lessons = _last_words(ordered)
    known = [one for one in lessons if one.category in CATEGORIES and one.urgency in URGENCIES]
    if len(known) < len(lessons):
        because.append(
            _left_out(
                "learning.unknown_kind",
                len(lessons) - len(known),
                "类别是本单位自定的，模型不认识",
                "of a kind that the model does not know",
            )
        )
    fair, beyond = _shared(known, policy)
    because += beyond
    newest = len(fair) - int(len(fair) * _NEWEST_OUT)
    train: list[Lesson] = []
    out: list[Lesson] = []
    for place, one in enumerate(fair):
        apart = place >= newest or held_apart(text=one.text, one_in=_HASHED_OUT)
        (out if apart else train).append(one)
    return Lessons(train=tuple(train), held_out=tuple(out), because=tuple(because))


def _key(text: str) -> str:
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()


def _last_words(ordered: Iterable[Taught]) -> list[Lesson]:
    """Return one lesson a text, the most recently taught last."""
    found: dict[str, dict[str, str]] = {}
    last: dict[str, Taught] = {}
    for one in ordered:
        if not one.text.strip() or one.field not in ("category", "urgency"):
            continue
        key = _key(one.text)
        answer = found.setdefault(key, {})
        answer[one.field] = one.after
        last.pop(key, None)
        last[key] = one
    return [
        Lesson(
            key=key,
            text=one.text.strip(),
            category=found[key].get("category", one.category),
            urgency=found[key].get("urgency", one.urgency),
            at=one.at,
            by=one.by,
        )
        for key, one in last.items()
    ]


def _overturned(ordered: Iterable[Taught]) -> set[int]:
    """Return the people most of whose corrections somebody else changed to another value."""
    said: dict[tuple[str, str], Taught] = {}
    made: Counter[int] = Counter()
    lost: Counter[int] = Counter()
    for one in ordered:
        place = (_key(one.text), one.field)
        before = said.get(place)
        if before and before.by is not None and before.by != one.by and before.after != one.after:
            lost[before.by] += 1
        said[place] = one
        if one.by is not None:
            made[one.by] += 1
    return {who for who, many in made.items() if many >= _SEVERAL and lost[who] * 2 > many}


def _shared(lessons: Sequence[Lesson], policy: Policy) -> tuple[list[Lesson], list[Reason]]:
    most = -(-len(lessons) * policy.person_percent // 100)
    by: dict[int | None, list[Lesson]] = defaultdict(list)
    for one in lessons:
        by[one.by].append(one)
    dropped = {
        one.key
        for who, given in by.items()
        if who is not None and len(given) > most
        for one in given[: len(given) - most]
    }
    if not dropped:
        return list(lessons), []
    because = _left_out(
        "learning.one_person",
        len(dropped),
        f"同一人的更正至多占 {policy.person_percent}%，超出的较早部分",
        f"beyond the {policy.person_percent}% that one person may give, his oldest",
    )
    return [one for one in lessons if one.key not in dropped], [because]


def _left_out(rule: str, many: int, zh: str, en: str) -> Reason:
    return Reason(
        rule=rule,
        zh=f"{many} 条更正没有采用：{zh}",
        en=f"{many} corrections left out: {en}",
        words=(str(many),),
    )
