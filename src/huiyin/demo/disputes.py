"""Disputes of the demo company: two outlets over broken and lost parcels, a courier's fine."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor
from huiyin.core.liability import CannotRule
from huiyin.flows import fine, journey, liability
from huiyin.store.read import playing

_SAID = {
    "w-chengbei": (
        "揽收时拍了照，外箱完好，交接单上也没有异常",
        "寄件人自己包装的，我们只做了加固",
    ),
    "w-chengnan": ("到件时外箱已经压破，当场登记并拍照", "派送前客户要求放门口，通话录音可查"),
    "w-hexi": ("卸车时件数不对，已在群里报备", "包裹没有到过我们网点，没有到件扫描"),
}
_RULED = (
    "到件有破损登记和照片，交接环节双方都有疏漏",
    "没有交接签收，举证不足的一方承担",
    "证据一致",
)
_WAYS: dict[str, tuple[Mapping[str, Any], ...]] = {
    "damaged": (
        {"outer_pack": "broken", "inner_goods": "broken"},
        {"outer_pack": "intact", "inner_goods": "broken"},
    ),
    "lost": (
        {"last_scan": "destination_hub", "handed_over": True},
        {"last_scan": "origin_hub", "handed_over": False},
    ),
    "delivery": ({"last_scan": "delivering"},),
}


class Disputes:
    """Plays claims of liability; each step is a moment that the demo has reached."""

    def __init__(self, *, actors: Mapping[int, Actor]) -> None:
        """Know who speaks for whom."""
        self.rng = random.Random(20261127)
        self.people = [a for a in actors.values() if a.role == "outlet"]
        self.house = [a for a in actors.values() if a.role == "supervisor"]
        self.manager = next(a for a in actors.values() if a.role == "manager")

    def claim(self, *, now: datetime, case: UUID, kind: str) -> UUID | None:
        """Claim who bears a complaint's cost; None where this kind of complaint has no dispute."""
        ways = _WAYS.get(kind)
        if ways is None:
            return None
        by = self.rng.choice(self.house)
        outlets = self.rng.sample(sorted(_SAID), 2)
        named = {
            "headquarters": "operations", "origin": outlets[0], "delivering": outlets[1],
            "origin_hub": "h-dong", "destination_hub": "h-xi",
        }  # fmt: skip
        if kind != "lost":
            del named["origin_hub"], named["destination_hub"], named["headquarters"]
        if kind == "delivery" and outlets[1] == "w-chengnan":
            named["courier"] = "c-liu"
        elif kind == "delivery":
            named |= {"delivering": "w-chengbei", "origin": "w-chengnan", "courier": "c-he"}
        try:
            with journey.writing(now=now, actor=f"user:{by.id}") as pen:
                return liability.claim(
                    pen=pen, complaint_id=case, actor=by, named=named, facts=self.rng.choice(ways)
                )
        except CannotRule:
            return None

    def speak(self, *, now: datetime, claim: UUID) -> None:
        """Let most outlets state their case; some stay silent."""
        for person in self.people:
            for party in playing.parties_to_hear(claim_id=claim, codes=person.parties):
                if self.rng.random() < 0.25:
                    continue
                contests = self.rng.random() < 0.7
                words = self.rng.choice(_SAID.get(party, ("按规范派送，客户确认过",)))
                with journey.writing(now=now, actor=f"user:{person.id}") as pen:
                    liability.act(
                        pen=pen, claim_id=claim, actor=person, act="state", party=party,
                        stance="contest" if contests else "admit", words=words if contests else "",
                    )  # fmt: skip

    def rule(self, *, now: datetime, claim: UUID) -> None:
        """Let somebody who has no part in it rule, in round shares, where a person must."""
        state, members = playing.dispute(claim_id=claim)
        if state not in {"ruling", "appealed"}:
            return
        spread = self.rng.choice(((10_000,), (7_000, 3_000), (5_000, 5_000)))
        order = sorted(members, key=lambda m: -m[1])
        shares = {
            party: spread[n] if n < len(spread) else 0 for n, (party, _share) in enumerate(order)
        }
        judges = [self.manager] if state == "appealed" else [*self.house, self.manager]
        for by in judges:
            try:
                with journey.writing(now=now, actor=f"user:{by.id}") as pen:
                    liability.act(
                        pen=pen, claim_id=claim, actor=by,
                        act="rule" if state == "ruling" else "rule_appeal",
                        shares=shares, words=self.rng.choice(_RULED),
                    )  # fmt: skip
                return
            except PermissionError:
                continue

    def appeal(self, *, now: datetime, claim: UUID) -> None:
        """Let an outlet that bears something appeal now and then."""
        if playing.dispute(claim_id=claim)[0] != "ruled" or self.rng.random() > 0.35:
            return
        for person in self.people:
            for party in playing.bearing(claim_id=claim, codes=person.parties):
                with journey.writing(now=now, actor=f"user:{person.id}") as pen:
                    liability.act(
                        pen=pen, claim_id=claim, actor=person, act="appeal", party=party,
                        words="到件登记表里有破损记录，裁定没有采信，请复核",
                    )  # fmt: skip
                return

    def fine(self, *, now: datetime, case: UUID) -> None:
        """Fine the courier of a sign-off before delivery, where the verdict says so."""
        by = self.rng.choice(self.house)
        party = self.rng.choice(("c-liu", "c-he", "w-chengnan"))
        try:
            with journey.writing(now=now, actor=f"user:{by.id}") as pen:
                made = fine.impose(
                    pen=pen, complaint_id=case, actor=by, party=party, rule="fine-false-sign",
                    amount=self.rng.choice((5_000, 10_000)), words="电话录音和监控都显示没有上门",
                )  # fmt: skip
        except CannotRule:
            return
        person = next((p for p in self.people if party in p.parties), None)
        if person is not None and self.rng.random() < 0.5:
            with journey.writing(now=now, actor=f"user:{person.id}") as pen:
                fine.act(
                    pen=pen, fine_id=made, actor=person, act="appeal",
                    words="客户电话里同意放驿站，有通话记录",
                )  # fmt: skip
