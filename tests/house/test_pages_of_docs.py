"""Undocumented means failing: settings, commands and decisions have their pages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from huiyin.doors.cli import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.mark.parametrize("script", ["settings_page.py", "quality_curve.py", "conformance_page.py"])
def test_what_is_generated_is_current(script: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def commands() -> list[str]:
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0, shown.output
    _head, _colon, listing = shown.output.partition("Commands:\n")
    return re.findall(r"^  (\w[\w-]*)", listing, re.MULTILINE)


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented(name: str) -> None:
    page = (DOCS / "how-to" / "command-line.md").read_text(encoding="utf-8")
    assert re.search(rf"^## `huiyin {name}\b", page, re.MULTILINE), (
        f"docs/how-to/command-line.md has no heading for huiyin {name}"
    )


def test_no_command_is_documented_that_is_not_there() -> None:
    page = (DOCS / "how-to" / "command-line.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## `huiyin ([\w-]+)", page, re.MULTILINE)) <= set(commands())


@pytest.mark.parametrize("folder", ["decisions", "how-to"])
def test_index_names_every_page(folder: str) -> None:
    index = (DOCS / folder / "index.md").read_text(encoding="utf-8")
    pages = [path.name for path in (DOCS / folder).glob("*.md") if path.name != "index.md"]
    missing = [name for name in pages if f"({name})" not in index]
    assert not missing, f"docs/{folder}/index.md does not name {missing}"


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = [path.name[:3] for path in (DOCS / "decisions").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))
