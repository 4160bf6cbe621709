"""Two complaints that may be one: asked once, answered by a person, learned from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from company import World, complaint, kinds
from huiyin.flows import pair, unite
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.read import audit, pairing
from huiyin.store.read.viewer import viewer_of

Post = Callable[..., Decided]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    pairing.forget()
    yield
    pairing.forget()


def two(post: Post) -> tuple[models.Complaint, models.Complaint]:
    """Return two complaints of people of one name at one station, and one that may be either."""
    first = complaint(
        post("phone", "于都的刘女士，中通78311000222001没通知就放红星驿站", sender="13607970001")
    )
    post("phone", "于都的刘先生，中通78311000222999没通知就放红星驿站", sender="13607970002")
    asked = complaint(
        post("phone", "于都红星驿站的件没通知，昨天打过电话的，姓刘", sender="18879700101")
    )
    assert asked.id != first.id
    return first, asked


def complaint_facts(case: models.Complaint) -> dict[str, object]:
    case.refresh_from_db()
    return dict(case.match_facts)


def shown(case: models.Complaint) -> list[str]:
    case.refresh_from_db()
    viewer = viewer_of(user=models.User.objects.get(username="agent"))
    return [m.id for m in pairing.maybe_same(row=case, viewer=viewer)]


def test_a_doubt_is_marked_and_shown_on_both_sides_with_its_reasons(
    world: World, post: Post
) -> None:
    first, asked = two(post)
    assert pair.FLAG in asked.flags
    assert asked.match_facts["asked"] in shown(asked), (
        "who writes about it next is matched with care"
    )
    assert "asked" not in complaint_facts(first)
    assert "maybe" not in asked.triage
    assert first.id.hex in shown(asked)
    assert shown(first) == [asked.id.hex]
    viewer = viewer_of(user=models.User.objects.get(username="agent"))
    one = next(m for m in pairing.maybe_same(row=asked, viewer=viewer) if m.id == first.id.hex)
    assert {r.rule for r in one.pro} >= {"match.place", "match.surname"}
    assert (one.from_id, one.into_number, one.can_join) == (asked.id.hex, first.number, True)


def test_not_the_same_is_never_asked_again_and_can_be_taken_back(world: World, post: Post) -> None:
    first, asked = two(post)
    others = shown(asked)
    for other in others:
        target = models.Complaint.objects.get(id=other)
        world.do("agent", pair.say_different, complaint_id=asked.id, other_id=target.id)
    assert shown(asked) == [] == shown(first)
    asked.refresh_from_db()
    assert pair.FLAG not in asked.flags and "asked" not in asked.match_facts
    assert kinds(first)[-1] == "SaidDifferent" == kinds(asked)[-1]
    with pytest.raises(pair.CannotPair):
        world.do("agent", pair.say_different, complaint_id=asked.id, other_id=first.id)

    said = models.Event.objects.get(
        complaint_id=asked.id, kind="SaidDifferent", data__contains=first.id.hex
    )
    world.do("agent", pair.unsay, complaint_id=asked.id, event_id=said.id)
    assert shown(asked) == [first.id.hex]
    asked.refresh_from_db()
    assert pair.FLAG in asked.flags and asked.match_facts["asked"] == first.id.hex
    with pytest.raises(pair.CannotPair):
        world.do("agent", pair.unsay, complaint_id=asked.id, event_id=said.id)
    assert list(audit.broken_links()) == []


def test_a_merge_is_the_answer_and_its_undo_asks_again(world: World, post: Post) -> None:
    first, asked = two(post)
    world.do("agent", unite.merge, complaint_id=asked.id, into_number=first.number)
    row = models.Pairing.objects.get(newer_id=asked.id, older_id=first.id)
    assert (row.answer, row.by.username if row.by else "") == ("same", "agent")
    assert shown(first) == []
    merged = models.Event.objects.get(complaint_id=asked.id, kind="ComplaintMerged")
    world.do("agent", unite.undo, complaint_id=asked.id, event_id=merged.id)
    assert first.id.hex in shown(asked)
    assert "asked" in complaint_facts(asked) and "asked" not in complaint_facts(first)
    row.refresh_from_db()
    assert (row.answer, row.answered_at, row.by) == ("", None, None)


def test_a_join_undone_is_kept_as_not_the_same(world: World, post: Post) -> None:
    case = complaint(post("portal", "运单SF1234567890123的件丢了，请查", phone="13812345678"))
    post("email", "SF1234567890123 这个件怎么还没找到？", sender="a@b.example")
    join = models.Event.objects.get(complaint_id=case.id, kind="ContactJoined")
    fresh_id = world.do("agent", unite.undo, complaint_id=case.id, event_id=join.id)
    row = models.Pairing.objects.get(newer_id=fresh_id)
    assert (row.older_id, row.answer) == (case.id, "different")


def test_a_handler_of_another_department_says_nothing(world: World, post: Post) -> None:
    first, asked = two(post)
    with pytest.raises(PermissionError):
        world.do("clerk", pair.say_different, complaint_id=asked.id, other_id=first.id)
    with pytest.raises(pair.CannotPair):
        world.do("agent", pair.say_different, complaint_id=asked.id, other_id=asked.id)


def test_what_is_nearly_always_denied_is_asked_no_more(world: World, post: Post) -> None:
    two(post)
    row = models.Pairing.objects.order_by("-score")[0]
    for number in range(25):
        models.Pairing.objects.create(
            id=f"00000000-0000-7000-8000-{number:012d}", newer_id=row.newer_id,
            older_id=f"00000000-0000-7000-9000-{number:012d}", score=0.99,
            answer="different", asked_at=world.now, answered_at=world.now,
        )  # fmt: skip
    pairing.forget()
    page = pairing.pairs_page()
    assert (page.answers, page.same) == (25, 0)
    assert pairing.asked_from() == page.asked_from >= row.score
    before = models.Pairing.objects.filter(answer="").count()
    post("phone", "于都红星驿站的件没通知，前天打过电话的，姓刘", sender="18879700777")
    assert models.Pairing.objects.filter(answer="").count() <= before
