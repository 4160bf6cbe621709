"""One address cannot flood the doors that are open to everybody."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from company import LOST, PASSWORD, World
from huiyin.doors.spare import too_many
from huiyin.store import models
from huiyin.store.ledger import uses

FORM = {"text": LOST, "contact": "13812345678"}


@pytest.fixture(autouse=True)
def _few(settings: LazySettings) -> None:
    settings.HUIYIN = dataclasses.replace(
        settings.HUIYIN,
        forms_per_hour=2,
        wrong_logins_per_hour=3,
        login_attempts=10,
        trusted_proxies=("10.0.0.1",),
    )


def file(
    address: str = "203.0.113.9", *, language: str = "zh-hans", **headers: str
) -> tuple[int, str]:
    answer = Client(REMOTE_ADDR=address).post(
        "/file", FORM, headers={"Accept-Language": language, **headers}
    )
    return answer.status_code, answer.content.decode()


def sign_in(name: str, password: str = "wrong", address: str = "203.0.113.9") -> tuple[int, str]:
    answer = Client(REMOTE_ADDR=address).post(
        "/desk/login", {"username": name, "password": password}
    )
    return answer.status_code, answer.content.decode()


def test_the_form_of_one_address_is_limited_in_words_and_keeps_what_was_typed(world: World) -> None:
    assert [file()[0] for _ in range(2)] == [302, 302]
    status, page = file()
    assert status == 429 and too_many() in page and LOST in page
    status, page = file(language="en")
    assert status == 429 and "try again later" in page
    assert file("198.51.100.7")[0] == 302, "another address is another client"
    assert models.InboxItem.objects.count() == 3


def test_a_form_kept_on_a_telephone_is_told_to_wait(world: World) -> None:
    for _ in range(2):
        file()
    status, told = file(Accept="application/json")
    assert status == 429 and '"form"' in told


def test_a_form_with_a_mistake_is_not_counted(world: World) -> None:
    for _ in range(5):
        wrong = {"text": LOST, "contact": "nothing"}
        assert Client(REMOTE_ADDR="203.0.113.9").post("/file", wrong).status_code == 422
    assert file()[0] == 302


def test_clients_behind_a_trusted_proxy_are_told_apart_and_others_not_limited(world: World) -> None:
    for number in range(4):
        assert file("10.0.0.1", **{"X-Forwarded-For": f"203.0.113.{number}"})[0] == 302
        assert file("127.0.0.1", **{"X-Forwarded-For": "203.0.113.9"})[0] == 302, "not named"


def test_addresses_of_one_network_of_ipv6_are_one_client(world: World) -> None:
    codes = [file(f"2001:db8::{n}")[0] for n in (1, 2, 3)]
    assert codes == [302, 302, 429]
    assert file("2001:db8:0:1::1")[0] == 302


def test_messages_left_in_the_chat_count_as_well(world: World) -> None:
    account = models.ChannelAccount.objects.create(
        code="chat", spoken="chat", name="在线", enabled=True, settings={}, created_at=world.now
    )
    from huiyin.store.read import accounts

    accounts.forget()
    client = Client(REMOTE_ADDR="203.0.113.9")
    codes = [client.post(f"/chat/{account.id}/leave", FORM).status_code for _ in range(3)]
    assert codes == [201, 201, 429]
    accounts.forget()


def test_wrong_passwords_of_one_address_are_limited_whatever_the_names(world: World) -> None:
    assert sign_in("agent", PASSWORD)[0] == 302
    assert [sign_in(f"nobody{n}")[0] for n in range(3)] == [422] * 3
    status, page = sign_in("agent", PASSWORD)
    assert status == 429 and "过一小时再试" in page
    assert sign_in("agent", PASSWORD, "198.51.100.7")[0] == 302


def test_zero_is_no_limit(world: World, settings: LazySettings) -> None:
    settings.HUIYIN = dataclasses.replace(
        settings.HUIYIN, forms_per_hour=0, wrong_logins_per_hour=0
    )
    assert [file()[0] for _ in range(4)] == [302] * 4


@pytest.mark.django_db
def test_a_new_hour_begins_anew_and_old_ones_go_away() -> None:
    now = timezone.now()
    assert [uses.count(purpose="form", client="a", now=now) for _ in range(3)] == [1, 2, 3]
    assert uses.counted(purpose="form", client="a", now=now) == 3
    assert uses.counted(purpose="login", client="a", now=now) == 0
    later = now + timedelta(hours=3)
    assert uses.count(purpose="form", client="a", now=later) == 1
    assert models.ClientUse.objects.count() == 1
