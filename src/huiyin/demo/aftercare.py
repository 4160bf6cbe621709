"""What the demo company's people owe: promises kept, mostly in time, and call-backs made."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.access import Actor
from huiyin.flows import call_back, journey, promise
from huiyin.store.read import playing

_ZONE = ZoneInfo("Asia/Shanghai")
_OPEN, _SHUT = 8, 20
_AHEAD = timedelta(hours=5)
_LATE = timedelta(days=1)
_FORGOTTEN = 0.15
_OUTCOMES = ("satisfied", "not_reached", "refused", "dissatisfied")
_SHARES = (66, 22, 5, 7)
_SAID = {
    "satisfied": ("客户说已经解决，谢谢回访", "客户满意，提醒以后先打电话", ""),
    "not_reached": ("", "响铃无人接"),
    "refused": ("客户在忙，说不用再打",),
    "dissatisfied": ("客户说赔得慢，希望再快一点", "客户认为派件员仍应当面道歉"),
}


class Aftercare:
    """Goes through what is owed, a few times a day while the office is open."""

    def __init__(self, *, actors: Mapping[int, Actor]) -> None:
        """Know who may confirm a promise and who calls."""
        self.rng = random.Random(20261128)
        self.forgotten: set[UUID] = set()
        self.manager = next(a for a in actors.values() if a.role == "manager")
        self.callers = [a for a in actors.values() if a.role == "supervisor"]

    def round(self, *, now: datetime) -> None:
        """Keep promises and make the calls that are owed by now."""
        if not _OPEN <= now.astimezone(_ZONE).hour < _SHUT:
            return
        for clock, case, due in playing.promises(before=now + _AHEAD):
            if clock not in self.forgotten and self.rng.random() < _FORGOTTEN:
                self.forgotten.add(clock)
            if clock in self.forgotten and now < due + _LATE:
                continue
            with journey.writing(now=now, actor=f"user:{self.manager.id}") as pen:
                promise.keep_by_hand(pen=pen, complaint_id=case, clock_id=clock, actor=self.manager)
        for call, occasion in playing.calls(before=now):
            who = self.manager if occasion == "last_level" else self.rng.choice(self.callers)
            outcome = self.rng.choices(_OUTCOMES, _SHARES)[0]
            if occasion == "last_level":
                outcome = "satisfied"
            with journey.writing(now=now, actor=f"user:{who.id}") as pen:
                call_back.record(
                    pen=pen, call_back_id=call, actor=who, outcome=outcome,
                    words=self.rng.choice(_SAID[outcome]),
                )  # fmt: skip
