"""What ended is remembered with its ending, found for the next one, and forgotten when reopened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from company import World, complaint
from huiyin.flows import answer, assign, close, investigate, survey
from huiyin.store import models, reindex
from huiyin.store.read import similar
from huiyin.store.read.viewer import viewer_of

SAID = "显示已签收，可我根本没收到手机，派件员说放门口了，单号SF123456789000{n}"
FINAL = "王女士，您的件SF123456789000{n}已找到，300元明天退到您的账户，给您添麻烦了。"
OWN = ("", "着急", "麻烦快点", "保安没见过", "邻居没拿", "监控也查了")


def ended(world: World, n: int, stars: int | None = 5) -> models.Complaint:
    """Let a complaint go its whole way."""
    said = SAID.format(n=n) + "，" + OWN[n]
    case = complaint(world.post("portal", said, sender_name="王小明"))
    world.do("agent", assign.take, complaint_id=case.id)
    world.later(hours=5)
    world.do("agent", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="misdelivery", department="operations", reason="监控")  # fmt: skip
    world.do("agent", answer.resolve, complaint_id=case.id, text=FINAL.format(n=n), agent="小李")
    if stars:
        world.customer(survey.answer, complaint_id=case.id, stars=stars, words="")
    case.refresh_from_db()
    return case


def beside(case: models.Complaint, who: str = "agent") -> tuple[similar.SimilarRow, ...]:
    viewer = viewer_of(user=models.User.objects.get(username=who))
    return similar.similar(viewer=viewer, complaint_id=case.id)


@pytest.fixture
def past(world: World) -> models.Complaint:
    return ended(world, 1)


@pytest.fixture
def now(world: World, past: models.Complaint) -> models.Complaint:
    world.later(days=3)
    return complaint(
        world.post(
            "phone",
            "显示签收了但手机没收到，派件员说放门口，单号JT0001234567890",
            phone="13912345678",
        )
    )


def test_an_ended_complaint_stands_beside_the_next_one(now: Any, past: Any) -> None:
    [row] = beside(now)
    assert row.number == past.number and row.verdict == "upheld" and row.stars == 5
    assert row.minutes == 300 and not row.again
    assert "文字相近" in row.because[0].zh and "同类物品" in row.because[0].zh
    assert beside(past) == ()


def test_it_is_found_after_the_index_was_written_anew(world: World, now: Any, past: Any) -> None:
    reindex.ask(now=world.now)
    assert reindex.go_on(now=world.now)
    assert [r.number for r in beside(now)] == [past.number]


def test_what_is_open_again_is_no_model(world: World, now: Any, past: Any) -> None:
    world.do("boss", close.reopen, complaint_id=past.id, reason="客户来电")
    assert beside(now) == ()
    world.do("boss", answer.resolve, complaint_id=past.id, text="再次答复")
    [row] = beside(now)
    assert row.again and "重新处理" in row.because[1].zh


def test_satisfaction_arrives_with_the_survey(world: World, now: Any) -> None:
    later = ended(world, 2, stars=None)
    rows = {r.number: r for r in beside(now)}
    assert rows[later.number].stars is None
    world.customer(survey.answer, complaint_id=later.id, stars=4, words="")
    assert {r.number: r.stars for r in beside(now)}[later.number] == 4


def test_nobody_is_shown_what_he_may_not_see(now: Any, past: Any) -> None:
    models.Complaint.objects.filter(id=now.id).update(
        assignee_id=models.User.objects.get(username="ops").id
    )
    assert past.department_id != "claims"
    seen = beside(now, who="ops")
    allowed = past.department_id == "operations"
    assert bool(seen) is allowed
    assert beside(now, who="clerk") == ()


def test_its_answer_is_made_to_fit(now: Any, past: Any) -> None:
    viewer = viewer_of(user=models.User.objects.get(username="agent"))
    fitted = similar.adapted(viewer=viewer, complaint_id=now.id, like=past.id)
    assert (
        fitted.text == "____，您的件JT0001234567890已找到，____元____退到您的账户，给您添麻烦了。"
    )
    with pytest.raises(similar.CannotAdapt):
        similar.adapted(viewer=viewer, complaint_id=past.id, like=now.id)
    with pytest.raises(similar.CannotAdapt):
        similar.adapted(viewer=viewer, complaint_id=now.id, like=UUID(int=1))


def test_it_costs_a_fixed_number_of_queries(
    world: World, now: Any, django_assert_max_num_queries: Any
) -> None:
    for n in (3, 4, 5):
        ended(world, n)
    with django_assert_max_num_queries(9):
        assert len(beside(now)) == 4
