"""Run everything that must hold, part by part; stop at the first part that fails.

    python scripts/test.py                 all parts
    python scripts/test.py core sqlite     these parts

Each part prints its time; the last line counts the tests of all parts in the manner of pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WIDTH = 80

RUN = [
    "pytest", "-q", "--durations=5", "--durations-min=2", "--no-header", "--color=no",
]  # fmt: skip
TWO = ["-n", "2", "--dist", "worksteal"]


@dataclass(frozen=True)
class Part:
    """A part of the whole: its name and the commands that must all succeed.

    A part that keeps one core busy and measures nothing may run ``beside`` the next one.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]
    beside: bool = False


def _part(name: str, *commands: list[str], beside: bool = False) -> Part:
    return Part(name=name, commands=tuple(tuple(c) for c in commands), beside=beside)


PARTS = (
    _part("types", ["mypy"], beside=True),
    _part(
        "style",
        ["ruff", "check", "--quiet", "."],
        ["ruff", "format", "--check", "--quiet", "."],
        beside=True,
    ),
    _part("contracts", ["lint-imports", "--no-cache"], beside=True),
    _part(
        "docs",
        ["mkdocs", "build", "--strict", "--quiet", "--site-dir", "{scratch}/site"],
        beside=True,
    ),
    _part("core", [*RUN, "-m", "not thorough", "tests/core"]),
    _part("thorough", [*RUN, *TWO, "-m", "thorough", "tests/core"]),
    _part("sqlite", [*RUN, *TWO, "-m", "not browser", "--ignore=tests/core", "tests"]),
    _part("postgres", [*RUN, *TWO, "-m", "not browser", "--database=postgres", "tests"]),
    _part("browser", [*RUN, *TWO, "-m", "browser", "tests"]),
)

NO_TESTS_COLLECTED = 5


def run_part(*, part: Part, scratch: Path, counts: Counter[str]) -> bool:
    """Run the commands of a part and add its tests to ``counts``; return whether all held."""
    started = time.monotonic()
    said = subprocess.PIPE if part.beside else None
    if not part.beside:
        print(f"--- {part.name}", flush=True)
    good, heard = True, ""
    for command in part.commands:
        words = [word.format(scratch=scratch) for word in command]
        report = scratch / f"{part.name}.xml"
        is_pytest = words[0] == "pytest"
        if is_pytest:
            words.append(f"--junit-xml={report}")
        done = subprocess.run(
            [BIN / words[0], *words[1:]],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT if said else None,
            text=True,
            check=False,
            env=_environment(scratch=scratch),
        )
        status, heard = done.returncode, heard + (done.stdout or "")
        if is_pytest and report.exists():
            _count(report=report, counts=counts)
        if is_pytest and status == NO_TESTS_COLLECTED:
            status = 0
        good = good and status == 0
        if not good:
            break
    if part.beside:
        heard = f"--- {part.name}\n{heard}"
    print(f"{heard}    {part.name}: {time.monotonic() - started:.1f} s", flush=True)
    return good


def run_parts(*, parts: Iterable[Part], scratch: Path, counts: Counter[str]) -> str:
    """Run parts in order, on two cores; return the name of one that broke, or nothing."""
    several = list(parts)
    with ThreadPoolExecutor(max_workers=2) as both:
        first = [
            (part, both.submit(run_part, part=part, scratch=scratch, counts=counts))
            for part in several
            if part.beside
        ]
    for part, done in first:
        if not done.result():
            return part.name
    for part in several:
        if not part.beside and not run_part(part=part, scratch=scratch, counts=counts):
            return part.name
    return ""


def _environment(*, scratch: Path) -> dict[str, str]:
    """The environment without settings of an installation; data goes into the scratch folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUIYIN_")}
    ours = {
        "HUIYIN_DATA": str(scratch / "data"),
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return kept | ours


def _count(*, report: Path, counts: Counter[str]) -> None:
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        number = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
        counts["failed"] += number["failures"]
        counts["errors"] += number["errors"]
        counts["skipped"] += number["skipped"]
        counts["passed"] += number["tests"] - sum(
            number[key] for key in ("failures", "errors", "skipped")
        )


def main(arguments: list[str]) -> int:
    """Run all parts or those named; return the exit status."""
    names = [part.name for part in PARTS]
    unknown = set(arguments) - set(names)
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}; there are {' '.join(names)}")
        return 2
    started = time.monotonic()
    counts: Counter[str] = Counter()
    wanted = [part for part in PARTS if not arguments or part.name in arguments]
    with tempfile.TemporaryDirectory(prefix="huiyin-run-") as folder:
        broken = run_parts(parts=wanted, scratch=Path(folder), counts=counts)
    seconds = time.monotonic() - started
    said = [
        f"{counts[word]} {word}"
        for word in ("failed", "passed", "skipped", "errors")
        if counts[word]
    ]
    if broken:
        said.insert(0, f"{broken} broken")
    line = f" {', '.join(said) or 'nothing ran'} in {seconds:.2f}s "
    print(line.center(WIDTH, "="), flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
