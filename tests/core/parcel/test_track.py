"""Tracks: told in pieces, by several sources, in any order; what they prove."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.parcel.findings import facts_of, findings
from huiyin.core.parcel.track import SIGNERS, Scan, Track, joined, merged

START = datetime(2026, 11, 1, 8, tzinfo=UTC)


def scan(hours: int, text: str = "", state: str = "moving", place: str = "武汉") -> Scan:
    return Scan(
        at=START + timedelta(hours=hours), text=text or f"第{hours}站", state=state, place=place
    )


def track(*scans: Scan, state: str = "moving", **more: object) -> Track:
    return Track(waybill="SF1234567890123", scans=scans, state=state, **more)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 200), max_size=12), st.randoms())
def test_pieces_in_any_order_give_one_track(hours: list[int], chance: Random) -> None:
    whole = [scan(h) for h in sorted(set(hours))]
    pieces = [*whole, *whole[:3]]
    chance.shuffle(pieces)
    known: Track | None = None
    for piece in pieces:
        known = merged(known=known, fresh=track(piece))
    if known is not None:
        assert list(known.scans) == whole
    assert joined(known=whole, fresh=pieces) == tuple(whole)


def test_a_late_word_of_an_earlier_scan_does_not_move_the_parcel_back() -> None:
    now = merged(
        known=track(scan(1), scan(9, state="signed"), state="signed", signed_by="locker"),
        fresh=track(scan(5, state="delivering"), state="delivering"),
    )
    assert (now.state, now.signed_by, len(now.scans)) == ("signed", "locker", 3)


def test_survives_being_kept() -> None:
    one = track(scan(1), scan(2), promised_at=START, facts={"fee": 1200}, carrier="sf")
    assert Track.from_json(data=one.as_json()) == one


@pytest.mark.parametrize("wrong", [{"state": "flying"}, {"signed_by": "cat"}])
def test_what_is_no_track_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no track"):
        Track.from_json(data={**track(scan(1)).as_json(), **wrong})


def test_hours_and_days_are_whole_ones_that_are_over() -> None:
    now = START + timedelta(hours=50, minutes=59)
    facts = facts_of(track=track(scan(0), promised_at=START + timedelta(hours=2)), now=now)
    assert (facts["no_scan_hours"], facts["days_late"]) == (50, 2)
    over = track(scan(30, state="signed"), state="signed", promised_at=START)
    assert facts_of(track=over, now=now)["days_late"] == 1
    assert facts_of(track=over, now=now)["signed_by"] == "unknown"
    assert "signed_by" not in facts_of(track=track(scan(1)), now=now)


@pytest.mark.parametrize(
    ("who", "weight"),
    [("person", "for"), ("proxy", "against"), ("locker", "against"), ("station", "against"),
     ("unknown", "open")],
)  # fmt: skip
def test_only_his_own_signature_speaks_for_the_carrier(who: str, weight: str) -> None:
    signed = track(scan(1, state="signed"), state="signed", signed_by=who)
    (found,) = findings(track=signed, category="delivery", now=START)
    assert found.weight == weight and SIGNERS[who][0] in found.because.zh
    assert findings(track=signed, category="fee", now=START) == ()


def test_a_track_that_stands_still_and_is_late_speaks_twice() -> None:
    still = track(scan(0), promised_at=START + timedelta(hours=1))
    rules = {f.because.rule for f in findings(track=still, category="delay",
                                              now=START + timedelta(days=3))}  # fmt: skip
    assert rules == {"track.still", "track.late"}
