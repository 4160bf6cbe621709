"""The word lists that travel with the package, read once when matching is first imported."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

import yaml

from huiyin.core.matching.tone import Tone
from huiyin.core.matching.words import MatchWords

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def shipped(name: str) -> Any:
    """Return what a file of the shipped language holds."""
    source = files("huiyin").joinpath("playbooks").joinpath("language").joinpath(name)
    text = source.read_text(encoding="utf-8")
    return json.loads(text) if name.endswith(".json") else yaml.load(text, Loader=_LOADER)


WORDS: Final = MatchWords.from_data(
    signals=shipped("matching_signals.yaml"), words=shipped("matching_words.yaml")
)

TONE: Final = Tone.from_data(data=shipped("matching_tone.json"))
