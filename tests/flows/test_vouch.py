"""A mail that only names a parcel moves no answers; a person who knows the writer may say so."""

from __future__ import annotations

import pytest

from company import LOST, World, complaint, kinds
from huiyin.flows import unite, vouch
from huiyin.store import models
from huiyin.store.case import ANSWERED_BEFORE
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import complaint as complaint_read
from huiyin.store.read.viewer import viewer_of

SON = "son@mail.example"


def filed(world: World) -> tuple[models.Complaint, models.Message]:
    """Return a complaint filed with a telephone, and a mail about it from somewhere else."""
    case = complaint(world.post("portal", LOST, sender="13812345678", phone="13812345678"))
    text = f"{case.waybill} 这个件是我爸的，请回复我"
    raw = f"From: {SON}\nMessage-ID: <1@x>\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    world.accept(Arrival("email", "email", external_id="1", raw=raw.encode(), headers={}))
    assert complaint(world.decide()[0]).id == case.id
    case.refresh_from_db()
    return case, models.Message.objects.get(complaint=case, channel="email")


def offered(world: World, case: models.Complaint) -> list[str]:
    viewer = viewer_of(user=models.User.objects.get(username="agent"))
    page = complaint_read.page(viewer=viewer, complaint_id=case.id, now=world.now)
    return [i.channel for i in page.timeline if i.answers_could_go]


def test_answers_go_to_the_writer_once_a_person_vouches_for_him_and_back(world: World) -> None:
    case, message = filed(world)
    before = (case.reply_channel, case.reply_to)
    assert before[0] == "portal" and offered(world, case) == ["email"]
    world.do("agent", vouch.vouch, complaint_id=case.id, message_id=message.id)
    case.refresh_from_db()
    assert (case.reply_channel, case.reply_to) == ("email", SON)
    assert kinds(case)[-1] == "WriterVouched" and offered(world, case) == []
    event = models.Event.objects.filter(complaint_id=case.id, kind="WriterVouched").get()
    assert SON not in event.data, "an event holds no address"
    world.do("agent", vouch.take_back, complaint_id=case.id, event_id=event.id)
    case.refresh_from_db()
    assert (case.reply_channel, case.reply_to) == before
    with pytest.raises(vouch.CannotVouch):
        world.do("agent", vouch.take_back, complaint_id=case.id, event_id=event.id)


def test_who_may_not_answer_may_not_vouch(world: World) -> None:
    case, message = filed(world)
    with pytest.raises(PermissionError):
        world.do("ops", vouch.vouch, complaint_id=case.id, message_id=message.id)


def test_nothing_moves_where_answers_go_already_or_the_customer_chose(world: World) -> None:
    case, message = filed(world)
    first = models.Message.objects.filter(complaint=case, direction="in").earliest("at")
    with pytest.raises(vouch.CannotVouch):
        world.do("agent", vouch.vouch, complaint_id=case.id, message_id=first.id)
    assert case.customer_id
    models.Customer.objects.filter(id=case.customer_id).update(prefers="sms")
    with pytest.raises(vouch.CannotVouch):
        world.do("agent", vouch.vouch, complaint_id=case.id, message_id=message.id)
    assert offered(world, case) == []


def test_a_letter_that_is_another_matter_after_all_takes_no_answers_along(world: World) -> None:
    case, message = filed(world)
    before = (case.reply_channel, case.reply_to)
    world.do("agent", vouch.vouch, complaint_id=case.id, message_id=message.id)
    joined = models.Event.objects.get(complaint_id=case.id, kind="ContactJoined")
    parted = world.do("agent", unite.undo, complaint_id=case.id, event_id=joined.id)
    case.refresh_from_db()
    assert (case.reply_channel, case.reply_to) == before
    other = models.Complaint.objects.get(id=parted)
    assert (other.reply_channel, other.reply_to) == ("email", SON)


def test_taking_back_the_second_writer_leads_to_the_customer_and_not_to_the_first(
    world: World,
) -> None:
    case, first = filed(world)
    before = (case.reply_channel, case.reply_to)
    world.do("agent", vouch.vouch, complaint_id=case.id, message_id=first.id)
    models.Message.objects.filter(id=first.id).update(sender="daughter@mail.example")
    world.do("agent", vouch.vouch, complaint_id=case.id, message_id=first.id)
    case.refresh_from_db()
    assert case.reply_to == "daughter@mail.example"
    events = models.Event.objects.filter(complaint_id=case.id, kind="WriterVouched")
    last = events.order_by("-seq")[0]
    world.do("agent", vouch.take_back, complaint_id=case.id, event_id=last.id)
    case.refresh_from_db()
    assert (case.reply_channel, case.reply_to) == before
    assert ANSWERED_BEFORE not in case.triage
