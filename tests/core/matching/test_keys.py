"""Few keys, few candidates, whatever the size of the book."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.extract import extract
from huiyin.core.matching import (
    CANDIDATES,
    KEYS,
    PER_KEY,
    ComplaintBook,
    ContactFacts,
    choose,
    index_keys,
    lookup_keys,
    open_complaint,
    owner_keys,
    read_contact,
)

pytestmark = pytest.mark.thorough

AT = datetime(2026, 6, 10, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def contact(
    id: str, text: str, *, sender: str, channel: str = "wechat", hours: int = 0
) -> ContactFacts:
    at = AT + timedelta(hours=hours)
    return read_contact(
        id=id, at=at, channel=channel, sender=sender, text=text, entities=extract(text=text, at=at)
    )


@given(
    st.dictionaries(
        st.sampled_from([f"{kind}:{n}" for kind in ("w", "s", "k", "c", "g") for n in range(9)]),
        st.lists(st.integers(0, 500), max_size=60, unique=True),
        max_size=24,
    )
)
def test_the_candidates_are_few_and_numbers_come_first(found: dict[str, list[int]]) -> None:
    keys = sorted(found, key=lambda key: key[:2] != "w:")
    chosen = choose(keys=keys, found=found)
    assert len(chosen) <= CANDIDATES
    assert len(set(chosen)) == len(chosen)
    strong = [i for key in keys if key[:2] == "w:" for i in found[key][:PER_KEY]]
    assert set(strong[:PER_KEY]) <= set(chosen)


def test_a_shop_with_a_thousand_parcels_has_few_candidates() -> None:
    book = ComplaintBook()
    for n in range(300):
        number = f"YT93001{n:04d}7731"
        book.take(contact=contact(f"c{n}", f"{number} 烂了一箱黄桃", sender="shop", hours=n))
    assert len(book) == 300
    asked = contact("ask", "黄桃怎么赔", sender="shop", hours=301)
    assert len(book.candidates(contact=asked)) <= CANDIDATES


def test_what_is_indexed_is_found() -> None:
    opened = contact("a", "YT9300110045561 麻阳滕家果园发广州的黄桃烂了", sender="x")
    asked = contact("b", "发广州的黄桃，尾号5561", sender="y", hours=3)
    assert len(index_keys(contact=opened)) <= KEYS
    assert set(index_keys(contact=opened)) & set(lookup_keys(contact=asked))


def test_a_customers_other_accounts_are_followed() -> None:
    first = contact("a", "极兔JT5500110077001 收我3块上门费，电话13900002222", sender="chat1")
    complaint = open_complaint(id="a", number="a", contact=first)
    caller = contact("b", "浴室柜裂了", sender="13900002222", channel="phone")
    assert owner_keys(contact=caller, complaints=[complaint]) == ("s:wechat:chat1",)
    stranger = contact("c", "浴室柜裂了", sender="13900003333", channel="phone")
    assert owner_keys(contact=stranger, complaints=[complaint]) == ()
