"""Sort a batch of texts: the model proposes, the rules decide, both say why."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huiyin.core.because import Reason
from huiyin.core.triage.decision import CATEGORIES, URGENCIES, Triage
from huiyin.core.triage.encode import encode, rolling
from huiyin.core.triage.language import LanguagePack, Rule, Signal
from huiyin.core.triage.model import TriageModel, add_up
from huiyin.core.triage.read import Reading, read_encoded
from huiyin.core.triage.rules import Decided
from huiyin.core.triage.words import Hits, Terms, find_terms, spoken

_CHUNK = 512
_SECOND_SHARE = 0.22
_SURE = 0.5
# a signal carries the category in the reason where it adds at least this much to its score
_SPEAKS = 0.25
# what a category loses, in logarithms of odds, where none of the signals that it needs is found
_LACKING = 3.0
_CATEGORIES = np.array(CATEGORIES, dtype=object)
_ANSWERS = (*CATEGORIES, *URGENCIES)
_NAMES = {
    "delay": ("延误", "delay"),
    "delivery": ("投递与签收", "delivery and sign-off"),
    "lost": ("丢失短少", "loss or shortage"),
    "damaged": ("损毁", "damage"),
    "attitude": ("服务态度", "attitude"),
    "tracking": ("信息更新不及时", "tracking"),
    "fee": ("收费与价格", "fees and prices"),
    "claim": ("理赔纠纷", "claim dispute"),
    "pickup": ("收寄揽收", "pickup"),
    "cod": ("代收货款", "cash on delivery"),
    "access": ("电话无人接听、受理过长", "cannot be reached"),
    "other": ("其他/咨询", "other or enquiry"),
}
_LEVELS = {"low": "低", "normal": "一般", "high": "高", "critical": "紧急"}
_WORDED = {
    level: Reason(
        rule="triage.urgency.wording",
        zh=f"语气和内容与紧急程度“{name}”的来信相近",
        en=f"Tone and content are like texts of urgency {level}",
    )
    for level, name in _LEVELS.items()
}


def triage_batch(
    *, texts: Sequence[str], model: TriageModel, language: LanguagePack
) -> list[Triage]:
    """Sort texts, any number at once; each result is the same as for the text alone.

    Raises ValueError when a rule of the pack cannot be evaluated.
    """
    desk = _set_up(model, language)
    out: list[Triage] = []
    for start in range(0, len(texts), _CHUNK):
        out += _chunk(texts[start : start + _CHUNK], desk)
    return out


@dataclass(frozen=True, slots=True)
class _Desk:
    """What lies ready while a batch is sorted."""

    model: TriageModel
    language: LanguagePack
    kinds: Decided
    levels: Decided
    rows: dict[str, int]
    signals: dict[str, Signal]
    speaking: list[list[float]]
    """What each signal of the model adds to each category, by category."""
    terms: tuple[str, ...]
    known: Terms
    follows: list[list[float]]


@functools.lru_cache(maxsize=4)
def _set_up(model: TriageModel, language: LanguagePack) -> _Desk:
    return _Desk(
        model=model,
        language=language,
        kinds=Decided(rules=language.categories),
        levels=Decided(rules=language.urgency),
        rows={name: number for number, name in enumerate(model.signals)},
        signals={signal.id: signal for signal in language.signals},
        speaking=model.weights[len(model.rows) :, : len(CATEGORIES)].T.tolist(),
        terms=tuple(model.rows),
        known=Terms(rows=model.rows),
        follows=model.follows.tolist(),
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """One text with what was found in it and the model's scores for it."""

    length: int
    reading: Reading
    rows: list[int]
    kinds: list[float]
    ranked: list[int]
    scores: tuple[tuple[str, float], ...]
    pressing: list[float]
    complaint: float
    span: slice


def _chunk(texts: Sequence[str], desk: _Desk) -> list[Triage]:
    model, language = desk.model, desk.language
    normal = [language.normal(text) for text in texts]
    encoded = encode(texts=normal)
    hashes = rolling(encoded=encoded, longest=max(language.gates.lengths, default=1))
    readings = read_encoded(texts=normal, encoded=encoded, hashes=hashes, language=language)
    hits = find_terms(
        texts=normal, splitter=language.splitter, terms=desk.known, rarity=model.rarity
    )
    found = [[desk.rows[n] for n in reading.every if n in desk.rows] for reading in readings]
    scores = add_up(hits=hits, model=model, signals=found).astype(np.float64)
    for number, reading in enumerate(readings):
        for category, weight in reading.weights:
            scores[number, CATEGORIES.index(category)] += weight
    width, levels = len(CATEGORIES), len(URGENCIES)
    for name, less in language.rare.items():
        scores[:, _ANSWERS.index(name)] -= less
    for category, wanted in language.needs.items():
        lacking = [not wanted.intersection(reading.every) for reading in readings]
        scores[lacking, CATEGORIES.index(category)] -= _LACKING
    kinds = _shares(scores[:, :width])
    order = np.argsort(-kinds, axis=1, kind="stable")
    ranked = order.tolist()
    names = _CATEGORIES[order].tolist()
    sorted_ = np.round(np.take_along_axis(kinds, order, axis=1), 4).tolist()
    complaint = (1.0 / (1.0 + np.exp(-scores[:, width + levels]))).tolist()
    pressing = scores[:, width : width + levels].tolist()
    edges = np.searchsorted(hits.doc, np.arange(len(texts) + 1)).tolist()
    shares = np.round(kinds, 4).tolist()
    return [
        _one(
            _Case(
                length=len(normal[i]),
                reading=reading,
                rows=found[i],
                kinds=shares[i],
                ranked=ranked[i],
                scores=tuple(zip(names[i], sorted_[i], strict=True)),
                pressing=pressing[i],
                complaint=complaint[i],
                span=slice(edges[i], edges[i + 1]),
            ),
            hits,
            desk,
        )
        for i, reading in enumerate(readings)
    ]


