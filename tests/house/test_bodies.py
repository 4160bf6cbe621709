"""A client with a slow line is waited for beside the others, and what breaks off is not taken."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from huiyin.config.bodies import MB, CannotReadBody, most_of, read_body


def environ(body: bytes, announced: int | None = None) -> dict[str, object]:
    return {
        "CONTENT_LENGTH": str(len(body) if announced is None else announced),
        "wsgi.input": io.BytesIO(body),
    }


@pytest.mark.parametrize("size", [1, 70_000, 3 * MB])
def test_what_was_announced_is_read_whole_and_no_more(size: int) -> None:
    given = environ(b"x" * size + b"next", announced=size)
    body = read_body(environ=given, most=4 * MB)
    assert body is not None
    with body:
        assert body.read() == b"x" * size


def test_nothing_announced_is_nothing_read() -> None:
    for announced in ("", "0", "-3", "many", "9" * 40):
        assert read_body(environ={"CONTENT_LENGTH": announced}, most=9) is None


@pytest.mark.parametrize(("size", "announced"), [(3, 10), (70_000, 2 * MB)])
def test_a_line_that_breaks_off_is_no_request(size: int, announced: int) -> None:
    with pytest.raises(CannotReadBody) as told:
        read_body(environ=environ(b"x" * size, announced=announced), most=4 * MB)
    assert told.value.status[:3] == "400"


def test_too_much_is_refused_before_it_is_read() -> None:
    given = environ(b"", announced=121 * MB)
    with pytest.raises(CannotReadBody) as told:
        read_body(environ=given, most=most_of(path="/file", upload_mb=20))
    assert told.value.status[:3] == "413"
    assert most_of(path="/desk/imports", upload_mb=20) > 100 * MB


def test_a_slow_line_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = {
        "HUIYIN_DATA": str(tmp_path),
        "HUIYIN_WEBHOOK_SECRET": "a long secret of webhooks",
        "PATH": os.environ["PATH"],
    }
    words = [sys.executable, "-m", "huiyin", "web", "--port", str(port)]
    with subprocess.Popen(words, env=known, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            with socket.create_connection(("127.0.0.1", port)) as slow:
                slow.sendall(
                    b"POST /hooks/webhook/ HTTP/1.1\r\nHost: localhost\r\n"
                    b"Content-Length: 1000\r\n\r\nbeg"
                )
                time.sleep(0.3)
                told = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=20)
                assert told.status_code == 200
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=20)
        except httpx.TransportError:
            time.sleep(0.3)
        else:
            return
    raise AssertionError("the server does not answer")
