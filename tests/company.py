"""A small company with its people, and a way to post contacts to it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image

from huiyin import playbooks
from huiyin.core.access import Actor
from huiyin.core.playbook import Playbook, load_playbook
from huiyin.flows import answer, intake, investigate, journey
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ledger import people
from huiyin.store.ledger.inbox import Accepted, Arrival
from huiyin.store.read import office
from huiyin.store.read.viewer import viewer_of

PASSWORD = "a-long-enough-word-7"
# A Tuesday morning in working hours.
START = datetime(2026, 11, 3, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PEOPLE = (
    ("agent", "小李", "agent", "service"),
    ("ops", "老王", "handler", "operations"),
    ("clerk", "陈法务", "handler", "claims"),
    ("boss", "刘主管", "supervisor", "claims"),
    ("mgr", "赵经理", "manager", "service"),
    ("admin", "管理员", "administrator", None),
)
LOST = "我的包裹丢了，运单SF1234567890123，里面是给老人的药，三天没更新了，再不处理我投诉12315"


@cache
def _shipped() -> tuple[str, Playbook]:
    """The shipped playbook, read once: it is frozen."""
    text = playbooks.text(name="express-default")
    return text, load_playbook(text=text)


def found(*, now: datetime) -> None:
    """Found the company with the shipped playbook and one person of each kind."""
    text, playbook = _shipped()
    office.forget()
    people.found_company(now=now, name="测试快递", playbook=playbook, text=text)
    for username, name, role, department in PEOPLE:
        people.add_person(
            now=now,
            username=username,
            name=name,
            role=role,
            password=PASSWORD,
            department=department,
        )


def actor(username: str) -> Actor:
    """Return a person as rights see him."""
    user = models.User.objects.get(username=username)
    return viewer_of(user=user).actor


def arrival(channel: str, text: str, *, id: str = "", **fields: Any) -> Arrival:
    """Return a contact in Huiyin's own JSON, ready to be accepted."""
    body = {"channel": channel, "text": text, **fields}
    return Arrival(
        channel=channel,
        kind="contact",
        external_id=id,
        raw=json.dumps(body, ensure_ascii=False).encode(),
        headers={},
    )


@dataclass
class World:
    """The company at a moment that the test moves on."""

    now: datetime = START

    def later(self, **length: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**length)
        return self.now

    def accept(self, *arrivals: Arrival) -> list[Accepted]:
        """Accept contacts without deciding them."""
        return intake.accept(now=self.now, arrivals=arrivals)

    def decide(self, **how: Any) -> list[Decided]:
        """Decide what waits."""
        return intake.decide(now=self.now, **how)

    def post(self, channel: str, text: str, **fields: Any) -> Decided:
        """Accept and decide one contact."""
        accepted = self.accept(arrival(channel, text, **fields))
        return self.decide(ids=[accepted[0].id])[0]

    def do(self, who: str, room: Callable[..., Any], **how: Any) -> Any:
        """Let a person do one thing."""
        me = actor(who)
        with journey.writing(now=self.now, actor=f"user:{me.id}") as pen:
            return room(pen=pen, actor=me, **how)

    def customer(self, room: Callable[..., Any], **how: Any) -> Any:
        """Let the customer do one thing."""
        with journey.writing(now=self.now, actor="customer") as pen:
            return room(pen=pen, **how)


def resolved(
    world: World, case: models.Complaint, who: str = "agent", text: str = "核查结果如下"
) -> None:
    """Let a person find nothing wrong and answer."""
    world.do(
        who, investigate.give_verdict, complaint_id=case.id, verdict="not_upheld", cause="no_fault"
    )
    world.do(who, answer.resolve, complaint_id=case.id, text=text)
    case.refresh_from_db()


def complaint(decided: Decided) -> models.Complaint:
    """Return the complaint that a contact led to."""
    return models.Complaint.objects.get(id=decided.complaint_id)


def kinds(case: models.Complaint) -> list[str]:
    """Return the kinds of a complaint's events in order."""
    rows = models.Event.objects.filter(complaint_id=case.id).order_by("seq")
    return list(rows.values_list("kind", flat=True))


def clock(case: models.Complaint, rule: str) -> models.Clock:
    """Return the newest clock of a rule."""
    return models.Clock.objects.filter(complaint=case, rule=rule).order_by("-started_at", "-id")[0]


def outcomes(decided: Sequence[Decided]) -> list[str]:
    """Return what became of contacts."""
    return [d.outcome for d in decided]


def photo() -> bytes:
    """Return a small picture."""
    whole = io.BytesIO()
    Image.new("RGB", (40, 30), "orange").save(whole, "PNG")
    return whole.getvalue()
