"""The page of learning, the nightly training and the command that trains."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

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
            id=new_id(now=world.now), complaint_id=case.id, text=f"件卡壳了第{n}回，电话13812345678",
            field="category", before="other", after="tracking", by=users[n % len(users)],
            at=world.now + timedelta(seconds=n),
        )
        for n in range(40)
    )  # fmt: skip
    return world


def test_the_night_trains_once_and_a_wish_hastens_it(taught: World) -> None:
    assert worker.nightly() == 1
    assert models.ModelVersion.objects.get().state == "running"
    assert worker.nightly() == 0
    job = models.Job.objects.get(name=learning.JOB)
    assert job.lease_until is None and job.state["outcome"]["state"] == "running"
    learn.undo(now=taught.now, by=None)
    worker.jobs.hasten(name=learning.JOB, now=taught.now)
    assert worker.nightly() == 1
    assert list(models.ModelVersion.objects.order_by("number").values_list("state", flat=True)) == [
        "retired",
        "candidate",
    ]


def test_a_training_that_fails_is_told_and_tried_again(
    taught: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("no examples")

    monkeypatch.setattr(triage_model, "phrase_book", broken)
    with pytest.raises(RuntimeError):
        worker.nightly()
    job = models.Job.objects.get(name=learning.JOB)
    assert "no examples" in job.state["error"] and job.lease_until is None
    assert worker.nightly() == 0, "it rests first"


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
