"""The board: what is late now, as the queue has it, and how often a limit was missed."""

from __future__ import annotations

from collections.abc import Callable

from company import World, complaint, resolved
from huiyin.flows import journey, watch
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.read import board, queue
from huiyin.store.read.viewer import viewer_of

Post = Callable[..., Decided]


def test_late_now_is_what_the_queue_counts_and_missed_limits_are_told_beside(
    world: World, post: Post
) -> None:
    def file(number: int) -> models.Complaint:
        text = f"包裹SF123456789012{number}晚到了一天，请说明"
        return complaint(post("portal", text, phone=f"1381234567{number}", branch="complaint"))

    ended, open_ = file(1), file(2)
    world.later(days=9)
    with journey.writing(now=world.now, actor="system") as pen:
        watch.sweep_due(pen=pen, limit=100)
    resolved(world, ended, "agent")
    models.Complaint.objects.filter(id=ended.id).update(live=False, watch_level="breached")
    file(3)
    world.later(hours=1)

    viewer = viewer_of(user=models.User.objects.get(username="boss"))
    open_.refresh_from_db()
    assert open_.watch_level == "breached"
    page = board.board(viewer=viewer, period="30", now=world.now)
    figures = {code: value for code, _name, value, _change in page.figures}
    assert (figures["received"], figures["breached"]) == ("3", "1")
    assert queue.counts(viewer=viewer)["breached"] == 1
    assert figures["late"] == "66.7%"
    assert {code: change for code, _name, _value, change in page.figures}["breached"] == ""
    speeds = next(s for s in page.series if s.code == "channel_speed")
    assert speeds.rows[-1][1] == (66.7,)
