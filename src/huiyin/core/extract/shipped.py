"""The lists that travel with the package: read once, as constant as the code beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from huiyin.core.extract.carriers import CarrierPatterns
from huiyin.core.extract.words import Words


def _shipped(name: str) -> str:
    source = files("huiyin").joinpath("playbooks").joinpath("language").joinpath(name)
    return source.read_text(encoding="utf-8")


def _yaml(name: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(_shipped(name), Loader=loader)


def shipped_divisions() -> Iterator[tuple[list[str], str]]:
    """Yield (path from province to county, towns separated by spaces) of every county.

    The names are those of the National Bureau of Statistics of China (codes for statistics,
    2023 edition), as collected by the project Administrative-divisions-of-China.
    """
    for line in _shipped("extract_divisions.jsonl").splitlines():
        entry = json.loads(line)
        yield entry["path"], entry["towns"]


@cache
def shipped_words() -> Words:
    """Return the shipped word lists."""
    return Words.from_data(data=_yaml("extract_words.yaml"))


DEFAULT: Final = CarrierPatterns.from_data(data=_yaml("extract_carriers.yaml"))
