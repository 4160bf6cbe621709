"""Ordered rules: the first whose condition holds decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huiyin.core.triage.language import Rule


_MOST_ANSWERS = 50_000


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
    """Rules that remember their answers: facts that no rule asks for make no difference.

    The memory holds a bounded number of answers; when it is full it begins anew.
    """

    __slots__ = ("_asked", "_known", "_named", "_rules")

    def __init__(self, *, rules: Sequence[Rule]) -> None:
        """Prepare for one list of rules."""
        self._asked = sorted(frozenset().union(*(rule.asks for rule in rules)) - {"signals"})
        named = [frozenset(rule.signals) for rule in rules if "signals" in rule.asks]
        # a rule that names no signal may count them: then all of them make a difference
        self._named = frozenset().union(*named) if all(named) else None
        self._known: dict[Any, Rule | None] = {}
        self._rules = [
            (rule, sorted(rule.asks - {"signals"}), frozenset(rule.signals), dict[Any, bool]())
            for rule in rules
        ]

    def by(self, *, facts: Mapping[str, Any]) -> Rule | None:
        """As :func:`decide`."""
        signals, named, known = facts["signals"], self._named, self._known
        if named is not None:
            signals = [name for name in signals if name in named]
        key = (tuple(signals), *[_fixed(facts[name]) for name in self._asked])
        if key not in known:
            if len(known) >= _MOST_ANSWERS:
                known.clear()
            known[key] = self._first(signals, facts)
        return known[key]

    def _first(self, signals: Sequence[str], facts: Mapping[str, Any]) -> Rule | None:
        for rule, asked, named, known in self._rules:
            told = [s for s in signals if s in named] if self._named is not None else signals
            key = (tuple(told), *(_fixed(facts[name]) for name in asked))
            if key not in known:
                if len(known) >= _MOST_ANSWERS:
                    known.clear()
                known[key] = decide(rules=(rule,), facts={**facts, "signals": told}) is rule
            if known[key]:
                return rule
        return None


def _fixed(value: Any) -> Any:
    return tuple(value) if type(value) is list else value
