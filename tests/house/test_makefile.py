"""The Makefile and the program agree."""

from __future__ import annotations

import re
from pathlib import Path

from huiyin.doors.bench import BENCHES

MAKEFILE = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")


def test_make_bench_runs_every_benchmark() -> None:
    (line,) = re.findall(r"^BENCHES \?= (.*)$", MAKEFILE, re.MULTILINE)
    assert sorted(line.split()) == sorted(BENCHES)


def test_the_stable_targets_are_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert {"setup", "run", "test", "bench"} <= targets
    assert re.search(r"^run: setup\b", MAKEFILE, re.MULTILINE)
    assert re.search(r"^test: setup\b", MAKEFILE, re.MULTILINE)
    assert re.search(r"^bench: setup\b", MAKEFILE, re.MULTILINE)
