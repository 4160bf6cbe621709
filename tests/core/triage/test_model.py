"""Training gives the same model each time; sorting says why and does not depend on the batch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import small_language as small
from huiyin.core.triage import CATEGORIES, CannotReadModel, TriageModel, train, triage_batch
from huiyin.core.triage.train import CannotTrain

pytestmark = pytest.mark.thorough


def test_the_same_sentences_give_the_same_model() -> None:
    first, second = small.model().as_arrays(), train(language=small.pack()).as_arrays()
    assert first.keys() == second.keys()
    for name, values in first.items():
        assert np.array_equal(values, second[name]), name


def test_a_model_survives_storage() -> None:
    again = TriageModel.from_arrays(arrays=small.model().as_arrays())
    texts = ["送得太慢", "瓶子碎了", "很满意"]
    assert triage_batch(texts=texts, model=again, language=small.pack()) == triage_batch(
        texts=texts, model=small.model(), language=small.pack()
    )


@pytest.mark.parametrize("lost", ["format", "terms", "weights", "follows"])
def test_arrays_that_are_no_model_are_refused(lost: str) -> None:
    arrays = small.model().as_arrays()
    del arrays[lost]
    with pytest.raises(CannotReadModel):
        TriageModel.from_arrays(arrays=arrays)


def test_arrays_of_another_shape_are_refused() -> None:
    arrays = small.model().as_arrays() | {"bias": np.zeros(3)}
    with pytest.raises(CannotReadModel, match="another version"):
        TriageModel.from_arrays(arrays=arrays)


def test_a_kind_without_a_sentence_cannot_be_learnt() -> None:
    few = [p for p in small.pack().phrases if p.category != "fee"]
    with pytest.raises(CannotTrain, match="fee"):
        train(language=small.pack(), phrases=few)


def sort(text: str) -> object:
    return triage_batch(texts=[text], model=small.model(), language=small.pack())[0]


@settings(max_examples=25)
@given(texts=st.lists(st.text(max_size=30), max_size=4))
def test_any_text_is_sorted_alone_as_in_a_batch(texts: list[str]) -> None:
    found = triage_batch(texts=texts, model=small.model(), language=small.pack())
    assert found == [sort(text) for text in texts]
    for one in found:
        assert one.category in CATEGORIES
        assert 0.0 <= one.confidence <= 1.0
        assert one.because and all(r.zh and r.en and r.rule for r in one.because)


def test_a_very_long_text_is_sorted() -> None:
    found = triage_batch(texts=["慢" * 200_000], model=small.model(), language=small.pack())
    assert found[0].category in CATEGORIES


def test_rules_decide_over_the_model_and_say_so() -> None:
    found = triage_batch(texts=["送得太慢，后来丢了"], model=small.model(), language=small.pack())[
        0
    ]
    assert (found.category, found.urgency) == ("lost", "high")
    assert [r.rule for r in found.because] == ["both", "fault"]
    assert found.because[0].words == ("太慢", "丢了")


def test_signals_speak_in_the_reason() -> None:
    often = train(language=small.pack(), phrases=small.pack().phrases * 20)
    found = triage_batch(texts=["小哥骂人"], model=often, language=small.pack())[0]
    assert found.category == "attitude"
    assert "骂人" in found.because[0].zh
    assert "rude" in found.because[0].en
    assert found.because[0].words == ("小哥骂",)


def test_a_rare_kind_is_not_said_without_its_signal() -> None:
    found = triage_batch(texts=["货款没给"], model=small.model(), language=small.pack())[0]
    assert found.category != "cod"
    assert dict(found.category_scores)["cod"] < 0.1
