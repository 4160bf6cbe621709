"""The procedure beside a complaint: what is done, what is open, what must still be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huiyin.core.access import Thing, may
from huiyin.core.playbook import Playbook
from huiyin.core.playbook.facts import FACTS
from huiyin.core.playbook.procedure import Form
from huiyin.core.playbook.schema import Step
from huiyin.core.playbook.steps import (
    Done,
    StepNow,
    decide,
    may_tick,
    plan_of,
    progress_of,
    to_be_told,
)
from huiyin.store import models
from huiyin.store.facts import facts_of
from huiyin.store.read import happened, labels
from huiyin.store.read.actors import actor_name
from huiyin.store.read.pages import ClockView
from huiyin.store.read.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Field:
    """One field to fill in: of a form, or a fact that is asked for.

    ``kind``: text, number, money, share, date, yes_no or choice.
    """

    id: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the procedure; ``state`` is done, open, asking or waiting."""

    id: str
    label: str
    help: str
    state: str
    role: str
    department: str = ""
    optional: bool = False
    done_at: datetime | None = None
    done_by: str = ""
    due_at: datetime | None = None
    why: str = ""
    """What it waits for or asks for."""
    script: str = ""
    form_label: str = ""
    fields: tuple[Field, ...] = ()
    can_tick: bool = False
    can_untick: bool = False
    by_itself: str = ""
    """What it does without anybody: look_up_track, send or request."""
    article: str = ""
    """What the knowledge base says of it, by its name."""

    @property
    def done(self) -> bool:
        """True once it is done."""
        return self.state == "done"

    @property
    def current(self) -> bool:
        """True while it must be worked on now; steps side by side are so together."""
        return self.state in {"open", "asking"} and not self.optional


@dataclass(frozen=True, slots=True)
class ProcedureView:
    """The whole procedure; ``asked`` are the facts that a person can tell."""

    steps: tuple[StepView, ...]
    asked: tuple[Field, ...]
    beside: int
    """How many steps run side by side now."""
    finished: bool
    can_tell: bool
    version_id: str
    version: str
    """The playbook's version as people name it."""
    newer: bool
    """True when another version is in force for new complaints."""


def panel(
    *,
    row: models.Complaint,
    viewer: Viewer,
    thing: Thing,
    playbook: Playbook,
    events: Sequence[models.Event],
    current: str,
    clocks: Sequence[ClockView] = (),
) -> ProcedureView:
    """Return the procedure of a complaint's page; ``current`` is the version in force."""
    plan = plan_of(playbook=playbook, category=row.category, branch=row.branch)
    progress = progress_of(plan=plan, events=happened.of_rows(events=events))
    facts = {**progress.facts, **facts_of(case=row)}
    standing = decide(plan=plan, facts=facts, done=progress.done)
    allowed = row.live and bool(may(actor=viewer.actor, action="step", thing=thing))
    running = {c.rule: c for c in clocks if c.state in {"running", "breached"}}
    steps = tuple(
        _view(
            now, progress.done.get(now.step.id), playbook, viewer, allowed, row.live,
            running.get(f"step:{now.step.id}"),
        )
        for now in standing.steps
        if now.state != "left_out"
    )  # fmt: skip
    return ProcedureView(
        steps=steps,
        asked=tuple(_fact(name) for name in to_be_told(missing=standing.asked)) if allowed else (),
        beside=sum(s.current for s in steps),
        finished=standing.finished,
        can_tell=allowed,
        version_id=playbook.version_id,
        version=playbook.version,
        newer=row.live and current != row.playbook_version,
    )


def _view(
    now: StepNow, done: Done | None, playbook: Playbook, viewer: Viewer, allowed: bool, live: bool,
    clock: ClockView | None,
) -> StepView:  # fmt: skip
    step = now.step
    works = allowed and may_tick(step=step, role=viewer.role)
    form = playbook.form(id=step.form) if step.form else None
    by_hand = not step.done_when or form is not None
    open_now = now.state in {"open", "asking"}
    return StepView(
        id=step.id,
        label=labels.said(step.name),
        help=labels.said(step.help),
        state=now.state if live or done else "waiting",
        role=_role(step),
        optional=step.optional,
        done_at=done.at if done else None,
        done_by=actor_name(done.by) if done else "",
        why=labels.said(now.because) if now.state in {"waiting", "asking"} else "",
        due_at=clock.due_at if clock else None,
        script=step.script or "" if open_now else "",
        form_label=labels.said(form.name) if form else "",
        fields=_fields(form) if form and works and open_now else (),
        can_tick=works and open_now and by_hand,
        can_untick=works and done is not None and done.event == "StepDone",
        by_itself=step.automatic.do if step.automatic else "",
        article=step.article or "",
    )


def _role(step: Step) -> str:
    return _("客户") if step.role == "customer" else labels.role(step.role)


def _fields(form: Form) -> tuple[Field, ...]:
    return tuple(
        Field(
            id=one.id,
            label=labels.said(one.name),
            kind=one.kind,
            choices=tuple((c.code, labels.said(c.name)) for c in one.choices),
            required=one.required,
        )
        for one in form.fields
    )


VALUE_NAMES: dict[str, tuple[str, str]] = {
    "person": ("本人签收", "in person"),
    "proxy": ("他人代收", "by proxy"),
    "locker": ("快递柜", "locker"),
    "station": ("驿站", "station"),
    "unknown": ("不清楚", "unknown"),
    "retail": ("散客", "retail"),
    "monthly": ("月结客户", "monthly account"),
    "sender": ("寄件人", "sender"),
    "recipient": ("收件人", "recipient"),
    "other": ("其他", "other"),
    "city": ("同城", "within the city"),
    "domestic": ("国内异地", "domestic"),
    "hkmt": ("港澳台", "Hong Kong, Macau, Taiwan"),
    "international": ("国际", "international"),
    "carrier": ("承运方", "carrier"),
    "force_majeure": ("不可抗力", "force majeure"),
    "nature": ("货物自身性质", "nature of the goods"),
    "user": ("客户", "user"),
    "delay": ("延误", "delay"),
    "loss": ("丢失", "loss"),
    "damage_total": ("全部损毁", "total damage"),
    "damage_partial": ("部分损毁", "partial damage"),
    "shortage": ("短少", "shortage"),
    "wrong_item": ("错件", "wrong item"),
    "fake_sign": ("虚假签收", "fake signature"),
    "attitude": ("服务态度", "attitude"),
    "overcharge": ("多收费", "overcharge"),
    "intact": ("完好", "intact"),
    "broken": ("破损", "broken"),
    "wet": ("受潮、浸湿", "wet"),
    "reopened": ("有重封痕迹", "closed again"),
    "short": ("短少", "short"),
    "origin": ("收件网点", "origin outlet"),
    "origin_hub": ("始发分拨", "origin hub"),
    "destination_hub": ("目的分拨", "destination hub"),
    "delivering": ("派件网点", "delivering outlet"),
}


def _fact(name: str) -> Field:
    """Return a fact as a field; sums of money are typed in yuan."""
    fact = FACTS[name]
    kind = {"bool": "yes_no", "int": "number", "float": "share", "str": "text"}.get(
        fact.type, "text"
    )
    if "（分）" in fact.zh:
        kind = "money"
    if fact.values:
        kind = "choice"
    zh = fact.zh.replace("（分）", "（元）").replace("是否", "")
    return Field(
        id=name,
        label=fact.en.replace(" in fen", " in yuan") if labels.english() else zh,
        kind=kind,
        choices=tuple((v, labels.pick(VALUE_NAMES, v)) for v in fact.values),
    )
