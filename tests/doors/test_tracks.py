"""Where the parcel is: asked, pushed or fed; what follows for complaints, clocks and care."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from channels.conformance.kit import Said
from channels.conformance.provider_server import Provider, provider
from company import clock, complaint, kinds
from huiyin.channels.registry import channel as channel_of
from huiyin.core.parcel.track import Scan, Track
from huiyin.doors.worker import signals, track_feeds, tracks
from huiyin.flows import intake, journey, trace
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts

WAYBILL = "SF1234567890123"
LOCAL = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    accounts.forget()
    yield
    accounts.forget()


def said(waybill: str, state: str = "0", hours: float = 60) -> bytes:
    at = (timezone.now() - timedelta(hours=hours)).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps(
        {"message": "ok", "status": "200", "state": state, "nu": waybill, "com": "shunfeng",
         "data": [{"time": at, "ftime": at, "context": "离开武汉中转场，电话 13912345678",
                   "areaName": "武汉", "statusCode": state}]}, ensure_ascii=False
    ).encode()  # fmt: skip


def answers(path: str, body: bytes, state: str) -> Said:
    form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
    if path == "/poll":
        return Said(b'{"result":true,"returnCode":"200"}')
    if state == "broken":
        return Said(b"no", status=502)
    if state == "nothing":
        return Said(b'{"result":false,"returnCode":"500","message":"none"}')
    return Said(said(json.loads(form["param"])["num"], state))


@pytest.fixture
def there() -> Iterator[Provider]:
    with provider(answers) as running:
        running.state = "0"
        yield running


def connect(code: str, **settings: Any) -> int:
    channel = channel_of(code=code)
    assert channel is not None
    return ledger.save(
        id=None, code=code, spoken=channel.spoken, writes=False, name=code, enabled=True,
        settings=settings, secrets=channel.secrets, now=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def kuaidi(world: object, there: Provider) -> int:
    return connect("kuaidi100", base=there.base, customer="C", key="k", salt="s", subscribe=True)


@pytest.mark.usefixtures("kuaidi")
def test_a_complaint_s_parcel_is_asked_about_once_in_half_an_hour(
    post: Callable[..., Decided], there: Provider
) -> None:
    case = complaint(post("portal", f"运单 {WAYBILL} 三天没动了，催了没用，我要投诉"))
    assert tracks.ask() == 1
    assert tracks.ask() == 0
    asked = [c[1] for c in there.calls]
    assert asked == ["/poll/query.do", "/poll"]
    assert "TrackUpdated" in kinds(case)
    case.refresh_from_db()
    assert case.triage["tracked"]["no_scan_hours"] == 60
    row = models.ParcelTrack.objects.get()
    assert row.ask_at and row.ask_at - row.asked_at >= timedelta(seconds=1800)  # type: ignore[operator]
    post("portal", f"运单 {WAYBILL} 还是没动", phone="13800001234")
    assert tracks.ask() == 0


@pytest.mark.usefixtures("kuaidi")
def test_nobody_is_asked_about_a_parcel_whose_complaint_is_over(
    post: Callable[..., Decided], there: Provider
) -> None:
    case = complaint(post("portal", f"运单 {WAYBILL} 三天没动了，我要投诉"))
    models.Complaint.objects.filter(id=case.id).update(live=False)
    assert tracks.ask() == 1
    assert there.calls == [] and models.ParcelTrack.objects.get().ask_at is None


@pytest.mark.usefixtures("kuaidi")
@pytest.mark.parametrize("state", ["broken", "nothing"])
def test_a_source_that_cannot_tell_is_asked_later(
    post: Callable[..., Decided], there: Provider, state: str
) -> None:
    post("portal", f"运单 {WAYBILL} 丢了，要求赔偿")
    there.state = state
    assert tracks.ask() == 1
    row = models.ParcelTrack.objects.get()
    assert row.failures == 1 and row.error and row.ask_at > timezone.now()  # type: ignore[operator]


def test_a_push_reaches_the_complaint_and_its_page(
    kuaidi: int, post: Callable[..., Decided], as_person: Callable[[str], Client]
) -> None:
    case = complaint(post("portal", f"运单 {WAYBILL} 显示签收，可我没收到，投诉"))
    param = json.dumps({"lastResult": json.loads(said(WAYBILL, "304", 2))}, ensure_ascii=False)
    sign = hashlib.md5((param + "s").encode(), usedforsecurity=False).hexdigest()
    body = urlencode({"param": param, "sign": sign})
    for _ in range(2):
        answer = Client().post(
            f"/hooks/kuaidi100/{kuaidi}/", body, content_type="application/x-www-form-urlencoded"
        )
        assert answer.json()["result"] is True
    assert signals.work() == 1
    assert kinds(case).count("ParcelArrived") == 1
    page = as_person("agent").get(f"/desk/c/{case.id.hex}/beside").content.decode()
    assert "不能作为本人签收的证据" in page and "驿站" in page
    assert "13912345678" not in page


@pytest.mark.usefixtures("world")
def test_thorough_delay_is_a_clock_that_the_track_starts_and_stops(
    post: Callable[..., Decided],
) -> None:
    case = complaint(post("portal", f"运单 {WAYBILL} 晚了好几天还没到，投诉延误"))
    now = timezone.now()
    promised = now - timedelta(days=2)

    def learn(state: str) -> None:
        scan = Scan(at=now - timedelta(hours=1 if state == "signed" else 5), text=state)
        told = Track(waybill=WAYBILL, scans=(scan,), state=state, promised_at=promised)
        with journey.writing(now=now, actor="system") as pen:
            trace.learn(pen=pen, told=[told], by="test")

    learn("moving")
    assert clock(case, "thorough_delay").due_at == promised + timedelta(days=7)
    learn("moving")
    assert models.Clock.objects.filter(complaint=case, rule="thorough_delay").count() == 1
    learn("signed")
    assert clock(case, "thorough_delay").state in {"met", "stopped"}


@pytest.mark.usefixtures("world")
def test_a_parcel_that_stands_still_is_cared_for_before_anybody_complains(
    post: Callable[..., Decided],
) -> None:
    now = timezone.now()

    def told(waybill: str, hours: int, state: str = "moving") -> Track:
        scan = Scan(at=now - timedelta(hours=hours), text="离开武汉", place="武汉")
        return Track(waybill=waybill, scans=(scan,), state=state, phone="13800001234", name="李四")

    with journey.writing(now=now - timedelta(hours=2), actor="system") as pen:
        trace.learn(
            pen=pen,
            told=[told("SF0000000000001", 50), told("SF0000000000002", 3),
                  told("SF0000000000003", 90, "signed")],
            by="test",
        )  # fmt: skip
    assert tracks.look() == 2
    assert tracks.look() == 0
    (done,) = intake.decide(now=now)
    case = complaint(done)
    assert (case.channel, case.waybill, case.category) == ("care", "SF0000000000001", "tracking")
    assert case.customer and case.customer.phone == "13800001234"
    models.ParcelTrack.objects.update(look_at=now)
    tracks.look()
    assert intake.decide(now=now) == []
    joined = post("portal", "运单 SF0000000000001 怎么一直不动，我要投诉", phone="13800001234")
    assert (joined.outcome, joined.complaint_id) == ("joined", case.id)


@pytest.mark.usefixtures("world")
def test_what_went_wrong_is_looked_at_with_the_next_round() -> None:
    now = timezone.now()
    told = [
        Track(waybill=f"SF000000000020{n}", state=state, scans=(Scan(at=now, text="扫描"),))
        for n, state in enumerate(("moving", "problem"))
    ]
    with journey.writing(now=now, actor="system") as pen:
        trace.learn(pen=pen, told=told, by="test")
    tracks.look()
    (care,) = models.InboxItem.objects.filter(channel="care")
    assert care.external_id == "care:SF0000000000201"


@pytest.mark.usefixtures("world")
def test_no_flood_of_care_when_a_source_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    playbook = trace.office.current_playbook()
    few = playbook.model_copy(
        update={"proactive": playbook.proactive.model_copy(update={"most_per_day": 2})}
    )
    monkeypatch.setattr(trace.office, "current_playbook", lambda: few)
    told = [
        Track(waybill=f"SF000000000010{n}", state="problem", scans=(Scan(at=now, text="异常"),))
        for n in range(5)
    ]
    with journey.writing(now=now - timedelta(hours=2), actor="system") as pen:
        trace.learn(pen=pen, told=told, by="test")
    tracks.look()
    assert models.InboxItem.objects.filter(channel="care").count() == 2


@pytest.mark.usefixtures("world")
def test_a_view_of_the_company_s_database(tmp_path: Path) -> None:
    path = tmp_path / "tms.sqlite3"
    with sqlite3.connect(path) as line:
        line.execute("CREATE TABLE v (waybill, at, text, state, place, changed_at)")
        line.execute(
            "INSERT INTO v VALUES ('SF9','2026-11-20 08:00','已揽收','揽收','深圳','2026-11-20')"
        )
        line.execute(
            "INSERT INTO v VALUES ('SF9','2026-11-21 08:00','派件','派送','武汉','2026-11-21')"
        )
    line.close()
    query = "SELECT * FROM v WHERE changed_at > %(since)s"
    account = connect("own_sql", database=f"sqlite:///{path}", query=query, every=5)
    assert track_feeds.feed() == 1
    assert track_feeds.feed() == 0
    row = models.ParcelTrack.objects.get()
    assert (row.state, len(row.scans)) == ("delivering", 2)
    found = accounts.one(id=account)
    assert found and datetime.fromisoformat(found.cursor) == datetime(2026, 11, 20, 16, tzinfo=UTC)
    connect("own_sql", database=f"sqlite:///{path}", query="DELETE FROM v", every=5)
    track_feeds.feed()
    assert "readonly" in models.ChannelAccount.objects.latest("id").error


@pytest.mark.usefixtures("world")
def test_files_put_into_a_folder(tmp_path: Path) -> None:
    def put(name: str, *rows: tuple[str, ...], fresh: bool = False) -> None:
        with (tmp_path / name).open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(rows)
        if not fresh:
            os.utime(tmp_path / name, (time.time() - 60,) * 2)

    put("good.csv", ("运单号", "时间", "描述"), ("SF8", "2026-11-21 08:00", "派件中"))
    put("bad.csv", ("单号", "日期"), ("SF8", "x"))
    put("growing.csv", ("运单号",), fresh=True)
    connect("own_csv", folder=str(tmp_path), every=5)
    assert track_feeds.feed() == 1
    assert models.ParcelTrack.objects.get().waybill == "SF8"
    assert (tmp_path / "done" / "good.csv").exists()
    assert "缺少" in (tmp_path / "failed" / "bad.csv.txt").read_text(encoding="utf-8")
    assert (tmp_path / "growing.csv").exists()
