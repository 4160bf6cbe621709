"""The glance that spares most candidates a weighing says what the weighing would say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.matching.evidence import Met, names_another, stranger, weigh
from huiyin.core.matching.facts import ComplaintFacts, ContactFacts
from huiyin.core.matching.settings import SETTINGS

NOW = datetime(2026, 11, 3, 10, tzinfo=UTC)
PHONES = ("13900000001", "13900000002", "13900000003")
WAYBILLS = ("SF1000000000001", "SF1000000000002", "YT1000000000003", "000000002")
ACCOUNTS = (*(f"p:{p}" for p in PHONES), "e:a@b.cn", "chat:u1", "weibo:@某人")


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


contacts = st.builds(
    ContactFacts,
    id=st.just("c"),
    at=st.just(NOW),
    channel=st.sampled_from(["api", "chat", "phone", "weibo", "web"]),
    sender=st.just("x"),
    text=st.sampled_from(["件丢了", "王小明的件丢了", "我是某人，件丢了"]),
    thread=st.sampled_from([None, "t1", "t2"]),
    identity=st.sampled_from(("", *ACCOUNTS)),
    handle=st.sampled_from(["", "王小明"]),
    shared=st.booleans(),
    waybills=some(WAYBILLS),
    tails=some(("0001", "0003")),
    phones=some(PHONES),
    names=some(("王小明", "李四")).map(frozenset),
    surnames=some(("王", "李")).map(frozenset),
    organisations=some(("大华", "小华")).map(frozenset),
    signals=some(("again", "shop", "correction", "kin")).map(frozenset),
)


def sets(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return some(values).map(frozenset)


complaints = st.builds(
    ComplaintFacts,
    id=st.just("k"),
    number=st.just("HY20261103-000001"),
    state=st.sampled_from(["open", "closed"]),
    opened_at=st.just(NOW),
    last_contact_at=st.just(NOW),
    waybills=sets(WAYBILLS),
    tails=sets(("0001", "0003")),
    phones=sets(PHONES),
    senders=sets(ACCOUNTS),
    owners=sets(ACCOUNTS),
    shared_senders=sets(ACCOUNTS),
    threads=sets(("t1", "t2")),
    names=sets(("王小明", "李四")),
    surnames=sets(("王", "李")),
    organisations=sets(("大华", "小华")),
)


@given(contact=contacts, complaint=complaints)
def test_a_stranger_at_a_glance_is_one_on_the_scale(
    contact: ContactFacts, complaint: ComplaintFacts
) -> None:
    if not (names_another(contact=contact) and stranger(contact=contact, complaint=complaint)):
        return
    weighed: Any = weigh(
        contact=contact,
        complaint=complaint,
        now=NOW,
        settings=SETTINGS,
        met=Met(1, {}),
        whole=False,
    )
    assert weighed.another_parcel
    assert not weighed.same_customer
    assert not weighed.whole
    assert (weighed.as_owner, weighed.as_other) == (0.0, 0.0)


def test_another_parcel_of_nobody_known_is_a_stranger() -> None:
    contact = ContactFacts(
        id="c", at=NOW, channel="api", sender="", text="件丢了", identity="p:13900000001",
        waybills=("SF1000000000001",),
    )  # fmt: skip
    complaint = ComplaintFacts(
        id="k", number="n", state="open", opened_at=NOW, last_contact_at=NOW,
        waybills=frozenset({"SF1000000000002"}), senders=frozenset({"p:13900000002"}),
    )  # fmt: skip
    assert stranger(contact=contact, complaint=complaint)
