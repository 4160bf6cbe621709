"""Telephone systems: lines over real sockets, the webhook, debts of missed calls."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import phone_servers
from channels.conformance.kit import Said
from channels.conformance.provider_server import provider
from company import World, actor
from huiyin.doors import phoned
from huiyin.doors.worker import recordings, telephony
from huiyin.doors.worker.phone_lines import CannotHold
from huiyin.flows import journey, phone
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts
from huiyin.store.read.accounts import Account
from phone_servers import PASSWORD, ami, event

CALLER = "13800001234"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    accounts.forget()
    yield
    accounts.forget()


@pytest.fixture
def desk(world: World) -> World:
    """The company, with the telephone 1001 on the agent's desk and 1002 on the clerk's."""
    models.User.objects.filter(username="agent").update(extension="1001")
    models.User.objects.filter(username="clerk").update(extension="1002")
    return world


def account(code: str, **settings: Any) -> Account:
    id = ledger.save(
        id=None,
        code=code,
        spoken="phone",
        writes=False,
        name="总机",
        enabled=True,
        settings={"secret": PASSWORD, **settings},
        secrets=frozenset({"secret"}),
        now=timezone.now(),
    )
    found = accounts.one(id=id)
    assert found is not None
    return found


def listen(own: Account) -> None:
    """Hold the line until the system hangs up."""
    with pytest.raises(CannotHold):
        telephony.listen(account=own, over=threading.Event())


def leg(uuid: str, call: str, caller: str, callee: str, **more: str) -> dict[str, str]:
    return {
        "Unique_ID": uuid, "Channel_Call_UUID": call, "Caller_Caller_ID_Number": caller,
        "Caller_Destination_Number": callee, **more,
    }  # fmt: skip


def freeswitch_call(call: str = "a-1", end: bool = True) -> list[bytes]:
    first = leg(call, call, CALLER, "95000", Call_Direction="inbound")
    phone = leg(f"{call}-b", call, CALLER, "1001", Call_Direction="outbound")
    out = [
        event("CHANNEL_CREATE", **first),
        event("CHANNEL_ANSWER", **first),
        event("CHANNEL_CREATE", **phone),
        event("CHANNEL_ANSWER", **phone),
        event("CHANNEL_BRIDGE", **first, Other_Leg_Destination_Number="1001"),
        event("RECORD_STOP", **first, Record_File_Path="/rec/通话 1.wav"),
    ]
    return [*out, event("CHANNEL_HANGUP_COMPLETE", **first)] if end else out


def missed(call: str, queue: str = "") -> list[bytes]:
    first = leg(call, call, CALLER, "95000")
    out = [event("CHANNEL_CREATE", **first)]
    if queue:
        told = {
            "Event_Subclass": "callcenter::info", "CC_Queue": f"{queue}@default",
            "CC_Member_Session_UUID": call, "CC_Member_CID_Number": CALLER,
        }  # fmt: skip
        out += [
            event("CUSTOM", **told, CC_Action="agent-offering", CC_Agent="1001@default"),
            event("CUSTOM", **told, CC_Action="member-queue-end", CC_Cause="Cancel"),
        ]
    return [*out, event("CHANNEL_HANGUP_COMPLETE", **first)]


def test_freeswitch_tells_of_a_call(desk: World) -> None:
    with phone_servers.freeswitch() as system:
        system.scripts = [freeswitch_call()]
        listen(account("freeswitch", host="127.0.0.1", port=system.port))
    call = models.PhoneCall.objects.get()
    agent = models.User.objects.get(username="agent")
    assert (call.number, call.direction, call.state) == (CALLER, "in", "ended")
    assert (call.person_id, call.rang) == (agent.id, [agent.id])
    assert (call.recording, call.recording_state) == ("/rec/通话 1.wav", "wanted")
    assert not models.MissedCall.objects.exists()
    assert not models.Signal.objects.exclude(state="done").exists()


def test_missed_calls_of_a_number_are_one_debt(desk: World) -> None:
    with phone_servers.freeswitch() as system:
        system.scripts = [[*missed("m-1"), *missed("m-2", queue="support"), *missed("m-3")]]
        listen(account("freeswitch", host="127.0.0.1", port=system.port))
    debt = models.MissedCall.objects.get()
    assert (debt.number, debt.count, debt.state, debt.complaint_id) == (CALLER, 3, "due", None)
    assert debt.due_at > debt.first_at
    assert models.VolumeMinute.objects.get(channel="phone").count == 3


def test_a_debt_belongs_to_the_caller_s_open_complaint_and_ends_with_our_call(desk: World) -> None:
    case = desk.post("phone", "包裹 YT9876543210987 破了，要赔", phone=CALLER, sender=CALLER)
    out = leg("o-1", "o-1", "1001", f"0{CALLER}")
    there = leg("o-2", "o-1", "1001", f"0{CALLER}")
    with phone_servers.freeswitch() as system:
        system.scripts = [
            missed("m-1"),
            [event("CHANNEL_CREATE", **out), event("CHANNEL_ANSWER", **there)],
        ]
        own = account("freeswitch", host="127.0.0.1", port=system.port)
        listen(own)
        debt = models.MissedCall.objects.get()
        assert debt.complaint_id == case.complaint_id
        assert models.Complaint.objects.get().unread
        listen(own)
    debt.refresh_from_db()
    assert (debt.state, debt.outcome) == ("done", "reached")
    assert debt.called_by_id == models.User.objects.get(username="agent").id
    kinds = models.Event.objects.order_by("seq").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["CallerMissed", "CallerCalledBack"]


def test_what_ended_while_the_line_was_broken_is_not_lost(desk: World) -> None:
    """The first line breaks in the middle of two calls; after it one is gone, another is new."""
    over = threading.Event()
    with phone_servers.freeswitch() as system:
        system.scripts = [
            [*freeswitch_call("talks", end=False), *missed("gone")[:1]],
            missed("new")[:1],
        ]
        own = account("freeswitch", host="127.0.0.1", port=system.port)
        rounds = iter(["talks", "new"])

        def told() -> None:
            name = next(rounds, None)
            if name is None:
                return over.set()
            system.channels.append(
                {"uuid": name, "cid_num": CALLER, "dest": "95000", "callstate": "ACTIVE"}
            )

        system.told = told
        telephony.hold(account=own, over=over, pauses=(0.01,))
    states = dict(models.PhoneCall.objects.values_list("external_id", "state"))
    assert states == {"talks": "talking", "gone": "missed", "new": "ringing"}
    assert models.MissedCall.objects.get().count == 1


def test_one_worker_holds_a_line(desk: World) -> None:
    with phone_servers.freeswitch() as system:
        own = account("freeswitch", host="127.0.0.1", port=system.port)
        models.Job.objects.create(
            name=f"phone:{own.id}",
            next_at=timezone.now(),
            lease_until=timezone.now() + telephony.LEASE,
        )
        over = threading.Event()
        threading.Timer(0.2, over.set).start()
        telephony.hold(account=own, over=over)
        assert not system.said


def test_a_wrong_password_is_said(desk: World) -> None:
    with phone_servers.freeswitch() as system:
        own = account("freeswitch", host="127.0.0.1", port=system.port, secret="guess")
        assert telephony.probe(own).zh == "密码不对"
    with phone_servers.manager() as system:
        own = account("asterisk", way="ami", host="127.0.0.1", port=system.port, user="huiyin",
                      secret="guess")  # fmt: skip
        assert telephony.probe(own).zh == "用户名或密码不对"
    with phone_servers.ari() as system:
        base = f"http://127.0.0.1:{system.port}"
        own = account("asterisk", way="ari", base=base, user="huiyin", secret="guess")
        assert telephony.probe(own).state == "refused"
        own = account("asterisk", way="ari", base=base, user="huiyin")
        assert telephony.probe(own).state == "sent"


def test_asterisk_s_manager_tells_of_a_call(desk: World) -> None:
    first = {
        "Channel": "PJSIP/trunk-00000001", "CallerIDNum": CALLER, "Uniqueid": "17.1",
        "Linkedid": "17.1", "ChannelStateDesc": "Ring",
    }  # fmt: skip
    dial = {**first, "DestChannel": "PJSIP/1002-00000002", "DestUniqueid": "17.2"}
    other = {**first, "Uniqueid": "18.1", "Linkedid": "18.1"}
    with phone_servers.manager() as system:
        system.scripts = [[
            ami("Newchannel", **first), ami("DialBegin", **dial),
            ami("DialEnd", **dial, DialStatus="ANSWER"),
            ami("VarSet", **first, Variable="MIXMONITOR_FILENAME", Value="/rec/17.wav"),
            ami("Hangup", **{**first, "Uniqueid": "17.2"}), ami("Hangup", **first, Cause="16"),
            ami("Newchannel", **other), ami("QueueCallerJoin", **other, Queue="support"),
            ami("QueueCallerAbandon", **other, Queue="support", HoldTime="31"),
            ami("Hangup", **other),
        ]]  # fmt: skip
        listen(account("asterisk", way="ami", host="127.0.0.1", port=system.port, user="huiyin"))
    calls = {c.external_id: c for c in models.PhoneCall.objects.all()}
    clerk = models.User.objects.get(username="clerk")
    assert (calls["17.1"].state, calls["17.1"].person_id) == ("ended", clerk.id)
    assert calls["17.1"].recording == "/rec/17.wav"
    assert (calls["18.1"].state, calls["18.1"].queue) == ("missed", "support")
    assert models.MissedCall.objects.get().number == CALLER


def test_ari_tells_of_a_call(desk: World) -> None:
    def told(kind: str, **more: Any) -> bytes:
        return json.dumps(
            {"type": kind, "timestamp": "2026-11-03T10:00:00.000+0800", **more}
        ).encode()

    first = {"id": "ch-1", "name": "PJSIP/trunk-01", "state": "Ring", "caller": {"number": CALLER}}
    peer = {"id": "ch-2", "name": "PJSIP/1001-02", "state": "Ringing", "caller": {"number": ""}}
    with phone_servers.ari() as system:
        system.scripts = [[
            told("ChannelCreated", channel=first),
            told("Dial", caller=first, peer=peer, dialstatus=""),
            told("Dial", caller=first, peer=peer, dialstatus="ANSWER"),
            told("RecordingFinished", recording={"name": "a/1", "target_uri": "channel:ch-1"}),
            b"not json", told("PeerStatusChange"), told("ChannelDestroyed", channel=peer),
            told("ChannelDestroyed", channel=first),
        ]]  # fmt: skip
        listen(
            account("asterisk", way="ari", base=f"http://127.0.0.1:{system.port}", user="huiyin")
        )
    call = models.PhoneCall.objects.get()
    assert (call.state, call.number) == ("ended", CALLER)
    assert call.recording == "ari/recordings/stored/a%2F1/file"


def signed(client: Client, own: Account, body: object, secret: str = PASSWORD) -> int:
    raw = json.dumps(body).encode()
    stamp = str(int(time.time()))
    mark = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return client.post(
        f"/hooks/cti/{own.id}/", data=raw, content_type="application/json",
        headers={"X-Timestamp": stamp, "X-Signature": mark},
    ).status_code  # fmt: skip


def test_the_webhook_puts_a_call_on_the_screen_before_it_answers(desk: World) -> None:
    own = account("cti")
    at = timezone.now().isoformat()
    ring = {"call": "c-1", "kind": "ringing", "at": at, "caller": CALLER, "callee": "1001"}
    client = Client()
    assert signed(client, own, ring) == 200
    assert models.PhoneCall.objects.get().state == "ringing"
    assert signed(client, own, [ring, {"call": "c-1", "kind": "ended", "at": at}]) == 200
    assert models.PhoneCall.objects.get().state == "missed"
    assert models.MissedCall.objects.get().count == 1


def test_the_webhook_takes_nothing_that_is_not_genuine_or_makes_no_sense(desk: World) -> None:
    own = account("cti")
    at = timezone.now().isoformat()
    good = {"call": "c-1", "kind": "ringing", "at": at}
    client = Client()
    assert signed(client, own, good, secret="guess") == 401
    for wrong in (
{**good, "call": ""}, {**good, "at": "2026-11-03T10:00:00"},
        {**good, "at": {}}, "text", [good, 3], [good] * 201,
    ):  # fmt: skip
        assert signed(client, own, wrong) in {400, 413}
    assert not models.Signal.objects.exists()
    assert signed(client, own, {**good, "kind": "danced"}) == 200
    assert models.Signal.objects.get().state == "failed"


def test_a_late_call_back_climbs_the_ladder(desk: World) -> None:
    case = desk.post("phone", "包裹 YT9876543210987 破了，要赔", phone=CALLER, sender=CALLER)
    own = account("cti")
    old = (timezone.now() - timedelta(hours=3)).isoformat()
    for kind in ("ringing", "ended"):
        assert (
            signed(Client(), own, {"call": "c-1", "kind": kind, "at": old, "caller": CALLER}) == 200
        )
    assert phoned.remind() == 1 and phoned.remind() == 0
    debt = models.MissedCall.objects.get()
    assert debt.escalation == 1 and debt.fire_at and debt.fire_at > timezone.now()
    told = models.Event.objects.filter(complaint_id=case.complaint_id, kind="Escalated")
    assert json.loads(told.get().data)["to"] == "supervisor"


WAVE = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(24)


def test_a_recording_becomes_evidence_of_the_complaint(desk: World) -> None:
    case = desk.post("phone", "包裹 YT9876543210987 破了，要赔", phone=CALLER, sender=CALLER)
    with provider(lambda path, body, state: Said(WAVE if state == "ok" else b"<html>")) as there:
        own = account("cti", base=f"{there.base}/rec", recording_pass="reader:word")
        at = timezone.now().isoformat()
        told = {"call": "c-1", "at": at, "caller": CALLER, "callee": "1001"}
        client = Client()
        for kind in ("ringing", "answered", "ended"):
            assert signed(client, own, {**told, "kind": kind}) == 200
        assert (
            signed(client, own, {**told, "kind": "recorded", "recording": "/a/b/1 号.wav"}) == 200
        )
        assert recordings.fetch() == 0
        call = models.PhoneCall.objects.get()
        me = actor("agent")
        with journey.writing(now=timezone.now(), actor=f"user:{me.id}") as pen:
            phone.note(pen=pen, actor=me, call_id=call.id, complaint_id=case.complaint_id)
        assert recordings.fetch() == 1 and recordings.fetch() == 0
        ((_method, path, headers, _body),) = there.calls
        assert path == "/rec/1%20%E5%8F%B7.wav" and headers["authorization"].startswith("Basic ")
    piece = models.Evidence.objects.get()
    assert piece.sha256 == hashlib.sha256(WAVE).hexdigest() and piece.of_time == call.started_at
    call.refresh_from_db()
    assert call.recording_state == "kept"


@pytest.mark.parametrize(
    ("where", "base"),
    [
        ("http://10.0.0.1/secret", "http://127.0.0.1/rec"),
        ("http://127.0.0.1/rec/../x", "http://127.0.0.1/rec"),
        ("http://127.0.0.1/rec/%2e%2e/x", "http://127.0.0.1/rec"),
        ("http://127.0.0.1/record/x", "http://127.0.0.1/rec"),
        ("x.wav", ""),
    ],
)
def test_recordings_are_fetched_below_their_prefix_alone(where: str, base: str) -> None:
    with pytest.raises(recordings.CannotKeep):
        recordings.address(where=where, settings={"base": base})


def test_the_list_of_missed_calls(desk: World, as_person: Any) -> None:
    own = account("cti")
    at = timezone.now().isoformat()
    for kind in ("ringing", "ended"):
        assert (
            signed(Client(), own, {"call": "c-1", "kind": kind, "at": at, "caller": CALLER}) == 200
        )
    debt = models.MissedCall.objects.get()
    client, url = as_person("agent"), f"/desk/missed-calls/{debt.id.hex}"
    page = client.get("/desk/missed-calls").content.decode()
    assert "138****1234" in page and CALLER not in page
    assert CALLER in client.post(f"{url}/number").content.decode()
    assert models.Export.objects.get().what.startswith("missed_call:")
    assert client.post(url, {"outcome": "danced"}).status_code == 422
    client.post(url, {"outcome": "not_reached"})
    debt.refresh_from_db()
    assert (debt.state, debt.attempts) == ("due", 1)
    client.post(url, {"outcome": "reached", "words": "问件，已答复"})
    debt.refresh_from_db()
    assert (debt.state, debt.outcome) == ("done", "reached")
    assert client.post(url, {"outcome": "reached"}).status_code == 422
    assert "已回电" in client.get("/desk/missed-calls?view=done").content.decode()


def test_a_missed_call_of_a_known_customer_is_listed_with_his_complaint(
    desk: World, as_person: Any
) -> None:
    case = desk.post("phone", "包裹 YT9876543210987 破了，要赔", phone=CALLER, sender=CALLER)
    own, at = account("cti"), timezone.now().isoformat()
    for kind in ("ringing", "ended"):
        told = {"call": "c-1", "kind": kind, "at": at, "caller": CALLER}
        assert signed(Client(), own, told) == 200
    number = models.Complaint.objects.get(id=case.complaint_id).number
    for username in ("mgr", "agent"):
        assert number in as_person(username).get("/desk/missed-calls").content.decode()


def test_a_telephone_belongs_to_one_person(desk: World, as_person: Any) -> None:
    client, clerk = as_person("admin"), models.User.objects.get(username="clerk")
    form = {"name": "陈法务", "role": "handler", "department": "claims", "active": "on"}
    answer = client.post(f"/desk/people/{clerk.id}", {**form, "extension": "1001"})
    assert answer.status_code == 422 and "小李" in answer.content.decode()
    assert (
        client.post(f"/desk/people/{clerk.id}", {**form, "extension": "10 03"}).status_code == 302
    )
    clerk.refresh_from_db()
    assert clerk.extension == "1003"
