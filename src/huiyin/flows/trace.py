"""Trace: where the parcel is; what sources tell reaches complaints, clocks and rules of care."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from huiyin.channels.registry import channel as channel_of
from huiyin.core.parcel.findings import facts_of
from huiyin.core.parcel.track import STATES, Track, merged
from huiyin.core.playbook import Playbook, first_match
from huiyin.core.playbook.checks import minutes
from huiyin.core.playbook.facts import mistaken
from huiyin.core.playbook.rules import CannotMatch
from huiyin.core.remedy.steps import THOROUGH_DELAY_DAYS
from huiyin.store.case import Case, Happening
from huiyin.store.ledger import Pen, inbox, tracks
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import accounts, office
from huiyin.store.read import tracks as reading
from huiyin.store.read.tracks import Kept


def asking() -> bool:
    """Tell whether there is a source that can be asked."""
    return any(
        channel.track is not None and channel.track.ask is not None
        for account in accounts.known().values()
        if (channel := channel_of(code=account.code)) is not None
    )


def want(pen: Pen, events: Sequence[Happening]) -> None:
    """Let the tracks of parcels that are complained of be asked for, where somebody can be."""
    named = [
        (e.case.waybill, e.case.carrier, "")
        for e in events
        if e.case.waybill and e.case.live and e.case.channel != "history"
    ]
    if named and asking():
        tracks.want(waybills=named, now=pen.now)


def learn(*, pen: Pen, told: Sequence[Track], by: str) -> int:
    """Take in what a source tells of parcels; returns how many tracks it changed.

    Open complaints of these parcels get the facts and an event; their clocks and procedures follow.
    """
    known = {k.track.waybill: k for k in reading.several(waybills=[t.waybill for t in told])}
    proactive = office.current_playbook().proactive
    every = timedelta(minutes=minutes(length=proactive.every))
    changed: dict[str, Track] = {}
    for fresh in told:
        if not fresh.waybill:
            continue
        before = known.get(fresh.waybill)
        old = changed.get(fresh.waybill) or (before.track if before else None)
        now = merged(known=old, fresh=_sound(fresh))
        if before is not None and now == before.track and before.told_at is not None:
            continue
        # what went wrong is looked at now; what moves, when it may have stopped
        soon = pen.now if now.state == "problem" else pen.now + every
        look_at = None if now.over or not now.scans else soon
        tracks.keep(track=now, by=by, now=pen.now, look_at=look_at)
        changed[fresh.waybill] = now
    _tell_complaints(pen=pen, changed=changed)
    return len(changed)


def _sound(track: Track) -> Track:
    """Return a track whose further facts are facts of the playbook, in their types."""
    facts = {n: v for n, v in track.facts.items() if mistaken(name=n, value=v) is None}
    return Track(
        waybill=track.waybill, scans=track.scans, state=track.state, carrier=track.carrier,
        signed_by=track.signed_by, promised_at=track.promised_at, phone=track.phone,
        name=track.name, facts=facts,
    )  # fmt: skip


def _tell_complaints(*, pen: Pen, changed: dict[str, Track]) -> None:
    ids = reading.complaints_of(waybills=changed)
    wanted = {id: changed[waybill] for waybill, found in ids.items() for id in found}
    for case in pen.cases(ids=list(wanted)):
        _tell(pen=pen, case=case, track=wanted[case.id])


def _tell(*, pen: Pen, case: Case, track: Track) -> bool:
    """Give a complaint the facts of its parcel; False where they are known to it."""
    facts = facts_of(track=track, now=pen.now)
    if case.triage.get("tracked") == facts:
        return False
    last = track.last
    data: dict[str, Any] = {
        "state": track.state,
        "scans": len(track.scans),
        "facts": facts,
        **({"last": last.at.isoformat(), "place": last.place} if last else {}),
    }
    if not track.over and track.promised_at is not None:
        days = THOROUGH_DELAY_DAYS.get(str(facts.get("route", "domestic")))
        if days is not None:
            # what is over already is due at once
            until = max(track.promised_at + timedelta(days=days), pen.now + timedelta(minutes=1))
            data["until"] = until.isoformat()
    pen.change(
        case=case,
        kind="ParcelArrived" if track.over else "TrackUpdated",
        data=data,
        actor="system",
        triage={**case.triage, "tracked": facts},
    )
    return True


def look(*, pen: Pen, kept: Sequence[Kept]) -> int:
    """Judge tracks as time goes by: complaints get what has aged, rules of care are asked.

    Returns how many cases of care were opened.
    """
    playbook = office.current_playbook()
    gone = timedelta(days=playbook.proactive.days)
    ids = reading.complaints_of(waybills=[k.track.waybill for k in kept])
    opened = 0
    left = playbook.proactive.most_per_day - reading.cared_today(
        since=pen.now - timedelta(hours=24)
    )
    by_id: dict[UUID, Kept] = {id: k for k in kept for id in ids.get(k.track.waybill, ())}
    for case in pen.cases(ids=list(by_id)):
        _tell(pen=pen, case=case, track=by_id[case.id].track)
    for one in kept:
        last = one.track.last
        if one.track.over or last is None or pen.now - last.at > gone:
            tracks.give_up(waybill=one.track.waybill)
            continue
        if one.track.waybill in ids or one.cared_for or opened >= left:
            continue
        opened += _care(pen=pen, playbook=playbook, track=one.track)
    return opened


def _care(*, pen: Pen, playbook: Playbook, track: Track) -> bool:
    """Open a case of care where a rule of the playbook says so, as a contact like any other."""
    facts = facts_of(track=track, now=pen.now)
    try:
        found = first_match(rules=playbook.care_rules, facts=facts, on=pen.now.date())
    except CannotMatch:
        return False
    if not tracks.cared(waybill=track.waybill, rule=found.rule):
        return False
    last = track.last
    words = found.then.words.zh.format(
        waybill=track.waybill,
        place=(last.place or last.text[:40]) if last else "",
        hours=facts.get("no_scan_hours", 0),
        state=STATES[track.state][0],
        last=last.text[:80] if last else "",
    )
    contact = {
        "id": f"care:{track.waybill}",
        "channel": "care",
        "sender": "",
        "text": words,
        "waybill": track.waybill,
        "category": found.then.category,
        "branch": "complaint",
        **({"phone": track.phone} if track.phone.isdigit() and len(track.phone) > 6 else {}),
        **({"sender_name": track.name} if track.name else {}),
    }
    inbox.accept(
        now=pen.now,
        arrivals=[
            Arrival(
                channel="care",
                kind="contact",
                external_id=f"care:{track.waybill}",
                raw=json.dumps(contact, ensure_ascii=False).encode(),
                headers={},
            )
        ],
    )
    return True


def due(*, now: datetime, limit: int) -> list[Kept]:
    """Claim tracks that are to be judged again."""
    every = timedelta(minutes=minutes(length=office.current_playbook().proactive.every))
    return tracks.claim_looks(now=now, every=every, limit=limit)
