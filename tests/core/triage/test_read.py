"""What signals are found in a text, and what speaks against them."""

from __future__ import annotations

import pytest

import small_language as small
from huiyin.core.triage.read import read_batch


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("送得太慢", ["slow", "bad"]),
        ("手机太慢", []),
        ("手机不错。送得很慢", ["slow", "bad"]),
        ("包裹丢了", ["lost", "bad"]),
        ("如果丢了呢", []),
        ("如果坏了。丢了", ["lost", "bad"]),
        ("我丢了脸", []),
        ("小哥又骂我", ["rude", "bad"]),
        ("", []),
        ("太慢了，小哥骂人，丢了", ["slow", "lost", "rude", "bad"]),
    ],
)
def test_signals(text: str, found: list[str]) -> None:
    assert list(read_batch(texts=[text], language=small.pack())[0].every) == found


def test_the_words_that_carried_a_signal_are_kept() -> None:
    reading = read_batch(texts=["真的太慢，小哥还骂人"], language=small.pack())[0]
    assert dict(zip(reading.every, reading.words, strict=True)) == {
        "slow": "太慢",
        "rude": "小哥还骂",
        "bad": "太慢",
    }


def test_a_text_reads_the_same_alone_and_among_others() -> None:
    texts = ["太慢了", "", "小哥骂人", "丢了脸，丢了", "如果丢了"]
    together = read_batch(texts=texts, language=small.pack())
    assert together == [read_batch(texts=[t], language=small.pack())[0] for t in texts]
