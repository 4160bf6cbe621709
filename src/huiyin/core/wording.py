"""Texts with {placeholders}: filling them, in the customer's language, saying until when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

_UNTIL = (
    ("最晚 {due} ", "尽快"),
    ("{due} 前", "尽快"),
    ("by {due} at the latest", "as soon as we can"),
    ("by {due}", "as soon as we can"),
)

_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"(?<![\w@./:-])[A-Za-z]{2,}(?![\w@/:]|\.\w)")


def language_of(*, text: str) -> str:
    """Return the language that a customer writes, "en" or "zh", empty where it cannot be told.

    Numbers, addresses of pages and mails, and words with digits (waybills) do not count; a few
    Latin words in a Chinese text leave it Chinese.
    """
    words = len(_WORD.findall(text))
    han = len(_HAN.findall(text))
    if words >= 2 and han * 2 <= words:
        return "en"
    return "zh" if han else ""


def fill_in(*, text: str, values: Mapping[str, str]) -> str:
    """Put values into the {placeholders} of a text; an unknown placeholder stays readable.

    Where ``due`` is empty the text says "as soon as we can" in place of "by {due}".
    """
    if values.get("due") == "":
        for phrase, instead in _UNTIL:
            text = text.replace(phrase, instead)
        text = text.replace("{due}", "尽快" if _HAN.search(text) else "as soon as we can")
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def next_due(*, dues: Iterable[datetime | None], now: datetime) -> datetime | None:
    """Return the next of several due times that can still be promised, None where there is none."""
    return min((due for due in dues if due is not None and due > now), default=None)


def time_said(*, moment: datetime | None, zone: tzinfo, english: bool = False) -> str:
    """Return a moment as it is said to customers; empty when there is none."""
    if moment is None:
        return ""
    at = moment.astimezone(zone)
    day = f"{at.day:02}/{at.month:02}" if english else f"{at.month:02}月{at.day:02}日"
    return f"{day} {at.hour:02}:{at.minute:02}"
