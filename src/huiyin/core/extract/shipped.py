"""The word lists that travel with the package, read once when extraction is first imported."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

import yaml

from huiyin.core.extract.carriers import CarrierPatterns


def shipped_yaml(*, name: str) -> Any:
    """Return the parsed ``playbooks/language/<name>`` of the installed package."""
    source = files("huiyin").joinpath("playbooks").joinpath("language").joinpath(name)
    return yaml.safe_load(source.read_text(encoding="utf-8"))


DEFAULT: Final = CarrierPatterns.from_data(data=shipped_yaml(name="extract_carriers.yaml"))
