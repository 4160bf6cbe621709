"""The pattern language: its signs, its errors, and gates that never shut out a match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.triage.encode import encode, rolling
from huiyin.core.triage.gates import Gates
from huiyin.core.triage.pattern import CannotReadPattern, either, read_pattern


@pytest.mark.parametrize(
    ("source", "finds", "not_in"),
    [
        ("没(有)?收到", ["没收到", "我没有收到货"], ["没有"]),
        ("(慢|拖)死", ["慢死了"], ["慢", "死"]),
        ("送~到", ["送货到", "送到"], ["送。到", "送得特别特别慢才到"]),
        ("催…不来", ["催了三次也不来"], ["催了。不来"]),
        ("等了#天", ["等了五天", "等了0天"], ["等了天"]),
        ("态度(真|太|很)*差", ["态度差", "态度真太很差"], ["态度好"]),
        ("^你好$", ["你好"], ["你好呀", "喂你好"]),
        ("\\?", ["在吗?"], ["在吗"]),
        ("{who}骂人", ["小哥骂人"], ["骂人"]),
    ],
)
def test_each_sign(source: str, finds: list[str], not_in: list[str]) -> None:
    pattern = read_pattern(source=source, named={"who": "小哥|师傅"})
    for text in finds:
        assert pattern.regex.search(text), text
    for text in not_in:
        assert not pattern.regex.search(text), text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("(慢", "not closed"),
        ("慢)", "without '('"),
        ("?慢", "follows nothing"),
        ("*慢", "follows nothing"),
        ("~…#", "fixed character"),
        ("(慢)?", "fixed character"),
        ("{nobody}慢", "no such name"),
    ],
)
def test_errors_say_what_is_wrong(source: str, told: str) -> None:
    with pytest.raises(CannotReadPattern, match=told.replace("(", "\\(")):
        read_pattern(source=source)


def test_names_in_a_circle_are_refused() -> None:
    with pytest.raises(CannotReadPattern, match="too deeply"):
        read_pattern(source="{a}", named={"a": "{b}慢", "b": "{a}快"})


PIECES = ["没", "慢", "(送|收)", "(有)?", "~", "…", "#", "(快递|货)*", "到", "(不|没|未)(来|到)"]
TEXTS = st.text(alphabet="没有慢送收快递货到不未来一0。,", max_size=14)


@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5), text=TEXTS)
def test_whatever_matches_has_a_word_of_each_group(pieces: list[str], text: str) -> None:
    try:
        pattern = read_pattern(source="".join(pieces))
    except CannotReadPattern:
        return
    if pattern.regex.search(text):
        for group in pattern.gates:
            assert any(word in text for word in group), (pattern.source, group)


WORDS = st.text(alphabet="慢快送到", min_size=1, max_size=3)
GROUPS = st.lists(st.frozensets(WORDS, min_size=1, max_size=4), min_size=1, max_size=3)


@given(
    things=st.lists(GROUPS.map(tuple), min_size=1, max_size=6),
    texts=st.lists(st.text(alphabet="慢快送到不", max_size=8), min_size=1, max_size=5),
)
def test_gates_open_as_plain_search_does(
    things: list[tuple[frozenset[str], ...]], texts: list[str]
) -> None:
    gates = Gates(things=things)
    encoded = encode(texts=texts)
    docs, found = gates.open(
        encoded=encoded, hashes=rolling(encoded=encoded, longest=max(gates.lengths))
    )
    plain = [
        (doc, number)
        for doc, text in enumerate(texts)
        for number, groups in enumerate(things)
        if all(any(word in text for word in group) for group in groups)
    ]
    assert list(zip(docs.tolist(), found.tolist(), strict=True)) == plain


@given(text=st.text(alphabet="慢快送到不。", max_size=12))
def test_one_of_several_is_found_where_any_of_them_is(text: str) -> None:
    several = [read_pattern(source=source) for source in ("送~到", "^慢", "不(快|慢)?$")]
    one = either(patterns=several)
    assert one is not None
    assert bool(one.regex.search(text)) == any(p.regex.search(text) for p in several)
    assert either(patterns=[]) is None
