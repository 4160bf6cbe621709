"""Accept first, then decide: nothing is lost, nothing is counted twice."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import OperationalError

from company import LOST, World, arrival, complaint, outcomes
from huiyin.core.because import Reason
from huiyin.flows import contact, intake, receive
from huiyin.flows.contact import ReadContact, ground, read_contacts
from huiyin.store import models
from huiyin.store.ledger import inbox
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import audit, operations

MANY = (
    ("portal", LOST, {"sender": "13812345678", "phone": "13812345678"}),
    ("email", "SF1234567890123 这个件怎么还没找到？", {"sender": "a@b.example"}),
    ("phone", "快递员上门时骂人，态度恶劣", {"sender": "13900001111"}),
    ("phone", "谢谢", {"sender": "13900003333"}),
    ("wechat", "包裹外箱压烂了，杯子全碎，运单YT7788990011223", {"sender": "wx-1"}),
    ("wechat", "YT7788990011223 照片发给你们了，什么时候赔？", {"sender": "wx-1"}),
    ("web", "多收了我八块钱运费，运单JT5544332211009", {"sender": "13700002222"}),
)


def broken(id: str = "") -> Arrival:
    return Arrival(channel="api", kind="contact", external_id=id, raw=b'{"text": ', headers={})


def mail(*, subject: str, text: str, **headers: str) -> Arrival:
    message = EmailMessage()
    message["From"] = "Zhou <zhou@customer.example>"
    message["To"] = "care@company.example"
    message["Subject"] = subject
    message["Message-ID"] = f"<{len(subject)}.{len(text)}@customer.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return Arrival(
        channel="email",
        kind="email",
        external_id=str(message["Message-ID"]),
        raw=message.as_bytes(),
        headers={},
    )


def test_a_repeated_external_id_is_recognised(world: World) -> None:
    first = world.accept(arrival("api", LOST, id="x-1"))[0]
    assert outcomes(world.decide()) == ["opened"]
    again, other = world.accept(arrival("api", LOST, id="x-1"), arrival("web", LOST, id="x-1"))
    assert (again.id, again.repeated) == (first.id, True)
    assert not other.repeated
    balance = operations.balance()
    assert (balance.received, balance.duplicates) == (2, 1)
    assert balance.balanced
    assert list(audit.balance_faults()) == []


def test_a_repeat_inside_one_call_is_recognised(world: World) -> None:
    one, two = world.accept(arrival("api", LOST, id="x-1"), arrival("api", LOST, id="x-1"))
    assert (one.repeated, two.repeated) == (False, True)
    assert one.id == two.id
    assert outcomes(world.decide()) == ["opened"]


def test_an_unreadable_contact_is_quarantined_whole_and_blocks_nobody(world: World) -> None:
    bad, good = world.accept(broken(), arrival("portal", LOST, sender="13812345678"))
    decided = {d.inbox_id: d for d in world.decide()}
    assert decided[bad.id].outcome == "quarantined"
    assert decided[good.id].outcome == "opened"
    rows = operations.quarantine()
    assert [r.id for r in rows] == [bad.id.hex]
    assert rows[0].reason
    assert bytes(models.InboxItem.objects.get(id=bad.id).raw) == b'{"text": '
    assert operations.balance().balanced


def test_a_quarantined_contact_is_retried_with_corrected_bytes(world: World) -> None:
    bad = world.accept(broken())[0]
    world.decide()
    assert inbox.retry(id=bad.id)
    assert outcomes(world.decide(ids=[bad.id])) == ["quarantined"]
    assert inbox.retry(id=bad.id, raw=arrival("api", LOST, sender="13812345678").raw)
    assert not inbox.retry(id=bad.id)
    assert outcomes(world.decide(ids=[bad.id])) == ["opened"]
    assert list(audit.balance_faults()) == []


def test_a_quarantined_contact_is_discarded_with_a_reason(world: World) -> None:
    bad = world.accept(broken())[0]
    world.decide()
    why = Reason(rule="quarantine.discarded", zh="测试数据", en="test data")
    assert inbox.discard(now=world.now, id=bad.id, reason=why)
    assert not inbox.discard(now=world.now, id=bad.id, reason=why)
    row = models.InboxItem.objects.get(id=bad.id)
    assert (row.state, bytes(row.raw), row.reason[0]["zh"]) == (
        "set_aside",
        b'{"text": ',
        "测试数据",
    )
    assert list(audit.balance_faults()) == []


def test_a_contact_that_fails_alone_is_quarantined_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = receive.match_all

    def stumble(**given: object) -> object:
        if any("毒" in c.inbound.text for c in given["contacts"]):  # type: ignore[attr-defined]
            raise RuntimeError("stumbled")
        return whole(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(receive, "match_all", stumble)
    world.accept(
        arrival("portal", LOST, sender="13812345678"),
        arrival("portal", "毒丸：包裹丢了", sender="13900002222"),
        arrival("phone", "快递员上门时骂人，态度恶劣", sender="13900001111"),
    )
    assert sorted(outcomes(world.decide())) == ["opened", "opened", "quarantined"]
    assert list(audit.balance_faults()) == []
    assert list(audit.broken_links()) == []


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", -1, "2400-01-01T00:00:00Z"]
)
def test_a_moment_that_cannot_be_is_not_believed_and_blocks_nobody(
    world: World, at: object
) -> None:
    bad, good = world.accept(
        arrival("api", LOST, sender="13900002222", at=at),
        arrival("phone", "快递员上门时骂人，态度恶劣", sender="13900001111"),
    )
    decided = {d.inbox_id: d for d in world.decide()}
    assert (decided[bad.id].outcome, decided[good.id].outcome) == ("opened", "opened")
    message = models.Message.objects.get(inbox_id=bad.id, direction="in")
    assert message.at == world.now


def test_a_contact_whose_words_fail_is_quarantined_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = contact.read_words

    def stumble(**given: Any) -> Any:
        if any("毒" in text for text in given["texts"]):
            raise RuntimeError("stumbled")
        return whole(**given)

    monkeypatch.setattr(contact, "read_words", stumble)
    poison = arrival("portal", "毒丸：包裹丢了", sender="13900002222")
    world.accept(arrival("portal", LOST, sender="13812345678"), poison)
    assert sorted(outcomes(world.decide())) == ["opened", "quarantined"]
    alone = world.accept(poison)[0]
    with pytest.raises(RuntimeError):
        world.decide()
    assert models.InboxItem.objects.get(id=alone.id).state == "pending", "it may not be its fault"


def shape(world: World, *, together: bool) -> list[tuple[str, int, str]]:
    arrivals = [arrival(c, t, id=f"{together}-{i}", **f) for i, (c, t, f) in enumerate(MANY)]
    if together:
        world.accept(*arrivals)
        decided = world.decide()
    else:
        decided = []
        for one in arrivals:
            world.accept(one)
            decided.extend(world.decide())
    places: dict[object, int] = {}
    return [
        (
            d.outcome,
            places.setdefault(d.complaint_id, len(places)),
            complaint(d).category if d.complaint_id else "",
        )
        for d in decided
    ]


def clear() -> None:
    for model in (
        models.Event, models.MatchKey, models.Outbox, models.Clock, models.Attachment,
        models.Message, models.Complaint, models.Identity, models.Customer, models.InboxItem,
        models.Tally,
    ):  # fmt: skip
        model.objects.all().delete()


def test_a_batch_decides_as_one_by_one(world: World) -> None:
    together = shape(world, together=True)
    assert list(audit.balance_faults()) == []
    clear()
    assert shape(world, together=False) == together
    assert [outcome for outcome, _, _ in together] == [
        "opened", "joined", "opened", "set_aside", "opened", "joined", "opened",
    ]  # fmt: skip
    assert list(audit.balance_faults()) == []


def test_a_live_claim_is_left_alone_and_a_lapsed_one_is_taken_over(world: World) -> None:
    world.accept(arrival("portal", LOST, sender="13812345678"))
    lease = timedelta(seconds=60)
    assert len(inbox.claim(now=world.now, lease=lease, limit=10)) == 1
    assert world.decide() == []
    world.later(seconds=59)
    assert world.decide() == []
    assert operations.balance().pending == 1
    world.later(seconds=2)
    assert outcomes(world.decide()) == ["opened"]
    assert models.InboxItem.objects.get().attempts == 2
    assert operations.balance().balanced


def test_a_released_claim_is_free_at_once(world: World) -> None:
    world.accept(arrival("portal", LOST, sender="13812345678"))
    claimed = inbox.claim(now=world.now, lease=timedelta(minutes=5), limit=10)
    inbox.release(ids=[c.id for c in claimed])
    assert outcomes(world.decide()) == ["opened"]


def test_thanks_are_no_complaint(world: World) -> None:
    decided = world.post("phone", "谢谢", sender="13900001111")
    assert (decided.outcome, decided.complaint_id) == ("set_aside", None)
    assert decided.because
    assert operations.balance().set_aside == 1


def test_automatic_mail_is_set_aside_and_never_answered(world: World) -> None:
    world.accept(
        mail(subject="自动回复：外出", text="我在休假，包裹丢了的事回来再说。"),
        mail(subject="Re: 投诉", text="已收到", Auto_Submitted="auto-replied"),
    )
    assert outcomes(world.decide()) == ["set_aside", "set_aside"]
    assert not models.Outbox.objects.exists()
    assert not models.Complaint.objects.exists()
    assert list(audit.balance_faults()) == []


def test_a_person_s_mail_is_acknowledged(world: World) -> None:
    world.accept(mail(subject="包裹丢了", text=LOST))
    assert outcomes(world.decide()) == ["opened"]
    sent = models.Outbox.objects.get()
    assert (sent.channel, sent.recipient) == ("email", "zhou@customer.example")
    assert models.Complaint.objects.get().number in sent.payload["text"]


def test_a_mail_that_names_the_number_joins_it(world: World) -> None:
    case = complaint(world.post("portal", LOST, sender="13812345678", phone="13812345678"))
    world.accept(mail(subject=f"Re: [{case.number}] 进展", text="请问有消息了吗"))
    decided = world.decide()[0]
    assert (decided.outcome, decided.complaint_id) == ("joined", case.id)
    assert decided.because[0].rule == "receive.named"


def test_a_worker_that_slept_too_long_decides_nothing_twice(world: World) -> None:
    world.accept(
        arrival("portal", LOST, sender="13812345678"),
        arrival("portal", "快递员上门时骂人，态度恶劣", sender="13900001111"),
    )
    lease = timedelta(seconds=60)
    slow = inbox.claim(now=world.now, lease=lease, limit=10)
    read = [
        one for one in read_contacts(claimed=slow, ground=ground()) if isinstance(one, ReadContact)
    ]
    world.later(seconds=61)
    assert outcomes(world.decide()) == ["opened", "opened"]
    assert intake.write(contacts=read, now=world.now) == []
    why = Reason(rule="receive.failed", zh="", en="")
    inbox.quarantine(now=world.now, claimed=slow, why={slow[0].id: why})
    assert models.Complaint.objects.count() == 2
    assert models.Message.objects.filter(direction="in").count() == 2
    assert operations.balance().balanced
    assert list(audit.balance_faults()) == []


def test_a_contact_waits_while_the_database_refuses_but_not_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_given: object) -> object:
        raise OperationalError("database is locked")

    world.accept(arrival("portal", LOST, sender="13812345678"))
    with monkeypatch.context() as patch:
        patch.setattr(receive, "match_all", refuse)
        assert world.decide() == []
        assert operations.balance().pending == 1
    assert outcomes(world.decide()) == ["opened"]
    world.accept(arrival("portal", "快递员上门时骂人，态度恶劣", sender="13900001111"))
    monkeypatch.setattr(receive, "match_all", refuse)
    tried = [outcomes(world.decide()) for _ in range(intake.TRIES)]
    assert tried == [[]] * (intake.TRIES - 1) + [["quarantined"]]
    assert list(audit.balance_faults()) == []
