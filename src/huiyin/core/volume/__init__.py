"""How many contacts are usual, and when a channel is silent or flooding."""

from huiyin.core.volume.judge import Finding, Seen, judge
from huiyin.core.volume.usual import expected, hour_of_week, medians

__all__ = ["Finding", "Seen", "expected", "hour_of_week", "judge", "medians"]
