"""A second opinion on a case: a category, an urgency and a sentence, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from huiyin.core.assistant.examine import CannotTrust
from huiyin.core.because import Reason

_FENCE = re.compile(r"\A```(?:json)?\s*(.*?)\s*```\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model thinks of a case; it changes nothing."""

    category: str
    urgency: str
    why: str


def read_opinion(*, text: str, categories: Collection[str], urgencies: Collection[str]) -> Opinion:
    """Return the opinion in an answer. Raises CannotTrust for another form or unknown codes."""
    fence = _FENCE.match(text)
    try:
        found = json.loads(fence[1] if fence else text)
    except (ValueError, RecursionError):
        found = None
    if (
        not isinstance(found, dict)
        or found.get("category") not in tuple(categories)
        or found.get("urgency") not in tuple(urgencies)
        or not isinstance(found.get("why"), str)
    ):
        raise CannotTrust(
            because=Reason(
                rule="assistant.opinion",
                zh="回答不是要求的形式，未采用",
                en="the answer is not of the form that was asked for",
            )
        )
    return Opinion(found["category"], found["urgency"], found["why"].strip()[:300])