def _shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _step(value: float) -> float:
    return round(value * 20) / 20


def _one(case: _Case, hits: Hits, desk: _Desk) -> Triage:
    reading, kinds, ranked = case.reading, case.kinds, case.ranked
    category = CATEGORIES[ranked[0]]
    share = kinds[ranked[0]]
    facts: dict[str, Any] = {
        "signals": list(reading.every),
        "category": category,
        "secondary": list(_second(case, category)),
        "guess": "normal",
        "guess_sure": 0.0,
        "emotion": _step(reading.emotion),
        "is_complaint": _step(case.complaint),
        "length": min(case.length // 20 * 20, 400),
    }
    reasons: list[Reason] = []
    by_id = dict(zip(reading.every, reading.words, strict=True))
    rule = desk.kinds.by(facts=facts)
    if rule is not None:
        category = facts["category"] = rule.then
        share = max(share, 0.9)
        reasons.append(_because(rule, by_id))
    else:
        reasons.append(_likeness(case, by_id, hits, desk))
    secondary = _second(case, category)
    facts["secondary"] = list(secondary)
    follows = desk.follows[CATEGORIES.index(category)]
    pressing = [a + b for a, b in zip(case.pressing, follows, strict=True)]
    level = max(range(len(pressing)), key=pressing.__getitem__)
    facts["guess"] = URGENCIES[level]
    facts["guess_sure"] = _step(1.0 / sum([math.exp(one - pressing[level]) for one in pressing]))
    rule = desk.levels.by(facts=facts)
    urgency = facts["guess"]
    if rule is not None:
        urgency = facts["guess"] if rule.then == "guess" else rule.then
        reasons.append(_because(rule, by_id))
    else:
        reasons.append(_WORDED[urgency])
    confidence = _calibrated(share, desk.language.calibration)
    shown = desk.language.shown
    return Triage(
        category=category,
        secondary=secondary,
        urgency=urgency,
        emotion=reading.emotion,
        is_complaint=round(case.complaint, 3),
        signals=tuple([s for s in reading.every if s in shown]),
        category_scores=case.scores,
        confidence=confidence,
        unsure=confidence < _SURE,
        because=tuple(reasons),
    )


def _second(case: _Case, category: str) -> tuple[str, ...]:
    """Return up to two grievances beside ``category``, the likelier first."""
    likely = [CATEGORIES[k] for k in case.ranked[:4] if case.kinds[k] >= _SECOND_SHARE]
    return tuple([name for name in likely if name not in (category, "other")][:2])


def _because(rule: Rule, words: dict[str, str]) -> Reason:
    carried = tuple([words[name] for name in rule.signals if name in words])
    return Reason(rule=rule.id, zh=rule.zh, en=rule.en, words=carried, source=rule.source)


def _likeness(case: _Case, words: dict[str, str], hits: Hits, desk: _Desk) -> Reason:
    """Say what made the model choose: the signals that speak for it, else the wording."""
    column = case.ranked[0]
    category = CATEGORIES[column]
    weights = desk.speaking[column]
    rows = [r for r in case.rows if weights[r] >= _SPEAKS]
    if rows:
        rows.sort(key=weights.__getitem__, reverse=True)
        names = [desk.model.signals[row] for row in rows[:3]]
        return Reason(
            rule=f"triage.category.{category}",
            zh="说到：" + "、".join(desk.signals[name].zh for name in names),
            en="Speaks of: " + ", ".join(desk.signals[name].en.lower() for name in names),
            words=tuple(words[name] for name in names),
        )
    zh, en = _NAMES[category]
    return Reason(
        rule=f"triage.category.{category}",
        zh=f"用词与“{zh}”类投诉相近",
        en=f"Worded like complaints about {en}",
        words=_carrying(case, hits, desk, column),
    )


def _carrying(case: _Case, hits: Hits, desk: _Desk, column: int) -> tuple[str, ...]:
    """Return up to three terms of two characters or more that speak most for the answer."""
    rows = hits.row[case.span]
    every = desk.model.weights[rows, : len(CATEGORIES)]
    value = (every[:, column] - every.mean(axis=1)) * hits.value[case.span]
    words: list[str] = []
    for place in np.argsort(-value, kind="stable")[:8].tolist():
        word = spoken(term=desk.terms[rows[place]])
        if value[place] <= 0.0 or len(words) == 3:
            break
        if len(word) > 1 and not any(word in w or w in word for w in words):
            words.append(word)
    return tuple(words)


def _calibrated(share: float, table: Sequence[tuple[float, float]]) -> float:
    """Read the share off the measured curve, straight lines between its points."""
    if not table:
        return round(share, 3)
    for (low, worth), (high, more) in itertools.pairwise(table):
        if share <= high:
            part = max(share - low, 0.0) / (high - low)
            return round(worth + part * (more - worth), 3)
    return round(table[-1][1], 3)
