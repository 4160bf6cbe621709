"""What leaves the house: instructions apart from the case, the case without personal data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huiyin.core.assistant.prompts import PROMPTS, Prompts
from huiyin.core.assistant.veil import Known, Veil


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a case; ``by`` customer, agent or colleague."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as far as the assistant may know it.

    ``decided`` holds what the house has decided, by name. ``categories`` and ``urgencies`` are
    code → name, for a second opinion.
    """

    said: tuple[Said, ...]
    known: Known
    decided: Mapping[str, str]
    categories: Mapping[str, str]
    urgencies: Mapping[str, str]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``held`` stays in the house: placeholder → what it stands for."""

    system: str
    user: str
    most_tokens: int
    held: Mapping[str, str]
    digest: str
    """SHA-256 of all that leaves, in hex."""


def compose(*, kind: str, facts: CaseFacts, language: str, prompts: Prompts = PROMPTS) -> Question:
    """Return the question of one ``kind`` about a case; ``language`` is zh or en.

    Instructions stand in the system part alone. The case is one JSON value in the user part:
    whatever a customer wrote stays inside a quoted string. Raises KeyError for an unknown kind.
    """
    task = prompts.tasks[kind]
    veil = Veil(known=facts.known)
    said = _shortened(facts.said, prompts)
    names = tuple(facts.decided)
    hidden = veil.hide(texts=[*(s.text for s in said), *facts.decided.values()], at=facts.at)
    case = {
        "messages": [
            {"from": s.by, "text": text} for s, text in zip(said, hidden[: len(said)], strict=True)
        ],
        "decided": dict(zip(names, hidden[len(said) :], strict=True)),
    }
    prompt = task.prompt
    for mark, value in (
        ("{language}", prompts.languages[language]),
        ("{categories}", _listed(facts.categories)),
        ("{urgencies}", _listed(facts.urgencies)),
    ):
        prompt = prompt.replace(mark, value)
    system = f"{prompts.rules}\n\n{prompt}"
    user = json.dumps(case, ensure_ascii=False)
    digest = hashlib.sha256(f"{system}\0{user}".encode()).hexdigest()
    return Question(system, user, task.most_tokens, veil.held, digest)


def _listed(names: Mapping[str, str]) -> str:
    return "、".join(f"{code}（{name}）" for code, name in names.items())


def _shortened(said: Sequence[Said], prompts: Prompts) -> tuple[Said, ...]:
    """Keep the first message and the latest within the limits, in their order."""
    cut = [Said(s.by, s.text[: prompts.message_characters]) for s in said if s.text.strip()]
    if not cut:
        return ()
    left = prompts.case_characters - len(cut[0].text)
    kept: list[Said] = []
    for one in reversed(cut[1:]):
        left -= len(one.text)
        if left < 0:
            break
        kept.append(one)
    return (cut[0], *reversed(kept))
