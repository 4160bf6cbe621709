"""The assistant's requests: claim one for the call, one worker at a time; let failed ones wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from huiyin.core.because import Reason
from huiyin.store import models

RETRIES: Final = (timedelta(seconds=5), timedelta(seconds=20))
"""Rest after each failed try; after one more try the request has failed."""
TRIES: Final = len(RETRIES) + 1
_LOST: Final = Reason(
    rule="assistant.lost",
    zh="后台几次中断，没有得到回答",
    en="the worker was interrupted several times, there is no answer",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One claimed request."""

    id: UUID
    complaint_id: UUID
    kind: str
    language: str
    asked_by: int
    attempts: int

    @property
    def last_try(self) -> bool:
        """Whether no further try follows this one."""
        return self.attempts >= TRIES


def claim(*, now: datetime, lease: timedelta) -> Asked | None:
    """Claim the request that waits longest; None when nothing is due.

    A request whose worker died at its last try is given up.
    """
    with transaction.atomic():
        free = models.AssistantRequest.objects.filter(state="pending", next_try_at__lte=now)
        free = free.filter(Q(lease_until=None) | Q(lease_until__lt=now))
        free.filter(attempts__gte=TRIES).update(
            state="failed", finished_at=now, because=_LOST.as_json()
        )
        found = free.order_by("next_try_at", "id").values_list("id", flat=True).first()
        if found is None:
            return None
        taken = free.filter(id=found).update(lease_until=now + lease, attempts=F("attempts") + 1)
        if not taken:
            return None
        row = models.AssistantRequest.objects.get(id=found)
    return Asked(
        id=row.id,
        complaint_id=row.complaint_id,
        kind=row.kind,
        language=row.language,
        asked_by=row.asked_by_id,
        attempts=row.attempts,
    )


def held(*, asked: Asked) -> bool:
    """Tell whether a claimed request is still its claimer's to answer."""
    return models.AssistantRequest.objects.filter(
        id=asked.id, state="pending", attempts=asked.attempts
    ).exists()


def wait(*, asked: Asked, now: datetime, because: Reason, ms: int) -> None:
    """Let a request rest after a failed try that may go better later."""
    models.AssistantRequest.objects.filter(
        id=asked.id, state="pending", attempts=asked.attempts
    ).update(
        lease_until=None,
        next_try_at=now + RETRIES[asked.attempts - 1],
        because=because.as_json(),
        ms=ms,
    )
