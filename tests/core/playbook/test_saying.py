"""A condition is said with the playbook's own names; no code of it is shown."""

from __future__ import annotations

import re

import pytest

from huiyin import playbooks
from huiyin.core.playbook import Playbook, load_playbook
from huiyin.core.playbook.drawing import draw, procedures
from huiyin.core.playbook.saying import condition_words

BOOK: Playbook = load_playbook(text=playbooks.text(name="express-default"), adopted=True)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        (
            "verdict in ['upheld', 'partly_upheld']",
            "核查结论是成立或部分成立",
            "verdict is upheld or partly upheld",
        ),
        ("has_waybill", "提供运单号", "a waybill number is known"),
        (
            "category == 'lost' && contacts >= 3",
            "投诉类别是丢失短少，并且本投诉的联系次数不少于3",
            "category of the complaint is Lost or short"
            " and contacts on this complaint is at least 3",
        ),
        ("verdict != 'not_upheld'", "核查结论不是不成立", "verdict is not not upheld"),
        ("signals.exists(s, s == 'x')", "符合规程写明的条件", "what the playbook asks for holds"),
        ("'x' in signals", "符合规程写明的条件", "what the playbook asks for holds"),
        ("odd == 'x'", "符合规程写明的条件", "what the playbook asks for holds"),
    ],
)
def test_a_condition_in_words(text: str, zh: str, en: str) -> None:
    assert condition_words(text=text, playbook=BOOK) == zh
    assert condition_words(text=text, playbook=BOOK, english=True) == en


@pytest.mark.parametrize("english", [False, True])
def test_no_drawing_shows_a_condition_as_it_is_written(english: bool) -> None:
    for category, branch, _all in procedures(playbook=BOOK):
        seen = draw(playbook=BOOK, category=category, branch=branch, english=english)
        said = " ".join(t for node in seen.nodes for _kind, t in node.lines)
        assert not re.search(r"==|&&|\[|'|has_waybill", " ".join((said, *seen.words)))
