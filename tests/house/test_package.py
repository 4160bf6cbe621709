"""The wheel carries everything that the package needs to run."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "huiyin"
NOT_SHIPPED = {".pyc", ".po"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ""},
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("huiyin-*.whl")
    return zipfile.ZipFile(path)


def test_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    inside = set(wheel.namelist())
    missing = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file()
        and path.suffix not in NOT_SHIPPED
        and f"huiyin/{path.relative_to(PACKAGE).as_posix()}" not in inside
    ]
    assert not missing
    kinds = {Path(name).suffix for name in inside}
    assert {".css", ".html", ".js", ".mo", ".py", ".svg", ".yaml"} <= kinds


def test_wheel_names_command_and_licence(wheel: zipfile.ZipFile) -> None:
    (points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "huiyin = huiyin.doors.cli:main" in wheel.read(points).decode()
    names = [Path(name).name for name in wheel.namelist() if ".dist-info/licenses/" in name]
    assert sorted(names) == ["LICENSE", "NOTICE"]


def test_vendored_files_are_named_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for path in (PACKAGE / "doors" / "static").rglob("vendor/*"):
        if path.suffix in {".js", ".css", ".woff2"}:
            assert path.relative_to(ROOT).as_posix() in notice
