"""Web server and worker: what is killed is started again, what cannot run is given up."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from huiyin.config.children import OFTEN, Children

WAITS = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()} '); time.sleep(60)"


def pids(file: Path, count: int) -> list[int]:
    """Return who has written into a file, once there are so many."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = file.read_text().split() if file.exists() else []
        if len(found) >= count:
            return [int(one) for one in found]
        time.sleep(0.05)
    raise AssertionError(f"{count} programs did not start")


def test_what_is_killed_is_started_again_and_the_other_stays(tmp_path: Path) -> None:
    one, other, said = tmp_path / "one", tmp_path / "other", list[str]()
    children = Children(
        commands=[[sys.executable, "-c", WAITS, str(file)] for file in (one, other)],
        say=said.append,
    )
    try:
        (first,) = pids(one, 1)
        pids(other, 1)
        assert children.look()
        os.kill(first, signal.SIGKILL)
        while not said:
            assert children.look()
            time.sleep(0.05)
        assert pids(one, 2)[1] != first
        assert len(pids(other, 1)) == 1
    finally:
        code = children.end()
    assert code == signal.SIGTERM
    assert not children.look()


def test_what_ends_ever_again_is_given_up(tmp_path: Path) -> None:
    said = list[str]()
    children = Children(commands=[[sys.executable, "-c", "raise SystemExit(3)"]], say=said.append)
    until = time.monotonic() + 30
    while children.look():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert children.end() == 3
    assert len(said) == OFTEN
