"""Whose an address is: what somebody only says of himself moves no answers to him."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from company import LOST, World, complaint, kinds
from huiyin.flows import identify
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import reaches

Post = Callable[..., Decided]
PHONE, MAIL = "13812345678", "stranger@mail.example"
OTHER = "运单YT7788990011223压烂了，杯子全碎"


def rows() -> set[tuple[str, str, bool]]:
    return set(models.Identity.objects.values_list("value", "customer__name", "proven"))


def owner(value: str) -> object:
    return models.Identity.objects.get(value=value, proven=True).customer_id


def mail(world: World, text: str, *, id: str, sender: str = MAIL) -> models.Complaint:
    raw = f"From: {sender}\nMessage-ID: <{id}@x>\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    world.accept(Arrival("email", "email", external_id=id, raw=raw.encode(), headers={}))
    return complaint(world.decide()[0])


@pytest.mark.parametrize("first", ["portal", "phone"])
def test_a_telephone_named_in_a_mail_makes_the_writer_nobody_else(world: World, first: str) -> None:
    hers = complaint(world.post(first, LOST, sender=PHONE, phone=PHONE, sender_name="甲"))
    his = mail(world, f"{OTHER}，我的电话{PHONE}", id="1")
    assert (
        his.customer_id
        != hers.customer_id
        == models.Identity.objects.filter(value=PHONE, customer=hers.customer)
        .values_list("customer_id", flat=True)
        .get()
    )
    assert owner(MAIL) == his.customer_id
    assert {r.address for r in reaches.of_customer(customer_id=hers.customer_id)} == {PHONE}
    assert {r.address for r in reaches.of_customer(customer_id=his.customer_id)} == {MAIL}
    joined = mail(world, f"{hers.waybill} 怎么还没找到，电话{PHONE}", id="2")
    hers.refresh_from_db()
    assert joined == hers and hers.contacts == 2
    assert hers.reply_channel == first, "her answers stay with her"


def test_who_named_it_first_is_not_given_what_its_owner_says(world: World) -> None:
    his = mail(world, f"{OTHER}，我的电话{PHONE}", id="1")
    hers = complaint(world.post("phone", LOST, sender=PHONE, sender_name="甲"))
    assert owner(PHONE) == hers.customer_id != his.customer_id
    form = complaint(world.post("portal", "快递员上门时骂人，态度恶劣", sender=PHONE, phone=PHONE))
    assert form.customer_id == hers.customer_id


def test_a_form_with_another_s_telephone_in_its_words_claims_only_its_own_address(
    world: World, post: Post
) -> None:
    his = complaint(post("portal", f"{OTHER}，电话{PHONE}", sender=MAIL, email=MAIL))
    assert rows() == {(MAIL, "", False)}
    hers = complaint(post("portal", LOST, sender=PHONE, phone=PHONE))
    again = mail(world, "快递员上门时骂人，态度恶劣", id="1")
    assert again.customer_id == his.customer_id != hers.customer_id
    assert rows() == {(MAIL, "", True), (PHONE, "", False)}, "the mail proves the address"


def test_who_files_by_telephone_number_and_then_calls_is_one_customer(post: Post) -> None:
    form = complaint(post("portal", LOST, sender=PHONE, phone=PHONE))
    call = complaint(post("phone", "快递员上门时骂人，态度恶劣", sender=PHONE))
    assert call.customer_id == form.customer_id == owner(PHONE)


def test_a_chat_that_gives_telephone_and_mail_joins_them_to_nobody(post: Post) -> None:
    hers = complaint(post("portal", LOST, sender=PHONE, phone=PHONE))
    post("chat", OTHER, sender="a" * 32, thread="a" * 32, phone=PHONE, email=MAIL)
    assert rows() == {(PHONE, "", False)}
    post("chat", f"{hers.waybill} 在哪", sender="b" * 32, thread="b" * 32, phone=PHONE, email=MAIL)
    hers.refresh_from_db()
    assert (hers.contacts, hers.reply_to) == (2, PHONE)


def test_a_person_confirms_what_was_claimed(world: World) -> None:
    his = mail(world, f"{OTHER}，我的电话{PHONE}", id="1")
    row = models.Identity.objects.get(value=PHONE)
    assert not row.proven
    given = {"customer_id": his.customer_id, "identity_id": row.id}
    with pytest.raises(PermissionError):
        world.do("ops", identify.confirm, **given)
    assert world.do("agent", identify.confirm, **given)
    assert not world.do("agent", identify.confirm, **given)
    assert kinds(his)[-1] == "IdentityConfirmed"
    assert {r.address for r in reaches.of_customer(customer_id=his.customer_id)} == {MAIL, PHONE}


def test_what_is_proven_of_another_is_not_confirmed(world: World) -> None:
    his = mail(world, f"{OTHER}，我的电话{PHONE}", id="1")
    row = models.Identity.objects.get(value=PHONE)
    world.post("phone", LOST, sender=PHONE)
    with pytest.raises(identify.CannotIdentify):
        world.do("agent", identify.confirm, customer_id=his.customer_id, identity_id=row.id)


def test_who_is_linked_is_known_by_what_he_gave(world: World, post: Post) -> None:
    form = complaint(post("portal", LOST, sender=PHONE, phone=PHONE))
    his = mail(world, OTHER, id="1")
    world.do("agent", identify.link, customer_id=his.customer_id, other_id=form.customer_id)
    assert rows() == {(MAIL, "", True), (PHONE, "", True)}


@pytest.mark.django_db(transaction=True)
def test_the_mark_comes_and_goes_with_its_migration() -> None:
    before, after = [("store", "0036_aside_by_time")], [("store", "0037_identity_proven")]
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("store")

    def at(goal: list[tuple[str, str]]) -> Any:
        MigrationExecutor(connection).migrate(goal)
        return MigrationExecutor(connection).loader.project_state(goal).apps

    try:
        old = at(before)
        now = "2026-11-03T03:00:00Z"
        id = "00000000-0000-0000-0000-00000000000"
        customer, identity = old.get_model("store", "Customer"), old.get_model("store", "Identity")
        for n in "12":
            customer.objects.create(id=f"{id}{n}", created_at=now)
        for kind, value in (("wechat", "o-1"), ("phone", PHONE)):
            identity.objects.create(
                kind=kind, value=value, since=now, customer_id=f"{id}1", message_id=f"{id}9"
            )
        identity.objects.create(kind="email", value=MAIL, since=now, customer_id=f"{id}1")
        marked = at(after).get_model("store", "Identity").objects
        told = set(marked.values_list("value", "proven"))
        assert told == {("o-1", True), (PHONE, False), (MAIL, True)}
        marked.create(kind="phone", value=PHONE, since=now, customer_id=f"{id}2", proven=True)
        kept = at(before).get_model("store", "Identity").objects.filter(value=PHONE)
        assert [str(one.customer_id) for one in kept] == [f"{id}2"]
    finally:
        MigrationExecutor(connection).migrate(newest)
