"""Every minute of a complaint belongs to somebody, and no minute twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.clocks import ALWAYS, CN_OFFICE
from huiyin.core.collaboration import Attribution, Holder, Moment, attribute

# A Tuesday morning.
START = datetime(2026, 11, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SERVICE, OPERATIONS, CLAIMS = (Holder("department", c) for c in ("service", "operations", "claims"))
HOUR = timedelta(hours=1)


def story(*told: tuple[float, str, dict[str, Any]]) -> list[Moment]:
    """Return events from (hours after the start, kind, data)."""
    opened = [(0.0, "ComplaintOpened", {}), (0.0, "ComplaintAssigned", {"department": "service"})]
    return [
        Moment(id=str(n), at=START + hours * HOUR, kind=kind, data=data)
        for n, (hours, kind, data) in enumerate((*opened, *told))
    ]


def held(events: list[Moment], until: float) -> dict[Holder, float]:
    """Return the hours of each holder."""
    found = attribute(events=events, until=START + until * HOUR, calendar=ALWAYS)
    return {s.holder: s.time / HOUR for s in found.shares}


def asked(name: str, department: str) -> dict[str, str]:
    return {"collaboration": name, "department": department}


def test_whoever_is_waited_for_holds_it() -> None:
    events = story(
        (1, "CollaborationAsked", asked("a", "operations")),
        (1, "CollaborationAsked", asked("b", "claims")),
        (3, "CollaborationReturned", asked("a", "operations")),
        (4, "CollaborationAskedAgain", asked("a", "operations")),
        (6, "CollaborationAnswered", asked("b", "claims")),
        (9, "CollaborationAnswered", asked("a", "operations")),
        (10, "CustomerAsked", {}),
        (20, "ContactJoined", {}),
        (21, "RemedyProposed", {"remedy": "r"}),
        (23, "RemedyApproved", {"remedy": "r"}),
        (24, "ComplaintResolved", {}),
        (30, "ComplaintClosed", {}),
    )
    assert held(events, 40) == {
        # 1 h, then 1 h until it was asked again is claims' alone
        SERVICE: 1 + 1 + 1 + 1,
        OPERATIONS: 1 + 1 + 3,
        CLAIMS: 1 + 1 + 1,
        Holder("customer"): 10,
        Holder("approval"): 2,
        Holder("answered"): 6,
        Holder("ended"): 10,
    }


def test_time_after_the_answer_is_not_handling_time() -> None:
    events = story((2, "ComplaintResolved", {}), (5, "ComplaintReopened", {}))
    found = attribute(events=events, until=START + 6 * HOUR, calendar=ALWAYS)
    assert found.handled == 3 * HOUR
    assert found.whole == 6 * HOUR


def test_asking_back_and_transfer_move_the_time() -> None:
    events = story(
        (0, "CollaborationAsked", asked("a", "operations")),
        (2, "CollaborationAskedBack", asked("a", "operations")),
        (3, "CollaborationSupplied", asked("a", "operations")),
        (5, "CollaborationTransferred", asked("a", "claims")),
        (6, "CollaborationWithdrawn", asked("a", "claims")),
    )
    assert held(events, 7) == {OPERATIONS: 4, SERVICE: 2, CLAIMS: 1}


def test_working_time_leaves_the_night_out() -> None:
    events = story((8, "CollaborationAsked", asked("a", "claims")))
    found = attribute(events=events, until=START + 25 * HOUR, calendar=CN_OFFICE)
    working = {s.holder: s.working / HOUR for s in found.shares}
    assert working == {SERVICE: 8, CLAIMS: 2}


def test_a_merge_undone_gives_the_time_back() -> None:
    events = story((1, "ComplaintMerged", {}), (3, "MergeUndone", {"event": "2"}))
    assert held(events, 4) == {SERVICE: 2, Holder("ended"): 2}


def test_a_complaint_nobody_has_yet_belongs_to_nobody() -> None:
    opened = [Moment(id="0", at=START, kind="ComplaintOpened", data={})]
    assert held(opened, 2) == {Holder("nobody"): 2}
    assert attribute(events=[], until=START, calendar=ALWAYS) == Attribution((), ())
    assert attribute(events=opened, until=START, calendar=ALWAYS).shares == ()


KINDS = st.sampled_from(
    [
        "ComplaintAssigned", "HandedOver", "ComplaintTaken", "CustomerAsked", "ContactJoined",
        "VerdictGiven", "RemedyProposed", "RemedyApproved", "ComplaintResolved",
        "ComplaintReopened", "ComplaintClosed", "ComplaintMerged", "MergeUndone", "NoteAdded",
        "CollaborationAsked", "CollaborationAnswered", "CollaborationReturned",
        "CollaborationAskedBack", "CollaborationSupplied", "CollaborationTransferred",
        "CollaborationAskedAgain", "CollaborationWithdrawn",
    ]
)  # fmt: skip
STEPS = st.lists(
    st.tuples(
        st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9)),
        KINDS,
        st.sampled_from(["service", "operations", "claims"]),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=25,
)


@given(STEPS, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9)))
def test_the_shares_add_up_to_the_whole(
    steps: list[tuple[timedelta, str, str, str]], rest: timedelta
) -> None:
    at, events = START, story()
    for length, kind, department, name in steps:
        at += length
        data = {
            "department": department, "collaboration": name, "remedy": name,
            "event": str(len(events) - 1),
        }  # fmt: skip
        events.append(Moment(id=str(len(events)), at=at, kind=kind, data=data))
    found = attribute(events=events, until=at + rest, calendar=CN_OFFICE)
    assert found.whole == at + rest - START
    if found.segments:
        assert found.segments[0].start == START
        assert found.segments[-1].end == at + rest
    for one, following in pairwise(found.segments):
        assert one.end == following.start
        assert one.holders != following.holders
    assert all(s.start < s.end and s.holders for s in found.segments)
    assert all(timedelta(0) <= s.working <= s.time + timedelta(seconds=1) for s in found.shares)
