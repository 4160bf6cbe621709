"""The lock files say what pyproject.toml asks for, with hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)


def asked(*, development: bool) -> list[Requirement]:
    data: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    texts = list(data["project"]["dependencies"])
    texts += data["project"]["optional-dependencies"]["postgres"]
    if development:
        texts += data["dependency-groups"]["dev"]
        texts += data["build-system"]["requires"]
        texts += data["tool"]["hatch"]["build"]["hooks"]["custom"]["dependencies"]
    return [Requirement(text) for text in texts]


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in PIN.finditer((ROOT / "requirements" / name).read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


@pytest.mark.parametrize(("name", "development"), [("run.txt", False), ("dev.txt", True)])
def test_every_requirement_is_pinned_within_its_bounds(name: str, development: bool) -> None:
    locked = pins(name)
    for requirement in asked(development=development):
        versions = locked.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in {name}: run make lock"
        outside = [each for each in versions if each not in requirement.specifier]
        assert not outside, f"{requirement} is locked as {outside}: run make lock"


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_every_pin_has_a_hash(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[\w.-]+==)", text)[1:]
    assert len(blocks) > 30
    assert all("--hash=sha256:" in block for block in blocks)
    options = [line for line in text.splitlines() if line.startswith("-")]
    assert not options, "a lock names no index"


def test_both_locks_agree() -> None:
    run, development = pins("run.txt"), pins("dev.txt")
    assert {name: development.get(name) for name in run} == run
