"""By what channel a message goes out, when, and what carries it where that one cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from huiyin.core.because import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One address of the customer, the likeliest first.

    ``configured``: something here sends by that channel. ``open``: the provider's window lets a
    message through. ``rings``: a message makes a telephone ring.
    """

    channel: str
    address: str
    configured: bool = True
    left: bool = False
    open: bool = True
    rings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours in which no telephone is made to ring; may reach over midnight."""

    begins: time
    ends: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The way a message goes; ``not_before`` where it waits for the morning. None: no way."""

    way: Way | None
    because: tuple[Reason, ...]
    not_before: datetime | None = None

    @property
    def channel(self) -> str:
        """The channel's name; the tracking page where no other reaches him."""
        return self.way.channel if self.way and self.way.channel else "portal"


class CannotReadQuiet(ValueError):
    """Quiet hours that are not written 22:00-08:00."""


def quiet_of(*, text: str, zone: ZoneInfo) -> Quiet | None:
    """Read "22:00-08:00"; None for none. Raises CannotReadQuiet."""
    if not text.strip():
        return None
    begins, dash, ends = text.partition("-")
    try:
        first, last = time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip())
    except ValueError as error:
        raise CannotReadQuiet(text) from error
    if not dash or first == last:
        raise CannotReadQuiet(text)
    return Quiet(begins=first, ends=last, zone=zone)


def quiet_until(*, quiet: Quiet | None, now: datetime) -> datetime | None:
    """Return when the quiet hours that run now are over; None where none run."""
    if quiet is None:
        return None
    here = now.astimezone(quiet.zone)
    clock, over_night = here.time(), quiet.begins > quiet.ends
    inside = (
        clock >= quiet.begins or clock < quiet.ends
        if over_night
        else quiet.begins <= clock < quiet.ends
    )
    if not inside:
        return None
    day = here.date() + timedelta(days=over_night and clock >= quiet.begins)
    return datetime.combine(day, quiet.ends, quiet.zone)


def choose(
    *,
    ways: Sequence[Way],
    preferred: str,
    tried: frozenset[str],
    automatic: bool,
    quiet: Quiet | None,
    now: datetime,
) -> Choice:
    """Choose the way of a message: what the customer prefers, then his last channel, then others.

    ``tried`` are channels that refused this message already. What a person writes goes at once;
    what the system writes by itself waits for the morning where it would ring.
    """
    because: list[Reason] = []
    order = sorted(ways, key=lambda way: way.channel != preferred) if preferred else list(ways)
    for way in order:
        against = _against(way=way, tried=tried)
        if against is not None:
            because.append(against)
            continue
        because.append(_for(way=way, preferred=preferred, first=way is order[0]))
        until = quiet_until(quiet=quiet, now=now) if automatic and way.rings else None
        if until is not None:
            because.append(
                Reason(
                    rule="outgoing.quiet",
                    zh=f"免打扰时段，等到 {until:%H:%M}",
                    en=f"quiet hours until {until:%H:%M}",
                )
            )
        return Choice(way=way, because=tuple(because), not_before=until)
    because.append(
        Reason(
            rule="outgoing.none",
            zh="没有能送达的渠道，只写在查询页上",
            en="no channel reaches him: on the tracking page only",
        )
    )
    return Choice(way=None, because=tuple(because))


def _against(*, way: Way, tried: frozenset[str]) -> Reason | None:
    if way.channel in tried:
        return _told("tried", way, "已拒收这一条", "refused this message")
    if not way.configured:
        return _told("not_configured", way, "没有接入", "is not connected")
    if way.left:
        return _told("left", way, "客户已退订", "the customer unsubscribed")
    if not way.open:
        return _told("closed", way, "回复时限已过", "the window for answers is closed")
    return None


def _for(*, way: Way, preferred: str, first: bool) -> Reason:
    if way.channel == preferred:
        return _told("preferred", way, "客户选择的渠道", "the customer's choice")
    if first:
        return _told("last", way, "客户最近使用的渠道", "the customer's last channel")
    return _told("next", way, "下一个能送达的渠道", "the next that reaches him")


def _told(rule: str, way: Way, zh: str, en: str) -> Reason:
    return Reason(rule=f"outgoing.{rule}", zh=zh, en=en, words=(way.channel,))
