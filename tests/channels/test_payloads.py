"""Payloads built by the providers' documentation, and what is read from each."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from huiyin.channels import registry
from huiyin.channels.inbound import Inbound

HERE = Path(__file__).parent
CODES = ("douyin", "social", "wechat", "wecom_kf")
PAYLOADS = sorted(
    path
    for code in CODES
    for path in (HERE / code).iterdir()
    if not path.name.endswith(".expected.json")
)


def said(inbound: Inbound) -> dict[str, Any]:
    """Return what a contact holds, without what is empty."""
    plain = {
        name: getattr(inbound, name)
        for name in (
            "channel", "external_id", "sender", "sender_name", "text", "thread", "waybill",
            "phone", "category", "branch",
        )
    }  # fmt: skip
    plain["at"] = inbound.at.astimezone(UTC).isoformat() if inbound.at else ""
    plain["files"] = [[f.name, f.content_type, f.remote] for f in inbound.attachments]
    return {name: value for name, value in plain.items() if value}


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_payload_is_read_as_expected(path: Path) -> None:
    channel = registry.channels()[path.parent.name]
    assert channel.read is not None
    wanted = json.loads((path.parent / f"{path.stem}.expected.json").read_text("utf-8"))
    assert said(channel.read(path.read_bytes())) == wanted
