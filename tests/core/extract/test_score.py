"""How extraction is judged against labels."""

from __future__ import annotations

from huiyin.core.extract.score import score


def test_each_sort_by_itself_and_all_together() -> None:
    found = score(
        judged=[
            ([("money", "300元"), ("phone", "13812345678")], [("money", "300元")]),
            ([("money", "5块")], [("money", "5块"), ("money", "两天"), ("date", "昨天")]),
        ]
    )
    assert found.per_type["money"].precision == 2 / 3
    assert found.per_type["money"].recall == 1.0
    assert found.per_type["phone"].recall == 0.0
    assert found.per_type["phone"].f1 == 0.0
    assert "date" not in found.per_type
    assert (found.whole.precision, found.whole.recall, found.whole.labelled) == (2 / 3, 2 / 3, 3)


def test_one_thing_said_twice_is_found_twice() -> None:
    found = score(judged=[([("money", "5块"), ("money", "5块")], [("money", "5块")])])
    assert (found.whole.precision, found.whole.recall) == (1.0, 0.5)


def test_nothing_labelled_is_nothing_wrong() -> None:
    found = score(judged=[([], [("money", "5块")])])
    assert (found.rows, found.whole.f1, found.per_type) == (1, 1.0, {})
