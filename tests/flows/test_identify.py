"""Customers brought together and parted, and every such move undone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from company import World, complaint, kinds
from huiyin.flows import identify
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.read import audit, who

Post = Callable[..., Decided]
PHONE, OPENID = "13812345678", "wx-openid-1"


def by_phone(post: Post) -> models.Complaint:
    return complaint(post("phone", "运单SF1234567890123丢了，请查", sender=PHONE))


def by_wechat(post: Post) -> models.Complaint:
    return complaint(post("wechat", "运单YT7788990011223压烂了，杯子全碎", sender=OPENID))


def named(case: models.Complaint) -> models.Customer:
    case.refresh_from_db()
    assert case.customer is not None
    return case.customer


def of(customer: models.Customer) -> set[str]:
    return {f"{i.kind}:{i.value}" for i in who.identities(customer_id=customer.id)}


def standing() -> dict[str, str]:
    """Return whose every identity and complaint is."""
    return {
        **{f"i{r.id}": r.customer_id.hex for r in models.Identity.objects.all()},
        **{
            c.number: c.customer_id.hex
            for c in models.Complaint.objects.filter(customer_id__isnull=False)
            if c.customer_id
        },
    }


def owners(case: models.Complaint) -> set[str]:
    case.refresh_from_db()
    return set(case.match_facts.get("owners", ()))


def test_an_identity_remembers_the_message_that_showed_it(post: Post) -> None:
    by_phone(post)
    row = models.Identity.objects.get(kind="phone", value=PHONE)
    assert models.Message.objects.filter(id=row.message_id, sender=PHONE).exists()


def test_two_are_one_and_are_two_again(world: World, post: Post) -> None:
    call, chat = by_phone(post), by_wechat(post)
    one, other = named(call), named(chat)
    before, remembered = standing(), (owners(call), owners(chat))
    move = world.do("agent", identify.link, customer_id=one.id, other_id=other.id)
    assert of(one) == {f"phone:{PHONE}", f"wechat:{OPENID}"}
    assert named(chat) == one
    assert owners(call) == owners(chat) == {f"p:{PHONE}", f"wechat:{OPENID}"}
    assert kinds(chat)[-1] == kinds(call)[-1] == "CustomerLinked"

    world.later(hours=1)
    later = complaint(post("wechat", "另一件YT7788990099887也坏了，漏了一地", sender=OPENID))
    assert named(later) == one
    world.do("agent", identify.undo, move_id=move)
    assert {k: v for k, v in standing().items() if k != later.number} == before
    assert named(later) == other
    assert (owners(call), owners(chat)) == remembered
    assert f"p:{PHONE}" not in owners(later)
    assert list(audit.broken_links()) == []


def test_what_both_spoke_of_is_known_to_the_matcher_while_they_are_one(
    world: World, post: Post
) -> None:
    call, chat = by_phone(post), by_wechat(post)
    world.do("agent", identify.link, customer_id=named(call).id, other_id=named(chat).id)
    world.later(hours=1)
    more = post("wechat", "丢了的那个顺丰件查到没有，怎么没人回我", sender=OPENID)
    assert (more.outcome, more.complaint_id) == ("joined", call.id)


def test_a_wrong_learned_link_is_undone_and_comes_back(world: World, post: Post) -> None:
    chat = complaint(
        post("wechat", "运单YT7788990011223压烂了，杯子全碎", sender=OPENID, phone=PHONE)
    )
    customer = named(chat)
    assert of(customer) == {f"phone:{PHONE}", f"wechat:{OPENID}"}
    world.later(hours=1)
    mother = complaint(post("phone", "运单SF1234567890123丢了，请查", sender=PHONE))
    assert named(mother) == customer
    before = standing()
    phone = next(i for i in who.identities(customer_id=customer.id) if i.kind == "phone")
    move = world.do("agent", identify.unlink, customer_id=customer.id, identity_id=phone.id)
    assert named(mother) != customer == named(chat)
    assert of(named(mother)) == {f"phone:{PHONE}"}
    assert f"p:{PHONE}" not in owners(chat)
    assert f"wechat:{OPENID}" not in owners(mother)
    world.do("agent", identify.undo, move_id=move)
    assert standing() == before
    assert owners(chat) >= {f"p:{PHONE}", f"wechat:{OPENID}"}
    with pytest.raises(identify.CannotIdentify):
        world.do("agent", identify.undo, move_id=move)


def test_what_cannot_be_is_refused(world: World, post: Post) -> None:
    one, other = named(by_phone(post)), named(by_wechat(post))
    with pytest.raises(identify.CannotIdentify):
        world.do("agent", identify.link, customer_id=one.id, other_id=one.id)
    only = who.identities(customer_id=one.id)[0]
    with pytest.raises(identify.CannotIdentify):
        world.do("agent", identify.unlink, customer_id=one.id, identity_id=only.id)
    with pytest.raises(PermissionError):
        world.do("ops", identify.link, customer_id=one.id, other_id=other.id)


@pytest.mark.thorough
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)), max_size=7)
)
def test_moves_undone_in_any_order_put_everything_back(
    world: World, post: Post, steps: list[tuple[int, int, int]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        start = [
            complaint(
                post(channel, f"运单SF12345678901{n}{n}丢了，请查", sender=sender, phone=phone)
            )
            for n, (channel, sender, phone) in enumerate(
                [
                    ("phone", PHONE, ""),
                    ("wechat", OPENID, "13900001111"),
                    ("email", "a@b.example", ""),
                ]
            )
        ]
        before = standing()
        for act, a, b in steps:
            world.later(minutes=1)
            one, other = named(start[a % 3]), named(start[b % 3])
            standing_moves = list(models.CustomerMove.objects.filter(undone_at=None).order_by("id"))
            with contextlib.suppress(identify.CannotIdentify):
                if act == 0:
                    world.do("agent", identify.link, customer_id=one.id, other_id=other.id)
                elif act == 1:
                    mine = who.identities(customer_id=one.id)
                    world.do(
                        "agent", identify.unlink, customer_id=one.id,
                        identity_id=mine[b % len(mine)].id if mine else 0,
                    )  # fmt: skip
                elif standing_moves:
                    world.do(
                        "agent", identify.undo, move_id=standing_moves[a % len(standing_moves)].id
                    )
        rest = list(models.CustomerMove.objects.filter(undone_at=None).order_by("id"))
        for place, move in enumerate(rest if steps and steps[0][0] else rest[::-1]):
            world.later(minutes=1)
            world.do("agent", identify.undo, move_id=move.id)
            assert place < 20
        assert standing() == before
        assert list(audit.broken_links()) == []
        transaction.set_rollback(True)
