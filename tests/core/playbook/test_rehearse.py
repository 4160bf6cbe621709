"""What a past complaint would have been under another version."""

from __future__ import annotations

from datetime import date

import pytest

from huiyin import playbooks
from huiyin.core.playbook import Playbook, load_playbook
from huiyin.core.playbook.edit import Edit, apply
from huiyin.core.playbook.rehearse import Past, differences, outcome
from huiyin.core.playbook.source import read_document

pytestmark = pytest.mark.thorough

TEXT = playbooks.text(name="express-default")
BEFORE = load_playbook(text=TEXT, adopted=True)
PAST = Past(
    facts={
        "category": "lost", "branch": "complaint", "urgency": "normal", "signals": [],
        "channel": "portal", "appealed": False, "reopened": 0, "rehandling": 0, "contacts": 1,
        "earlier_complaints": 0, "grounds": [], "also": [], "emotion": 0, "confidence": 0.9,
    },
    on=date(2026, 11, 3),
    granted=30000,
)  # fmt: skip


def changed(*edits: Edit) -> Playbook:
    return load_playbook(text=apply(text=TEXT, edits=edits), adopted=True)


def place(part: str, id: str) -> int:
    key = {"categories": "code", "authority": "role"}.get(part, "id")
    entries = read_document(text=TEXT).data[part]
    return next(n for n, e in enumerate(entries) if e[key] == id)


def test_the_same_version_changes_nothing() -> None:
    one = outcome(playbook=BEFORE, past=PAST)
    assert one.department == "claims"
    assert one.authority == "supervisor"
    assert {id for id, _length, _calendar in one.clocks} >= {"first_reply", "law_7d"}
    assert differences(before=one, after=outcome(playbook=BEFORE, past=PAST)) == ()


def test_every_kind_of_difference_is_found() -> None:
    draft = changed(
        Edit("set", ("categories", place("categories", "lost"), "department"), "operations"),
        Edit("set", ("authority", place("authority", "agent"), "per_case"), 30000),
        Edit("set", ("clocks", place("clocks", "first_reply"), "for", "normal"), "PT3H"),
        Edit("set", ("urgency", place("urgency", "appeal"), "when"), "category == 'lost'"),
        Edit("drop", ("steps", place("steps", "value"))),
    )
    found = {
        d.field: (d.before, d.after)
        for d in differences(
            before=outcome(playbook=BEFORE, past=PAST), after=outcome(playbook=draft, past=PAST)
        )
        if d.field != "clocks"
    }
    assert found == {
        "urgency": ("normal", "high"),
        "department": ("claims", "operations"),
        "authority": ("supervisor", "agent"),
        "steps": ("value", ""),
    }


def test_a_longer_clock_is_told_with_both_lengths() -> None:
    draft = changed(Edit("set", ("clocks", place("clocks", "contact_24h"), "for"), "PT48H"))
    (one,) = differences(
        before=outcome(playbook=BEFORE, past=PAST), after=outcome(playbook=draft, past=PAST)
    )
    assert (one.field, one.before, one.after) == (
        "clocks", "contact_24h PT24H always", "contact_24h PT48H always",
    )  # fmt: skip
