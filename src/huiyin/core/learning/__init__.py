"""Learning on the job: what of the corrections teaches, and whether a new model is better."""

from huiyin.core.learning.choose import Choice, Measure, choose, enough
from huiyin.core.learning.lessons import Lesson, Lessons, Policy, Taught, gather, held_apart
from huiyin.core.learning.weeks import WeekFacts, WeekFigures, weigh_weeks

__all__ = [
    "Choice",
    "Lesson",
    "Lessons",
    "Measure",
    "Policy",
    "Taught",
    "WeekFacts",
    "WeekFigures",
    "choose",
    "enough",
    "gather",
    "held_apart",
    "weigh_weeks",
]
