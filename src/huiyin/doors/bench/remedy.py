"""How many remedies are decided in a second on one core: the formula, alone and with its words."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from huiyin.core.remedy import Policy, RemedyFacts, compensate, read_facts

_KINDS = (
    "loss", "delay", "damage_partial", "shortage", "damage_total", "wrong_item", "overcharge",
    "attitude",
)  # fmt: skip
_PROMISED = datetime.fromisoformat("2026-11-01T18:00:00+08:00")
_CAPS = (
    {"kind": "multiple", "retail": 7, "monthly": 9},
    {"kind": "fixed", "amount": 50000},
    {"kind": "none"},
)


def _claim(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice(_KINDS)
    late = timedelta(hours=rng.randrange(1, 240))
    return {
        "kind": kind,
        "fee": rng.randrange(600, 3000),
        "insured_amount": rng.choice((None, None, rng.randrange(10000, 500000))),
        "real_value": rng.randrange(1000, 900000),
        "value_proven": rng.random() < 0.8,
        "loss_ratio": rng.randrange(1, 100) / 100 if kind in {"damage_partial", "shortage"} else 1,
        "promised_at": _PROMISED.isoformat(),
        "now": (_PROMISED + late).isoformat(),
        "route": rng.choice(("city", "domestic", "hkmt", "international")),
        "account": rng.choice(("retail", "monthly")),
        "gross_negligence": rng.random() < 0.05,
        "terms_shown": rng.random() < 0.95,
        "cause": rng.choices(("carrier", "nature", "force_majeure"), (9, 1, 1))[0],
        "salvage": rng.choice((0, 0, 500)),
        "overcharged": 300,
        "policy": {
            "uninsured_cap": rng.choice(_CAPS),
            "no_proof_multiple": 3,
            "refund_fee_on_loss": True,
        },
    }


def _rate(*, rows: int, work: Callable[[], object]) -> tuple[float, float]:
    """Return work items a second of processor time and of the clock, medians of five rounds."""
    busy, whole = [], []
    for _round in range(5):
        cpu, clock = time.process_time(), time.perf_counter()
        work()
        busy.append(rows / (time.process_time() - cpu))
        whole.append(rows / (time.perf_counter() - clock))
    return statistics.median(busy), statistics.median(whole)


def bench_remedy(*, rows: int) -> dict[str, Any]:
    """Decide ``rows`` claims of every kind: facts in hand, from JSON, and with words for staff.

    ``per_second`` counts seconds of processor time, which is what one core of its own does;
    ``per_second_by_the_clock`` suffers from whatever else runs on the machine.
    """
    rng = random.Random(7)
    claims = [_claim(rng) for _row in range(rows)]
    ready: list[tuple[RemedyFacts, Policy]] = [read_facts(data=c) for c in claims]

    def decide() -> object:
        return [compensate(facts=facts, policy=policy) for facts, policy in ready]

    def from_json() -> object:
        return [compensate(facts=f, policy=p) for f, p in (read_facts(data=c) for c in claims)]

    def with_words() -> object:
        return [
            [step.as_json() for step in compensate(facts=facts, policy=policy).steps]
            for facts, policy in ready
        ]

    busy, whole = _rate(rows=rows, work=decide)
    return {
        "bench": "remedy",
        "rows": rows,
        "per_second": round(busy),
        "per_second_by_the_clock": round(whole),
        "from_json_per_second": round(_rate(rows=rows, work=from_json)[0]),
        "with_words_per_second": round(_rate(rows=rows, work=with_words)[0]),
    }
