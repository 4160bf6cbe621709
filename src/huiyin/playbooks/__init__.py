"""Data: the shipped rules, procedures, calendars, scripts, remedies and surveys."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def shipped() -> tuple[str, ...]:
    """Return the names of the playbooks that come with Huiyin."""
    return tuple(sorted(p.stem for p in _FOLDER.glob("*.yaml")))


def text(*, name: str) -> str:
    """Return the text of a shipped playbook. Raises KeyError for an unknown name."""
    if name not in shipped():
        raise KeyError(name)
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def articles() -> tuple[tuple[str, str], ...]:
    """Return (name, text) of the shipped articles of the knowledge base."""
    files = sorted((_FOLDER / "articles").glob("*.yaml"))
    return tuple((p.stem, p.read_text(encoding="utf-8")) for p in files)
