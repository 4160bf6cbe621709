"""What no file of the repository may hold."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT_LIMIT = 4_000_000

# Written in pieces, so that this file passes its own tests.
REGISTRIES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry" + ".npmjs",
    "npm" + "mirror",
    "registry" + ".yarnpkg",
    "pypi.tuna" + ".tsinghua",
    "mirrors" + ".aliyun",
    "proxy" + ".golang",
]
FORBIDDEN = {
    "address of a package registry": "|".join(re.escape(name) for name in REGISTRIES),
    "path of one machine": r"(?<![\w.:/~-])/(?:work|root|Users|home/\w+)/",
    "mark of an unfinished merge": r"^(?:<{7} |>{7} |={7}$)",
    "leftover": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|\bbreak" + r"point\(\)",
    "private key": "BEGIN [A-Z ]*PRIVATE" + " KEY",
}
VENDORED = ("/static/huiyin/vendor/",)


@cache
def tracked() -> list[Path]:
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


@cache
def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what], re.MULTILINE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if not any(part in path.as_posix() for part in VENDORED)
        if pattern.search(text_of(path))
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


def test_no_file_is_huge() -> None:
    huge = [path.name for path in tracked() if path.stat().st_size > TEXT_LIMIT]
    assert not huge


def test_nothing_is_tracked_that_is_made() -> None:
    made = re.compile(
        r"(^|/)(__pycache__|node_modules|\.venv|site|dist|build)/|\.(mo|pyc|sqlite3)$"
    )
    found = [path for path in tracked() if made.search(path.relative_to(ROOT).as_posix())]
    assert not found


def test_modules_have_names_that_say_something() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "services", "misc", "tools", "stuff"}
    found = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix == ".py" and vague & {*path.relative_to(ROOT).parts[:-1], path.stem}
    ]
    assert not found


def test_scripts_can_be_run() -> None:
    for path in tracked():
        first = text_of(path).partition("\n")[0]
        if first.startswith("#!"):
            assert os.access(path, os.X_OK), f"{path.name} is not executable"
        if first.endswith("bash"):
            subprocess.run(["bash", "-n", path], check=True)
