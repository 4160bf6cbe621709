"""The formal letter: filled from facts, parts without a fact left out, no blank left."""

from __future__ import annotations

import pytest

from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.core.reply.letter import CannotWriteLetter, Letter, write_letter

pytestmark = pytest.mark.thorough

VALUES = {
    "customer": "王丽", "number": "HY20261103-000001", "waybill": "SF1234567890123",
    "category": "丢失短少", "opened": "2026年11月03日", "date": "2026年11月05日",
    "letter": "HY20261103-000001-1", "company": "测试快递", "department": "理赔法务部",
    "hotline": "95338", "facts": "包裹在中转时遗失。", "verdict": "成立",
    "remedies": "赔偿 300.00 元", "bases": "民法典 第八百三十三条",
}  # fmt: skip


@pytest.fixture(scope="module", params=["express-default", "city-carrier"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def written(name: str, language: str = "zh", **changes: str) -> Letter:
    template = load_playbook(text=playbooks.text(name=name)).letter
    assert template is not None
    return write_letter(template=template, values={**VALUES, **changes}, language=language)


def whole(letter: Letter) -> str:
    return "\n".join((letter.title, letter.opening, letter.closing, letter.signature,
                      *(line for part in letter.parts for line in part)))  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_is_in_it(name: str, language: str) -> None:
    letter = written(name, language)
    assert VALUES["letter"] in letter.reference
    for key in ("customer", "number", "facts", "remedies", "bases", "company", "date"):
        assert VALUES[key] in whole(letter), key
    assert len(letter.parts) == 4


def test_parts_without_their_fact_are_left_out(name: str) -> None:
    letter = written(name, remedies="", bases=" ")
    assert len(letter.parts) == 2
    assert "依据" not in whole(letter)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"facts": " "}, "found"),
        ({"facts": "经过是____"}, "blank"),
        ({"bases": "一" * 20001}, "most"),
    ],
)
def test_what_is_incomplete_is_said(name: str, changes: dict[str, str], words: str) -> None:
    with pytest.raises(CannotWriteLetter, match=words):
        written(name, **changes)
