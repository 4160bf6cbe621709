"""The board shows who bore what, by party and by month, and how rulings came about."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from company import PASSWORD, START, World, complaint, found
from huiyin.flows import fine, investigate, journey, liability, settle
from huiyin.store import models
from huiyin.store.ledger import parties, people
from huiyin.store.read import board, liability_board, office
from huiyin.store.read.viewer import viewer_of

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def test_figures_by_party_and_month(db: None) -> None:
    found(now=START)
    world = World()
    for code, name in (("w-north", "城北网点"), ("w-south", "城南网点")):
        parties.keep_party(now=START, code=code, kind="outlet", name=name, fresh=True)
    people.add_person(now=START, username="judge", name="王主管", role="supervisor",
                      password=PASSWORD, department="quality")  # fmt: skip
    case = complaint(world.post("portal", "包裹没送到就显示签收，运单SF1234567890123，要求赔偿",
                                sender="13812345678"))  # fmt: skip
    world.do("mgr", settle.propose, complaint_id=case.id, kind="goodwill", amount=5_000, facts={},
             reason="按规则核算")  # fmt: skip
    world.do("mgr", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="false_sign")  # fmt: skip

    def figures(days: int) -> dict[str, tuple[tuple[str, ...], list[list[float | None]]]]:
        found_ = liability_board.series(
            playbook=office.current_playbook(), since=START - timedelta(days=1),
            until=START + timedelta(days=days), zone=ZONE,
        )  # fmt: skip
        return {s.code: (s.labels, [list(values) for _name, values in s.rows]) for s in found_}

    assert figures(60) == {}, "what nobody was found liable for is not drawn"
    world.do(
        "mgr", liability.claim, complaint_id=case.id,
        named={"origin": "w-north", "delivering": "w-south"},
        facts={"outer_pack": "broken", "inner_goods": "broken"},
    )  # fmt: skip
    world.do("judge", fine.impose, complaint_id=case.id, party="w-north", rule="fine-false-sign",
             amount=8_000, words="监控可查")  # fmt: skip
    for days in (4, 30):
        world.later(days=days)
        with journey.writing(now=world.now, actor="system") as pen:
            liability.expire_due(pen=pen, limit=10)
            fine.expire_due(pen=pen, limit=10)
    got = figures(60)
    assert got["liability"] == (("城北网点", "城南网点"), [[0.0, 50.0], [80.0, 0.0]])
    assert got["liability_month"] == (("2026-11", "2026-12"), [[0.0, 50.0], [80.0, 0.0]])
    labels, rows = got["liability_rulings"]
    assert set(labels) == {"城北网点", "城南网点"}
    assert rows == [[1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
    assert figures(2) == {}
    south = models.LiabilityMember.objects.get(party="w-south")
    models.LiabilityMember.objects.update(first=south.ruled + 1)
    assert figures(60)["liability_rulings"][1][2:] == [[0.0, 0.0], [0.0, 0.0]]
    models.LiabilityMember.objects.filter(party="w-south").update(appealed=True)
    appealed, changed = figures(60)["liability_rulings"][1][2:]
    assert appealed == changed and sum(filter(None, changed)) == 1.0
    page = board.board(viewer=viewer_of(user=models.User.objects.get(username="mgr")),
                       period="60", now=START + timedelta(days=50))  # fmt: skip
    content, count = board.workbook(page=page)
    assert content[:2] == b"PK"
    assert {"liability", "liability_month", "liability_rulings"} <= {s.code for s in page.series}
    assert count > 0
