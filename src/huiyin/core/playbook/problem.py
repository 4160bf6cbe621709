"""One thing that is wrong with a playbook: where, what, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

PathStep = str | int
Path = tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, at a path of the document, before it is given its line."""

    path: Path
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    on_key: bool = False
    """True when the key itself is wrong, not its value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding with its place: ``line`` and ``column`` count from 1."""

    line: int
    column: int
    path: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str

    def __str__(self) -> str:
        return (
            f"line {self.line}, column {self.column}, {self.path or 'document'}: "
            f"{self.en}; {self.remedy_en}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the problem as a JSON object."""
        return {
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "zh": self.zh,
            "en": self.en,
            "remedy_zh": self.remedy_zh,
            "remedy_en": self.remedy_en,
        }


class CannotLoadPlaybook(ValueError):
    """The playbook is not sound; ``problems`` says where, what and what to do, in line order."""

    def __init__(self, *, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(f"{self.problems[0]}{more}" if self.problems else "no problem named")


def dotted(*, path: Path) -> str:
    """Write a path as people read it: ``clocks[2].for``."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        else:
            out += f".{step}" if out else step
    return out


def unknown(path: Path, what: tuple[str, str], name: str, known: Iterable[str]) -> Finding:
    """Say that a name (``what`` in Chinese and English) is not among the known ones."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    few = "、".join(names[:20])
    return Finding(
        path,
        f"{what[0]}“{name}”不存在",
        f"there is no {what[1]} {name!r}",
        (f"是否想写“{near[0]}”？" if near else "") + f"已有：{few}",
        (f"did you mean {near[0]!r}? " if near else "") + f"there are {few.replace('、', ', ')}",
    )
