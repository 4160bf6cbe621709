"""Ordered rules: the first whose condition holds decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huiyin.core.triage.language import Rule


def decide(*, rules: Sequence[Rule], facts: Mapping[str, Any]) -> Rule | None:
    """Return the first rule whose ``when`` is true of the facts, or None.

    Raises ValueError when a condition cannot be evaluated on these facts.
    """
    known = dict(facts)
    for rule in rules:
        try:
            if rule.program.execute(known) is True:
                return rule
        except (RuntimeError, TypeError) as error:
            raise ValueError(f"rule {rule.id}: {error}") from error
    return None
