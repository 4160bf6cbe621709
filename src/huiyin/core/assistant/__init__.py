"""What is asked of a language model, without personal data, and which of its answers are taken."""

from huiyin.core.assistant.examine import CannotTrust, examine
from huiyin.core.assistant.opinion import Opinion, read_opinion
from huiyin.core.assistant.prompts import KINDS, PROMPTS, CannotReadPrompts, Prompts
from huiyin.core.assistant.question import CaseFacts, Question, Said, compose
from huiyin.core.assistant.veil import Known, Veil, restore

__all__ = [
    "KINDS",
    "PROMPTS",
    "CannotReadPrompts",
    "CannotTrust",
    "CaseFacts",
    "Known",
    "Opinion",
    "Prompts",
    "Question",
    "Said",
    "Veil",
    "compose",
    "examine",
    "read_opinion",
    "restore",
]
