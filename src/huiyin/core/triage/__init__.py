"""Sort a text: category, urgency, signals and emotion, each with the words that carried it."""

from huiyin.core.triage.decision import CATEGORIES, URGENCIES, Triage
from huiyin.core.triage.language import (
    CannotLoadLanguage,
    LanguagePack,
    Phrase,
)
from huiyin.core.triage.load import load_language
from huiyin.core.triage.model import CannotReadModel, TriageModel
from huiyin.core.triage.sort import triage_batch
from huiyin.core.triage.train import train

__all__ = [
    "CATEGORIES",
    "URGENCIES",
    "CannotLoadLanguage",
    "CannotReadModel",
    "LanguagePack",
    "Phrase",
    "Triage",
    "TriageModel",
    "load_language",
    "train",
    "triage_batch",
]
