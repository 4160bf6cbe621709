"""``huiyin remedy``: what is owed for the facts of a claim, step by step."""

from __future__ import annotations

from typing import Any

import click

from huiyin.core.remedy import compensate, read_facts, unknown_names
from huiyin.doors.cli.jsonl import run_lines


def _handle(data: dict[str, Any]) -> dict[str, Any]:
    facts, policy = read_facts(data=data)
    owed = compensate(facts=facts, policy=policy)
    answer: dict[str, Any] = {
        "id": data.get("id"),
        "compensation": owed.compensation,
        "fee_refund": owed.fee_refund,
        "total": owed.total,
        "steps": [
            {"rule": s.rule, "zh": s.zh, "en": s.en, "amount": s.amount, "basis": s.basis}
            for s in owed.steps
        ],
        "cap_applied": owed.cap_applied,
        "treated_as": owed.treated_as,
        "needs_review": owed.needs_review,
    }
    ignored = unknown_names(data=data)
    if ignored:
        answer["ignored"] = list(ignored)
    return answer


@click.command("remedy")
@click.argument("file", default="-")
def command(file: str) -> None:
    """Compute compensation: facts and "policy" a line, money in 分."""
    run_lines(source=file, handle=_handle)
