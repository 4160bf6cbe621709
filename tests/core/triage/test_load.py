"""A broken language pack is refused with the entry that is wrong."""

from __future__ import annotations

import pytest

import small_language as small
from huiyin.core.triage import CannotLoadLanguage, load_language


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("signals: [", "more.yaml: not YAML"),
        ("signals: {x: {name: {zh: a}}}", "signals.x.name.en"),
        ("signals: {x: {name: {zh: a, en: a}, match: ['(慢']}}", "signals.x: .*not closed"),
        ("signals: {x: {name: {zh: a, en: a}, void_after: [never]}}", "no such context 'never'"),
        ("signals: {x: {name: {zh: a, en: a}, any_of: [nobody]}}", "'nobody' is not one of"),
        ("signals: {x: {name: {zh: a, en: a}, of: speed}}", "'speed' is not one of"),
        (
            "signals: {x: {name: {zh: a, en: a}, match: [慢], examples: [快]}}",
            "x is not found in its example '快'",
        ),
        (
            "signals: {x: {name: {zh: a, en: a}, match: [慢], counter: [慢]}}",
            "x is found in its example '慢'",
        ),
        ("needs: {delay: [nobody]}", "needs.delay: 'nobody'"),
        ("rare: {speed: 1}", "rare: 'speed'"),
        ("calibration: [[0.5, 0.5], [0.1, 0.2]]", "shares must rise"),
        ("phrases: {delay: {loud: [慢]}}", "'loud' is not one of"),
        ("phrases: {delay: {normal: ['慢 @speed']}}", "'speed' is not one of"),
        (
            "urgency: [{id: a, when: 'mood > 1', then: high, because: {zh: a, en: a}}]",
            "urgency.a: when: fact: 'mood'",
        ),
        (
            "urgency: [{id: a, when: 'length >', then: high, because: {zh: a, en: a}}]",
            "urgency.a: when",
        ),
        (
            "urgency: [{id: a, when: 'length > 5', then: soon, because: {zh: a, en: a}}]",
            "'soon' is not one of",
        ),
        (
            "urgency: [{id: a, when: \"'rude' in signals\", then: low, "
            "because: {zh: a, en: a}, examples: [太慢]}]",
            "rule a: .* decides its example",
        ),
    ],
)
def test_what_is_wrong_is_named(broken: str, told: str) -> None:
    with pytest.raises(CannotLoadLanguage, match=told):
        load_language(files={**small.FILES, "more.yaml": broken})


def test_an_overlay_adds_signals_and_goes_first() -> None:
    more = {
        "signals": {"slow": {"name": {"zh": "慢", "en": "Slow"}, "match": ["磨蹭"]}},
        "urgency": [
            {"id": "own", "when": "'slow' in signals", "then": "low",
             "because": {"zh": "慢", "en": "slow"}, "examples": ["真磨蹭"]}
        ],
    }  # fmt: skip
    pack = load_language(files=small.FILES, extra=more)
    assert pack.urgency[0].id == "own"
    assert {s.id for s in pack.signals} == {"slow", "lost", "rude", "bad"}


def test_examples_of_files_that_were_tried_are_not_run_again() -> None:
    broken = "signals: {x: {name: {zh: a, en: a}, match: [慢], examples: [快]}}"
    assert load_language(files={**small.FILES, "more.yaml": broken}, tried=True)
