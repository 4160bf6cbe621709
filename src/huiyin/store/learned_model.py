"""The triage model in force: the running version, or the one as shipped where there is none."""

from __future__ import annotations

import functools
import io
import logging
import threading
import time
import zipfile
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from huiyin.core.triage import CannotReadModel, LanguagePack, TriageModel
from huiyin.store import files, models, triage_model

log = logging.getLogger(__name__)

LOOK_AGAIN = 10.0
"""Seconds after which a process asks again which version is running."""


@dataclass(slots=True)
class _Held:
    """What this process has loaded; ``looked`` is a monotonic time, or None before the first."""

    version: UUID | None = None
    artefact: str = ""
    model: TriageModel | None = None
    looked: float | None = None


_held = _Held()
_lock = threading.Lock()


def keep(*, model: TriageModel) -> str:
    """Keep a model's weights as a file; returns its SHA-256."""
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **model.as_arrays())
    return files.keep(content=content.getvalue())


def fetch(*, artefact: str) -> TriageModel:
    """Read a kept model. Raises CannotFindFile, CannotReadModel."""
    try:
        with np.load(io.BytesIO(files.fetch(sha256=artefact)), allow_pickle=False) as arrays:
            return TriageModel.from_arrays(arrays=dict(arrays))
    except (ValueError, zipfile.BadZipFile) as error:
        raise CannotReadModel(f"{artefact} is not a triage model: {error}") from error


def in_force() -> tuple[LanguagePack, TriageModel]:
    """Return language pack and model to sort with; asks at most every ten seconds whether the
    running version has changed.

    A version that was trained on other examples than the shipped ones, or whose file cannot be
    read, gives way to the model as shipped.
    """
    language, shipped = triage_model.ready()
    artefact_in_force()
    with _lock:
        return language, _held.model or shipped


def artefact_in_force() -> str:
    """Return the file of the model to sort with, empty for the model as shipped."""
    with _lock:
        if _held.looked is None or time.monotonic() - _held.looked >= LOOK_AGAIN:
            _look()
            _held.looked = time.monotonic()
        return _held.artefact


@functools.lru_cache(maxsize=2)
def with_artefact(*, artefact: str) -> tuple[LanguagePack, TriageModel]:
    """Return language pack and model by :func:`artefact_in_force`, without asking the database.

    Raises CannotFindFile, CannotReadModel.
    """
    language, shipped = triage_model.ready()
    return language, fetch(artefact=artefact) if artefact else shipped


def look_again() -> None:
    """Let the next call ask at once: this process has changed the running version."""
    with _lock:
        _held.looked = None


def _look() -> None:
    row = (
        models.ModelVersion.objects.filter(state="running", phrases=triage_model.phrases_key())
        .values_list("id", "artefact")
        .first()
    )
    if row is None:
        _held.version, _held.artefact, _held.model = None, "", None
        return
    version, artefact = row
    if version == _held.version:
        return
    _held.version, _held.artefact, _held.model = None, "", None
    try:
        _held.model = fetch(artefact=artefact)
        _held.version, _held.artefact = version, artefact
    except (OSError, CannotReadModel):
        log.exception("the running model %s cannot be read, sorting as shipped", version)
