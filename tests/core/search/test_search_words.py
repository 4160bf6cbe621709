"""Words are cut so that any part is found, and shown where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.search import asked, keys_of, marked


def found(question: str, text: str) -> bool:
    """Tell whether an index with this text alone would answer the question."""
    keys = keys_of(text=text)
    words = asked(text=question)
    return bool(words) and all(
        set(w.keys) <= set(keys) or (w.start and any(k.startswith(w.start) for k in keys))
        for w in words
    )


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("收到", "显示签收可我没收到货"),
        ("没收到", "到今天没收到货"),
        ("小明", "收件人王小明"),
        ("药", "里面是老人的药"),
        ("药", "药在你们车上"),
        ("4471", "单号7312345678904471"),
        ("5678", "单号7312345678904471"),
        ("73123456", "单号7312345678904471"),
        ("ＳＦ１２３４", "sf1234567890123"),
        ("sf1234567890123", "运单SF1234567890123，催一下"),
        ("HY20261103-000123", "编号HY20261103-000123"),
        ("手机 摔碎", "摔碎了，是一部手机"),
        ("hy2", "编号HY20261103-000123"),
        ("HY202611", "编号HY20261103-000123"),
        ("138", "电话13812345678"),
        ("sf1", "运单SF1234567890123，催一下"),
        ("ab1", "型号AB12"),
        ("iPhone", "里面是 iphone15"),
        ("iph", "里面是 iphone15"),
        ('"破损" * (手机)', "手机破损"),
    ],
)
def test_a_part_of_what_was_said_is_found(question: str, text: str) -> None:
    assert found(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [("4472", "单号7312345678904471"), ("手机 摔碎", "摔碎了，是一只茶杯"), ("退货", "货退了")],
)
def test_what_was_not_said_is_not_found(question: str, text: str) -> None:
    assert not found(question, text)


@pytest.mark.parametrize("nothing", ["", "   ", "🎉🎉", "%", "*", '"', "' OR 1=1 --", "-", "。，"])
def test_signs_alone_ask_for_nothing_dangerous(nothing: str) -> None:
    for word in asked(text=nothing):
        assert all(k.isalnum() for k in (*word.keys, word.text))


@given(st.text(max_size=300))
def test_any_question_is_cut_into_plain_keys(text: str) -> None:
    words = asked(text=text)
    assert len(words) <= 8
    for word in words:
        assert word.keys and all(k.isalnum() and k == k.lower() for k in word.keys)


@given(st.text(alphabet="0123456789", min_size=6, max_size=20), st.data())
def test_four_digits_in_a_row_find_a_number(number: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(number) - 4))
    end = data.draw(st.integers(start + 4, len(number)))
    assert found(number[start:end], f"单号{number}催一下")


@given(st.text(max_size=400), st.lists(st.text(min_size=1, max_size=4), max_size=4))
def test_a_passage_is_a_part_of_its_text(text: str, words: list[str]) -> None:
    shown = "".join(p.text for p in marked(text=text, words=words, length=60))
    assert shown.removeprefix("…").removesuffix("…") in " ".join(text.split()) or "…" in text


def test_the_words_found_are_marked_in_their_passage() -> None:
    text = "您好，" + "这是一段很长的话，" * 20 + "杯子摔碎了，我要求赔偿。" + "以后再说。" * 20
    pieces = marked(text=text, words=["赔偿", "摔碎"], length=60)
    assert [p.text for p in pieces if p.hit] == ["摔碎", "赔偿"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert sum(len(p.text) for p in pieces) <= 62


def test_a_word_is_marked_in_any_width_and_case() -> None:
    assert [p.text for p in marked(text="单号ＳＦ12", words=["sf12"]) if p.hit] == ["ＳＦ12"]
