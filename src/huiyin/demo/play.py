"""Sixty days of the demo company, played through the flows: nothing is faked into tables."""

from __future__ import annotations

import heapq
import itertools
import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from PIL import Image, ImageDraw

from huiyin import playbooks
from huiyin.core.access import Actor
from huiyin.core.playbook import load_playbook
from huiyin.core.playbook.edit import Edit, apply
from huiyin.demo import money, words
from huiyin.demo import people as staff
from huiyin.demo.aftercare import Aftercare
from huiyin.demo.disputes import Disputes
from huiyin.demo.fire import ASKED, Fire
from huiyin.demo.proofs import Proofs
from huiyin.flows import (
    answer,
    assign,
    close,
    collaborate,
    fine,
    intake,
    investigate,
    journey,
    liability,
    settle,
    survey,
    watch,
)
from huiyin.store import files
from huiyin.store.ledger import parties, people
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import office, playing

COMPLAINTS = 300
DAYS = 60
ZONE = ZoneInfo("Asia/Shanghai")
_CHANNELS = ("portal", "phone", "desk", "email", "wechat", "sms", "api")
_SHARES = (30, 26, 8, 12, 14, 6, 4)

_INVESTIGATED = frozenset({"lost", "damaged", "claim", "cod"})
"""Kinds that take days to look into."""

Step = Callable[[datetime], None]


def open_demo(*, say: Callable[[str], None], texts: str = "") -> None:
    """Found the demo company and play its last sixty days, unless that was done already."""
    if office.company_exists():
        return
    text = apply(
        text=playbooks.text(name="express-default"),
        edits=[Edit("set", ("hotline",), staff.HOTLINE)],
    )
    start = timezone.now() - timedelta(days=DAYS)
    people.found_company(
        now=start, name=staff.COMPANY, playbook=load_playbook(text=text), text=text
    )
    for party in staff.PARTIES:
        parties.keep_party(now=start, fresh=True, **party)
    for person in staff.PEOPLE:
        fields = {k: v for k, v in person.items() if k != "title"}
        people.add_person(now=start, password=staff.PASSWORD, **fields)
    real: list[str] = []
    if texts:
        for line in Path(texts).read_text(encoding="utf-8").splitlines()[:600]:
            real.append(str(json.loads(line)["text"]))
    say(f"演示公司：正在演一遍最近 {DAYS} 天…… playing the last {DAYS} days")
    _Play(start=start, end=timezone.now(), real=real).run(say=say)


def _photo(rng: random.Random) -> dict[str, Any]:
    image = Image.new("RGB", (640, 480), (214 - rng.randrange(40), 190, 150))
    draw = ImageDraw.Draw(image)
    draw.rectangle((90, 80, 550, 400), fill=(176, 136, 92), outline=(120, 90, 60), width=6)
    for _crack in range(4):
        x, y = rng.randrange(120, 520), rng.randrange(100, 380)
        draw.line((x, y, x + rng.randrange(-80, 80), y + rng.randrange(20, 90)), fill=40, width=4)
    out = BytesIO()
    image.save(out, "JPEG", quality=70)
    content = out.getvalue()
    return {
        "name": "破损照片.jpg", "content_type": "image/jpeg",
        "sha256": files.keep(content=content), "size": len(content),
    }  # fmt: skip


