"""``huiyin remedy``: JSON lines in and out."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner

from huiyin.doors.cli.remedy import command

POLICY = {
    "uninsured_cap": {"kind": "multiple", "retail": 7, "monthly": 9},
    "no_proof_multiple": 3,
    "refund_fee_on_loss": True,
}


def run(*lines: Any) -> list[dict[str, Any]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    result = CliRunner().invoke(command, ["-"], input=text)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_line_of_facts_gives_a_line_of_money() -> None:
    [out] = run({"id": "a", "kind": "loss", "fee": 2000, "real_value": 600000, "policy": POLICY})
    wanted = {
        "id": "a", "compensation": 14000, "fee_refund": 2000, "total": 16000,
        "cap_applied": "multiple", "treated_as": "loss",
    }  # fmt: skip
    assert wanted.items() <= out.items()
    assert [s["amount"] for s in out["steps"]] == [600000, 14000, 2000]
    assert all({"rule", "zh", "en", "amount", "basis"} <= s.keys() for s in out["steps"])


def test_every_fact_by_its_name_is_known() -> None:
    [out] = run(
        {
            "id": 7, "kind": "delay", "fee": 1200, "premium": 100, "insured_amount": None,
            "real_value": 78000, "value_proven": True, "loss_ratio": None, "route": "city",
            "promised_at": "2026-11-01T18:00:00+08:00", "now": "2026-11-05T18:00:00+08:00",
            "account": "retail", "gross_negligence": False, "terms_shown": True,
            "cause": "carrier", "salvage": 0, "policy": POLICY,
        }
    )  # fmt: skip
    assert (out["treated_as"], out["total"]) == ("loss", 8400 + 1200)
    assert "ignored" not in out


def test_unknown_names_are_told_and_change_nothing() -> None:
    [out] = run({"id": 1, "kind": "attitude", "colour": "red", "policy": POLICY})
    assert (out["total"], out["ignored"]) == (0, ["colour"])


def test_a_bad_line_becomes_an_error_and_the_rest_goes_on() -> None:
    out = run(
        "not json",
        {"id": "b", "kind": "loss", "fee": -1},
        {"id": "c", "kind": "loss", "policy": POLICY},
        [],
        {"id": "d", "kind": "attitude"},
    )
    assert [row["id"] for row in out] == [None, "b", "c", None, "d"]
    assert [bool(row.get("error")) for row in out] == [True, True, True, True, False]
    assert "fee" in out[1]["error"]
    assert "fee" in out[2]["error"]
