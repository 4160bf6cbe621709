"""The reason that every decision carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision fell as it did.

    ``rule`` names the rule (stable identifier, shown in small print); ``zh`` and ``en`` say it to
    a person; ``words`` are the words or numbers of the input that carry it; ``source`` is the law,
    standard or playbook entry behind it, where there is one.
    """

    rule: str
    zh: str
    en: str = ""
    words: tuple[str, ...] = ()
    source: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the reason as a JSON object, empty parts left out."""
        out: dict[str, Any] = {"rule": self.rule, "zh": self.zh, "en": self.en or self.zh}
        if self.words:
            out["words"] = list(self.words)
        if self.source:
            out["source"] = self.source
        return out

    @classmethod
    def from_json(cls, *, data: dict[str, Any]) -> Reason:
        """Rebuild a reason stored by :meth:`as_json`."""
        return cls(
            rule=str(data.get("rule", "")),
            zh=str(data.get("zh", "")),
            en=str(data.get("en", "")),
            words=tuple(data.get("words", ())),
            source=str(data.get("source", "")),
        )
