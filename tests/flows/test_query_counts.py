"""How many statements a batch and a page cost: written down in a file, and they may only fall."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from company import LOST, World, arrival
from huiyin.store import models
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read import queue as queue_read
from huiyin.store.read.viewer import viewer_of

FILE = Path(__file__).with_name("query_counts.json")


def statements(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def several(world: World, count: int, first: int) -> None:
    world.accept(
        *(
            arrival("web", f"运单YT{7700000000000 + n}少了一件", sender=f"139{n:08d}")
            for n in range(first, first + count)
        )
    )


def again(world: World, count: int, first: int) -> None:
    """More words about complaints that are open already, each from the customer himself."""
    world.accept(
        *(
            arrival("web", f"运单YT{7700000000000 + n}怎么还没有回复", sender=f"139{n:08d}")
            for n in range(first, first + count)
        )
    )


def measured(world: World) -> dict[str, int]:
    post = world.decide
    for number in range(3):
        several(world, 1, number)
        post()
    found: dict[str, int] = {}
    for size in (1, 60):
        several(world, size, 100 * size)
        found[f"a batch of {size} that open"] = statements(post)
        again(world, size, 100 * size)
        found[f"a batch of {size} that join"] = statements(post)
    world.accept(arrival("web", LOST, id="none"))
    found["accepting one"] = statements(lambda: world.accept(arrival("web", LOST, id="one")))
    found["accepting 60"] = statements(lambda: several(world, 60, 20_000))
    post()
    case = models.Complaint.objects.order_by("id")[0]
    for username in ("mgr", "ops"):
        viewer = viewer_of(user=models.User.objects.get(username=username))
        for view in ("mine", "all", "done"):
            found[f"queue: {view}, {username}"] = statements(
                lambda viewer=viewer, view=view: queue_read.queue(viewer=viewer, view=view)
            )
    viewer = viewer_of(user=models.User.objects.get(username="mgr"))
    complaint_read.page(viewer=viewer, complaint_id=case.id, now=world.now)  # names are kept
    found["complaint page"] = statements(
        lambda: complaint_read.page(viewer=viewer, complaint_id=case.id, now=world.now)
    )
    return found


@pytest.mark.skipif("config.getoption('--database') == 'postgres'", reason="counted on SQLite")
def test_statements_only_become_fewer(world: World) -> None:
    found = measured(world)
    known = json.loads(FILE.read_text(encoding="utf-8"))
    more = {k: (known.get(k), n) for k, n in found.items() if n > known.get(k, -1)}
    assert not more, f"more statements than written down (known, now): {more}"


def test_a_batch_costs_the_same_whatever_its_size(world: World) -> None:
    found = measured(world)
    assert found["a batch of 60 that open"] <= found["a batch of 1 that open"]
    assert found["a batch of 60 that join"] <= found["a batch of 1 that join"]
    assert found["accepting 60"] <= found["accepting one"]
