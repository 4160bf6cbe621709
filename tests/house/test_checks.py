"""The framework finds nothing to warn of."""

from __future__ import annotations

from django.core.checks import run_checks


def test_nothing_to_warn_of() -> None:
    assert [str(found) for found in run_checks() if not found.is_silenced()] == []
