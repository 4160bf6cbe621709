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


class Decided:
    """Rules that remember their answers: what a rule does not ask for makes it no difference."""

    __slots__ = ("_rules",)

    def __init__(self, *, rules: Sequence[Rule]) -> None:
        """Prepare for one list of rules, for as long as one batch takes."""
        self._rules = [
            (
                rule,
                sorted(rule.asks - {"signals"}),
                frozenset(rule.signals) if "signals" in rule.asks else None,
                dict[Any, bool](),
            )
            for rule in rules
        ]

    def by(self, *, facts: Mapping[str, Any]) -> Rule | None:
        """As :func:`decide`."""
        signals = facts["signals"]
        for rule, asked, named, known in self._rules:
            # a rule that names none may count them: then it is told all
            told = [s for s in signals if s in named] if named else signals
            key = (tuple(told) if named is not None else (), *(_fixed(facts[n]) for n in asked))
            if key not in known:
                known[key] = decide(rules=(rule,), facts={**facts, "signals": told}) is rule
            if known[key]:
                return rule
        return None


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
