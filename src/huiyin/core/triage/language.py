"""The language pack: words, signals and rules of one language, read from YAML and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cel
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from huiyin.core.triage.decision import CATEGORIES, URGENCIES
from huiyin.core.triage.encode import LONGEST, Table, hash_words
from huiyin.core.triage.normal import normalise, spelling
from huiyin.core.triage.pattern import CannotReadPattern, Pattern, read_pattern

PHRASE_KINDS: dict[str, tuple[str, bool]] = {
    "critical": ("critical", True),
    "high": ("high", True),
    "normal": ("normal", True),
    "mild": ("low", True),
    "settled": ("low", False),
    "ask": ("low", False),
    "praise": ("low", False),
    "noise": ("low", False),
}
RULE_FACTS = frozenset(
    {
        "signals",
        "category",
        "secondary",
        "guess",
        "guess_sure",
        "emotion",
        "is_complaint",
        "length",
    }
)


class CannotLoadLanguage(ValueError):
    """The language pack is broken; the message names the file, the entry and the remedy."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(_Strict):
    """A text for people in both languages."""

    zh: str
    en: str


class SignalSource(_Strict):
    """A signal as written: what is looked for and what speaks against it."""

    name: Names
    match: list[str] = Field(default_factory=list)
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
    named: dict[str, str] = Field(default_factory=dict)
    contexts: dict[str, list[str]] = Field(default_factory=dict)
    signals: dict[str, SignalSource] = Field(default_factory=dict)
    category_words: dict[str, dict[str, float]] = Field(default_factory=dict)
    emotion_words: dict[str, float] = Field(default_factory=dict)
    categories: list[RuleSource] = Field(default_factory=list)
    urgency: list[RuleSource] = Field(default_factory=list)
    calibration: list[tuple[float, float]] = Field(default_factory=list)
    phrases: dict[str, dict[str, list[str | PhraseSource]]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phrase:
    """An example sentence for training. ``urgency`` and ``complaint`` follow from its kind."""

    text: str
    category: str
    urgency: str
    complaint: bool
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """A compiled signal. ``contexts`` void a match when they stand shortly before it."""

    id: str
    name: Names
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    contexts: tuple[Pattern, ...]
    shown: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule."""

    id: str
    program: Any
    then: str
    zh: str
    en: str
    source: str
    signals: tuple[str, ...]
    """The signals that the condition names, for the words in its reason."""


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """A language ready for use. Built by :func:`load_language` only."""

    name: str
    spelling: dict[int, str | int | None]
    signals: tuple[Signal, ...]
    category_words: tuple[tuple[str, str, float], ...]
    emotion_words: tuple[tuple[str, float], ...]
    categories: tuple[Rule, ...]
    urgency: tuple[Rule, ...]
    calibration: tuple[tuple[float, float], ...]
    phrases: tuple[Phrase, ...]
    shown: frozenset[str]
    gate_table: Table
    gate_lengths: tuple[int, ...]
    gates: tuple[tuple[tuple[int, int], ...], ...] = field(repr=False)
    """For each gate word the (kind, number) pairs it opens: see :mod:`..read`."""

    def normal(self, text: str) -> str:
        """Return ``text`` in the spelling that patterns are matched against."""
        return normalise(text=text, table=self.spelling)


def load_language(
    *, files: Mapping[str, str], extra: Mapping[str, Any] | None = None
) -> LanguagePack:
    """Read a language pack from YAML texts keyed by file name, and run its examples.

    ``extra`` is an overlay of the same shape, as a playbook may carry it: its signals add to
    those of the same id, its words add to the words, its rules come before the pack's own.
    Raises CannotLoadLanguage, naming file, entry and what is wrong.
    """
    parts: list[tuple[str, PackSource]] = []
    for file_name in sorted(files):
        try:
            data = yaml.load(files[file_name], Loader=_Loader)
        except yaml.YAMLError as error:
            raise CannotLoadLanguage(f"{file_name}: not YAML: {error}") from error
        parts.append((file_name, _validate(file_name, data or {})))
    if extra:
        parts.append(("extra", _validate("extra", dict(extra))))
    return _compile(parts)


_QUOTED = re.compile(r"['\"]([a-z][a-z0-9_]*)['\"]")
_BOUND = re.compile(r"\.(?:exists|exists_one|all|map|filter)\(\s*(\w+)\s*,")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _validate(file_name: str, data: Any) -> PackSource:
    try:
        return PackSource.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise CannotLoadLanguage(f"{file_name}: {where}: {first['msg']}") from error


def _compile(parts: Sequence[tuple[str, PackSource]]) -> LanguagePack:
    same: dict[str, str] = {}
    named: dict[str, str] = {}
    contexts: dict[str, list[str]] = {}
    name = ""
    for _, part in parts:
        name = name or (part.language or "")
        pairs = part.same.split()
        same.update({pair[0]: pair[1] for pair in pairs if len(pair) == 2})
        named.update(part.named)
        for context, before in part.contexts.items():
            contexts.setdefault(context, []).extend(before)
    table = spelling(same=same)

    def pattern(source: str, where: str) -> Pattern:
        try:
            return read_pattern(source=normalise_pattern(source, table), named=named)
        except CannotReadPattern as error:
            raise CannotLoadLanguage(f"{where}: {error}") from error

    merged: dict[str, list[tuple[str, SignalSource]]] = {}
    for file_name, part in parts:
        for signal_id, source in part.signals.items():
            merged.setdefault(signal_id, []).append((f"{file_name}: signals.{signal_id}", source))
    signals = []
    for signal_id, sources in merged.items():
        where = sources[0][0]
        unknown = [c for _, s in sources for c in s.void_after if c not in contexts]
        if unknown:
            raise CannotLoadLanguage(f"{where}: no such context {unknown[0]!r}")
        signals.append(
            Signal(
                id=signal_id,
                name=sources[0][1].name,
                patterns=tuple(pattern(m, w) for w, s in sources for m in s.match),
                unless=tuple(pattern(m, w) for w, s in sources for m in s.unless),
                contexts=tuple(
                    pattern(m, w) for w, s in sources for c in s.void_after for m in contexts[c]
                ),
                shown=sources[0][1].shown,
            )
        )
    words: list[tuple[str, str, float]] = []
    emotion: list[tuple[str, float]] = []
    category_rules: list[Rule] = []
    urgency_rules: list[Rule] = []
    calibration: tuple[tuple[float, float], ...] = ()
    phrases: list[Phrase] = []
    for file_name, part in parts:
        for category, weighted in part.category_words.items():
            _known(category, CATEGORIES, f"{file_name}: category_words")
            words += [
                (normalise(text=w, table=table), category, weight) for w, weight in weighted.items()
            ]
        emotion += [(normalise(text=w, table=table), v) for w, v in part.emotion_words.items()]
        own = [_rule(r, CATEGORIES, f"{file_name}: categories") for r in part.categories]
        category_rules = own + category_rules if file_name == "extra" else category_rules + own
        own = [_rule(r, URGENCIES, f"{file_name}: urgency") for r in part.urgency]
        urgency_rules = own + urgency_rules if file_name == "extra" else urgency_rules + own
        calibration = tuple(part.calibration) or calibration
        phrases += _phrases(file_name, part)
    pack = _with_gates(
        name=name or "zh",
        table=table,
        signals=tuple(signals),
        words=tuple(words),
        emotion=tuple(emotion),
        categories=tuple(category_rules),
        urgency=tuple(urgency_rules),
        calibration=calibration,
        phrases=tuple(phrases),
    )
    _run_examples(parts, pack)
    return pack


def normalise_pattern(source: str, table: dict[int, str | int | None]) -> str:
    """Bring a pattern to the spelling of texts without touching its operators."""
    operators = "(|)?~…#{}^$\\"
    out = []
    for char in source:
        if char in operators:
            out.append(char)
            continue
        read_as = char.translate(table).lower()
        out.append("\\" + read_as if read_as and read_as in operators else read_as)
    return "".join(out)


def _known(value: str, known: Sequence[str], where: str) -> None:
    if value not in known:
        raise CannotLoadLanguage(f"{where}: {value!r} is not one of {', '.join(known)}")


def _rule(source: RuleSource, results: Sequence[str], where: str) -> Rule:
    where = f"{where}.{source.id}"
    _known(source.then, (*results, "guess") if results is URGENCIES else results, where)
    try:
        program: Any = cel.compile(source.when)
    except ValueError as error:
        raise CannotLoadLanguage(f"{where}: when: {error}") from error
    for fact in set(program.variables()) - set(_BOUND.findall(source.when)):
        _known(fact, sorted(RULE_FACTS), f"{where}: when: fact")
    return Rule(
        id=source.id,
        program=program,
        then=source.then,
        zh=source.because.zh,
        en=source.because.en,
        source=source.source,
        signals=tuple(_QUOTED.findall(source.when)),
    )


def _phrases(file_name: str, part: PackSource) -> list[Phrase]:
    out = []
    for category, kinds in part.phrases.items():
        _known(category, CATEGORIES, f"{file_name}: phrases")
        for kind, sentences in kinds.items():
            _known(kind, tuple(PHRASE_KINDS), f"{file_name}: phrases.{category}")
            urgency, complaint = PHRASE_KINDS[kind]
            for sentence in sentences:
                also: tuple[str, ...] = ()
                text = sentence
                if isinstance(text, PhraseSource):
                    also, text = tuple(text.also), text.text
                elif " @" in text:
                    text, _, marks = text.rpartition(" @")
                    also = tuple(marks.split(","))
                for second in also:
                    _known(second, CATEGORIES, f"{file_name}: phrases.{category}: {text}")
                out.append(Phrase(str(text), category, urgency, complaint, also))
    return out


# What a gate word opens: a pattern of a signal, a word that weighs for a category, or one that
# tells emotion.
PATTERN, WORD, EMOTION = 0, 1, 2


def _with_gates(
    *,
    name: str,
    table: dict[int, str | int | None],
    signals: tuple[Signal, ...],
    words: tuple[tuple[str, str, float], ...],
    emotion: tuple[tuple[str, float], ...],
    categories: tuple[Rule, ...],
    urgency: tuple[Rule, ...],
    calibration: tuple[tuple[float, float], ...],
    phrases: tuple[Phrase, ...],
) -> LanguagePack:
    opens: dict[str, list[tuple[int, int]]] = {}
    for number, signal in enumerate(signals):
        for place, one in enumerate(signal.patterns):
            for gate in one.gates:
                opens.setdefault(gate, []).append((PATTERN, number << 12 | place))
    for number, (word, _, _) in enumerate(words):
        opens.setdefault(word[:LONGEST], []).append((WORD, number))
    for number, (word, _) in enumerate(emotion):
        opens.setdefault(word[:LONGEST], []).append((EMOTION, number))
    opens.pop("", None)
    gate_words = sorted(opens)
    return LanguagePack(
        name=name,
        spelling=table,
        signals=signals,
        category_words=words,
        emotion_words=emotion,
        categories=categories,
        urgency=urgency,
        calibration=calibration,
        phrases=phrases,
        shown=frozenset(signal.id for signal in signals if signal.shown),
        gate_table=Table(keys=hash_words(words=gate_words)),
        gate_lengths=tuple(sorted({len(w) for w in gate_words})),
        gates=tuple(tuple(opens[w]) for w in gate_words),
    )


def _run_examples(parts: Sequence[tuple[str, PackSource]], pack: LanguagePack) -> None:
    from huiyin.core.triage.read import read_batch
    from huiyin.core.triage.rules import decide

    for file_name, part in parts:
        for signal_id, source in part.signals.items():
            texts = [*source.examples, *source.counter]
            readings = read_batch(texts=texts, language=pack)
            for number, (text, reading) in enumerate(zip(texts, readings, strict=True)):
                if (signal_id in reading.every) != (number < len(source.examples)):
                    wrong = "is not found in" if number < len(source.examples) else "is found in"
                    raise CannotLoadLanguage(
                        f"{file_name}: signals.{signal_id} {wrong} its example {text!r}"
                    )
        for rules, sources in ((pack.categories, part.categories), (pack.urgency, part.urgency)):
            for rule in sources:
                for wanted, examples in ((True, rule.examples), (False, rule.counter)):
                    for example in examples:
                        one = ExampleSource(text=example) if isinstance(example, str) else example
                        reading = read_batch(texts=[one.text], language=pack)[0]
                        fired = decide(
                            rules=rules,
                            facts={
                                "signals": list(reading.every),
                                "category": one.category,
                                "secondary": one.secondary,
                                "guess": one.guess,
                                "guess_sure": one.guess_sure,
                                "emotion": reading.emotion,
                                "is_complaint": one.is_complaint,
                                "length": len(one.text),
                            },
                        )
                        if ((fired.id if fired else "") == rule.id) != wanted:
                            got = f"{fired.id} decides" if fired else "no rule decides"
                            raise CannotLoadLanguage(
                                f"{file_name}: rule {rule.id}: {got} its example {one.text!r}"
                            )
