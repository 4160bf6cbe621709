"""A worker killed by the system in the middle of a batch: nobody left out, nobody served twice."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ready_made import furnish

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
TESTS = Path(__file__).parent.parent
COUNT = 40

SET_UP = """
from datetime import timedelta
from huiyin.config.start import prepare
prepare()
from django.utils import timezone
from company import World, actor, arrival, found
from huiyin.core.incident import Listed, Plan, Rule
from huiyin.flows import carry_out, journey, link
from huiyin.store import models

now = timezone.now()
found(now=now)
world = World(now=now)
waybills = [f"SF2611030000{n:03d}" for n in range(%d)]
accepted = world.accept(*(
    arrival("portal", f"我的包裹{w}丢了，分拨中心着火，请赔偿", sender=f"138{n:08d}",
            phone=f"138{n:08d}", sender_name=f"客户{n}", waybill=w)
    for n, w in enumerate(waybills)
))
world.decide(ids=[a.id for a in accepted])
models.Complaint.objects.update(category="lost")
boss = actor("mgr")
parcels = [Listed(w, {"fee": 1000, "real_value": 90000}) for w in waybills]
incident = link.draft(
    now=now, actor=boss, rule=Rule(takes_from=now - timedelta(hours=1),
    waybills=frozenset(waybills)), parcels=parcels, name="火灾", about="", begins_at=now,
    ends_at=None,
)
link.start(incident_id=incident, actor=boss, now=now, wide_is_meant=True)
with journey.writing(now=now, actor="system") as pen:
    link.link(pen=pen, incident_id=incident, found=link.look(incident_id=incident, now=now))
carry_out.start(
    incident_id=incident, actor=boss, now=now, token="t",
    plan=Plan(kind="amount", harm="loss", reason="火灾", answers=True, final=True,
              verdict="upheld", cause=%s),
    text="{customer}您好，{waybill} 在火灾中损毁，深表歉意，赔付 {amount}，请打开 {link}",
)
models.BulkRun.objects.update(hold_until=now - timedelta(seconds=1))
"""
CAUSE = "__import__('huiyin.store.read.office', fromlist=['x']).current_playbook().causes[0].code"


def environment(data: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HUIYIN_", "DJANGO_"))}
    return {
        **kept, "HUIYIN_DATA": str(data), "PYTHONPATH": str(TESTS),
        "HUIYIN_SECRET_KEY": "tests only: this key signs nothing that anyone keeps",
        "HUIYIN_LOG_LEVEL": "warning",
    }  # fmt: skip


@contextlib.contextmanager
def worker(data: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "huiyin", "worker"], env=environment(data))
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)


def ask(data: Path, sql: str) -> list[tuple[int, ...]]:
    with contextlib.closing(sqlite3.connect(data / "huiyin.sqlite3", timeout=30)) as connection:
        rows = connection.execute(sql).fetchall()
        connection.commit()
    return rows


def wait_for(data: Path, sql: str, least: int) -> int:
    for _try in range(1200):
        found = ask(data, sql)[0][0]
        if found >= least:
            return found
        time.sleep(0.1)
    raise AssertionError(f"never {least}: {sql}")


def test_killed_by_the_system_the_next_worker_goes_on(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("brings a database of its own")
    furnish(data=tmp_path)
    subprocess.run(
        [sys.executable, "-c", SET_UP % (COUNT, CAUSE)], env=environment(tmp_path), check=True
    )
    done = "SELECT count(*) FROM bulk_item WHERE state = 'done'"
    with worker(tmp_path) as process:
        wait_for(tmp_path, done, 3)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    assert ask(tmp_path, done)[0][0] < COUNT
    # The next one would wait until the lease has lapsed.
    ask(tmp_path, "UPDATE bulk_run SET lease_until = '2020-01-01 00:00:00'")
    with worker(tmp_path):
        wait_for(tmp_path, "SELECT count(*) FROM bulk_run WHERE state = 'done'", 1)
    assert ask(tmp_path, done) == [(COUNT,)]
    for kind in ("VerdictGiven", "RemedyProposed", "RemedyApproved", "ReplySent",
                 "ComplaintResolved"):  # fmt: skip
        counted = f"SELECT count(*), count(DISTINCT complaint_id) FROM event WHERE kind = '{kind}'"
        assert ask(tmp_path, counted) == [(COUNT, COUNT)], kind
    said = "SELECT count(*), count(DISTINCT complaint_id) FROM message WHERE author_id IS NOT NULL"
    assert ask(tmp_path, said) == [(COUNT, COUNT)]
    sound = subprocess.run(
        [sys.executable, "-m", "huiyin", "verify"], env=environment(tmp_path), check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert sound.returncode == 0, sound.stdout + sound.stderr
