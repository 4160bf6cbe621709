"""The queue: every complaint once and in order, page after page, whoever looks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from company import World, arrival
from huiyin.core.access import scope
from huiyin.store import models
from huiyin.store.read import queue as queue_read
from huiyin.store.read.pages import QueueRow
from huiyin.store.read.viewer import Viewer, viewer_of

MANY = 130


@pytest.fixture
def filled(world: World) -> World:
    """A hundred and thirty complaints: some without due time, some late, some of others."""
    world.accept(
        *(
            arrival("web", f"运单YT{7700000000000 + n}少了一件", sender=f"139{n:08d}")
            for n in range(MANY)
        )
    )
    world.decide(limit=MANY)
    people = dict(models.User.objects.values_list("username", "id"))
    for n, case in enumerate(models.Complaint.objects.order_by("id")):
        case.due_at = None if n % 7 == 0 else world.now + timedelta(hours=n % 11)
        case.opened_at = world.now - timedelta(hours=n % 5)
        case.department_id = ("service", "operations", "claims")[n % 3]
        case.assignee_id = people["ops"] if n % 6 == 0 else None
        case.watch_level = ("ok", "ok", "soon", "breached")[n % 4]
        case.status = "waiting_approval" if n % 10 == 0 else "assigned"
        case.live = n % 13 != 0
        case.save()
    return world


def viewer(username: str) -> Viewer:
    return viewer_of(user=models.User.objects.get(username=username))


def pages(username: str, **how: str) -> list[QueueRow]:
    """Return all rows, page after page."""
    rows: list[QueueRow] = []
    cursor = ""
    while True:
        page = queue_read.queue(viewer=viewer(username), cursor=cursor, **how)
        assert len(page.rows) <= queue_read.PAGE
        rows.extend(page.rows)
        cursor = page.next_cursor
        if not cursor:
            return rows


def test_every_complaint_comes_once_in_order(filled: World) -> None:
    for username in ("mgr", "ops", "agent", "clerk"):
        for view in queue_read.VIEWS:
            for sort in ("due", "newest"):
                _comes_once_in_order(username, view, sort)


def _comes_once_in_order(username: str, view: str, sort: str) -> None:
    me = viewer(username)
    everything = scope(actor=me.actor).everything
    wanted = []
    for case in models.Complaint.objects.all():
        if not (everything or me.id == case.assignee_id or me.department == case.department_id):
            continue
        belongs = {
            "mine": case.live and case.assignee_id == me.id,
            "department": case.live and case.department_id == me.department,
            "unassigned": case.live and case.assignee_id is None,
            "due_soon": case.live and case.watch_level == "soon",
            "breached": case.live and case.watch_level == "breached",
            "approvals": case.live and case.status == "waiting_approval",
            "all": case.live,
            "done": not case.live,
        }[view]
        if belongs:
            wanted.append(case)
    if sort == "newest" or view == "done":
        wanted.sort(key=lambda c: (c.opened_at, c.id.int), reverse=True)
    else:
        wanted.sort(key=lambda c: (c.due_at is None, c.due_at, c.id.int))
    rows = pages(username, view=view, sort=sort)
    assert wanted or view == "mine", "the check sees something"
    assert [r.number for r in rows] == [c.number for c in wanted]
    counts = queue_read.counts(viewer=me)
    if view in counts:
        assert counts[view] == min(len(wanted), queue_read.CAP)


def test_filters_narrow_a_view(filled: World) -> None:
    rows = queue_read.queue(viewer=viewer("mgr"), view="all", filters={"department": "claims"}).rows
    assert rows
    assert {r.department_label for r in rows} == {rows[0].department_label}


def test_a_cursor_that_nobody_gave_out_is_the_first_page(filled: World) -> None:
    first = queue_read.queue(viewer=viewer("mgr"), view="all")
    for cursor in ("x", "bnVsbA==", "WzEsMl0=", "WyJ4IiwieSJd", "e30=", "=", "é"):
        assert queue_read.queue(viewer=viewer("mgr"), view="all", cursor=cursor).rows == first.rows
