"""Writing of batches: what is to be done with many complaints, and how far it is.

A step of a complaint and its effects are one transaction that begins with :func:`take`: whoever
is killed in between has done neither, and nobody does it twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from huiyin.core.because import Reason
from huiyin.core.incident import move_run
from huiyin.store import bulk, models
from huiyin.store.ids import new_id

LEASE = timedelta(seconds=30)
"""How long a batch is its worker's; longer than one complaint may take."""


class CannotStartRun(ValueError):
    """Another batch of the incident is on its way; ``zh`` and ``en`` say so."""

    def __init__(self) -> None:
        self.zh = "这个事件还有一个批次在途，请等它完成或先撤回"
        self.en = "another batch of this incident is on its way: wait for it or call it back"
        super().__init__(self.en)


@dataclass(frozen=True, slots=True)
class NewItem:
    """A complaint of a batch; with ``error`` ({zh, en}) it ended before it began, as ``ended``."""

    complaint_id: UUID
    amount: int | None
    facts: Mapping[str, Any]
    error: Mapping[str, str]
    ended: str = "failed"


def create(
    *,
    now: datetime,
    incident_id: UUID,
    token: str,
    user_id: int,
    plan: Mapping[str, Any],
    text: str,
    because: Sequence[Reason],
    items: Sequence[NewItem],
    hold_until: datetime | None,
) -> UUID:
    """Write a batch down, held until ``hold_until``, or waiting for release when that is None.

    A form that is sent twice makes one batch: its id is returned again. Raises CannotStartRun.
    """
    known = models.BulkRun.objects.filter(token=token).values_list("id", flat=True).first()
    if known is not None:
        return known
    run_id = new_id(now=now)
    good = [i for i in items if not i.error]
    try:
        with transaction.atomic():
            models.BulkRun.objects.create(
                id=run_id, incident_id=incident_id, token=token, plan=dict(plan), text=text,
                state="held" if hold_until else "waiting", hold_until=hold_until,
                total=len(items), amount=sum(i.amount or 0 for i in good),
                because=[r.as_json() for r in because], made_by_id=user_id, made_at=now,
            )  # fmt: skip
            bulk.insert(
                model=models.BulkItem,
                rows=[
                    {
                        "id": new_id(now=now), "run_id": run_id, "complaint_id": i.complaint_id,
                        "place": n, "state": i.ended if i.error else "pending",
                        "amount": i.amount, "facts": dict(i.facts), "error": dict(i.error),
                        "at": now if i.error else None,
                    }
                    for n, i in enumerate(items)
                ],
            )  # fmt: skip
    except IntegrityError as error:
        known = models.BulkRun.objects.filter(token=token).values_list("id", flat=True).first()
        if known is not None:
            return known
        raise CannotStartRun from error
    return run_id


def move(*, id: UUID, act: str, now: datetime, **fields: Any) -> str:
    """Move a batch and return its state; of two who act at once, one wins.

    Raises CannotMoveRun, CannotStartRun.
    """
    state = models.BulkRun.objects.values_list("state", flat=True).get(id=id)
    after = move_run(state=state, act=act)
    try:
        with transaction.atomic():
            moved = models.BulkRun.objects.filter(id=id, state=state).update(state=after, **fields)
            if not moved:
                state = models.BulkRun.objects.values_list("state", flat=True).get(id=id)
                move_run(state=state, act=act)
                raise CannotStartRun
            pending = models.BulkItem.objects.filter(run_id=id)
            if after in {"called_back", "stopped"}:
                pending.filter(state="pending").update(state="left", at=now)
            if act == "retry":
                pending.filter(state__in=["failed", "waiting", "claimed", "left"]).update(
                    state="pending", error={}
                )
    except IntegrityError as error:
        raise CannotStartRun from error
    return after


def claim(*, now: datetime) -> UUID | None:
    """Claim a batch whose hold is over and that nobody works on; None when there is none."""
    free = models.BulkRun.objects.filter(state__in=["held", "running"], hold_until__lte=now).filter(
        Q(lease_until=None) | Q(lease_until__lt=now)
    )
    row = free.order_by("hold_until").values_list("id", "state").first()
    if row is None:
        return None
    run_id, state = row
    taken = free.filter(id=run_id, state=state).update(state="running", lease_until=now + LEASE)
    return run_id if taken else None


def keep(*, id: UUID, now: datetime) -> bool:
    """Keep a batch for another while; False once it was stopped."""
    return bool(
        models.BulkRun.objects.filter(id=id, state="running").update(lease_until=now + LEASE)
    )


def give_back(*, id: UUID) -> None:
    """Let any worker go on with a batch."""
    models.BulkRun.objects.filter(id=id).update(lease_until=None)


def take(*, item_id: UUID, step: int, now: datetime, last: bool, **fields: Any) -> bool:
    """Count a step of a complaint as done, inside the transaction that does it.

    False when it was done already, or the batch was stopped: then nothing may be done.
    """
    changes: dict[str, Any] = {"step": step + 1, "at": now, **fields}
    if last:
        changes["state"] = "done"
    free = models.BulkItem.objects.filter(
        id=item_id, step=step, state="pending", run__state="running"
    )
    return bool(free.update(**changes))


def remember(*, item_id: UUID, remedy_id: UUID) -> None:
    """Note which remedy a complaint got, inside the transaction that proposed it."""
    models.BulkItem.objects.filter(id=item_id).update(remedy_id=remedy_id)


def set_aside(
    *, item_id: UUID, step: int, state: str, error: Mapping[str, str], now: datetime
) -> None:
    """Note why a complaint failed or waits for somebody; it can be tried again."""
    models.BulkItem.objects.filter(id=item_id, step=step, state="pending").update(
        state=state, error=dict(error), at=now
    )


def finish(*, id: UUID, now: datetime) -> None:
    """End a batch of which nothing is pending."""
    models.BulkRun.objects.filter(id=id, state="running").update(
        state="done", finished_at=now, lease_until=None
    )
