"""A fire at a hub of the demo company: one incident, all answered and settled at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from huiyin.core.access import Actor
from huiyin.core.incident import Listed, Plan, Rule
from huiyin.core.remedy.payee import Payee
from huiyin.flows import agree, carry_out, journey, link
from huiyin.flows.outlook import CannotCarryOut
from huiyin.store.ledger.bulk_runs import CannotStartRun
from huiyin.store.read import playing

LISTED = 24
"""Parcels that burned."""
ASKED = 17
"""Of so many somebody complains."""
_SAY = (
    "我的件 {waybill} 在东区分拨的火灾里烧毁了，里面是{goods}，要求按价值赔偿",
    "{waybill} 被烧了，里面是{goods}，请赔偿我的损失",
    "新闻说东区分拨着火，快递 {waybill} 里面的{goods}烧坏了，你们怎么赔？",
    "分拨中心着火把我的包裹 {waybill} 弄丢了，找不到件，要说法",
)
_GOODS = ("一台咖啡机", "两箱茶叶", "孩子的校服", "一双新鞋", "一套餐具", "公司的样品")
_SURNAMES = "吴郑冯蒋沈韩朱秦许何吕施"
_NEWS = (
    "{customer}您好，{waybill} 存放在起火的东区分拨中心。我们正在逐件清点，"
    "清点结果出来马上告诉您；让您担心了，我们向您道歉。进度：{link}"
)
_RESULT = (
    "{customer}您好，投诉 {number} 有结果了：{waybill} 在{incident}中烧毁，我们向您道歉。"
    "按规则赔付 {amount}，怎么算的、接不接受，请打开 {link}"
)

Post = Callable[[datetime, dict[str, Any]], tuple[str, UUID | None]]


class Fire:
    """Plays the incident; each step is a moment that the demo has reached."""

    def __init__(self, *, actors: Mapping[int, Actor], post: Post) -> None:
        """Know who leads, and by which way contacts come in."""
        self.rng = random.Random(20261129)
        self.manager = next(a for a in actors.values() if a.role == "manager")
        self.post = post
        self.parcels = [f"HYE7{self.rng.randrange(10**8, 10**9)}" for _n in range(LISTED)]
        self.complaints: list[UUID] = []
        self.incident: UUID | None = None

    def complain(self, *, now: datetime, number: int) -> None:
        """Let the customer of a burned parcel complain."""
        waybill = self.parcels[number]
        phone = f"139{self.rng.randrange(10**7, 10**8)}"
        said = self.rng.choice(_SAY).replace("{goods}", self.rng.choice(_GOODS))
        _outcome, case = self.post(
            now,
            {
                "channel": self.rng.choice(("portal", "phone", "sms")),
                "sender": phone, "phone": phone, "branch": "complaint", "at": now.isoformat(),
                "sender_name": self.rng.choice(_SURNAMES) + self.rng.choice(("女士", "先生")),
                "text": said.replace("{waybill}", waybill),
            },
        )  # fmt: skip
        if case is not None:
            self.complaints.append(case)

    def declare(self, *, now: datetime) -> None:
        """Make it an incident with the list of what burned, and let it take its complaints."""
        listed = [
            Listed(w, {"fee": self.rng.choice((1000, 1200, 1800)),
                       "real_value": self.rng.choice((19900, 39900, 68000, 129900))})
            for w in self.parcels
        ]  # fmt: skip
        self.incident = link.draft(
            now=now, actor=self.manager, parcels=listed, name="东区分拨中心火灾",
            about="凌晨分拣线起火，二楼待派区全部过火。", begins_at=now - timedelta(hours=9),
            ends_at=None,
            rule=Rule(takes_from=now - timedelta(hours=9),
                      waybills=frozenset(p.waybill for p in listed)),
        )  # fmt: skip
        link.start(incident_id=self.incident, actor=self.manager, now=now, wide_is_meant=True)
        self.gather(now=now)

    def gather(self, *, now: datetime) -> None:
        """Link what has come in since."""
        if self.incident is None:
            return
        while found := link.look(incident_id=self.incident, now=now):
            with journey.writing(now=now, actor="system") as pen:
                link.link(pen=pen, incident_id=self.incident, found=found)

    def say_news(self, *, now: datetime) -> None:
        """Tell all of them that their parcel was at the hub."""
        self._batch(now=now, plan=Plan(answers=True), text=_NEWS)

    def settle(self, *, now: datetime) -> None:
        """Settle with all of them and answer, each with his own sum."""
        plan = Plan(
            kind="amount", harm="loss", reason="火灾烧毁，按条款逐件核算", answers=True, final=True,
            verdict="upheld", cause="lost_transit", department="operations",
        )  # fmt: skip
        self._batch(now=now, plan=plan, text=_RESULT)

    def _batch(self, *, now: datetime, plan: Plan, text: str) -> None:
        if self.incident is None:
            return
        self.gather(now=now)
        try:
            carry_out.start(
                incident_id=self.incident, actor=self.manager, plan=plan, text=text,
                token=f"fire-{len(plan.steps)}", now=now,
            )  # fmt: skip
        except (CannotCarryOut, CannotStartRun):
            return

    def carry_out(self, *, now: datetime) -> None:
        """Let the worker do what is held no more."""
        while carry_out.go_on(clock=lambda: now, within=timedelta(hours=1)):
            pass

    def accept(self, *, now: datetime) -> None:
        """Let most of the customers take what they are offered."""
        for case in self.complaints:
            remedy = playing.offer_of(complaint_id=case)
            if remedy is None or self.rng.random() > 0.7:
                continue
            with journey.writing(now=now, actor="customer") as pen:
                agree.accept(pen=pen, remedy_id=remedy, payee=Payee(method="original"))
