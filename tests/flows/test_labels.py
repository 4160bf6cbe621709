"""Nothing on a page is a bare code."""

from __future__ import annotations

from huiyin import playbooks
from huiyin.core.playbook import load_playbook
from huiyin.store.read import labels


def test_the_queue_names_every_clock() -> None:
    playbook = load_playbook(text=playbooks.text(name="express-default"))
    for rule in ("law_7d", "first_reply", "promise", "promise_deed"):
        name = labels.clock(playbook, rule)
        assert name != rule
        assert not name.isascii()


def test_a_channel_is_known_by_code_and_by_name() -> None:
    assert [labels.channel_code(said=w) for w in ("phone", " 电话 ", "Phone", "传真", "")] == [
        "phone", "phone", "phone", "", "",
    ]  # fmt: skip
