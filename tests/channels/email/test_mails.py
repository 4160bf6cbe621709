"""Every captured mail beside its expected reading; ``mails/NAME.eml`` and ``mails/NAME.json``."""

from __future__ import annotations

import json

import pytest

from huiyin.channels.email.read import external_id
from letters import MAILS, NAMES, reading


def test_there_are_mails() -> None:
    assert len(NAMES) > 80
    assert sorted(path.stem for path in MAILS.glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_read_as_expected(name: str) -> None:
    raw = (MAILS / f"{name}.eml").read_bytes()
    expected = json.loads((MAILS / f"{name}.json").read_text(encoding="utf-8"))
    assert reading(raw) == expected
    with_dos_lines = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if "cannot_read" not in expected and b"\r" not in raw:
        again = reading(with_dos_lines)
        for part in ("auto", "sender", "subject", "text", "quoted", "references", "number"):
            assert again.get(part) == expected.get(part), part


@pytest.mark.parametrize("name", NAMES)
def test_a_second_delivery_has_the_same_id(name: str) -> None:
    raw = (MAILS / f"{name}.eml").read_bytes()
    if not raw.startswith((b"From ", b"\x00")):
        relayed = b"Received: from mx2 by mx1; Tue, 3 Nov 2026 10:20:00 +0800\n" + raw
        assert external_id(raw=relayed) == external_id(raw=raw)
    if b"\r" not in raw:
        assert external_id(raw=raw.replace(b"\n", b"\r\n")) == external_id(raw=raw)


def test_all_mails_have_ids_of_their_own() -> None:
    ids = {external_id(raw=(MAILS / f"{name}.eml").read_bytes()) for name in NAMES}
    assert len(ids) == len(NAMES)