class _Play:
    def __init__(self, *, start: datetime, end: datetime, real: list[str]) -> None:
        self.rng = random.Random(20240229)
        self.asking = random.Random(20261126)
        self.doubting = random.Random(20261130)
        self.photos: list[dict[str, Any]] = []
        self.end = end
        self.real = real
        self.order = itertools.count()
        self.agenda: list[tuple[datetime, int, Step]] = []
        self.actors: dict[int, Actor] = playing.actors()
        self.disputes = Disputes(actors=self.actors)
        self.proofs = Proofs(actors=self.actors)
        self.aftercare = Aftercare(actors=self.actors)
        self.fire = Fire(actors=self.actors, post=self._post)
        self.by_role = {
            role: [a for a in self.actors.values() if a.role == role]
            for role in ("agent", "supervisor", "manager")
        }
        for number in range(len(real) or COMPLAINTS):
            day = int(DAYS * self.rng.random() ** 0.5)
            at = (
                (start + timedelta(days=day))
                .astimezone(ZONE)
                .replace(hour=8 + int(13 * self.rng.random() ** 1.3), minute=self.rng.randrange(60))
            )
            self.at(at, self._arrival(number))
        for day in range(5, DAYS, 4):
            self.at(start + timedelta(days=day), self._pay)
        self._burn(fire=(end - timedelta(days=5)).astimezone(ZONE).replace(hour=11, minute=20))
        hour = start
        while hour < end:
            hour += timedelta(hours=4)
            self.at(hour, self._round)

    def _burn(self, *, fire: datetime) -> None:
        """Put the fire and what follows on the agenda; the last complaints are left to visitors."""
        burned = self.fire
        for number in range(ASKED):
            late = number >= ASKED - 4
            hours = 1.2 * number if not late else 102 + 4 * (number - ASKED + 4)
            self.at(
                fire + timedelta(hours=hours),
                lambda t, n=number: burned.complain(now=t, number=n),  # type: ignore[misc]
            )
        for hours, step in (
            (3.1, burned.declare), (20, burned.say_news), (20.3, burned.carry_out),
            (50, burned.settle), (50.3, burned.carry_out), (70, burned.accept),
        ):  # fmt: skip
            self.at(
                fire + timedelta(hours=hours),
                lambda t, step=step: step(now=t),  # type: ignore[misc]
            )

    def at(self, when: datetime, step: Step) -> None:
        """Put a step on the agenda unless it lies in the future."""
        if when <= self.end:
            heapq.heappush(self.agenda, (when, next(self.order), step))

    def run(self, *, say: Callable[[str], None]) -> None:
        """Play everything in the order of time."""
        total, done, told = len(self.agenda), 0, 0
        while self.agenda:
            when, _n, step = heapq.heappop(self.agenda)
            step(when)
            done += 1
            share = min(99, 100 * done // (total + 5 * COMPLAINTS))
            if share >= told + 20:
                told = share
                say(f"  {share} %")
        self._round(self.end)

    def _round(self, now: datetime) -> None:
        for room in (
            watch.sweep_due, survey.remind, close.expire, liability.expire_due, fine.expire_due
        ):  # fmt: skip
            with journey.writing(now=now, actor="system") as pen:
                room(pen=pen, limit=500)
        self.fire.gather(now=now)
        if now < self.end:
            self.aftercare.round(now=now)
        for case, kind in playing.neglected(before=now - timedelta(days=4)):
            self._work(now, case, kind)

    def _fill(self, text: str, waybill: str) -> str:
        rng = self.rng
        for name, value in (
            ("waybill", waybill), ("place", rng.choice(words.PLACES)),
            ("goods", rng.choice(words.GOODS)), ("days", str(rng.randrange(3, 9))),
            ("money", str(rng.choice((58, 120, 260, 399, 880, 1500)))),
        ):  # fmt: skip
            text = text.replace("{" + name + "}", value)
        return text

    def _post(self, now: datetime, body: dict[str, Any]) -> tuple[str, UUID | None]:
        accepted = intake.accept(
            now=now,
            arrivals=[
                Arrival(
                    channel=body["channel"], kind="contact", external_id="",
                    raw=json.dumps(body, ensure_ascii=False).encode(), headers={},
                )
            ],
        )  # fmt: skip
        done = intake.decide(now=now, ids=[accepted[0].id])
        return (done[0].outcome, done[0].complaint_id) if done else ("", None)

    def _arrival(self, number: int) -> Step:
        def step(now: datetime) -> None:
            rng = self.rng
            kinds = list(words.WEIGHTS)
            kind = rng.choices(kinds, list(words.WEIGHTS.values()))[0]
            waybill = f"HYE{rng.randrange(10**9, 10**10)}"
            phone = f"13{rng.randrange(10**8, 10**9)}"
            channel = rng.choices(_CHANNELS, _SHARES)[0]
            body: dict[str, Any] = {
                "channel": channel,
                "sender": phone,
                "phone": phone,
                "sender_name": rng.choice(words.SURNAMES) + rng.choice(words.GIVEN),
                "text": self._fill(rng.choice(words.SAY[kind]), waybill),
                "at": now.isoformat(),
            }
            if self.real:
                body["text"] = self.real[number]
                body["branch"] = ""
            elif channel in {"portal", "phone", "desk"}:
                body["branch"] = "complaint"
            if channel == "email":
                body["email"] = body["sender"] = f"kehu{number}@demo.example"
            if channel == "wechat":
                body["sender"] = f"oDemo{rng.randrange(10**9)}"
            if kind == "damaged" and rng.random() < 0.7:
                body["files"] = [self._one_photo()]
            outcome, case = self._post(now, body)
            if number % 17 == 0:
                extra = {**body, "text": rng.choice(words.NOT_COMPLAINTS), "files": []}
                extra.pop("branch", None)
                self.at(now + timedelta(minutes=9), lambda t: void(self._post(t, extra)))
            if outcome != "opened" or case is None:
                return
            if rng.random() < 0.16:
                more = {
                    **body, "files": [],
                    "text": self._fill(rng.choice(words.AGAIN), waybill),
                }  # fmt: skip
                later = now + timedelta(hours=rng.randrange(3, 30))
                self.at(later, lambda t: self._write_again(t, more, kind))
            self._plan(case=case, now=now, kind=kind)

        return step

    def _one_photo(self) -> dict[str, Any]:
        """Take a photo of broken goods; now and then somebody sends one that was seen before."""
        fresh = _photo(self.rng)
        if self.photos and self.doubting.random() < 0.1:
            return self.doubting.choice(self.photos)
        self.photos.append(fresh)
        return fresh

    def _write_again(self, now: datetime, body: dict[str, Any], kind: str) -> None:
        outcome, case = self._post(now, {**body, "at": now.isoformat()})
        if outcome == "reopened" and case is not None:
            self._plan(case=case, now=now, kind=kind)

    def _plan(self, *, case: UUID, now: datetime, kind: str) -> None:
        rng = self.rng
        if rng.random() < 0.1:
            # Nobody sees it until the supervisor goes through what is overdue.
            found = now + timedelta(hours=rng.randrange(40, 120))
            self.at(found, lambda t: self._work(t, case, kind))
            return
        slow = rng.random() < 0.12
        first = now + timedelta(
            minutes=rng.randrange(6, 100) if not slow else rng.randrange(900, 2600)
        )
        self.at(first, lambda t: self._work(t, case, kind))

    def _one_of(self, said: dict[str, tuple[str, ...]], kind: str) -> str:
        return self.rng.choice(said.get(kind) or said[""])

    def _who(self, case: UUID) -> Actor:
        person = playing.assignee(complaint_id=case)
        if person in self.actors:
            return self.actors[person]
        least = playing.least(complaint_id=case) or "agent"
        return self.rng.choice(self.by_role.get(least) or self.by_role["manager"])

    def _work(self, now: datetime, case: UUID, kind: str) -> None:
        rng = self.rng
        status = playing.status(complaint_id=case)
        if status not in {"new", "assigned"}:
            return
        who = self._who(case)
        with journey.writing(now=now, actor=f"user:{who.id}") as pen:
            assign.take(pen=pen, complaint_id=case, actor=who)
        after = now + timedelta(minutes=rng.randrange(4, 50))
        self.at(after, lambda t: self._say(t, case, kind))
        self.at(after + timedelta(hours=rng.randrange(1, 9)), lambda t: self._judge(t, case, kind))
        if kind in words.QUESTIONS and self.asking.random() < 0.6:
            self.at(after + timedelta(minutes=2), lambda t: self._ask(t, case, kind))

    def _ask(self, now: datetime, case: UUID, kind: str) -> None:
        """Let the handler ask other departments, and let each answer in its time."""
        if playing.status(complaint_id=case) not in {"working", "waiting_customer"}:
            return
        who, owner = self._who(case), playing.department(complaint_id=case)
        others = [
            d for d in ("operations", "outlets", "claims")
            if d != owner and any(a.department == d for a in self.actors.values())
        ]  # fmt: skip
        wanted = self.asking.sample(others, self.asking.choice((1, 1, 2)))
        with journey.writing(now=now, actor=f"user:{who.id}") as pen:
            asked = collaborate.ask(
                pen=pen, complaint_id=case, actor=who, departments=wanted,
                question=self.asking.choice(words.QUESTIONS[kind]),
            )  # fmt: skip
        for request, department in zip(asked, wanted, strict=True):
            away = timedelta(minutes=self.asking.choice((15, 40, 90, 150, 240, 900)))
            self.at(now + away, self._helped(request, department))

    def _helped(self, request: UUID, department: str) -> Step:
        helper = self.asking.choice([a for a in self.actors.values() if a.department == department])
        returned = self.asking.random() < 0.12
        said = self.asking.choice(words.RETURNS if returned else words.FOUND)

        def step(now: datetime) -> None:
            if playing.request_state(collaboration_id=request) not in {"asked", "accepted"}:
                return
            with journey.writing(now=now, actor=f"user:{helper.id}") as pen:
                collaborate.do(
                    pen=pen, collaboration_id=request, actor=helper,
                    act="return" if returned else "answer", words=said,
                )  # fmt: skip

        return step

    def _say(self, now: datetime, case: UUID, kind: str) -> None:
        who = self._who(case)
        text = self._one_of(words.REPLIES, kind)
        with journey.writing(now=now, actor=f"user:{who.id}") as pen:
            answer.reply(pen=pen, complaint_id=case, actor=who, text=text)

    def _file_on(self, file: UUID) -> Step:
        return lambda now: self.proofs.go_on(now=now, file=file)

    def _judge(self, now: datetime, case: UUID, kind: str) -> None:
        rng = self.rng
        who = self._who(case)
        if playing.status(complaint_id=case) not in {"working", "assigned"}:
            return
        self.proofs.gather(now=now, case=case, who=who)
        if kind == "attitude" and self.proofs.rng.random() < 0.5:
            file = self.proofs.open_file(now=now, case=case, who=who)
            if file:
                for hours in (2, 4, 20, 30, 50, 70):
                    self.at(now + timedelta(hours=hours), self._file_on(file))
            who = self._who(case)
        cause = rng.choice(words.CAUSES[kind])
        upheld = rng.random() < 0.8
        with journey.writing(now=now, actor=f"user:{who.id}") as pen:
            answer.note(pen=pen, complaint_id=case, actor=who, text=self._one_of(words.NOTES, kind))
        with journey.writing(now=now + timedelta(minutes=5), actor=f"user:{who.id}") as pen:
            investigate.give_verdict(
                pen=pen, complaint_id=case, actor=who,
                verdict="upheld" if upheld else "not_upheld", cause=cause if upheld else "no_fault",
                department=playing.department(complaint_id=case),
                reason=self._one_of(words.NOTES, kind),
            )  # fmt: skip
        if upheld and kind in {"damaged", "lost", "delivery"} and self.disputes.rng.random() < 0.4:
            self.at(now + timedelta(hours=3), lambda t: self._dispute(t, case, kind))
        if upheld and cause == "false_sign":
            self.at(now + timedelta(hours=5), lambda t: self.disputes.fine(now=t, case=case))
        long = kind in _INVESTIGATED or rng.random() < 0.2
        later = now + timedelta(hours=rng.randrange(*((30, 130) if long else (3, 60))))
        if upheld and kind in {"lost", "damaged", "claim", "fee", "delay"} and rng.random() < 0.7:
            self.at(now + timedelta(minutes=20), lambda t: self._offer(t, case, kind))
            later += timedelta(hours=4)
        self.at(later, lambda t: self._finish(t, case, kind, upheld))

    def _dispute(self, now: datetime, case: UUID, kind: str) -> None:
        """Let outlets dispute who bears it: stated, ruled, now and then appealed, in their time."""
        claim = self.disputes.claim(now=now, case=case, kind=kind)
        if claim is None:
            return
        for hours, step in (
            (20, self.disputes.speak), (74, self.disputes.rule), (110, self.disputes.appeal),
            (160, self.disputes.rule),
        ):  # fmt: skip
            self.at(
                now + timedelta(hours=hours),
                lambda t, step=step: step(now=t, claim=claim),  # type: ignore[misc]
            )

    def _offer(self, now: datetime, case: UUID, kind: str) -> None:
        proposer = self.rng.choice(self.by_role["agent"])
        remedy = money.offer(rng=self.rng, now=now, case=case, proposer=proposer, kind=kind)
        if remedy is None:
            return
        waiting = playing.waiting_remedy(complaint_id=case)
        if waiting and self.rng.random() < 0.93:
            boss = self.rng.choice(self.by_role["supervisor"])
            self.at(
                now + timedelta(hours=self.rng.randrange(1, 4)),
                lambda t: self._approve(t, waiting, boss),
            )
        self.at(
            now + timedelta(hours=self.rng.randrange(5, 40)),
            lambda t: money.answer(rng=self.rng, now=t, remedy=remedy),
        )

    def _pay(self, now: datetime) -> None:
        payer = next(a for a in self.actors.values() if a.department == "claims")
        batch = money.pay_out(now=now, payer=payer)
        if batch:
            self.at(
                now + timedelta(hours=20),
                lambda t: money.reconcile(rng=self.rng, now=t, payer=payer, batch=batch),
            )

    def _approve(self, now: datetime, remedy: UUID, boss: Actor) -> None:
        with journey.writing(now=now, actor=f"user:{boss.id}") as pen:
            settle.decide(pen=pen, remedy_id=remedy, actor=boss, approve=True, reason="同意")

    def _finish(self, now: datetime, case: UUID, kind: str, upheld: bool) -> None:
        rng = self.rng
        if playing.status(complaint_id=case) not in {"working", "assigned"}:
            return
        who = self._who(case)
        with journey.writing(now=now, actor=f"user:{who.id}") as pen:
            text = self._one_of(words.ANSWERS, kind) if upheld else rng.choice(words.REFUSALS)
            answer.resolve(pen=pen, complaint_id=case, actor=who, text=text)
        if rng.random() < 0.62:
            stars = rng.choices((1, 2, 3, 4, 5), (7, 6, 12, 32, 43))[0]
            said = rng.choice(words.BLAME if stars < 3 else words.PRAISE)
            when = now + timedelta(hours=rng.randrange(1, 40))
            self.at(when, lambda t: self._rate(t, case, stars, said, kind))

    def _rate(self, now: datetime, case: UUID, stars: int, said: str, kind: str) -> None:
        if playing.status(complaint_id=case) != "resolved":
            return
        with journey.writing(now=now, actor="customer") as pen:
            survey.answer(pen=pen, complaint_id=case, stars=stars, words=said)
        if stars < 3:
            self.at(
                now + timedelta(hours=self.rng.randrange(1, 6)),
                lambda t: self._work(t, case, kind),
            )


def void(_result: object) -> None:
    """Let a step return nothing."""
