"""``huiyin token``: a program gets its token, and loses it again."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result
from django.test import Client

from company import World
from huiyin.doors.cli import main
from huiyin.store import models


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["token", *words])


def status(token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return int(Client().get("/api/v1/balance", headers=headers).status_code)


def test_a_token_opens_what_the_person_may_until_it_is_taken_back(world: World) -> None:
    given = json.loads(run("new", "mgr", "会员系统").stdout)
    assert status(given["token"]) == 200
    assert status(json.loads(run("new", "agent", "另一个").stdout)["token"]) == 403
    listed = [json.loads(line) for line in run("list").stdout.splitlines()]
    assert [one["username"] for one in listed] == ["agent", "mgr"]
    assert given["token"] not in run("list").stdout
    assert run("revoke", str(listed[1]["id"])).exit_code == 0
    assert status(given["token"]) == 401
    assert run("revoke", str(listed[1]["id"])).exit_code == 1


def test_nobody_and_nameless_get_no_token(world: World) -> None:
    assert "没有叫 nobody 的在用账号" in run("new", "nobody", "x").output
    assert "1 到 80 个字" in run("new", "mgr", " ").output
    models.User.objects.filter(username="mgr").update(is_active=False)
    assert run("new", "mgr", "x").exit_code == 1
    assert not models.ApiToken.objects.exists()
