"""What a channel brings to the conformance suite: genuine callbacks of every kind, and answers.

Each channel has one module ``<code>.py`` beside this file with a ``KIT``. Callbacks are built and
signed as the provider's documentation says, not by the channel's own code. ``why`` tells in the
report why the protocol has no such thing, by the part that is missing (text, forged, sent …) or by
the scenario (scenarios.py) that makes no sense though its part is there.

After adding or changing a kit: ``python scripts/conformance_page.py`` writes the report anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huiyin.channels.protocol import Request


@dataclass(frozen=True)
class Said:
    """What a provider's server answers to a call of ours."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


@dataclass(frozen=True)
class Kit:
    """One channel's part of the suite.

    ``settings(base)`` are account settings whose provider answers at ``base`` (http://127.0.0.1:…).
    ``text(id, sender, text, at)`` is a genuine callback with a person's words.
    ``answers(path, body, state)`` is the provider's server: ``state`` is "ok", "limited", "closed"
    (window), "refused", "token" or "broken"; it also answers token and media calls.
    ``sent(path, body)`` tells the text that a call of ours carries, None for other calls.
    """

    code: str
    settings: Callable[[str], dict[str, Any]]
    text: Callable[[str, str, str, datetime], Request] | None = None
    forged: Callable[[Request], Request] | None = None
    """The same callback with a signature that is not the provider's."""
    stale: Callable[[datetime], Request] | None = None
    """``stale(at)`` was genuine at ``at``; the suite sends it an hour later, twice."""
    unknown: Callable[[datetime], Request] | None = None
    """A genuine callback of a type that nobody documented."""
    empty: Callable[[datetime], Request] | None = None
    """A genuine callback without words."""
    image: Callable[[datetime], Request] | None = None
    voice: Callable[[datetime], Request] | None = None
    wrong_charset: Callable[[datetime], Request] | None = None
    """A genuine callback whose bytes are not what they say."""
    answers: Callable[[str, bytes, str], Said] | None = None
    sent: Callable[[str, bytes], str | None] | None = None
    same: Callable[[str, bytes], str | None] | None = None
    """Our id of a message as a call carries it, where the protocol has one; None for others."""
    recipient: str = ""
    """An address that messages can go to."""
    cut: bool = False
    """What is too long for the provider is cut, and a link leads to the whole."""
    files: int = 1
    """How many files ``image`` brings; ``voice`` brings one."""
    why: Mapping[str, str] = field(default_factory=dict)
    """Part → why the protocol has no such thing; shown in the report."""
