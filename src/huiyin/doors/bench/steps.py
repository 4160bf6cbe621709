"""How many complaints find their place in the procedure in a second on one core."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.core.playbook.steps import Plan, decide, decide_afresh, plan_of

_SIGNED = ("person", "proxy", "locker", "station", "unknown", None)
_VERDICTS = ("upheld", "partly_upheld", "not_upheld", None)


def _cases(rows: int) -> list[tuple[Plan, dict[str, Any], frozenset[str]]]:
    """Return complaints of both shipped playbooks at every stage, with facts known and unknown."""
    rng = random.Random(11)
    plans = [
        plan_of(playbook=playbook, category=category.code, branch="complaint")
        for name in playbooks.shipped()
        for playbook in (load_playbook(text=playbooks.text(name=name), adopted=True),)
        for category in playbook.categories
    ]
    out = []
    for _row in range(rows):
        plan = rng.choice(plans)
        steps = [step.id for step, _condition, _before in plan.rows]
        facts = {
            "has_waybill": rng.random() < 0.8,
            "no_scan_hours": rng.choice((None, rng.randrange(200))),
            "signed_by": rng.choice(_SIGNED),
            "verdict": rng.choice(_VERDICTS),
        }
        out.append((plan, facts, frozenset(steps[: rng.randrange(len(steps))])))
    return out


def _rate(*, steps: int, work: Callable[[], object]) -> float:
    """Return steps a second of processor time, the median of five rounds."""
    busy = []
    for _round in range(5):
        began = time.process_time()
        work()
        busy.append(steps / (time.process_time() - began))
    return statistics.median(busy)


def bench_steps(*, rows: int) -> dict[str, Any]:
    """Decide where every step of ``rows`` complaints stands.

    ``per_second`` counts single steps, each decided afresh; ``procedures_per_second`` whole
    complaints; ``kept_per_second`` whole complaints where equal ones are looked up, as it runs.
    """
    cases = _cases(rows)
    steps = sum(len(plan.rows) for plan, _facts, _done in cases)

    def afresh() -> object:
        return [decide_afresh(plan=p, facts=f, done=d) for p, f, d in cases]

    def kept() -> object:
        return [decide(plan=p, facts=f, done=d) for p, f, d in cases]

    single = _rate(steps=steps, work=afresh)
    return {
        "bench": "steps",
        "rows": rows,
        "steps": steps,
        "per_second": round(single),
        "procedures_per_second": round(single * rows / steps),
        "kept_per_second": round(_rate(steps=rows, work=kept)),
    }
