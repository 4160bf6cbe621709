"""How right and how fast sorting is from the shipped phrase book alone; beside it, reading."""

from __future__ import annotations

import io
import statistics
import time
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from huiyin.core.triage import LanguagePack, Phrase, TriageModel, load_language, train, triage_batch
from huiyin.core.triage.score import Judged, TriageScore, score
from huiyin.doors.bench.reading import reading
from huiyin.store.triage_model import language_files

_FOLDS = 5
_SINGLES = 300


def bench_quality(*, rows: int) -> dict[str, Any]:
    """Sort each fifth of the phrase book by a model of the other four; then measure the speed.

    Which fifth a sentence belongs to follows from its text, so every run gives the same score.
    ``rows`` texts are sorted for the speed, on one core. Extraction and matching are judged on
    texts made up by rule.
    """
    began = time.perf_counter()
    language = load_language(files=language_files())
    model = train(language=language)
    took = time.perf_counter() - began
    report = _crossed(language)
    kept = io.BytesIO()
    np.savez(kept, allow_pickle=False, **model.as_arrays())
    return {
        "bench": "quality",
        "phrases": len(language.phrases),
        "macro_f1": round(report.category.macro_f1, 4),
        "accuracy": round(report.category.accuracy, 4),
        "urgency_macro_f1": round(report.urgency.macro_f1, 4) if report.urgency else None,
        "high_critical_recall": round(report.grave_recall or 0.0, 4),
        "calibration_error": round(report.calibration_error, 4),
        "per_class": {n: round(c.f1, 4) for n, c in report.category.per_class.items()},
        "train_seconds": round(took, 2),
        "model_bytes": kept.tell(),
        "rows": rows,
        **_speed(language, model, rows),
        **reading(),
    }


def _crossed(language: LanguagePack) -> TriageScore:
    judged: list[Judged] = []
    for fold in range(_FOLDS):
        kept: list[Phrase] = []
        asked: list[Phrase] = []
        for phrase in language.phrases:
            (asked if zlib.crc32(phrase.text.encode()) % _FOLDS == fold else kept).append(phrase)
        model = train(language=language, phrases=kept)
        found = triage_batch(texts=[p.text for p in asked], model=model, language=language)
        judged += [
            Judged(
                id=phrase.text,
                category=said.category,
                urgency=said.urgency,
                confidence=said.confidence,
                true_category=phrase.category,
                true_urgency=phrase.urgency,
            )
            for phrase, said in zip(asked, found, strict=True)
        ]
    return score(judged=judged)


def _speed(language: LanguagePack, model: TriageModel, rows: int) -> dict[str, Any]:
    book = [phrase.text for phrase in language.phrases]
    texts = [book[number % len(book)] for number in range(rows)]
    triage_batch(texts=texts[:_SINGLES], model=model, language=language)
    began = time.process_time()
    triage_batch(texts=texts, model=model, language=language)
    spent = time.process_time() - began
    singles = sorted(_one(text, model, language) for text in texts[:_SINGLES])
    return {
        "per_second": round(rows / spent),
        "characters_per_text": round(statistics.mean(map(len, texts)), 1),
        "one_p50_ms": round(statistics.median(singles), 2),
        "one_p95_ms": round(_share(singles, 0.95), 2),
    }


def _one(text: str, model: TriageModel, language: LanguagePack) -> float:
    began = time.process_time()
    triage_batch(texts=[text], model=model, language=language)
    return (time.process_time() - began) * 1000


def _share(values: Sequence[float], part: float) -> float:
    return values[min(int(len(values) * part), len(values) - 1)]
