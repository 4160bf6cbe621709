"""A language pack as people write it: the shapes of its YAML files."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(_Strict):
    """A text for people in both languages."""

    zh: str
    en: str


class SignalSource(_Strict):
    """A signal as written: what is looked for and what speaks against it.

    A match is void where it overlaps a match of ``inside``, where ``unless`` matches in the same
    sentence, or where a context of ``void_after`` stands shortly before it. A signal with
    ``any_of`` is found where one of those signals is.

    ``of`` is the category that the signal speaks for, where it speaks for one.
    """

    name: Names
    of: str | None = None
    any_of: list[str] = Field(default_factory=list)
    match: list[str] = Field(default_factory=list)
    inside: list[str] = Field(default_factory=list)
    unless: list[str] = Field(default_factory=list)
    void_after: list[str] = Field(default_factory=list)
    shown: bool = True
    examples: list[str] = Field(default_factory=list)
    counter: list[str] = Field(default_factory=list)


class ExampleSource(_Strict):
    """A text that the rule decides, with the facts that the words alone do not give."""

    text: str
    category: str = "other"
    secondary: list[str] = Field(default_factory=list)
    guess: str = "normal"
    guess_sure: float = 0.5
    is_complaint: float = 1.0


class RuleSource(_Strict):
    """A rule as written: first match wins."""

    id: str
    when: str
    then: str
    because: Names
    source: str = ""
    examples: list[ExampleSource | str] = Field(default_factory=list)
    counter: list[ExampleSource | str] = Field(default_factory=list)


class PhraseSource(_Strict):
    """One example sentence with its further categories."""

    text: str
    also: list[str] = Field(default_factory=list)


class PackSource(_Strict):
    """One YAML file of a language pack; every part may be absent."""

    language: str | None = None
    same: str = ""
    words: list[str] = Field(default_factory=list)
    named: dict[str, str] = Field(default_factory=dict)
    contexts: dict[str, list[str]] = Field(default_factory=dict)
    signals: dict[str, SignalSource] = Field(default_factory=dict)
    category_words: dict[str, dict[str, float]] = Field(default_factory=dict)
    emotion_words: dict[str, float] = Field(default_factory=dict)
    categories: list[RuleSource] = Field(default_factory=list)
    urgency: list[RuleSource] = Field(default_factory=list)
    needs: dict[str, list[str]] = Field(default_factory=dict)
    rare: dict[str, float] = Field(default_factory=dict)
    calibration: list[tuple[float, float]] = Field(default_factory=list)
    phrases: dict[str, dict[str, list[str | PhraseSource]]] = Field(default_factory=dict)
