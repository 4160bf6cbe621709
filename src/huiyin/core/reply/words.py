"""The word lists by which a reply is looked over, read from data and checked once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from importlib.resources import files
from typing import Any, Final

import yaml


class CannotReadWords(ValueError):
    """A list of the reply words is missing or not of the expected form; the message names it."""


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """A kind of question: how it is asked and what an answer to it contains."""

    id: str
    ask: re.Pattern[str]
    answer: re.Pattern[str]
    found: frozenset[str]
    """Types of extracted entities that answer it."""


@dataclass(frozen=True, slots=True, eq=False)
class ReplyWords:
    """Words by purpose; see the comments in the shipped ``reply_zh.yaml``."""

    before: tuple[str, ...]
    within: tuple[str, ...]
    before_part: Mapping[str, time]
    in_part: Mapping[str, time]
    day_ends: tuple[str, ...]
    today: tuple[str, ...]
    tomorrow: tuple[str, ...]
    month_ends: tuple[str, ...]
    working: tuple[str, ...]
    contact: tuple[str, ...]
    deed: tuple[str, ...]
    not_ours: tuple[str, ...]
    hours: tuple[re.Pattern[str], ...]
    linking: tuple[str, ...]
    done: tuple[str, ...]
    plain: tuple[str, ...]
    vague: tuple[str, ...]
    sure: tuple[str, ...]
    apology: tuple[str, ...]
    blame: tuple[re.Pattern[str], ...]
    cold: tuple[re.Pattern[str], ...]
    angry: tuple[re.Pattern[str], ...]
    liable: tuple[re.Pattern[str], ...]
    granted: tuple[re.Pattern[str], ...]
    supposed: tuple[str, ...]
    asks: tuple[str, ...]
    rhetorical: tuple[re.Pattern[str], ...]
    common: frozenset[str]
    question_kinds: tuple[QuestionKind, ...]
    public_places: tuple[str, ...]
    name_after: tuple[str, ...]
    public_numbers: tuple[str, ...]

    @classmethod
    def from_data(cls, *, data: Mapping[str, Any]) -> ReplyWords:
        """Build the word lists from the parsed YAML. Raises CannotReadWords."""
        when = _part(data, "time")
        promise = _part(data, "promise")
        questions = _part(data, "questions")
        kinds = questions.get("kinds")
        if not isinstance(kinds, list):
            raise CannotReadWords("questions.kinds: a list is expected")
        return cls(
            before=_words(when, "before"),
            within=_words(when, "within"),
            before_part=_times(when, "before_part"),
            in_part=_times(when, "in_part"),
            day_ends=_words(when, "day_ends"),
            today=_words(when, "today"),
            tomorrow=_words(when, "tomorrow"),
            month_ends=_words(when, "month_ends"),
            working=_words(when, "working"),
            contact=_words(promise, "contact"),
            deed=_words(promise, "deed"),
            not_ours=_words(promise, "not_ours"),
            hours=_patterns(promise, "hours"),
            linking=_words(promise, "linking"),
            done=_words(promise, "done"),
            plain=_words(promise, "plain"),
            vague=_words(promise, "vague"),
            sure=_words(promise, "sure"),
            apology=_words(data, "apology"),
            blame=_patterns(data, "blame"),
            cold=_patterns(data, "cold"),
            angry=_patterns(data, "angry"),
            liable=_patterns(data, "liable"),
            granted=_patterns(data, "granted"),
            supposed=_words(data, "supposed"),
            asks=_words(questions, "asks"),
            rhetorical=_patterns(questions, "rhetorical"),
            common=frozenset(_words(questions, "common")),
            question_kinds=tuple(_kind(k) for k in kinds),
            public_places=_words(data, "public_places"),
            name_after=_words(data, "name_after"),
            public_numbers=_words(data, "public_numbers"),
        )


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(part, Mapping):
        raise CannotReadWords(f"{name}: a mapping is expected")
    return part


def _words(part: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the list ``name``, longest word first so that alternations prefer it."""
    words = part.get(name)
    if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
        raise CannotReadWords(f"{name}: a list of words is expected, got {words!r}")
    return tuple(sorted(dict.fromkeys(words), key=len, reverse=True))


def _pattern(name: str, text: object) -> re.Pattern[str]:
    try:
        return re.compile(str(text), re.IGNORECASE)
    except re.error as error:
        raise CannotReadWords(f"{name}: {text!r} is not a regular expression: {error}") from error


def _patterns(part: Mapping[str, Any], name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(name, word) for word in _words(part, name))


def _times(part: Mapping[str, Any], name: str) -> Mapping[str, time]:
    table = part.get(name)
    if not isinstance(table, Mapping):
        raise CannotReadWords(f"{name}: a mapping of words to times is expected")
    try:
        return {str(k): time.fromisoformat(str(v)) for k, v in table.items()}
    except ValueError as error:
        raise CannotReadWords(f"{name}: times are written 18:00 ({error})") from error


def _kind(data: object) -> QuestionKind:
    if not isinstance(data, Mapping) or not {"id", "ask", "answer"} <= data.keys():
        raise CannotReadWords(f"questions.kinds: id, ask and answer are needed, got {data!r}")
    return QuestionKind(
        id=str(data["id"]),
        ask=_pattern("questions.kinds.ask", data["ask"]),
        answer=_pattern("questions.kinds.answer", data["answer"]),
        found=frozenset(str(f) for f in data.get("found", ())),
    )


def _shipped() -> ReplyWords:
    folder = files("huiyin").joinpath("playbooks").joinpath("language")
    text = folder.joinpath("reply_zh.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return ReplyWords.from_data(data=yaml.load(text, Loader=loader))


WORDS: Final = _shipped()
"""The shipped lists, as constant as the code beside them."""
