"""Clocks: calendars, due times, and what a clock says when its time comes."""

from huiyin.core.clocks.calendar import (
    CALENDARS,
    Calendar,
    CannotCountTime,
    CannotReadCalendar,
    calendar_from_data,
)
from huiyin.core.clocks.count import CannotCountDue, Due, due, elapsed
from huiyin.core.clocks.duration import CannotReadDuration, Duration, parse_duration
from huiyin.core.clocks.sweep import ClockFacts, Ring, Swept, sweep, warn_time

__all__ = [
    "CALENDARS",
    "Calendar",
    "CannotCountDue",
    "CannotCountTime",
    "CannotReadCalendar",
    "CannotReadDuration",
    "ClockFacts",
    "Due",
    "Duration",
    "Ring",
    "Swept",
    "calendar_from_data",
    "due",
    "elapsed",
    "parse_duration",
    "sweep",
    "warn_time",
]
