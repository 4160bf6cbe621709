"""Fields of forms over a playbook's plain data: what stands where, and what was typed for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from huiyin.core.playbook.defaults import default_at
from huiyin.core.playbook.lengths import length_from, length_words
from huiyin.core.playbook.names import LADDER
from huiyin.core.playbook.problem import Path

Kind = Literal[
    "text", "area", "length", "money", "percent", "number", "choice", "names", "days", "hours",
    "yes_no",
]  # fmt: skip
"""``percent`` is kept in basis points, ``days`` are ISO weekdays, ``hours`` spans of a day."""
_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-–~至到]\s*(\d{1,2}:\d{2})")


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: its place in the data, what is in it now, and of what kind it is."""

    path: Path
    zh: str
    en: str
    kind: Kind
    shown: str
    there: bool
    """False where the key is not written; what is shown is then the default that holds."""
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The field's name in a form."""
        return "p:" + "/".join(str(step) for step in self.path)


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one entry; ``path`` is the entry's own, ``listed`` tells that it can go.

    ``add`` names the list within it to which something can be added.
    """

    path: Path
    title: str
    note: str
    fields: tuple[FormField, ...]
    listed: bool = False
    add: str = ""


def english_or(data: Mapping[str, Any], path: Path, otherwise: str, english: bool) -> str:
    """Return the name that stands at a path in one language."""
    text = at(data=data, path=path)
    if isinstance(text, Mapping):
        return str(text.get("en" if english else "zh") or otherwise)
    return otherwise


def at(*, data: Any, path: Path) -> Any:
    """Return what stands at a path, None where nothing does."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def value_of(field: FormField, text: str) -> Any:
    """Return what a field comes to as data, None for nothing."""
    word = text.strip()
    if field.kind == "names":
        return [
            w for w in word.replace("，", " ").replace(",", " ").replace("、", " ").split() if w
        ]
    if not word:
        return None
    if field.kind == "days":
        return [int(w) if w.isdecimal() else w for w in re.split(r"[\s,，、]+", word)]
    if field.kind == "hours":
        # What is no span stays in the list as it was typed: the checks name it.
        rest = re.split(r"[\s,，、;；]+", _SPAN.sub(" ", word))
        spans: list[Any] = [[a.zfill(5), b.zfill(5)] for a, b in _SPAN.findall(word)]
        return spans + [[w] for w in rest if w]
    if field.kind == "length":
        return length_from(text=word)
    if field.kind in {"money", "percent", "number"}:
        try:
            number = Decimal(word.replace(",", "").removeprefix("¥").removesuffix("%"))
        except ArithmeticError:
            # CEL or "policy" may stand where a sum does; the checks say what is wrong with it.
            return word
        if not number.is_finite() or abs(number) > 10**12:
            return word
        if field.kind in {"money", "percent"}:
            number *= 100
        return int(number) if number == number.to_integral_value() else float(number)
    if field.kind == "yes_no":
        return word == "true"
    return word


def field_at(
    data: Mapping[str, Any], path: Path, zh: str, en: str, kind: Kind = "text",
    choices: tuple[str, ...] = (), english: bool = False,
) -> FormField:  # fmt: skip
    """Return the field of a place; its kind says how it is shown and read."""
    value = at(data=data, path=path)
    there = value is not None
    parent = at(data=data, path=path[:-1])
    if isinstance(parent, Mapping) and path[-1] in parent:
        there = True
    if not there:
        value = default_at(data=data, path=path)
    return FormField(path, zh, en, kind, _shown(value, kind, english), there, choices)


def _shown(value: Any, kind: Kind, english: bool) -> str:
    if value is None:
        return ""
    if kind in {"names", "days"} and isinstance(value, list):
        return " ".join(str(v) for v in value)
    if kind == "hours" and isinstance(value, list):
        return " ".join(
            "–".join(str(v) for v in span) if isinstance(span, list) else str(span)
            for span in value
        )
    if kind == "length" and isinstance(value, str):
        return length_words(length=value, english=english)
    if kind in {"money", "percent"} and isinstance(value, int) and not isinstance(value, bool):
        yuan = Decimal(value) / 100
        return f"{yuan:f}" if value % 100 else str(value // 100)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return ""
    return str(value)


def entries_at(data: Mapping[str, Any], path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the entries of a list of the data with their numbers."""
    found = at(data=data, path=path)
    for n, entry in enumerate(found if isinstance(found, list) else ()):
        if isinstance(entry, Mapping):
            yield n, entry


def both(data: Mapping[str, Any], path: Path, zh: str, en: str, kind: Kind = "text") -> Any:
    """Yield the fields of a text in Chinese and English."""
    yield field_at(data, (*path, "zh"), zh, f"{en} (Chinese)", kind)
    yield field_at(data, (*path, "en"), f"{zh}（英文）", en, kind)


def ladder(data: Mapping[str, Any], path: Path, english: bool) -> Iterator[FormField]:
    """Yield the fields of who is told of what is late: each rung, and an empty one to add."""
    there = at(data=data, path=path)
    rungs = default_at(data=data, path=path) if there is None else there
    for n in range(len(rungs) + 1 if isinstance(rungs, list) else 1):
        rung: Path = (*path, n)
        yield field_at(data, (*rung, "after"), f"超时多久后升级（{n + 1}）",
                       f"Escalate after ({n + 1})", "length", english=english)  # fmt: skip
        yield field_at(data, (*rung, "to"), f"升级给谁（{n + 1}）", f"Escalate to ({n + 1})",
                       "choice", LADDER)  # fmt: skip


def codes_of(data: Mapping[str, Any], name: str, key: str = "code") -> tuple[str, ...]:
    """Return the codes of the entries of a list."""
    return tuple(str(e.get(key)) for _n, e in entries_at(data, (name,)))


def calendars_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of all calendars."""
    own = data.get("calendars")
    return ("always", "cn-office", *(own if isinstance(own, Mapping) else ()))


def group_at(
    data: Mapping[str, Any], path: Path, english: bool, fields: tuple[FormField, ...],
    listed: bool = False,
) -> Group:  # fmt: skip
    """Return the fields of an entry under its name."""
    entry = at(data=data, path=path)
    id = str(entry.get("id") or entry.get("code") or entry.get("role") or path[-1])
    why = english_or(data, (*path, "because"), id, english)
    return Group(path, english_or(data, (*path, "name"), why, english), id, fields, listed)
