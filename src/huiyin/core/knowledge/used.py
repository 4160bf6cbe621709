"""Whether an answer really holds an article that was put into it."""

from __future__ import annotations

import re
from typing import Final

from rapidfuzz import fuzz

from huiyin.core.knowledge.markup import plain_of

_SENTENCE: Final = re.compile(r"[^。！？!?；;：:，,\n|]+")
_LEAST: Final = 8
"""Characters of a part of a sentence that prove something."""
_ALIKE: Final = 88.0


def stands_in(*, article: str, answer: str) -> bool:
    """Tell whether a part of an article, of eight characters or more, stands in an answer."""
    parts = [p.strip() for p in _SENTENCE.findall(plain_of(text=article))]
    return any(fuzz.partial_ratio(part, answer) >= _ALIKE for part in parts if len(part) >= _LEAST)
