"""Two versions of a playbook side by side: what was added, taken away and changed, by its name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from huiyin.core.playbook.lengths import length_words

_KEYS = ("id", "code", "role", "rank")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``where`` names the entry by id (``clocks.first_reply.for``)."""

    what: Literal["added", "removed", "changed", "moved"]
    where: str
    part: str
    """The part of the playbook: clocks, steps …"""
    name: str
    """The entry's name for people, empty where it has none."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of two texts side by side; ``mark`` is same, changed, added, removed or gap."""

    mark: str
    before_number: int | None
    before: str
    after_number: int | None
    after: str


def compare(
    *, before: Mapping[str, Any], after: Mapping[str, Any], english: bool = False
) -> tuple[Change, ...]:
    """Return what differs between the plain data of two playbooks, in the order of the text."""
    out: list[Change] = []
    for part in dict.fromkeys((*before, *after)):
        out += _compare(before.get(part), after.get(part), (part,), part, "", english)
    return tuple(out)


def _compare(
    old: Any, new: Any, path: tuple[str, ...], part: str, name: str, english: bool
) -> Iterator[Change]:
    if old == new:
        return
    where = ".".join(path)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        here = _name(new, english) or name
        for key in dict.fromkeys((*old, *new)):
            yield from _compare(old.get(key), new.get(key), (*path, key), part, here, english)
        return
    if isinstance(old, list) and isinstance(new, list) and _keyed(old) and _keyed(new):
        yield from _lists(old, new, path, part, english)
        return
    what: Literal["added", "removed", "changed"] = "changed"
    if old is None:
        what = "added"
    elif new is None:
        what = "removed"
    entry = new if new is not None else old
    own = _name(entry, english) if isinstance(entry, Mapping) else ""
    yield Change(what, where, part, own or name, _said(old, english), _said(new, english))


def _lists(
    old: Sequence[Any], new: Sequence[Any], path: tuple[str, ...], part: str, english: bool
) -> Iterator[Change]:
    known, there = {_id(e): e for e in old}, {_id(e): e for e in new}
    for id, entry in there.items():
        if id in known:
            yield from _compare(known[id], entry, (*path, id), part, _name(entry, english), english)
        else:
            yield Change("added", ".".join((*path, id)), part, _name(entry, english), "",
                         _said(entry, english))  # fmt: skip
    for id, entry in known.items():
        if id not in there:
            yield Change("removed", ".".join((*path, id)), part, _name(entry, english),
                         _said(entry, english), "")  # fmt: skip
    left = [id for id in known if id in there]
    right = [id for id in there if id in known]
    if left != right:
        first, second = " → ".join(left), " → ".join(right)
        yield Change("moved", ".".join(path), part, "", first, second)


def _keyed(entries: Sequence[Any]) -> bool:
    return all(isinstance(e, Mapping) and _id(e) for e in entries) and len(
        {_id(e) for e in entries}
    ) == len(entries)


def _id(entry: Mapping[str, Any]) -> str:
    return next((str(entry[k]) for k in _KEYS if k in entry), "")


def _name(entry: Mapping[str, Any], english: bool) -> str:
    text = entry.get("name")
    if isinstance(text, Mapping):
        return str(text.get("en" if english else "zh") or "")
    return ""


def _said(value: Any, english: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return length_words(length=value, english=english)
    if isinstance(value, list):
        return ", ".join(_said(v, english) for v in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {_said(v, english)}" for k, v in value.items())
    return str(value)


def side_by_side(*, before: str, after: str, around: int = 3) -> tuple[Line, ...]:
    """Return the lines of two texts beside each other: what differs with ``around`` lines."""
    old, new = before.splitlines(), after.splitlines()
    out: list[Line] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 20_000)
    for number, group in enumerate(matcher.get_grouped_opcodes(around)):
        if number:
            out.append(Line("gap", None, "", None, ""))
        for tag, a, b, c, d in group:
            for n in range(max(b - a, d - c)):
                left, right = a + n < b, c + n < d
                mark = "same"
                if tag != "equal":
                    mark = "changed" if left and right else "removed" if left else "added"
                out.append(
                    Line(
                        mark,
                        a + n + 1 if left else None,
                        old[a + n] if left else "",
                        c + n + 1 if right else None,
                        new[c + n] if right else "",
                    )
                )
    return tuple(out)
