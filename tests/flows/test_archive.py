"""Consultations and business requests are archived with name and phone; complaints go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from company import World, complaint, kinds
from huiyin.flows.receive import Decided
from huiyin.store import models

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("branch", ["consultation", "business_request"])
def test_what_is_no_complaint_is_archived_with_name_and_phone(
    world: World, post: Callable[..., Decided], branch: str
) -> None:
    case = complaint(
        post(
            "phone", "问一下寄到株洲多少钱一公斤，几天到", branch=branch,
            phone="13875556666", sender="13875556666", sender_name="刘先生",
        )
    )  # fmt: skip
    assert (case.status, case.live, case.branch) == ("archived", False, branch)
    assert case.customer is not None
    assert (case.customer.name, case.customer.phone) == ("刘先生", "13875556666")
    assert not models.Clock.objects.filter(complaint=case, state="running").exists()
    assert kinds(case)[-1] == "ComplaintArchived"
    said = models.Message.objects.get(complaint=case, direction="out")
    assert "已登记" in said.text
    assert "投诉" not in said.text


def test_a_complaint_goes_on(world: World, post: Callable[..., Decided]) -> None:
    case = complaint(
        post("phone", "快递员骂人", branch="complaint", phone="13875556666", sender="13875556666")
    )
    assert (case.status, case.live) == ("assigned", True)


def test_an_archived_request_that_comes_up_again_is_worked_on(
    world: World, post: Callable[..., Decided]
) -> None:
    case = complaint(
        post(
            "phone", "运单SF1234567890123想改明天下午送", branch="business_request",
            phone="13875556666", sender="13875556666",
        )
    )  # fmt: skip
    world.later(days=2)
    again = post("phone", "SF1234567890123说好改时间，到现在没人送，我要投诉", sender="13875556666")
    assert (again.outcome, again.complaint_id) == ("reopened", case.id)
    case.refresh_from_db()
    assert (case.status, case.live, case.branch) == ("assigned", True, "complaint")
    assert models.Clock.objects.filter(complaint=case, rule="law_7d", state="running").exists()
