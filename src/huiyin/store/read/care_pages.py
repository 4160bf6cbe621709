"""What is shown of promises, handling again, call-backs and letters: frozen structs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise to the customer: its words, until when, and what became of it."""

    id: str
    words: str
    deed: bool
    """Kept only when somebody confirms it; the others by the next reply or call."""
    due_at: datetime
    state: str
    """open, soon, broken, kept, kept_late or withdrawn."""
    state_label: str
    can_change: bool


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter that was written. ``sent`` tells whether it went out with a reply."""

    id: str
    reference: str
    by: str
    at: datetime
    sent: bool


@dataclass(frozen=True, slots=True)
class CallBackView:
    """A call that is owed, or was made, to a customer."""

    id: str
    complaint_id: str
    number: str
    title: str
    customer: str
    phone: str
    masked: bool
    """The number is covered until the viewer asks to see it, which is recorded."""
    name: str
    department_label: str
    assignee_label: str
    urgency: str
    urgency_label: str
    level: int
    stars: int | None
    due_at: datetime
    late: bool
    attempts: int
    most: int
    state: str
    outcome_label: str
    words: str
    called_by: str
    called_at: datetime | None
    can_record: bool


@dataclass(frozen=True, slots=True)
class CareView:
    """What a complaint's page shows of keeping word and handling again."""

    promises: tuple[PromiseView, ...]
    grounds: tuple[str, ...]
    standing: str
    """What handling again asks for next, empty where it asks for nothing."""
    letters: tuple[LetterRow, ...]
    letter_due: bool
    can_write_letter: bool
    call_backs: tuple[CallBackView, ...]
    language: str
    """The language in which the customer is told things."""

    @property
    def unsent(self) -> tuple[LetterRow, ...]:
        """The letters that may go with the next reply."""
        return tuple(letter for letter in self.letters if not letter.sent)

    @property
    def shown(self) -> bool:
        """True when there is anything to show."""
        return bool(
            self.promises or self.grounds or self.letters or self.letter_due or self.call_backs
        )


@dataclass(frozen=True, slots=True)
class CallBackPage:
    """The list of call-backs: views with counts, rows, and whether there are more."""

    view: str
    views: tuple[tuple[str, str, int | None], ...]
    """(code, label, how many)."""
    rows: tuple[CallBackView, ...]
    page: int
    more: bool
    today: datetime
