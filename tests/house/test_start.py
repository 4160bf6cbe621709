"""What is told at the start, once for all programs that run together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from huiyin.config.settings_table import strangers


def verify(*, data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ``huiyin verify`` on its own."""
    environ = {k: v for k, v in os.environ.items() if not k.lstrip("_").startswith("HUIYIN_")}
    return subprocess.run(
        [sys.executable, "-m", "huiyin", "verify"],
        env={**environ, "HUIYIN_DATA": str(data), **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_variable_that_is_no_setting_is_told_with_the_nearest_name() -> None:
    told = strangers(environ={"HUIYIN_UPLOAD_SIZE": "3", "HUIYIN_PORT": "1", "PATH": "x"})
    assert len(told) == 1
    assert told[0].startswith("HUIYIN_UPLOAD_SIZE is not a setting")
    assert "HUIYIN_MAX_UPLOAD_MB" in told[0] and "没有 HUIYIN_UPLOAD_SIZE 这项设置" in told[0]


def test_what_a_container_platform_sets_is_not_told() -> None:
    platform = ("SERVICE_HOST", "SERVICE_PORT", "WEB_SERVICE_PORT_HTTP", "PORT_8000_TCP_ADDR")
    assert strangers(environ={f"HUIYIN_{name}": "1" for name in platform}) == []


def test_it_is_told_once_and_the_program_goes_on(tmp_path: Path) -> None:
    ran = verify(data=tmp_path / "new", HUIYIN_SITE_COLOUR="red")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("HUIYIN_SITE_COLOUR is not a setting") == 1
    below = verify(data=tmp_path / "new", HUIYIN_SITE_COLOUR="red", _HUIYIN_TOLD="1")
    assert "HUIYIN_SITE_COLOUR" not in below.stderr, "a program started by another"


def test_what_it_writes_is_read_by_nobody_else_and_an_open_folder_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    data.chmod(0o755)
    ran = verify(data=data)
    assert ran.returncode == 0, ran.stderr
    assert f"chmod -R go-rwx {data}" in ran.stderr
    assert (data / "huiyin.sqlite3").exists() and (data / "secret_key").exists()
    assert [p.name for p in data.rglob("*") if p.stat().st_mode & 0o077] == []
    data.chmod(0o700)
    assert "chmod" not in verify(data=data).stderr
