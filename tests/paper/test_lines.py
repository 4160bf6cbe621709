"""Lines break as Chinese and English are set."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huiyin.paper.lines import lines


def wide(text: str) -> float:
    return float(sum(2 if ord(letter) > 0x2E80 else 1 for letter in text))


def test_no_stop_begins_a_line_and_no_bracket_ends_one() -> None:
    found = lines(text="请核实外包装，并上传照片（含面单）。", width=wide, limit=12)
    assert "".join(found) == "请核实外包装，并上传照片（含面单）。"
    assert all(line[0] not in "，。）" for line in found)
    assert all(line[-1] != "（" for line in found)


def test_a_word_is_kept_whole_where_it_fits() -> None:
    assert lines(text="运单 SF1234567890 已签收", width=wide, limit=14) == [
        "运单",
        "SF1234567890",
        "已签收",
    ]


def test_a_word_wider_than_a_line_is_broken() -> None:
    assert lines(text="a" * 25, width=wide, limit=10) == ["a" * 10, "a" * 10, "a" * 5]


def test_line_breaks_of_the_text_are_kept() -> None:
    assert lines(text="甲\n\n乙", width=wide, limit=10) == ["甲", "", "乙"]


@given(st.text(alphabet="甲乙，。（）ab 1\n", max_size=60), st.integers(min_value=2, max_value=20))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, limit: int) -> None:
    found = lines(text=text, width=wide, limit=limit)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(wide(line) <= limit or len(line) == 1 for line in found)
