"""When asking a person about two complaints is worth it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.because import Reason
from huiyin.core.matching.asking import ENOUGH, Answered, bands, sides, worth_from

answers = st.lists(st.builds(Answered, score=st.floats(0, 1), same=st.booleans()), max_size=200)


def said(score: float, *, same: int, different: int) -> list[Answered]:
    return [Answered(score, True)] * same + [Answered(score, False)] * different


def test_evidence_is_put_on_its_side() -> None:
    pro, contra = sides(
        because=[Reason("match.goods", "同样的东西"), Reason("match.city_other", "城市不同")]
    )
    assert [r.rule for r in pro] == ["match.goods"]
    assert [r.rule for r in contra] == ["match.city_other"]


def test_a_low_band_that_was_denied_often_enough_is_left_out() -> None:
    assert worth_from(answered=[]) == 0.0
    assert worth_from(answered=said(0.25, same=0, different=ENOUGH - 1)) == 0.0
    assert worth_from(answered=said(0.25, same=0, different=ENOUGH)) == 0.3
    assert worth_from(answered=said(0.25, same=2, different=ENOUGH)) == 0.0


def test_a_high_band_never_hides_a_lower_one_that_was_right() -> None:
    low, high = said(0.25, same=5, different=5), said(0.95, same=0, different=100)
    assert worth_from(answered=[*low, *high]) == 0.0


@given(answers)
def test_every_answer_is_counted_once(answered: list[Answered]) -> None:
    found = bands(answered=answered)
    assert sum(b.answers for b in found) == len(answered)
    assert sum(b.same for b in found) == sum(a.same for a in answered)
    assert 0.0 <= worth_from(answered=answered) <= 1.0
