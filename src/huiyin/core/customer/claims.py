"""Where a writer fills in himself who he is: what he says of himself there is only a claim."""

from __future__ import annotations

from typing import Final

OWN_FORMS: Final = frozenset({"portal", "chat"})
"""Channels on which anybody fills in the fields himself."""
