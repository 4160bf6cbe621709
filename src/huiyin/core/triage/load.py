"""Read a language pack from YAML, check it and make it ready for use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import cel
import yaml
from pydantic import ValidationError

from huiyin.core.triage.decision import CATEGORIES, URGENCIES
from huiyin.core.triage.encode import LONGEST
from huiyin.core.triage.examples import run_examples
from huiyin.core.triage.gates import Gates, Groups
from huiyin.core.triage.language import (
    EMOTION,
    PATTERN,
    PHRASE_KINDS,
    WORD,
    CannotLoadLanguage,
    LanguagePack,
    Phrase,
    Rule,
    Signal,
)
from huiyin.core.triage.normal import normalise, spelling
from huiyin.core.triage.pattern import CannotReadPattern, Pattern, either, read_pattern
from huiyin.core.triage.words import Splitter
from huiyin.core.triage.written import PackSource, PhraseSource, RuleSource, SignalSource

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


def load_language(
    *, files: Mapping[str, str], extra: Mapping[str, Any] | None = None, tried: bool = False
) -> LanguagePack:
    """Read a language pack from YAML texts keyed by file name, and run its examples.

    ``tried`` says that these very files ran their examples before: only ``extra`` runs its own.

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
    pack = _compile(parts)
    run_examples(parts=parts[len(files) :] if tried else parts, pack=pack)
    return pack


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
    groups = []
    for signal_id, sources in merged.items():
        where = sources[0][0]
        unknown = [c for _, s in sources for c in s.void_after if c not in contexts]
        if unknown:
            raise CannotLoadLanguage(f"{where}: no such context {unknown[0]!r}")
        for file_at, source in sources:
            if source.of:
                _known(source.of, CATEGORIES, f"{file_at}: of")
        members = frozenset(member for _, s in sources for member in s.any_of)
        for member in sorted(members):
            _known(member, tuple(merged), f"{where}: any_of")
        if members:
            groups.append((signal_id, members))
        inside = tuple(pattern(m, w) for w, s in sources for m in s.inside)
        signals.append(
            Signal(
                id=signal_id,
                zh=sources[0][1].name.zh,
                en=sources[0][1].name.en,
                of=next((s.of for _, s in sources if s.of), ""),
                patterns=tuple(pattern(m, w) for w, s in sources for m in s.match),
                inside=inside,
                any_inside=either(patterns=inside),
                unless=either(patterns=[pattern(m, w) for w, s in sources for m in s.unless]),
                contexts=either(
                    patterns=[
                        pattern(m, w) for w, s in sources for c in s.void_after for m in contexts[c]
                    ]
                ),
                shown=sources[0][1].shown,
            )
        )
    words: list[tuple[str, str, float]] = []
    emotion: list[tuple[str, float]] = []
    category_rules: list[Rule] = []
    urgency_rules: list[Rule] = []
    calibration: tuple[tuple[float, float], ...] = ()
    needs: dict[str, frozenset[str]] = {}
    rare: dict[str, float] = {}
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
        if sorted({low for low, _ in part.calibration}) != [low for low, _ in part.calibration]:
            raise CannotLoadLanguage(f"{file_name}: calibration: shares must rise")
        calibration = tuple(part.calibration) or calibration
        for name, less in part.rare.items():
            _known(name, (*CATEGORIES, *URGENCIES), f"{file_name}: rare")
            rare[name] = less
        for category, wanted in part.needs.items():
            _known(category, CATEGORIES, f"{file_name}: needs")
            for signal_id in wanted:
                _known(signal_id, tuple(merged), f"{file_name}: needs.{category}")
            needs[category] = needs.get(category, frozenset()) | frozenset(wanted)
        phrases += _phrases(file_name, part)
    return _with_gates(
        name=name or "zh",
        table=table,
        splitter=Splitter(words=[w for _, part in parts for w in part.words]),
        signals=tuple(signals),
        groups=tuple(groups),
        words=tuple(words),
        emotion=tuple(emotion),
        categories=tuple(category_rules),
        urgency=tuple(urgency_rules),
        needs=needs,
        rare=rare,
        calibration=calibration,
        phrases=tuple(phrases),
    )


def normalise_pattern(source: str, table: dict[int, str | int | None]) -> str:
    """Bring a pattern to the spelling of texts without touching its operators."""
    operators = "(|)?*~…#{}^$\\"
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
    asks = frozenset(program.variables()) - set(_BOUND.findall(source.when))
    for fact in asks:
        _known(fact, sorted(RULE_FACTS), f"{where}: when: fact")
    return Rule(
        id=source.id,
        program=program,
        then=source.then,
        zh=source.because.zh,
        en=source.because.en,
        source=source.source,
        asks=asks,
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


def _with_gates(
    *,
    name: str,
    table: dict[int, str | int | None],
    splitter: Splitter,
    signals: tuple[Signal, ...],
    groups: tuple[tuple[str, frozenset[str]], ...],
    words: tuple[tuple[str, str, float], ...],
    emotion: tuple[tuple[str, float], ...],
    categories: tuple[Rule, ...],
    urgency: tuple[Rule, ...],
    needs: Mapping[str, frozenset[str]],
    rare: Mapping[str, float],
    calibration: tuple[tuple[float, float], ...],
    phrases: tuple[Phrase, ...],
) -> LanguagePack:
    things: list[Groups] = []
    opened: list[tuple[int, int]] = []
    for number, signal in enumerate(signals):
        for place, one in enumerate(signal.patterns):
            things.append(one.gates)
            opened.append((PATTERN, number << 12 | place))
    for kind, listed in ((WORD, [w[0] for w in words]), (EMOTION, [w[0] for w in emotion])):
        for number, word in enumerate(listed):
            if word:
                things.append((frozenset({word[:LONGEST]}),))
                opened.append((kind, number))
    return LanguagePack(
        name=name,
        spelling=table,
        splitter=splitter,
        signals=signals,
        category_words=words,
        emotion_words=emotion,
        categories=categories,
        urgency=urgency,
        needs=needs,
        rare=rare,
        calibration=calibration,
        phrases=phrases,
        groups=groups,
        shown=frozenset(signal.id for signal in signals if signal.shown),
        gates=Gates(things=things),
        opened=tuple(opened),
    )
