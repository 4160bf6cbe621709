"""Builds the triage model from the shipped phrase book once and keeps it in a cache file."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from huiyin.core.triage import (
    CannotReadModel,
    LanguagePack,
    TriageModel,
    load_language,
    train,
)

CODE_VERSION = "5"
"""Raised whenever features or training change, so that cached models are built anew."""


_OURS = ("triage_", "signals_")


@dataclass(frozen=True, slots=True)
class Ready:
    """A language pack with the model trained on its phrases. ``built`` says it was not cached."""

    model: TriageModel
    language: LanguagePack
    built: bool


def language_files(*, name: str = "zh") -> dict[str, str]:
    """Return the shipped files of a language pack by name: words and rules, then phrases."""
    folder = resources.files("huiyin.playbooks").joinpath("language")
    out: dict[str, str] = {}
    for part in (folder, folder.joinpath("phrases")):
        for entry in part.iterdir():
            ours = part is not folder or entry.name.startswith(_OURS)
            if ours and entry.name.endswith(".yaml"):
                name = entry.name if part is folder else f"phrases/{entry.name}"
                out[name] = entry.read_text(encoding="utf-8")
    return dict(sorted(out.items()))


def cache_folder(*, data: Path | None = None) -> Path:
    """Return where models are kept: ``models`` below the data folder, else the user's cache."""
    if data is None and os.environ.get("HUIYIN_DATA"):
        data = Path(os.environ["HUIYIN_DATA"])
    if data is not None:
        return data / "models"
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "huiyin" / "models"


def open_triage(*, data: Path | None = None) -> Ready:
    """Load the shipped language pack and its model, building the model where it is not cached.

    An unreadable cache file is built anew; where the cache cannot be written the model serves
    from memory. Raises CannotLoadLanguage when the shipped pack is broken.
    """
    files = language_files()
    path = cache_folder(data=data) / f"triage-{_key(files)}.npz"
    rules = {k: v for k, v in files.items() if not k.startswith("phrases")}
    model = _read(path)
    if model is not None:
        return Ready(model=model, language=load_language(files=rules, tried=True), built=False)
    language = load_language(files=files)
    model = train(language=language)
    _write(path, model)
    return Ready(model=model, language=language, built=True)


def phrase_book() -> LanguagePack:
    """Return the shipped language pack with its example sentences, to train on.

    Raises CannotLoadLanguage when the shipped pack is broken.
    """
    return load_language(files=language_files(), tried=True)


@functools.cache
def phrases_key() -> str:
    """Return a hash over the shipped language files and the training code."""
    return _key(language_files())


@functools.cache
def ready() -> tuple[LanguagePack, TriageModel]:
    """Return language pack and model of this process, opened at the first call."""
    opened = open_triage()
    return opened.language, opened.model


def _key(files: Mapping[str, str]) -> str:
    digest = hashlib.sha256(CODE_VERSION.encode())
    for name, text in sorted(files.items()):
        digest.update(f"\0{name}\0{text}".encode())
    return digest.hexdigest()[:20]


def _read(path: Path) -> TriageModel | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return TriageModel.from_arrays(arrays=dict(arrays))
    except (OSError, ValueError, zipfile.BadZipFile, CannotReadModel):
        return None


def _write(path: Path, model: TriageModel) -> None:
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
            temporary = file.name
            np.savez(file, allow_pickle=False, **model.as_arrays())
        os.replace(temporary, path)
    except OSError:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
