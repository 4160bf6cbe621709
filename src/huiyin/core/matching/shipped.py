"""The word lists that travel with the package, read once when matching is first imported."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

import yaml

from huiyin.core.matching.tone import Tone
from huiyin.core.matching.words import MatchWords

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _shipped(name: str) -> Any:
    source = files("huiyin").joinpath("playbooks").joinpath("language").joinpath(name)
    return yaml.load(source.read_text(encoding="utf-8"), Loader=_LOADER)


WORDS: Final = MatchWords.from_data(
    signals=_shipped("matching_signals.yaml"), words=_shipped("matching_words.yaml")
)

TONE: Final = Tone.from_data(data=_shipped("matching_phrases.yaml"))
