"""Checks the text of a playbook as this installation would take it: with its language's signals."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from huiyin.core.playbook import CannotLoadPlaybook, Playbook, Problem, load_playbook
from huiyin.core.playbook.source import read_document
from huiyin.core.triage import load_language
from huiyin.store.triage_model import language_files


@lru_cache(maxsize=1)
def known_signals() -> frozenset[str]:
    """Return the signals that the shipped language pack finds."""
    files = {k: v for k, v in language_files().items() if not k.startswith("phrases")}
    return frozenset(signal.id for signal in load_language(files=files).signals)


@lru_cache(maxsize=8)
def data_of(text: str) -> Any:
    """Return the data of a text, kept by text: a page reads them and changes nothing in them.

    Raises CannotReadYaml.
    """
    return read_document(text=text).data


@lru_cache(maxsize=32)
def checked(text: str) -> tuple[Playbook | None, tuple[Problem, ...]]:
    """Return the playbook with no problems, or None with all of them. Kept by text."""
    try:
        return load_playbook(text=text, language_signals=known_signals()), ()
    except CannotLoadPlaybook as error:
        return None, error.problems
