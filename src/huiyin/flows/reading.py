"""Read words: triage and entities of texts, the same for every door and batch size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiyin.core.extract import Entity, extract
from huiyin.core.matching import ContactFacts, read_contact
from huiyin.core.triage import Triage, triage_batch
from huiyin.core.wording import language_of
from huiyin.store import learned_model


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of one contact say."""

    triage: Triage
    entities: tuple[Entity, ...]
    language: str = ""

    def first(self, *, type: str) -> Entity | None:
        """Return the first entity of a type."""
        return next((e for e in self.entities if e.type == type), None)

    @property
    def waybill(self) -> tuple[str, str]:
        """The waybill that the words name and its likeliest carrier, empty where none is told."""
        entity = self.first(type="waybill")
        if entity is None:
            return "", ""
        return str(entity.value)[:40], entity.candidates[0].carrier if entity.candidates else ""

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with the complaint; entities without their own reasons."""
        t = self.triage
        return {
            "category": t.category,
            "secondary": list(t.secondary),
            "urgency": t.urgency,
            "emotion": t.emotion,
            "is_complaint": t.is_complaint,
            "confidence": t.confidence,
            "unsure": t.unsure,
            "signals": list(t.signals),
            "because": [r.as_json() for r in t.because],
            "language": self.language,
            "entities": [
                {
                    "type": e.type,
                    "text": e.text,
                    "start": e.start,
                    "end": e.end,
                    "value": e.value,
                    **(
                        {"candidates": [[c.carrier, c.name, c.score] for c in e.candidates[:4]]}
                        if e.candidates
                        else {}
                    ),
                }
                for e in self.entities
            ],
        }


def read_words(
    *, texts: Sequence[str], at: Sequence[datetime], artefact: str | None = None
) -> list[Words]:
    """Read a batch of texts; the result does not depend on what else is in the batch.

    ``artefact`` names the model where the caller has asked already which one is in force.
    """
    if artefact is None:
        language, model = learned_model.in_force()
    else:
        language, model = learned_model.with_artefact(artefact=artefact)
    triages = triage_batch(texts=texts, model=model, language=language)
    return [
        Words(
            triage=triage,
            entities=extract(text=text, at=moment),
            language=language_of(text=text),
        )
        for triage, text, moment in zip(triages, texts, at, strict=True)
    ]


def contact_of(
    *,
    id: str,
    at: datetime,
    channel: str,
    sender: str,
    text: str,
    thread: str | None,
    filed: bool = False,
    entities: tuple[Entity, ...] | None = None,
) -> ContactFacts:
    """Return a contact as the matcher sees it.

    ``filed`` tells that it was filed as a complaint, ``entities`` those of ``text`` where it was
    read already.
    """
    return read_contact(
        id=id,
        at=at,
        channel=channel,
        sender=sender,
        text=text,
        thread=thread or None,
        entities=extract(text=text, at=at) if entities is None else entities,
        filed=filed,
    )
