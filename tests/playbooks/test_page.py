"""The page for process owners names everything that they may write."""

from __future__ import annotations

from pathlib import Path

import pytest

from huiyin.core.playbook.facts import FACTS
from huiyin.core.playbook.names import EVENTS, PLACEHOLDERS, REMEDY_KINDS
from huiyin.core.playbook.schema import Playbook

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "playbooks.md").read_text(encoding="utf-8")
HEAD = {
    "key",
    "version",
    "version_id",
    "name",
    "about",
    "company",
    "hotline",
    "timezone",
    "language",
}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("fact", [f"| `{fact}` |" for fact in FACTS]),
        ("event", [f"`{event}`" for event in EVENTS]),
        ("placeholder", [f"`{{{name}}}`" for name in PLACEHOLDERS]),
        ("remedy", [f"`{kind}`" for kind in REMEDY_KINDS]),
        ("key", [f"`{key}`" for key in set(Playbook.model_fields) - HEAD]),
    ],
)
def test_everything_is_documented(kind: str, words: list[str]) -> None:
    assert [word for word in sorted(words) if word not in PAGE] == [], kind


def test_every_fact_has_its_type_and_values_on_the_page() -> None:
    table = PAGE.split("### 能用的事实")[1].split("## ")[0]
    lines = {line.split("`")[1]: line for line in table.splitlines() if line.startswith("| `")}
    for fact in FACTS.values():
        assert fact.zh in lines[fact.name]
        assert all(f"`{value}`" in lines[fact.name] for value in fact.values)
