"""Any sequence of joins, merges, answers and their undoing restores words, counters and clocks."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from company import World, complaint
from huiyin.core.lifecycle import CannotMove
from huiyin.flows import answer, close, investigate, pair, unite
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ids import new_id, tracking_token
from huiyin.store.read import audit, operations, tracking

Post = Callable[..., Decided]
WAYBILLS = ("SF1234567890123", "YT7788990011223", "JT5544332211009", "SF9988776655443")
SAID = ("丢了，请查", "外箱压烂了，杯子全碎", "多收了我八块运费", "派件员骂人")

ACTIONS = ("merge", "undo", "join", "different", "resolve", "reopen")
STEP = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 3), st.integers(0, 3), st.integers(0, 99))


class House:
    """Four complaints about four parcels, and what was done to them."""

    def __init__(self, world: World, post: Post) -> None:
        self.world, self.post = world, post
        self.ids: list[UUID] = []
        for number, (waybill, said) in enumerate(zip(WAYBILLS, SAID, strict=True)):
            world.later(minutes=7)
            sender = f"1390000111{number}"
            self.ids.append(complaint(post("sms", f"{waybill} {said}", sender=sender)).id)
        for newer in range(4):
            for older in range(newer):
                models.Pairing.objects.create(
                    id=new_id(now=world.now), newer_id=self.ids[newer], older_id=self.ids[older],
                    score=0.5, asked_at=world.now,
                )  # fmt: skip
        self.before = [self.snapshot(id) for id in self.ids]

    def snapshot(self, id: UUID) -> tuple[Any, ...]:
        case = models.Complaint.objects.get(id=id)
        clocks = models.Clock.objects.filter(complaint=case).order_by("rule", "started_at")
        return (
            case.contacts, case.merged_into, case.live, case.reopened, case.due_at,
            sorted(models.Message.objects.filter(
                complaint=case, direction="in").values_list("text", flat=True)),
            list(clocks.values_list("rule", "state", "due_at", "pauses")),
        )  # fmt: skip

    def undoable(self) -> list[models.Event]:
        kinds = ("ComplaintMerged", "ContactJoined", "ComplaintReopened", "SaidDifferent")
        undone = {
            json.loads(e.data).get("event")
            for e in models.Event.objects.filter(
                kind__in=["JoinUndone", "MergeUndone", "SaidDifferentUndone"]
            )
        }
        rows = models.Event.objects.filter(kind__in=kinds).order_by("id")
        return [e for e in rows if e.id.hex not in undone]

    def undo(self, event: models.Event) -> None:
        room: Any = pair.unsay if event.kind == "SaidDifferent" else unite.undo
        self.world.later(minutes=3)
        with contextlib.suppress(unite.CannotUnite, pair.CannotPair):
            self.world.do("agent", room, complaint_id=event.complaint_id, event_id=event.id)

    def do(self, action: str, a: int, b: int, n: int) -> None:
        one, other = self.ids[a], self.ids[b]
        self.world.later(minutes=3)
        refused = (unite.CannotUnite, CannotMove, pair.CannotPair)
        with contextlib.suppress(*refused):
            if action == "merge":
                number = models.Complaint.objects.get(id=other).number
                self.world.do("agent", unite.merge, complaint_id=one, into_number=number)
            elif action == "undo":
                standing = self.undoable()
                if standing:
                    self.undo(standing[n % len(standing)])
            elif action == "join":
                text = f"{WAYBILLS[a]} 到底什么时候有结果 {n}"
                self.post("email", text, sender=f"p{n}@mail.example")
            elif action == "different":
                self.world.do("agent", pair.say_different, complaint_id=one, other_id=other)
            elif action == "resolve":
                self.world.do(
                    "agent", investigate.give_verdict, complaint_id=one, verdict="upheld",
                    cause="misdelivery", department="operations", reason="监控",
                )  # fmt: skip
                self.world.do(
                    "agent",
                    answer.resolve,
                    complaint_id=one,
                    text="已处理完毕，给您道歉。",
                    agent="李",
                )
            else:
                self.world.do("boss", close.reopen, complaint_id=one, reason="客户又来")

    def check(self) -> None:
        """Check what must hold after every step."""
        for case in models.Complaint.objects.all():
            heard = models.Message.objects.filter(complaint=case, direction="in").count()
            assert case.contacts == heard, (case.number, case.status)
            assert (case.status == "merged") == (case.merged_into is not None)
            assert case.merged_into is None or heard == 0
            token = tracking_token(secret=django_settings.SECRET_KEY, complaint_id=case.id)
            page = tracking.tracking(number=case.number, token=token)
            if case.id in self.ids:
                said = SAID[self.ids.index(case.id)]
                assert any(said in item.text for item in page.items), case.number
        assert operations.balance().balanced
        assert list(audit.balance_faults()) == []


@pytest.mark.thorough
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, max_size=9), order=st.randoms(use_true_random=False))
def test_every_sequence_can_be_undone_in_any_order(
    world: World, post: Post, steps: list[tuple[str, int, int, int]], order: Any
) -> None:
    with transaction.atomic():
        house = House(world, post)
        house.check()
        for step in steps:
            house.do(*step)
            house.check()
        ended = any(action in {"resolve", "reopen"} for action, *_ in steps)
        for kinds in (("ComplaintMerged", "SaidDifferent"), ("ContactJoined", "ComplaintReopened")):
            rest = [e for e in house.undoable() if e.kind in kinds]
            order.shuffle(rest)
            for event in rest:
                house.undo(event)
                house.check()
        assert not [e for e in house.undoable() if e.kind in {"ComplaintMerged", "ContactJoined"}]
        after = [house.snapshot(id) for id in house.ids]
        if ended:
            assert [a[:2] + a[5:6] for a in after] == [b[:2] + b[5:6] for b in house.before]
        else:
            assert after == house.before
        assert list(audit.broken_links()) == []
        transaction.set_rollback(True)
