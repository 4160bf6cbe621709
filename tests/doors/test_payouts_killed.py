"""A worker killed by the system while a payment is made: it is asked about, never repeated."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from channels.conformance.kit import Said
from channels.conformance.provider_server import provider
from doors.test_batch_killed import ask, environment, wait_for, worker
from partners.pay_servers import Finance
from ready_made import furnish

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SET_UP = """
from huiyin.config.start import prepare
prepare()
import json
from django.utils import timezone
from company import LOST, World, complaint, found
from huiyin.channels.registry import channel
from huiyin.core.remedy.payee import Payee
from huiyin.flows import agree, settle
from huiyin.store import models
from huiyin.store.ledger import accounts

now = timezone.now()
found(now=now)
world = World(now=now)
case = complaint(
    world.post("portal", LOST, sender="13812345678", phone="13812345678", waybill="SF1234567890123")
)
models.Complaint.objects.update(category="lost", department_id="claims")
facts = {"kind": "loss", "fee": 2000, "real_value": 600000, "carrier": "sf"}
remedy = world.do("agent", settle.propose, complaint_id=case.id, kind="amount", facts=facts)
world.customer(
    agree.accept, remedy_id=remedy, payee=Payee(method="bank", name="张三", account="62220202")
)
accounts.save(
    id=None, code="payout_http", spoken="payout", writes=False, name="财务系统", enabled=True,
    settings=json.loads(%r), secrets=channel(code="payout_http").secrets, now=now,
)
"""


def test_killed_while_it_pays(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("brings a database of its own")
    furnish(data=tmp_path)
    bank, taken, go_on = Finance(), threading.Event(), threading.Event()

    def slowly(path: str, body: bytes, state: str) -> Said:
        said = bank.answers(path, body, state)
        if body:
            taken.set()
            go_on.wait(60)
        return said

    with provider(slowly) as there:
        bank.there = there
        settings = {**bank.settings(there.base), "pay_bank": True, "above": 1000}
        subprocess.run(
            [sys.executable, "-c", SET_UP % json.dumps(settings)],
            env=environment(tmp_path), check=True,
        )  # fmt: skip
        with worker(tmp_path) as process:
            assert taken.wait(120)
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
        go_on.set()
        assert ask(tmp_path, "SELECT count(*) FROM payout WHERE state = 'processing'") == [(1,)]
        # The next one would wait until the lease has lapsed.
        ask(tmp_path, "UPDATE payout_transfer SET lease_until = '2020-01-01 00:00:00'")
        with worker(tmp_path):
            wait_for(tmp_path, "SELECT count(*) FROM payout WHERE state = 'paid'", 1)
        assert [method for method, *_ in there.calls] == ["POST", "GET"]
    assert len(bank.paid()) == 1 and bank.forged == 0
    for kind in ("PayoutSent", "PayoutPaid"):
        assert ask(tmp_path, f"SELECT count(*) FROM event WHERE kind = '{kind}'") == [(1,)]
    sound = subprocess.run(
        [sys.executable, "-m", "huiyin", "verify"], env=environment(tmp_path), check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert sound.returncode == 0, sound.stdout + sound.stderr
