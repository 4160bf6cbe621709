"""What a process remembers of its database for some seconds, so that it need not ask again.

A test must not see what an earlier one left there, and must not depend on whether those seconds
have passed: how many statements it takes would be another number on a slow machine.
"""

from __future__ import annotations

import math

from huiyin.store import learned_model, past
from huiyin.store.read import accounts, actors, office, pairing


def start_afresh() -> None:
    """Remember nothing, and what is asked for from now on for as long as the test runs."""
    office.forget()
    accounts.forget()
    pairing.forget()
    learned_model.look_again()
    learned_model.with_artefact.cache_clear()
    past._sampled.clear()
    actors._names.clear()
    office._KEPT_SECONDS = math.inf
    accounts.FRESH = math.inf
    pairing._KEPT_SECONDS = math.inf
    learned_model.LOOK_AGAIN = math.inf
    past._SAMPLE_SECONDS = math.inf
    actors.KEPT = math.inf
