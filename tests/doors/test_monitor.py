"""The monitor of volume: counted while accepted, known after nights, told when it stands out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from company import World
from huiyin.doors.worker import volume
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts


def weeks_of(channel: str, an_hour: int, weeks: int = 4) -> None:
    """Write down past weeks in which so many came every hour."""
    now = timezone.now().replace(minute=30, second=0, microsecond=0)
    models.VolumeMinute.objects.bulk_create(
        models.VolumeMinute(channel=channel, minute=now - timedelta(hours=h), count=an_hour)
        for h in range(2, weeks * 168)
    )


def again(name: str) -> None:
    models.Job.objects.filter(name=name).update(next_at=timezone.now(), lease_until=None)


def test_contacts_are_counted_once_in_their_minute(world: World) -> None:
    for text in ("运单 SF1234567890123 五天没动，我要投诉", "包裹 YT9876543210987 破了，要赔"):
        world.post("wechat", text)
    world.post("email", "还没有人联系我", id="mail-1", sender="a@example.com")
    counted = dict(models.VolumeMinute.objects.values_list("channel", "count"))
    assert counted == {"wechat": 2, "email": 1}


def test_a_silent_and_a_flooding_channel_raise_an_alert_until_it_is_over(
    world: World, as_person: Callable[[str], Client]
) -> None:
    weeks_of("wechat", 30)
    weeks_of("email", 4)
    assert volume.learn() == 2 * 168 and volume.learn() == 0
    usual = models.UsualVolume.objects.filter(channel="wechat")
    assert set(usual.values_list("median", flat=True)) == {30.0}
    minute = timezone.now().replace(second=0, microsecond=0)
    models.VolumeMinute.objects.create(channel="email", minute=minute, count=80)
    assert volume.watch() == 2
    alerts = {a.channel: a for a in models.Alert.objects.all()}
    assert (alerts["wechat"].kind, alerts["email"].kind) == ("silent", "flooding")
    client = as_person("boss")
    page = client.get("/desk/monitor").content.decode()
    assert alerts["wechat"].because[0]["zh"] in page and "没有来件" in page and "来件激增" in page
    client.post(f"/desk/monitor/{alerts['wechat'].id.hex}")
    assert "刘主管 在跟进" in client.get("/desk/monitor").content.decode()
    models.VolumeMinute.objects.create(channel="wechat", minute=minute, count=1)
    again("volume:watch")
    assert volume.watch() == 1
    assert models.Alert.objects.get(channel="wechat").over_at is not None
    again("volume:watch")
    assert volume.watch() == 0


@pytest.mark.usefixtures("world")
def test_nothing_is_usual_before_two_weeks() -> None:
    weeks_of("wechat", 30, weeks=1)
    volume.learn()
    assert volume.watch() == 0 and not models.Alert.objects.exists()


def test_the_page_stays_live_is_exported_and_is_not_for_everybody(
    world: World, as_person: Callable[[str], Client]
) -> None:
    world.post("wechat", "运单 SF1234567890123 五天没动，我要投诉")
    client = as_person("boss")
    page = client.get("/desk/monitor").content.decode()
    stamp = page.split('data-stamp="')[1].split('"')[0]
    live = {"HX-Request": "true"}
    assert client.get(f"/desk/monitor?stamp={stamp}", headers=live).status_code == 204
    world.post("wechat", "包裹 YT9876543210987 破了，要赔")
    assert "各渠道" in client.get(f"/desk/monitor?stamp={stamp}", headers=live).content.decode()
    answer = client.get("/desk/monitor.xlsx")
    assert answer.status_code == 200 and answer.content[:2] == b"PK"
    assert models.Export.objects.get().what == "monitor"
    assert as_person("agent").get("/desk/monitor").status_code == 403


def hooked(kinds: str) -> int:
    """Subscribe another system; returns the subscription's id."""
    accounts.forget()
    return ledger.save(
        id=None, code="webhook_out", spoken="webhook", writes=True, name="数据平台", enabled=True,
        settings={"base": "http://127.0.0.1:9/", "secret": "x", "kinds": kinds},
        secrets=frozenset({"secret"}), now=timezone.now(),
    )  # fmt: skip


def test_an_alert_is_told_once_and_once_when_it_is_over(
    world: World, as_person: Callable[[str], Client], settings: Any
) -> None:
    settings.HUIYIN = replace(settings.HUIYIN, alert_mail="duty@huiyin.example")
    hooked("AlertRaised AlertEnded")
    weeks_of("wechat", 30)
    volume.learn()
    boss, agent = as_person("boss"), as_person("agent")
    assert "没人跟进的来件告警" not in boss.get("/desk/").content.decode()
    for _round in range(3):
        again("volume:watch")
        volume.watch()
    told = models.Outbox.objects.order_by("id")
    mail, hook = told.get(channel="email"), told.get(channel="webhook")
    assert (mail.recipient, mail.complaint_id) == ("duty@huiyin.example", None)
    assert (
        "微信 · 没有来件" in mail.payload["subject"] and "60 分钟没有来件" in mail.payload["text"]
    )
    event = hook.payload["details"]["event"]
    assert (event["kind"], event["alert"], event["channel"]) == ("AlertRaised", "silent", "wechat")
    assert "没人跟进的来件告警" in boss.get("/desk/").content.decode()
    assert "没人跟进的来件告警" not in agent.get("/desk/").content.decode()
    boss.post(f"/desk/monitor/{models.Alert.objects.get().id.hex}")
    assert "没人跟进的来件告警" not in boss.get("/desk/").content.decode()
    world.post("wechat", "运单 SF1234567890123 五天没动，我要投诉")
    for _round in range(2):
        again("volume:watch")
        volume.watch()
    assert [m.payload["subject"].split("：")[0] for m in told.filter(channel="email")] == [
        "[测试快递] 来件告警", "[测试快递] 来件恢复",
    ]  # fmt: skip
    kinds = [m.payload["details"]["event"]["kind"] for m in told.filter(channel="webhook")]
    assert kinds == ["AlertRaised", "AlertEnded"]
    accounts.forget()


@pytest.mark.usefixtures("world")
def test_a_flood_about_its_limit_is_one_flood() -> None:
    weeks_of("email", 4)
    volume.learn()
    minute = timezone.now().replace(second=0, microsecond=0)
    row = models.VolumeMinute.objects.create(channel="email", minute=minute, count=20)
    raised = []
    for count in (20, 18, 21, 16, 20, 14, 18):
        models.VolumeMinute.objects.filter(id=row.id).update(count=count)
        again("volume:watch")
        volume.watch()
        raised.append(models.Alert.objects.filter(over_at=None).count())
    assert raised == [1, 1, 1, 1, 1, 0, 0] and models.Alert.objects.count() == 1
    assert not models.Outbox.objects.exists(), "without an address nobody gets mail"
