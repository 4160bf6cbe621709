"""Due clocks swept: warned, breached, escalated."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone

from huiyin.doors.bench import ground
from huiyin.flows import journey, watch
from huiyin.store import models


def bench_clocks(*, rows: int) -> dict[str, Any]:
    """Due clocks swept: warned, breached, escalated."""
    ground.found()
    ground.fill(rows=rows, seed=11)
    now = timezone.now()
    due = models.Clock.objects.filter(fire_at__isnull=False).count()
    models.Clock.objects.filter(fire_at__isnull=False).update(due_at=now, warn_at=now, fire_at=now)
    began, swept = time.perf_counter(), 0
    while True:
        with journey.writing(now=now, actor="system") as pen:
            done = watch.sweep_due(pen=pen, limit=500)
        swept += done
        if not done:
            break
    took = time.perf_counter() - began
    return {
        "bench": "clocks", "rows": rows, "due": due, "swept": swept, "seconds": round(took, 2),
        "per_second": round(swept / took, 1),
    }  # fmt: skip
