"""Evidence of the demo company, and its files on service attitude."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from huiyin.core.access import Actor
from huiyin.core.conduct import CannotHear
from huiyin.doors.desk.conduct_paper import printed
from huiyin.flows import gather, hear, journey
from huiyin.store.read import conduct, playing

_FOUND: dict[str, str] = {
    "demand": "客户要求尽快查清并给出说法，电话里复述过一遍，客户确认无误。",
    "identity": "来电号码与运单收件人一致。",
    "track": "轨迹完整，最后一条为派送网点到件扫描。",
    "promised": "承诺三日达，应于前天 18:00 前送到。",
    "stuck_at": "停在分拨待装车，已停留一天半。",
    "need_by": "客户最晚本周五要用。",
    "signature": "签收记录为驿站代收，取件码尚未使用。",
    "courier_statement": "派件员说明：下午四点左右放在驿站二号货架，没有打电话。",
    "call_record": "派件当天没有通话和短信记录。",
    "last_scan": "最后一次扫描为分拨装车，下一站没有到件扫描。",
    "content": "寄件时称重 1.2 公斤，一件。",
    "value_proof": "客户发来订单截图，实付 268 元。",
    "insured": "未保价，下单页有提示。",
    "photos": "外箱一角压瘪，内衬只有一层气泡膜，物品边缘开裂。",
    "pack_state": "外箱有破损，到件时已登记。",
    "loss_ratio": "不影响使用，外观受损约三成。",
    "who_when": "昨天下午三点，小区门口，派件员本人。",
    "said": "客户复述：派件员说“爱要不要”。",
    "price_list": "公示首重 12 元，续重 6 元每公斤。",
    "calls": "来电记录三次，均在用餐时段未接通。",
}
_CHARGES = ("派件时与收件人言语冲突，话说得重", "电话里语气生硬，没有听完就挂断")
_MEASURES = (("talk", "已当面谈话，提出要求"), ("warning", "两个月内第二次，按制度书面警告"))


class Proofs:
    """Plays what handlers gather and what becomes of complaints about a colleague's manner."""

    def __init__(self, *, actors: Mapping[int, Actor]) -> None:
        """Know who works here."""
        self.rng = random.Random(20261128)
        self.actors = actors
        self.accused = [a for a in actors.values() if a.role in {"agent", "handler"}]

    def gather(self, *, now: datetime, case: UUID, who: Actor) -> None:
        """Put what was found to most items, ask a department for one, waive what is not needed."""
        asked = False
        for item, of, required in playing.checklist(complaint_id=case):
            with journey.writing(now=now, actor=f"user:{who.id}") as pen:
                if item in _FOUND and self.rng.random() < 0.75:
                    gather.add(
                        pen=pen, complaint_id=case, actor=who, item=item, words=_FOUND[item],
                        source=of,
                    )  # fmt: skip
                elif not required and self.rng.random() < 0.3:
                    gather.waive(
                        pen=pen, complaint_id=case, actor=who, item=item,
                        reason="其他材料已能说明情况",
                    )  # fmt: skip
                elif of == "customer" and not asked and self.rng.random() < 0.5:
                    asked = True
                    gather.request(
                        pen=pen, complaint_id=case, actor=who, items=[item], of=of
                    )  # fmt: skip

    def open_file(self, *, now: datetime, case: UUID, who: Actor) -> UUID | None:
        """Record the form about somebody's manner; None where nobody is left to handle it."""
        about = self.rng.choice([a for a in self.accused if a.id != who.id])
        try:
            with journey.writing(now=now, actor=f"user:{who.id}") as pen:
                return hear.record(
                    pen=pen, actor=who, kind="external", employee=about.id, superior=None,
                    complainant=playing.customer(complaint_id=case) or "未留姓名",
                    words=playing.first_words(complaint_id=case),
                    charge=self.rng.choice(_CHARGES), complaint_id=case,
                )  # fmt: skip
        except CannotHear:
            return None

    def go_on(self, *, now: datetime, file: UUID) -> None:
        """Do the next act of a file, whoever's turn it is."""
        employee, superior, administration, stage, objection = playing.file(file_id=file)
        measure, said = self.rng.choice(_MEASURES)
        if objection == "raised":
            by, how = administration, {"act": "decide", "decision": "kept", "words": "事实清楚"}
        elif stage == "recorded":
            by, how = superior, {
                "act": "answer", "verdict": "upheld", "finding": "听过录音，情况属实",
                "words": "已向客户道歉并说明处理",
            }  # fmt: skip
        elif stage == "answered":
            by, how = superior, {"act": "sanction", "measure": measure, "words": said}
        elif stage == "measured":
            by, how = superior, {"act": "report", "words": "处理情况如上"}
        elif objection == "open" and self.rng.random() < 0.5:
            by, how = employee, {"act": "object", "words": "当时客户先动手推人，请调监控"}
        elif objection == "open":
            by, how = employee, {"act": "accept"}
        else:
            self._file_away(now=now, file=file, by=administration)
            return
        with journey.writing(now=now, actor=f"user:{by}") as pen:
            hear.do(pen=pen, file_id=file, actor=self.actors[by], **how)

    def _file_away(self, *, now: datetime, file: UUID, by: int) -> None:
        if playing.filed(file_id=file):
            return
        viewer = playing.viewer(person=by)
        with journey.writing(now=now, actor=f"user:{by}") as pen:
            hear.file_away(
                pen=pen, file_id=file, actor=self.actors[by], opinion="同意处理，归档",
                paper=lambda filed: printed(
                    page=conduct.page(viewer=viewer, file_id=filed, now=now), now=now
                ),
            )  # fmt: skip
