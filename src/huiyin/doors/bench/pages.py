"""The queue and one complaint's page as a browser asks for them, at two sizes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client

from huiyin.doors.bench import ground
from huiyin.store import models


class _Asked:
    """Counts statements: a request forgets those that Django counts by itself."""

    times = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.times += 1
        return execute(sql, params, many, context)


def bench_queue(*, rows: int) -> dict[str, Any]:
    """The queue and one complaint's page at two sizes, so that growth shows."""
    ground.found()
    client = Client(SERVER_NAME="localhost")
    client.force_login(models.User.objects.get(username="boss"))
    out: dict[str, Any] = {"bench": "queue", "rows": rows}
    for size, name in ((max(rows // 10, 100), "small"), (rows, "full")):
        ground.fill(rows=size - models.Complaint.objects.count(), seed=size)
        one = models.Complaint.objects.order_by("id").values_list("id", flat=True)[size // 2]
        addresses = {
            "queue": "/desk/?view=all",
            "page": f"/desk/c/{one}/",
        }
        for what, address in addresses.items():
            call = partial(_get, client, address)
            call()
            asked = _Asked()
            with connection.execute_wrapper(asked):
                call()
            p50, p95 = ground.timed(call=call, times=40)
            out[f"{what}_{name}"] = {"p50_ms": p50, "p95_ms": p95, "queries": asked.times}
    full = out["queue_full"]
    out.update(p50_ms=full["p50_ms"], p95_ms=full["p95_ms"], queries=full["queries"])
    for what in ("queue", "page"):
        small, large = out[f"{what}_small"]["p50_ms"], out[f"{what}_full"]["p50_ms"]
        out[f"{what}_growth"] = round(large / max(small, 0.01), 2)
    return out


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
