"""What every part of a playbook is made of: names, texts, lengths, rules with examples."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from huiyin.core.because import Reason

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Cel = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Iso = Annotated[
    str, StringConstraints(pattern=r"^P([0-9]{1,4}D|T([0-9]{1,5}H([0-9]{1,6}M)?|[0-9]{1,6}M))$")
]
Clock24 = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Fen = Annotated[int, Field(ge=0, le=10**12)]

Role = Literal[
    "customer", "agent", "handler", "supervisor", "process_owner", "manager", "administrator"
]
Rung = Literal["agent", "supervisor", "manager", "administrator"]


class Part(BaseModel):
    """Base of all parts: frozen, exact types, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class Text(Part):
    """A text for people in both languages."""

    zh: Words
    en: Words

    def said(self, *, language: str) -> str:
        """Return the English text for a language code that begins with "en", else Chinese."""
        return self.en if language.lower().startswith("en") else self.zh


class Example(Part):
    """Facts and what must follow from them; without ``expect`` the rule itself must match.

    ``expect`` holds some or all keys of ``then``; for conditions of clocks, steps and remedies it
    is {applies: true or false}.
    """

    given: dict[str, Any]
    expect: dict[str, Any] = {}
    on: date | None = None


class Ruled(Part):
    """What every rule has beside its outcome."""

    id: Name
    from_: date | None = Field(default=None, alias="from")
    when: Cel | None = None
    because: Text
    source: Words
    examples: tuple[Example, ...] = ()

    def reason(self) -> Reason:
        """Return the rule as the reason of a decision."""
        return Reason(rule=self.id, zh=self.because.zh, en=self.because.en, source=self.source)


class Escalation(Part):
    """``after`` the due time (PT0M: at once) the complaint is shown to rank ``to``."""

    after: Iso
    to: Rung
