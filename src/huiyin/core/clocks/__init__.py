"""Clocks: calendars, due times, and what a clock says when its time comes."""

from huiyin.core.clocks.calendar import (
    ALWAYS,
    CALENDARS,
    CN_OFFICE,
    Calendar,
    CannotCountTime,
    CannotReadCalendar,
    calendar_from_data,
)
from huiyin.core.clocks.count import Due, allowed_seconds, due, remaining, warn_at
from huiyin.core.clocks.duration import CannotReadDuration, Duration, parse_duration
from huiyin.core.clocks.sums import CannotCountDue, Pause, elapsed
from huiyin.core.clocks.sweep import ClockFacts, Ring, Swept, sweep, warn_time

__all__ = [
    "ALWAYS",
    "CALENDARS",
    "CN_OFFICE",
    "Calendar",
    "CannotCountDue",
    "CannotCountTime",
    "CannotReadCalendar",
    "CannotReadDuration",
    "ClockFacts",
    "Due",
    "Duration",
    "Pause",
    "Ring",
    "Swept",
    "allowed_seconds",
    "calendar_from_data",
    "due",
    "elapsed",
    "parse_duration",
    "remaining",
    "sweep",
    "warn_at",
    "warn_time",
]
