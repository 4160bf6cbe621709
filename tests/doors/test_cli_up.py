"""``huiyin up`` and ``huiyin web``: what they refuse before they start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", ["up", "web"])
def test_a_port_that_is_taken_is_refused_before_anything_is_touched(
    command: str, tmp_path: Path
) -> None:
    with socket.socket() as other:
        # As the web server does it: whoever does likewise shares the port.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "huiyin", command, "--port", str(port)],
            env={"HUIYIN_DATA": str(tmp_path), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1, done
    assert f"cannot listen at 127.0.0.1 port {port}: another program listens there" in done.stderr
    assert f"端口 {port} 不能用" in done.stderr
    assert not list(tmp_path.glob("*.sqlite3"))


@pytest.mark.parametrize("address", ["", "postgresql://me:so-secret@127.0.0.1:1/huiyin"])
def test_a_database_that_cannot_be_opened_is_said_in_words(address: str, tmp_path: Path) -> None:
    (tmp_path / "huiyin.sqlite3").write_bytes(b"no database at all" * 1000)
    done = subprocess.run(
        [sys.executable, "-m", "huiyin", "verify"],
        env={"HUIYIN_DATA": str(tmp_path), "HUIYIN_DATABASE": address, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done
    assert "cannot open the database: " in done.stderr
    assert "数据库打不开" in done.stderr
    assert "Traceback" not in done.stderr
    assert "so-secret" not in done.stderr
