"""The verdict with its cause tree, and what the board makes of it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from openpyxl import load_workbook

from company import LOST, World, complaint
from huiyin import playbooks
from huiyin.core.playbook import CannotLoadPlaybook, load_playbook
from huiyin.flows import investigate
from huiyin.flows.investigate import CannotJudge
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.read import board, causes
from huiyin.store.read import complaint as page_read
from huiyin.store.read.viewer import viewer_of

Post = Callable[..., Decided]
SHIPPED = list(playbooks.shipped())


@pytest.mark.parametrize("name", SHIPPED)
def test_both_shipped_playbooks_hold_a_tree_of_three_levels(name: str) -> None:
    playbook = load_playbook(text=playbooks.text(name=name))
    assert {"people", "process", "system", "weather", "customer"} <= {
        g.code for g in playbook.cause_groups
    }
    depths = {len(playbook.cause_path(code=c.code)) for c in playbook.causes}
    assert depths == {2, 3}
    for category in playbook.categories:
        offered = playbook.causes_for(category=category.code)
        assert len(offered) == len({c.code for c in offered})
        for finer in (c for c in offered if c.under):
            assert finer.under in category.causes


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("group: people, under: courier_conduct", "group: people, under: nobody", "nobody"),
        ("people, under: courier_conduct", "system, under: courier_conduct", "people"),
        ("under: agent_conduct", "under: courier_rude", "courier_rude"),
    ],
)  # fmt: skip
def test_a_broken_tree_is_named(old: str, new: str, said: str) -> None:
    text = playbooks.text(name="express-default").replace(old, new, 1)
    with pytest.raises(CannotLoadPlaybook) as error:
        load_playbook(text=text)
    assert said in str(error.value)


@pytest.mark.parametrize("verdict", ["upheld", "partly_upheld", "not_upheld"])
def test_every_verdict_names_its_cause(world: World, post: Post, verdict: str) -> None:
    case = complaint(post("portal", LOST, phone="13812345678"))
    for cause in ("", "moon"):
        with pytest.raises(CannotJudge):
            world.do(
                "boss", investigate.give_verdict, complaint_id=case.id, verdict=verdict, cause=cause
            )
    case.refresh_from_db()
    assert case.verdict == "" and case.last_seq == complaint_seq(case)
    world.do(
        "boss", investigate.give_verdict, complaint_id=case.id, verdict=verdict,
        cause="courier_careless", reason="查实",
    )  # fmt: skip
    viewer = viewer_of(user=models.User.objects.get(username="boss"))
    page = page_read.page(viewer=viewer, complaint_id=case.id, now=world.now)
    assert page.cause_label == "人员 › 收派员未按规范操作 › 操作粗心、未核对"
    chosen = [c.code for b in page.cause_tree for c in b.causes if c.selected]
    assert chosen == ["courier_careless"]


def complaint_seq(case: models.Complaint) -> int:
    return models.Event.objects.filter(complaint_id=case.id).count()


def test_the_board_counts_by_branch_and_cause_and_exports_both(world: World, post: Post) -> None:
    careless = ("upheld", "courier_careless")
    given = (careless, ("upheld", "lost_transit"), careless, ("not_upheld", "no_fault"))
    for n, (verdict, cause) in enumerate(given):
        case = complaint(
            post("portal", LOST.replace("SF1234567890123", f"SF123456789012{n}"),
                 phone=f"1381234567{n}", waybill=f"SF123456789012{n}")
        )  # fmt: skip
        world.do(
            "boss", investigate.give_verdict, complaint_id=case.id, verdict=verdict, cause=cause
        )
    viewer = viewer_of(user=models.User.objects.get(username="mgr"))
    world.later(hours=1)
    page = board.board(viewer=viewer, period="7", now=world.now)
    by = {s.code: s for s in page.series}
    assert by["cause"].labels[0] == "人员 › 收派员未按规范操作 › 操作粗心、未核对"
    assert [values for _name, values in by["cause"].rows] == [(2, 0, 1), (0, 0, 0), (0, 1, 0)]
    assert dict(zip(by["cause_branch"].labels, by["cause_branch"].rows[0][1], strict=True)) == {
        "人员": 2, "流程与作业": 1, "其他": 0,
    }  # fmt: skip
    content, _rows = board.workbook(page=page)
    book = load_workbook(io.BytesIO(content))
    sheet = book["结论按原因"]
    assert [c.value for c in sheet[2]] == [by["cause"].labels[0], 2, 0, 0]


def test_a_playbook_without_named_branches_still_says_the_cause(world: World, post: Post) -> None:
    playbook = load_playbook(text=playbooks.text(name="express-default"))
    bare = playbook.model_copy(update={"cause_groups": ()})
    assert causes.path(playbook=bare, code="missort") == "分拣错误"
    assert causes.path(playbook=bare, code="gone") == "gone"
    assert causes.branch(playbook=bare, code="missort") == "process"
