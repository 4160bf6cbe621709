"""The prompts, read from data and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import yaml

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KINDS: Final = ("summary", "draft", "translation", "opinion")


class CannotReadPrompts(ValueError):
    """A prompt or limit is missing or not of the expected form; the message names it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to ask for; ``most_tokens`` bounds the answer."""

    prompt: str
    most_tokens: int


@dataclass(frozen=True, slots=True, eq=False)
class Prompts:
    """Instructions and limits; see the comments in the shipped ``assistant_zh.yaml``."""

    rules: str
    tasks: Mapping[str, Task]
    languages: Mapping[str, str]
    message_characters: int
    case_characters: int
    answer_characters: int
    account_cues: tuple[str, ...]
    link_endings: tuple[str, ...]

    @classmethod
    def from_data(cls, *, data: Mapping[str, Any]) -> Prompts:
        """Build the prompts from the parsed YAML. Raises CannotReadPrompts."""
        tasks, limits = _part(data, "tasks"), _part(data, "limits")
        return cls(
            rules=_text(data, "rules"),
            tasks={
                kind: Task(
                    prompt=_text(_part(tasks, kind), "prompt"),
                    most_tokens=_number(_part(tasks, kind), "most_tokens"),
                )
                for kind in KINDS
            },
            languages={code: _text(_part(data, "languages"), code) for code in ("zh", "en")},
            message_characters=_number(limits, "message_characters"),
            case_characters=_number(limits, "case_characters"),
            answer_characters=_number(limits, "answer_characters"),
            account_cues=_words(data, "account_cues"),
            link_endings=_words(data, "link_endings"),
        )


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    if not isinstance(found, Mapping):
        raise CannotReadPrompts(f"{name}: a mapping is expected")
    return found


def _text(data: Mapping[str, Any], name: str) -> str:
    found = data.get(name)
    if not isinstance(found, str) or not found.strip():
        raise CannotReadPrompts(f"{name}: a text is expected")
    return found.strip()


def _number(data: Mapping[str, Any], name: str) -> int:
    found = data.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise CannotReadPrompts(f"{name}: a number above zero is expected")
    return found


def _words(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = data.get(name)
    if not isinstance(found, list) or not all(isinstance(w, str) and w for w in found):
        raise CannotReadPrompts(f"{name}: a list of words is expected")
    return tuple(found)


def _shipped() -> Prompts:
    source = files("huiyin").joinpath("playbooks", "language", "assistant_zh.yaml")
    return Prompts.from_data(data=yaml.load(source.read_text(encoding="utf-8"), Loader=_LOADER))


PROMPTS: Final = _shipped()
