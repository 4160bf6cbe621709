"""Gates open wherever an expression is found, and stay shut on most other texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from huiyin.core.matching.fixed import alternatives, fixed_words
from huiyin.core.matching.gates import Choice, Gates
from huiyin.core.matching.shipped import WORDS
from huiyin.core.matching.words import half_width

TALK = sorted(Path(__file__).parent.glob("conversations*.txt"))
CHOICES = {
    **{f"signals.{name}": choice for name, choice in WORDS.signals.items()},
    **{f"kinds.{name}": choice for name, choice in WORDS.kinds.items()},
    **{f"kinds_else.{name}": choice for name, choice in WORDS.kinds_else.items()},
    **{f"told_on.{name}": choice for name, choice in WORDS.told_on.items()},
    **{f"people.{place}": choice for place, choice in enumerate(WORDS.people.choices)},
    "goods": WORDS.goods,
    "organisations": WORDS.organisations,
    "aside": WORDS.aside,
    "earlier": WORDS.earlier,
    "events": WORDS.events,
}  # fmt: skip


@pytest.mark.thorough
def test_gates_change_nothing_that_is_found() -> None:
    texts = [
        half_width(text=line)
        for path in TALK
        for line in path.read_text(encoding="utf-8").splitlines()[::4]
    ]
    assert len(texts) > 300
    tried = 0
    for text in texts:
        opened = WORDS.gates.open(text=text)
        for name, choice in CHOICES.items():
            whole = [m.span() for m in choice.regex.finditer(text)]
            assert opened.finds(choice, text) is bool(whole), (name, text)
            assert [m.span() for m in opened.each(choice, text)] == whole, (name, text)
            tried += opened.find(choice) is not None
    assert tried < len(texts) * len(CHOICES) / 3


def test_what_is_found_between_gaps_opens_too() -> None:
    choice = Choice(sources=["没(有)?人接", "打不通"])
    opened = Gates(choices=[choice]).open(text="电话没人接")
    assert opened.finds(choice, " 没人接")
    assert not opened.finds(choice, "电话")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("延误", {"延误"}),
        ("延误时", {"延误"}),
        ("(退|赔)钱?吧", {"退钱", "赔钱", "退吧", "赔吧"}),
        ("一直[^,]{0,6}占线", {"占线"}),
        ("(?<![不没])也", {"也"}),
        ("(?<=[镇村])李", {"李"}),
        ("[a-z]+件", {"件"}),
        ("(坏|碎){2,3}", {"坏", "碎"}),
        ("(甲|乙\\d)丙?", {"甲", "乙"}),
    ],
)
def test_fixed_words(source: str, words: set[str]) -> None:
    assert fixed_words(source=source) == words


@pytest.mark.parametrize("source", [r"\d+", "(?i:ok)", "好?", "(甲|\\d)", "[^甲]", "[一-鿿]", " "])
def test_no_fixed_word(source: str) -> None:
    assert fixed_words(source=source) is None


def test_alternatives_find_what_the_whole_finds() -> None:
    assert alternatives(source=r"a|b(c|d)|[|\]]|\||[^]|]") == [
        "a", "b(c|d)", r"[|\]]", r"\|", "[^]|]",
    ]  # fmt: skip


def test_a_broken_expression_says_so() -> None:
    with pytest.raises(re.error):
        Choice(sources=["没(有"])
