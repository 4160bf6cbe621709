"""A person changes or drops a promise before it is watched; what keeps it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from huiyin.core.reply import find_promises
from huiyin.core.reply.pledges import By, CannotPromise, Edit, keeps, kind_of, pledges

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FOUND = find_promises(text="明天中午前给您回电，三天内把钱退给您", now=NOW, day_ends=time(18))


def test_promises_are_watched_as_found() -> None:
    assert [(p.kind, p.due) for p in pledges(found=FOUND, edits=(), now=NOW)] == [
        (p.kind, p.due) for p in FOUND
    ]


def test_a_person_changes_the_time_or_drops_the_promise() -> None:
    later = NOW + timedelta(days=2)
    edits = (Edit(FOUND[0].key, due=later), Edit(FOUND[1].key, dropped=True))
    (only,) = pledges(found=FOUND, edits=edits, now=NOW)
    assert (only.words, only.due) == (FOUND[0].words, later)


def test_an_edit_of_words_that_are_gone_changes_nothing() -> None:
    assert len(pledges(found=FOUND, edits=(Edit("没有这句", dropped=True),), now=NOW)) == 2


@pytest.mark.parametrize("due", [NOW - timedelta(minutes=1), NOW + timedelta(days=400)])
def test_a_time_that_cannot_be_kept_is_refused(due: datetime) -> None:
    with pytest.raises(CannotPromise):
        pledges(found=FOUND, edits=(Edit(FOUND[0].key, due=due),), now=NOW)


def test_a_promise_whose_time_is_past_is_not_watched() -> None:
    late = find_promises(text="今天 9:00 前给您回电", now=NOW, day_ends=time(18))
    assert pledges(found=late, edits=(Edit(late[0].key, due=late[0].due),), now=NOW) == ()


def test_what_keeps_a_promise() -> None:
    ways: tuple[By, ...] = ("reply", "call", "missed_call", "hand")
    assert [by for by in ways if keeps(kind="contact", by=by)] == ["reply", "call", "hand"]
    assert [by for by in ways if keeps(kind="deed", by=by)] == ["hand"]
    kinds = [kind_of(rule=rule) for rule in ("promise", "promise_deed", "law_7d")]
    assert kinds == ["contact", "deed", None]
