"""A playbook is changed by a draft: saved by turns, approved by another, in force on its day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from company import LOST, PASSWORD, START, World, actor, clock, complaint, kinds
from huiyin.core.playbook.draft import CannotChangeDraft
from huiyin.flows import amend, journey
from huiyin.store import models
from huiyin.store.ledger import people
from huiyin.store.ledger.drafts import CannotSaveDraft
from huiyin.store.read import drafts, office


@pytest.fixture
def owners(world: World) -> World:
    for username, name in (("owner", "流程小林"), ("second", "流程小何")):
        people.add_person(
            now=START, username=username, name=name, role="process_owner", password=PASSWORD
        )
    return world


def begun() -> Any:
    return amend.begin(now=START, actor=actor("owner"))


def shorter(id: Any) -> str:
    text = drafts.text(id=id)
    assert text.count("normal: PT4H, high: PT2H") == 1
    return text.replace("normal: PT4H, high: PT2H", "normal: PT3H, high: PT2H")


def saved(id: Any, who: str = "owner", seen: int = 1) -> int:
    return amend.save(now=START, actor=actor(who), id=id, seen=seen, text=shorter(id))


def do(id: Any, who: str, act: Any, **how: Any) -> str:
    return amend.do(now=how.pop("now", START), actor=actor(who), id=id, act=act, **how)


def test_a_draft_comes_into_force_when_somebody_else_approves(owners: World) -> None:
    old = complaint(owners.post("portal", LOST, sender="13812345678"))
    id = begun()
    saved(id)
    assert do(id, "owner", "submit") == "submitted"
    for author in ("owner",):
        with pytest.raises(CannotChangeDraft, match="nobody approves"):
            do(id, author, "approve")
    assert do(id, "mgr", "approve", words="同意") == "in_force"
    new = complaint(owners.post("portal", "派件员态度恶劣还骂人", sender="13900001111"))
    assert new.playbook_version != old.playbook_version
    row = models.PlaybookDraft.objects.get()
    assert [h["what"] for h in row.history] == ["begin", "save", "submit", "approve", "take_effect"]
    assert row.history[3]["by"] == actor("mgr").id
    assert office.playbook(version_id=new.playbook_version).version == "2026.11.1"


def test_two_who_write_at_once_do_not_overwrite_each_other(owners: World) -> None:
    id = begun()
    assert saved(id) == 2
    with pytest.raises(CannotSaveDraft, match="流程小林"):
        amend.save(now=START, actor=actor("second"), id=id, seen=1, text="key: other")
    assert "normal: PT3H" in drafts.text(id=id)
    assert amend.save(now=START, actor=actor("second"), id=id, seen=2, text=shorter_again(id)) == 3
    do(id, "owner", "submit")
    with pytest.raises(CannotChangeDraft, match="nobody approves"):
        do(id, "second", "approve")


def shorter_again(id: Any) -> str:
    return drafts.text(id=id).replace("normal: PT3H, high: PT2H", "normal: PT2H, high: PT2H")


def test_what_is_unsound_is_kept_but_not_submitted(owners: World) -> None:
    id = begun()
    amend.save(now=START, actor=actor("owner"), id=id, seen=1, text="\tkey: [broken")
    assert drafts.text(id=id) == "\tkey: [broken"
    with pytest.raises(CannotChangeDraft, match="problems"):
        do(id, "owner", "submit")
    with pytest.raises(CannotChangeDraft):
        amend.save(now=START, actor=actor("owner"), id=id, seen=2, text="x" * 1_200_001)


def test_it_waits_for_its_day(owners: World) -> None:
    id = begun()
    saved(id)
    do(id, "owner", "submit")
    day = START + timedelta(days=2)
    assert do(id, "mgr", "approve", effective_at=day) == "approved"
    before = office.company().playbook.version_id
    assert amend.take_effect(now=START + timedelta(days=1)) == 0
    assert amend.take_effect(now=day) == 1
    assert office.company().playbook.version_id != before


def test_a_draft_on_an_old_version_is_put_on_the_new_one_first(owners: World) -> None:
    one, other = begun(), begun()
    saved(one)
    do(one, "owner", "submit")
    do(one, "mgr", "approve")
    amend.save(now=START, actor=actor("second"), id=other, seen=1, text=shorter_again_from(other))
    with pytest.raises(CannotChangeDraft, match="another version"):
        do(other, "second", "submit")
    do(other, "second", "rebase")
    assert do(other, "second", "submit") == "submitted"
    assert do(other, "admin", "approve") == "in_force"
    assert models.PlaybookDraft.objects.get(id=one).state == "replaced"


def shorter_again_from(id: Any) -> str:
    text = drafts.text(id=id)
    return text.replace("normal: PT4H, high: PT2H", "normal: PT2H, high: PT2H")


def test_open_complaints_stay_unless_moved_on_purpose(owners: World) -> None:
    case = complaint(owners.post("portal", "快递延误三天了还没到，单号SF1234567890123"))
    models.Complaint.objects.filter(id=case.id).update(urgency="normal", urgency_rank=1)
    case.refresh_from_db()
    first = clock(case, "first_reply")
    id = begun()
    saved(id)
    do(id, "owner", "submit")
    do(id, "mgr", "approve")
    to = office.company().playbook.version_id
    case.refresh_from_db()
    assert case.playbook_version != to
    with pytest.raises(CannotChangeDraft, match="say why"):
        move(owners, case, to, " ")
    assert move(owners, case, to, "新时限更合适") == 1
    case.refresh_from_db()
    assert case.playbook_version == to
    assert kinds(case)[-1] == "PlaybookChanged"
    after = clock(case, "first_reply")
    assert after.id == first.id
    assert (first.duration, after.duration) == ("PT4H", "PT3H")
    assert move(owners, case, to, "再来一次") == 0


def move(world: World, case: models.Complaint, to: str, reason: str) -> int:
    me = actor("owner")
    with journey.writing(now=world.now, actor=f"user:{me.id}") as pen:
        return amend.carry_over(pen=pen, actor=me, complaint_ids=[case.id], to=to, reason=reason)


@pytest.mark.parametrize("who", ["agent", "ops", "boss", "mgr"])
def test_only_process_owners_write(owners: World, who: str) -> None:
    with pytest.raises(PermissionError):
        amend.begin(now=START, actor=actor(who))
    id = begun()
    with pytest.raises(PermissionError):
        saved(id, who)
    if who != "mgr":
        saved(id)
        do(id, "owner", "submit")
        with pytest.raises(PermissionError):
            do(id, who, "approve")
