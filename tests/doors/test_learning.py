"""The page of learning, the nightly training and the command that trains."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from django.test import Client

import small_language
from company import World, complaint
from huiyin.config import start
from huiyin.doors.cli.train import command
from huiyin.doors.worker import learning as worker
from huiyin.flows import learn
from huiyin.store import learned_model, models, triage_model
from huiyin.store.ids import new_id
from huiyin.store.read import learning

Enter = Callable[[str], Client]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    """Let the shipped language be one of a few words whose examples may all be forgotten."""
    monkeypatch.setattr(triage_model, "phrase_book", small_language.pack)
    monkeypatch.setattr(
        triage_model, "ready", lambda: (small_language.pack(), small_language.model())
    )
    lenient = learning.Policy(least=10, person_percent=40, margin_percent=100)
    monkeypatch.setattr(learning, "policy", lambda: lenient)
    monkeypatch.setattr(start, "prepare", lambda: None)
    learned_model.look_again()
    yield
    learned_model.look_again()


@pytest.fixture
def taught(world: World) -> World:
    case = complaint(world.post("portal", "太慢了，电话13812345678", phone="13812345678"))
    users = list(models.User.objects.order_by("id"))
    models.Correction.objects.bulk_create(
        models.Correction(
            id=new_id(now=world.now), complaint_id=case.id,
            text=f"件卡壳了第{n}回，电话13812345678",
            field="category", before="other", after="tracking", by=users[n % len(users)],
            at=world.now + timedelta(seconds=n),
        )
        for n in range(40)
    )  # fmt: skip
    return world


def night() -> int:
    """Let the worker train as at night, in this process."""

    def run() -> dict[str, Any]:
        done = CliRunner().invoke(command, ["--night"])
        if done.exception:
            raise done.exception
        out: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return out

    return worker.nightly(run=run)


def test_the_night_trains_once_and_a_wish_hastens_it(taught: World) -> None:
    assert night() == 0, "nothing is trained before the first night"
    worker.jobs.hasten(name=learning.JOB, now=taught.now)
    assert night() == 1
    assert models.ModelVersion.objects.get().state == "running"
    assert night() == 0
    job = models.Job.objects.get(name=learning.JOB)
    assert job.lease_until is None and job.state["outcome"]["state"] == "running"
    learn.undo(now=taught.now, by=None)
    worker.jobs.hasten(name=learning.JOB, now=taught.now)
    assert night() == 1
    assert list(models.ModelVersion.objects.order_by("number").values_list("state", flat=True)) == [
        "retired",
        "candidate",
    ], "after somebody took a version back the night only makes candidates"
    boss = models.User.objects.get(username="mgr")
    assert learning.left_to_people()
    version = models.ModelVersion.objects.get(number=2)
    learn.take(id=version.id, now=taught.later(minutes=1), by=boss.id)
    assert not learning.left_to_people()


def test_a_training_that_fails_is_told_and_tried_again(
    taught: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("no examples")

    monkeypatch.setattr(triage_model, "phrase_book", broken)
    worker.jobs.hasten(name=learning.JOB, now=taught.now)
    with pytest.raises(RuntimeError):
        night()
    job = models.Job.objects.get(name=learning.JOB)
    assert "no examples" in job.state["error"] and job.lease_until is None
    assert night() == 0, "it rests first"


def test_the_process_that_trains_tells_why_it_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_LEARN_HOUR", "99")
    worker.jobs.hasten(name=learning.JOB, now=world.now)
    with pytest.raises(worker.CannotLearn, match="HUIYIN_LEARN_HOUR"):
        worker.nightly()


def test_the_night_is_at_the_set_hour_of_the_playbook(world: World) -> None:
    evening = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
    assert worker.next_night(now=evening).isoformat() == "2026-11-04T03:00:00+08:00"
    small_hours = datetime(2026, 11, 3, 18, 59, tzinfo=UTC)
    assert worker.next_night(now=small_hours).isoformat() == "2026-11-04T03:00:00+08:00"


def test_the_command_trains_and_takes_only_when_told(taught: World) -> None:
    first = CliRunner().invoke(command)
    assert first.exit_code == 0, first.output
    out = json.loads(first.stdout.splitlines()[-1])
    assert (out["state"], out["version"]) == ("candidate", 1)
    assert out["scores"]["held_out"]["category"] > out["scores"]["held_out_before"]["category"]
    assert "比较" in first.stderr or "宏平均" in first.stderr
    second = CliRunner().invoke(command, ["--take"])
    out = json.loads(second.stdout.splitlines()[-1])
    assert (out["state"], models.ModelVersion.objects.get().state) == ("running", "running")


def test_the_page_is_for_those_who_run_the_house(taught: World, as_person: Enter) -> None:
    for who in ("agent", "ops", "boss"):
        client = as_person(who)
        assert client.get("/desk/learning").status_code == 403
        assert client.get("/desk/learning.xlsx").status_code == 403
        assert client.post("/desk/learning/train").status_code == 403
    page = as_person("mgr").get("/desk/learning").content.decode()
    assert "出厂模型" in page and "至今更正 40 条" in page
    assert "件卡壳了第39回" in page and "138****5678" in page and "13812345678" not in page


def test_a_manager_asks_for_a_training_takes_it_and_takes_it_back(
    taught: World, as_person: Enter
) -> None:
    manager = as_person("mgr")
    assert manager.post("/desk/learning/train").status_code == 302
    waiting = manager.get("/desk/learning").content.decode()
    assert 'hx-trigger="every 3s"' in waiting
    assert "HX-Refresh" not in manager.get("/desk/learning", headers={"HX-Request": "true"})
    assert night() == 1
    done = manager.get("/desk/learning", headers={"HX-Request": "true"})
    assert done["HX-Refresh"] == "true"
    page = done.content.decode()
    assert "第 1 版" in page and "变好" in page and "/desk/learning/undo" in page
    assert manager.post("/desk/learning/undo").status_code == 302
    assert "出厂模型" in manager.get("/desk/learning").content.decode()
    manager.post("/desk/learning/train")
    night()
    page = manager.get("/desk/learning").content.decode()
    assert "/desk/learning/take" in page
    manager.post("/desk/learning/take", {"version": "another"})
    assert "候选已变" in manager.get("/desk/learning").content.decode()
    version = models.ModelVersion.objects.get(number=2)
    manager.post("/desk/learning/take", {"version": version.id.hex})
    version.refresh_from_db()
    assert version.state == "running"
    assert version.history[-1]["by"] == models.User.objects.get(username="mgr").id


def test_steps_that_cannot_be_taken_are_told(world: World, as_person: Enter) -> None:
    admin = as_person("admin")
    assert admin.post("/desk/learning/undo").status_code == 302
    assert "没有可撤回的" in admin.get("/desk/learning").content.decode()
    assert admin.post("/desk/learning/elsewhere").status_code == 404
    assert admin.get("/desk/learning/train").status_code == 405


def test_the_figures_are_handed_out_and_the_export_is_recorded(
    taught: World, as_person: Enter
) -> None:
    answer = as_person("mgr").get("/desk/learning.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert [c.value for c in book["每周件数"][1]] == [None, "收到", "已办结或更正"]
    assert [c.value for c in book["每周件数"][2]][1:] == [1, 1]
    assert models.Export.objects.get().what == "learning"
