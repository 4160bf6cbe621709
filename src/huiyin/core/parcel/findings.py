"""What a track proves: facts for the playbook, and what speaks for or against a claim."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from huiyin.core.because import Reason
from huiyin.core.parcel.track import SIGNERS, STATES, Track

Weight = Literal["against", "for", "open"]
_STILL: Final = 24
"""Hours without a scan from which on the silence of a track is worth a word."""
_SIGNATURES: Final[dict[str, tuple[Weight, tuple[str, str]]]] = {
    "person": (
        "for", ("轨迹记为本人签收，请核对签收凭证", "the track says in person: check the proof")
    ),
    "unknown": (
        "open", ("轨迹没有写明谁签收，不能证明本人签收", "does not say who signed: no proof")
    ),
    "else": (
        "against", ("不能作为本人签收的证据", "is no proof that he received it himself")
    ),
}  # fmt: skip


def facts_of(*, track: Track, now: datetime) -> dict[str, Any]:
    """Return the facts that playbook conditions may ask for; what is not known is absent.

    Hours and days are whole ones that are over.
    """
    facts: dict[str, Any] = {**track.facts, "track_state": track.state}
    last = track.last
    if last is not None and not track.over:
        facts["no_scan_hours"] = max(0, int((now - last.at) / timedelta(hours=1)))
    if last is not None and track.over:
        facts["no_scan_hours"] = 0
    if track.state == "signed":
        facts["signed_by"] = track.signed_by or "unknown"
    if track.promised_at is not None:
        until = last.at if last is not None and track.over else now
        facts["days_late"] = max(0, (until - track.promised_at) // timedelta(days=1))
    return facts


@dataclass(frozen=True, slots=True)
class Finding:
    """What the track says about the matter. ``weight``: against (the carrier), for, or open."""

    weight: Weight
    because: Reason


def findings(*, track: Track, category: str, now: datetime) -> tuple[Finding, ...]:
    """Return what the track proves for a complaint of a category.

    A signature by proxy, locker or station is no proof that the consignee got the parcel himself
    (states 302 to 304 of track data).
    """
    facts = facts_of(track=track, now=now)
    found = (
        _signature(track) if category in {"delivery", "lost", "attitude"} else None,
        _promise(track, facts.get("days_late"), category),
        _stillness(track, facts.get("no_scan_hours", 0)),
        _trouble(track),
    )
    return tuple(f for f in found if f is not None)


def _signature(track: Track) -> Finding | None:
    if track.state != "signed":
        return None
    who = track.signed_by or "unknown"
    weight, told = _SIGNATURES[who if who in {"person", "unknown"} else "else"]
    zh, en = SIGNERS[who]
    return Finding(
        weight,
        Reason(
            rule=f"track.signed_{who}",
            zh=f"{zh}：{told[0]}",
            en=f"{en}: {told[1]}",
            words=(track.last.text[:80],) if track.last else (),
        ),
    )


def _promise(track: Track, late: int | None, category: str) -> Finding | None:
    if track.promised_at is None or late is None:
        return None
    if late > 0:
        return Finding(
            "against",
            Reason(
                rule="track.late",
                zh=f"已超过承诺时限 {late} 天",
                en=f"{late} days after the promised time",
                words=(track.promised_at.isoformat(),),
            ),
        )
    if track.over and category == "delay":
        return Finding(
            "for", Reason(rule="track.in_time", zh="在承诺时限内送达", en="delivered in time")
        )
    return None


def _stillness(track: Track, hours: int) -> Finding | None:
    last = track.last
    if track.over or last is None or hours < _STILL:
        return None
    where = last.place or last.text[:40]
    return Finding(
        "against",
        Reason(
            rule="track.still",
            zh=f"轨迹 {hours} 小时没有更新，最后在：{where}",
            en=f"no scan for {hours} hours, last: {where}",
        ),
    )


def _trouble(track: Track) -> Finding | None:
    if track.state not in {"problem", "refused", "returning", "returned"}:
        return None
    zh, en = STATES[track.state]
    return Finding(
        "open",
        Reason(
            rule=f"track.{track.state}",
            zh=f"轨迹状态：{zh}",
            en=f"state of the track: {en.lower()}",
            words=(track.last.text[:80],) if track.last else (),
        ),
    )
