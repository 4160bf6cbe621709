"""When a mail was written: its own Date where that can be true."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.message import Message
from email.utils import parsedate_to_datetime

from huiyin.channels.email import headers

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=10)
CHINA = timezone(timedelta(hours=8))
_ZONE = re.compile(r"[+-]\d{4}\b|\b(?:GMT|UTC?|Z|[ECMP][SD]T)\b", re.IGNORECASE)
_CHINA_NAME = re.compile(r"\bCST\b(?!\))", re.IGNORECASE)


def written_at(*, message: Message, received_at: datetime) -> tuple[datetime, str]:
    """Return (moment, repair): the first believable Date, else the time of the last delivery.

    Believable is from 1995 until it was received. A Date without a zone is read as China's time,
    and so is one that only says CST.
    """
    latest = received_at + CLOCK_SKEW
    dates = [headers.text(value=str(v)) for v in message.get_all("Date", [])[:3]]
    for value in dates:
        moment = _moment(value=value)
        if moment is not None and EARLIEST <= moment <= latest:
            return min(moment, received_at), ""
    for value in message.get_all("Received", [])[:1]:
        moment = _moment(value=headers.text(value=str(value)).rpartition(";")[2])
        if moment is not None and EARLIEST <= moment <= latest:
            note = f"Date {dates[0][:60]!r} not believable" if dates else "no Date"
            return min(moment, received_at), f"{note}, time of delivery taken"
    note = f"Date {dates[0][:60]!r} not believable" if dates else "no Date"
    return received_at, f"{note}, time of receipt taken"


def _moment(*, value: str) -> datetime | None:
    value = value.strip()
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
    try:
        if not re.search(r"[+-]\d{4}\b", value) and _CHINA_NAME.search(value):
            moment = moment.replace(tzinfo=CHINA)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC if _ZONE.search(value) else CHINA)
        # Comparing converts to UTC, which overflows at both ends of the calendar.
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
