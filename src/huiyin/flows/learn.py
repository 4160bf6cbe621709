"""Learn: train a model on the corrections, let it run only when it is better, take it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.core.because import Reason
from huiyin.core.learning import Lesson, Measure, Policy, choose, enough, gather, held_apart
from huiyin.core.triage import LanguagePack, Phrase, TriageModel, train, triage_batch
from huiyin.core.triage.score import Judged, score
from huiyin.store import learned_model, triage_model
from huiyin.store.ledger import versions
from huiyin.store.read import learning

STEPS = 5
_BOOK_APART = 10
"""One shipped example in so many is kept apart to see what a model forgets."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run led to. ``state`` is candidate, running or refused of a new version; ``few`` or
    ``known`` where nothing was trained: too few corrections, or no new ones."""

    state: str
    because: tuple[Reason, ...]
    number: int | None = None
    id: UUID | None = None
    scores: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as a JSON object."""
        out: dict[str, Any] = {"state": self.state}
        if self.number is not None:
            out["version"] = self.number
        if self.scores:
            out["scores"] = self.scores
        out["because"] = [reason.as_json() for reason in self.because]
        return out


def learn(
    *,
    now: datetime,
    by: int | None,
    policy: Policy,
    say: Callable[[int, str], None] = lambda _step, _what: None,
) -> Trained:
    """Train a version on the corrections and compare it with the running model; takes no place.

    ``say`` hears which of STEPS begins. Raises CannotLoadLanguage, CannotTrain. Must not be called
    inside a transaction: it takes long.
    """
    say(0, "gather")
    lessons = gather(taught=learning.taught(), policy=policy)
    ready = enough(lessons=lessons, policy=policy)
    if not ready.better:
        return Trained("few", ready.because)
    phrases = triage_model.phrases_key()
    running = learning.running(phrases=phrases)
    last = learning.newest(phrases=phrases)
    if last and last.learned == lessons.fingerprint and _stands(last, running):
        return Trained("known", (_nothing_new(last.number),), last.number, last.id)
    language = triage_model.phrase_book()
    book = [p for p in language.phrases if not held_apart(text=p.text, one_in=_BOOK_APART)]
    book_out = [p for p in language.phrases if held_apart(text=p.text, one_in=_BOOK_APART)]
    taught = [_phrase(lesson) for lesson in lessons.train]
    shipped = learning.shipped_score(phrases=phrases)
    say(1, "shipped")
    if shipped is None:
        bare = train(language=language, phrases=book)
        shipped = _measure(language, bare, book_out).as_json()
    say(2, "probe")
    probe = train(language=language, phrases=[*book, *taught])
    book_new = _measure(language, probe, book_out)
    say(3, "model")
    model = train(language=language, phrases=[*language.phrases, *taught])
    say(4, "compare")
    apart = [_phrase(lesson) for lesson in lessons.held_out]
    before = learned_model.fetch(artefact=running.artefact) if running else triage_model.ready()[1]
    new, old = _measure(language, model, apart), _measure(language, before, apart)
    book_old = Measure.from_json(data=running.scores["book"] if running else shipped)
    choice = choose(
        candidate=new, running=old, book_candidate=book_new, book_running=book_old, policy=policy
    )
    scores = {
        "held_out": new.as_json(),
        "held_out_before": old.as_json(),
        "book": book_new.as_json(),
        "book_before": book_old.as_json(),
        "book_shipped": shipped,
    }
    because = (*choice.because, *lessons.because)
    id, number = versions.add(
        now=now,
        by=by,
        built=versions.Built(
            phrases=phrases,
            learned=lessons.fingerprint,
            corrections=lessons.total,
            held_out=len(lessons.held_out),
            scores=scores,
            better=choice.better,
            because=because,
            artefact=learned_model.keep(model=model),
            before=running.id if running else None,
        ),
    )
    return Trained("candidate" if choice.better else "refused", because, number, id, scores)


def take(*, id: UUID, now: datetime, by: int | None) -> None:
    """Let a candidate run. Raises CannotChangeVersion where it is none, or not compared with what
    runs now."""
    versions.take(id=id, now=now, by=by)
    learned_model.look_again()


def undo(*, now: datetime, by: int | None) -> None:
    """Take the running version back. Raises CannotChangeVersion when none is running."""
    versions.undo(now=now, by=by)
    learned_model.look_again()


def _stands(last: learning.Version, running: learning.Version | None) -> bool:
    """Tell whether the last version was compared with what runs now, or runs itself."""
    if running is not None and last.id == running.id:
        return True
    return last.state != "retired" and last.before == (running.id if running else None)


def _phrase(lesson: Lesson) -> Phrase:
    return Phrase(
        text=lesson.text, category=lesson.category, urgency=lesson.urgency, complaint=True
    )


def _measure(language: LanguagePack, model: TriageModel, phrases: Sequence[Phrase]) -> Measure:
    found = triage_batch(texts=[p.text for p in phrases], model=model, language=language)
    report = score(
        judged=[
            Judged(
                id=str(place),
                category=said.category,
                urgency=said.urgency,
                confidence=said.confidence,
                true_category=phrase.category,
                true_urgency=phrase.urgency,
            )
            for place, (phrase, said) in enumerate(zip(phrases, found, strict=True))
        ]
    )
    assert report.urgency is not None
    return Measure(report.category.macro_f1, report.urgency.macro_f1, len(phrases))


def _nothing_new(number: int) -> Reason:
    return Reason(
        rule="learning.nothing_new",
        zh=f"第 {number} 版之后没有新的更正",
        en=f"no new corrections since version {number}",
        words=(str(number),),
    )
