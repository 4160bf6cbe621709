"""Callbacks at a steady rate against a real server while the worker lags and both are killed."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from huiyin.doors.bench import ground
from huiyin.store import models

RATE = 200
"""Calls a second."""
SENDERS = 24
PATIENCE = 60.0
SECRET = "a-secret-of-the-benchmark"


@dataclass
class _Calls:
    """What was called and what came of it. ``late`` are seconds from the planned moment."""

    late: list[float] = field(default_factory=list)
    acked: list[str] = field(default_factory=list)
    again: int = 0


def bench_hooks(*, rows: int) -> dict[str, Any]:
    """Send ``rows`` signed callbacks at RATE a second, then a third as many with kill -9.

    While the first come, no worker runs. Then the server is killed in the middle and started
    anew; a caller that heard nothing calls again with the same id, as providers do. At last a
    worker is killed in the middle of its work. Times count from the planned moment of each call,
    so that a server that stands still is not flattered.
    """
    ground.found()
    port = _free_port()
    os.environ |= {"HUIYIN_WEBHOOK_SECRET": SECRET, "HUIYIN_PORT": str(port)}
    with _server(port) as first:
        _send(port, rows=min(50, rows), named="warm")
        calm = _send(port, rows=rows, named="calm")
        stormy = _Calls()
        storm = threading.Thread(
            target=lambda: _send(port, rows=max(rows // 3, 1), named="storm", into=stormy)
        )
        storm.start()
        time.sleep(max(rows // 3, 1) / RATE / 2)
        _kill(first)
        with _server(port):
            storm.join()
    acked = calm.acked + stormy.acked
    found = _found()
    lag = models.InboxItem.objects.filter(state="pending").count()
    killed = _work_off()
    states = list(models.InboxItem.objects.values_list("state", flat=True))
    kept = models.Event.objects.filter(kind="ComplaintOpened").count()
    opened = states.count("opened")
    late = sorted(calm.late)
    return {
        "bench": "hooks",
        "rows": rows,
        "per_second": RATE,
        "p50_ms": round(late[len(late) // 2] * 1000, 2),
        "p99_ms": round(late[int(len(late) * 0.99)] * 1000, 2),
        "worst_ms": round(late[-1] * 1000, 2),
        "acknowledged": len(acked),
        "called_again": stormy.again,
        "lost": len(set(acked) - found),
        "pending_when_worker_started": lag,
        "worker_killed": killed,
        "pending_at_the_end": states.count("pending"),
        "opened": opened,
        "opened_twice": kept - opened,
    }


def _free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


@contextlib.contextmanager
def _server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a web server in a process group of its own."""
    running = subprocess.Popen(
        [sys.executable, "-m", "huiyin", "web"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _await(port)
        yield running
    finally:
        _kill(running)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _await(port: int) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with contextlib.suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/healthz")
            if line.getresponse().read():
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _send(port: int, *, rows: int, named: str, into: _Calls | None = None) -> _Calls:
    """Call at the planned moments from several senders; each keeps its line open."""
    out = into if into is not None else _Calls()
    turn = iter(range(rows))
    lock = threading.Lock()
    mark = secrets.token_hex(4)
    bodies = [json.loads(a.raw) for a in ground.arrivals(rows=rows, seed=len(named))]
    begun = time.monotonic() + 0.2

    def sender() -> None:
        line: http.client.HTTPConnection | None = None
        while True:
            with lock:
                number = next(turn, None)
            if number is None:
                return
            planned = begun + number / RATE
            if (wait := planned - time.monotonic()) > 0:
                time.sleep(wait)
            id = f"{mark}-{number}"
            body = json.dumps({**bodies[number], "id": id}, ensure_ascii=False).encode()
            ends = planned + PATIENCE
            while time.monotonic() < ends:
                try:
                    line = line or http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                    if _call(line, body) == 202:
                        break
                except (OSError, http.client.HTTPException):
                    line = None
                    time.sleep(0.05)
                with lock:
                    out.again += 1
            else:
                continue
            with lock:
                out.late.append(time.monotonic() - planned)
                out.acked.append(id)

    senders = [threading.Thread(target=sender) for _ in range(SENDERS)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    return out


def _call(line: http.client.HTTPConnection, body: bytes) -> int:
    stamp = str(int(time.time()))
    sign = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    line.request(
        "POST",
        "/hooks/webhook/",
        body=body,
        headers={
            "Content-Type": "application/json",
            "X-Huiyin-Timestamp": stamp,
            "X-Huiyin-Signature": sign,
        },
    )
    answer = line.getresponse()
    answer.read()
    return answer.status


def _found() -> set[str]:
    connection.close()
    return set(models.InboxItem.objects.values_list("external_id", flat=True))


def _work_off() -> int:
    """Let workers decide what waits; the first is killed in the middle. Returns how many died."""
    killed = 0
    whole = models.InboxItem.objects.filter(state="pending").count()
    ends = time.monotonic() + 5 * PATIENCE
    os.environ["HUIYIN_INBOX_LEASE_SECONDS"] = "5"
    while time.monotonic() < ends:
        running = subprocess.Popen(
            [sys.executable, "-m", "huiyin", "worker"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            while time.monotonic() < ends:
                time.sleep(0.05)
                left = models.InboxItem.objects.filter(state="pending").count()
                if not left:
                    return killed
                if not killed and left < whole * 2 // 3:
                    killed = 1
                    break
        finally:
            _kill(running)
    return killed
