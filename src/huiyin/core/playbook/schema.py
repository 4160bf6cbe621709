"""What a playbook holds, as frozen models. ``load.load_playbook`` makes them from YAML.

Money is integer 分. Every name shown to a person is a :class:`Text` in Chinese and English.
Lengths of time are ISO 8601 durations: ``PT4H`` on any calendar (working time on a working
calendar), ``P7D`` calendar days on the calendar ``always`` only.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StringConstraints

from huiyin.core.because import Reason
from huiyin.core.playbook.care import (
    Aftercare,
    AftercareCall,
    FormalLetter,
    PromiseWatch,
    Rehandling,
)
from huiyin.core.playbook.conduct import Conduct
from huiyin.core.playbook.incidents import Doubts, Incidents
from huiyin.core.playbook.liability import Liability
from huiyin.core.playbook.names import LADDER
from huiyin.core.playbook.part import (
    Cel,
    Clock24,
    Escalation,
    Fen,
    Iso,
    Name,
    Part,
    Role,
    Ruled,
    Rung,
    Text,
    Words,
)
from huiyin.core.playbook.proactive import CareThen, Proactive
from huiyin.core.playbook.procedure import Automatic, Form
from huiyin.core.playbook.rules import Condition, RuleSet, compile_condition, rule_set
from huiyin.core.playbook.volume import Volume

R = TypeVar("R")

Urgency = Literal["low", "normal", "high", "critical"]
CategoryCode = Literal[
    "delay", "delivery", "lost", "damaged", "attitude", "tracking",
    "fee", "claim", "pickup", "cod", "access", "other",
]  # fmt: skip
BranchCode = Literal["consultation", "business_request", "complaint"]
RemedyKind = Literal[
    "apology", "fee_waiver", "amount", "coupon", "points", "redelivery",
    "rerouting", "resigning", "extended_service", "goodwill",
]  # fmt: skip

WORD_WEIGHT = 1.5
"""Natural-log odds that a company's own word adds to its category."""


class Calendar(Part):
    """Working hours: ``days`` are ISO weekdays; ``holidays: china`` adds 调休 make-up days."""

    name: Text
    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)
    hours: tuple[tuple[Clock24, Clock24], ...]
    holidays: Literal["china", "none"] = "china"


class WordOverlay(Part):
    """The company's own words, added to those of the language pack."""

    categories: dict[CategoryCode, tuple[Words, ...]] = Field(default_factory=dict)
    signals: dict[Name, tuple[Words, ...]] = Field(default_factory=dict)

    def as_extra(self) -> dict[str, Any]:
        """Return the overlay as ``load_language(extra=...)`` of the triage takes it.

        Each word counts for its category as much as one clear word of the pack.
        """
        return {
            "category_words": {
                code: dict.fromkeys(words, WORD_WEIGHT) for code, words in self.categories.items()
            },
            "signals": {
                name: {"name": {"zh": name, "en": name}, "match": list(words)}
                for name, words in self.signals.items()
            },
        }


class Team(Part):
    """A team within a department."""

    code: Name
    name: Text


class Collaboration(Part):
    """By when a department answers what others ask it: ``for`` on ``calendar``.

    ``warn_share`` of the time gone by gives a reminder. Without ``escalate`` the department's
    head is told as soon as an answer is late.
    """

    calendar: Name = "cn-office"
    for_: Iso = Field(default="PT4H", alias="for")
    warn_share: Annotated[float, Field(gt=0, lt=1)] = 0.75
    escalate: tuple[Escalation, ...] = ()


class Department(Part):
    """Who handles complaints, and by when it answers the questions of other departments."""

    code: Name
    name: Text
    teams: tuple[Team, ...] = ()
    head_role: Rung = "supervisor"
    collaboration: Collaboration = Collaboration()

    @property
    def ladder(self) -> tuple[tuple[str, str], ...]:
        """Who is told of a late answer: (length after the due time, rank), first come first."""
        rungs = tuple((e.after, e.to) for e in self.collaboration.escalate)
        return rungs or (("PT0M", self.head_role),)


class Region(Part):
    """A region that may narrow the choice of a team."""

    code: Name
    name: Text


GroupCode = Literal["people", "process", "system", "weather", "customer", "partner", "other"]


class CauseGroup(Part):
    """A main branch of the cause tree by its name."""

    code: GroupCode
    name: Text


class Cause(Part):
    """A cause that a verdict may name; ``group`` is its main branch of the cause tree.

    ``under`` names the cause of which this one is a finer case: the tree's third level.
    """

    code: Name
    name: Text
    group: GroupCode
    under: Name | None = None


class CheckItem(Part):
    """One thing to find out or to collect.

    ``of`` is who has it: handler, customer or the code of a department; ``within`` on ``calendar``
    is by when the customer or the handler brings it. A department answers by its own clock.
    """

    id: Name
    name: Text
    required: bool = True
    of: Name = "handler"
    within: Iso | None = None
    calendar: Name = "always"


class Script(Part):
    """Words for the desk, filled with placeholders such as {customer} and {number}."""

    id: Name
    name: Text
    body: Text


class UrgencyThen(Part):
    """Outcome of an urgency rule."""

    urgency: Urgency


class UrgencyRule(Ruled):
    """One rule of the urgency list."""

    then: UrgencyThen


class RoutingThen(Part):
    """Outcome of a routing rule: who gets the complaint.

    ``department`` None means the owner department of the category. ``level`` "superior" gives it
    to the superior of the person complained of; "supervisor" and "manager" to that rank.
    ``by_region`` prefers members of the department in the parcel's region.
    """

    department: Name | None = None
    team: Name | None = None
    skill: Name | None = None
    level: Literal["member", "superior", "supervisor", "manager"] = "member"
    by_region: bool = False


class RoutingRule(Ruled):
    """One rule of the routing list."""

    then: RoutingThen


class ByUrgency(Part):
    """A length per urgency."""

    low: Iso
    normal: Iso
    high: Iso
    critical: Iso


class Clock(Ruled):
    """A time limit that is watched.

    It starts at an event of ``starts_on`` when ``when`` holds, runs ``for`` on ``calendar``, is
    paused between ``pauses_on`` and ``resumes_on`` and ends at ``stops_on``. ``warn_share`` of the
    time gone by (0 to 1) gives a warning. A legal clock is never paused.
    """

    name: Text
    calendar: Name
    for_: Iso | ByUrgency = Field(alias="for")
    warn_share: Annotated[float, Field(gt=0, lt=1)] = 0.75
    starts_on: tuple[str, ...] = ("ComplaintOpened",)
    stops_on: tuple[str, ...]
    pauses_on: tuple[str, ...] = ()
    resumes_on: tuple[str, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    legal: bool = False

    def length(self, *, urgency: str) -> str:
        """Return the ISO 8601 duration for an urgency."""
        if isinstance(self.for_, str):
            return self.for_
        return str(getattr(self.for_, urgency))


class Remedy(Ruled):
    """Something that puts a complaint right.

    ``amount`` for kinds with money: "policy" (the compensation formula decides), a whole number
    of 分, or CEL over the facts that yields 分. ``cap`` in 分 bounds it.
    """

    kind: RemedyKind
    name: Text
    amount: Fen | Cel | None = None
    cap: Fen | None = None


class Step(Part):
    """One step of the procedure; done when one of ``done_when`` happens, else ticked by hand.

    ``needs`` are facts to ask for; ``after`` are steps that come first: ``join`` all of them, or
    any. Steps that come after the same one run side by side. ``within`` is the step's own time
    limit on ``calendar``, ``escalate`` who is told when it is late (a supervisor where nothing
    is said); ``script`` is offered at this step, ``form`` is filled in when it is
    ticked, ``automatic`` is done as soon as it opens, ``article`` names what the knowledge base
    says of it.
    """

    id: Name
    name: Text
    help: Text
    role: Role
    when: Cel | None = None
    done_when: tuple[str, ...] = ()
    branches: tuple[BranchCode, ...] = ("complaint",)
    categories: tuple[CategoryCode, ...] = ()
    needs: tuple[str, ...] = ()
    after: tuple[Name, ...] = ()
    join: Literal["all", "any"] = "all"
    within: Iso | None = None
    calendar: Name = "cn-office"
    escalate: tuple[Escalation, ...] = ()
    script: Name | None = None
    form: Name | None = None
    automatic: Automatic | None = None
    article: Name | None = None
    optional: bool = False

    @property
    def ladder(self) -> tuple[tuple[str, str], ...]:
        """Who is told of a late step: (length after the due time, rank), first come first."""
        return tuple((e.after, e.to) for e in self.escalate) or (("PT0M", "supervisor"),)


class Category(Part):
    """One kind of complaint and how it is worked.

    ``remedies`` and ``causes`` name entries of the playbook's lists. ``steps`` (ids) replaces the
    general procedure where a category has its own.
    """

    code: CategoryCode
    name: Text
    department: Name
    skill: Name
    checklist: tuple[CheckItem, ...] = ()
    scripts: tuple[Script, ...] = ()
    remedies: tuple[Name, ...] = ()
    causes: tuple[Name, ...] = ()
    steps: tuple[Name, ...] = ()


class Branch(Part):
    """A way at reception: archived with name and phone, or carried on as a complaint."""

    code: BranchCode
    name: Text
    help: Text
    archive: bool
    requires: tuple[Literal["customer", "phone", "waybill", "text"], ...] = ()
    department: Name


class Authority(Part):
    """What a rank may grant, in 分; None is without limit.

    ``per_customer`` counts what the customer got within ``settlement.customer_days``.
    """

    role: Rung
    per_case: Fen | None
    per_day: Fen | None
    per_customer: Fen | None = None


class UninsuredCap(Part):
    """The carrier's cap for uninsured parcels: a multiple of the fee, an amount in 分, or none."""

    kind: Literal["multiple", "fixed", "none"]
    retail: Annotated[int, Field(ge=0)] | None = None
    monthly: Annotated[int, Field(ge=0)] | None = None
    amount: Fen | None = None


class CarrierTerms(Part):
    """One carrier's terms where they differ from the company's; ``code`` as waybills name it."""

    code: Name
    uninsured_cap: UninsuredCap | None = None
    no_proof_multiple: Annotated[int, Field(ge=0)] | None = None
    refund_fee_on_loss: bool | None = None
    because: Text
    source: Words


class SumExample(Part):
    """Facts of the compensation formula and what must be owed, money in 分."""

    given: dict[str, Any]
    carrier: Name | None = None
    expect: dict[str, Any]


class Compensation(Part):
    """The policy of the compensation formula, company settings.

    ``hkmt_days`` is the company's threshold of a thorough delay to Hong Kong, Macau and Taiwan.
    """

    uninsured_cap: UninsuredCap
    no_proof_multiple: Annotated[int, Field(ge=0)]
    refund_fee_on_loss: bool
    hkmt_days: Annotated[int, Field(ge=0, le=365)] | None = None
    because: Text
    source: Words
    carriers: tuple[CarrierTerms, ...] = ()
    examples: tuple[SumExample, ...] = ()

    def as_policy(self, *, carrier: str = "") -> dict[str, Any]:
        """Return the policy as the remedy formula takes it, money in 分.

        ``carrier`` takes that carrier's terms where the company has set any.
        """
        aside = {"because", "source"}
        policy = self.model_dump(exclude=aside | {"carriers", "examples"}, exclude_none=True)
        for terms in self.carriers:
            if terms.code == carrier:
                policy |= terms.model_dump(exclude=aside | {"code"}, exclude_none=True)
        return policy


class Settlement(Part):
    """How a remedy is offered, compared and paid.

    ``customer_days``: how far back a customer's remedies count; ``counters``: how often he may
    answer an offer with another sum; ``paid_by``: departments whose handlers see the payouts;
    a remedy that departs from the median of at least ``like_cases`` equal ones by more than
    ``departs_percent`` is warned of.
    """

    customer_days: Annotated[int, Field(ge=1, le=3660)] = 90
    counters: Annotated[int, Field(ge=0, le=20)] = 2
    paid_by: tuple[Name, ...] = ()
    like_cases: Annotated[int, Field(ge=2, le=1000)] = 5
    departs_percent: Annotated[int, Field(ge=1, le=1000)] = 50


class Survey(Part):
    """The question after resolving and what follows from the answer.

    Fewer than ``threshold`` stars means handling again at the next of ``rehandle_levels``.
    ``by_sms`` is what an SMS adds where a figure from 1 to 5 alone is an answer.
    """

    question: Text
    stars: tuple[Text, Text, Text, Text, Text]
    words_question: Text
    threshold: Annotated[int, Field(ge=1, le=5)] = 3
    send_after: Iso = "PT0M"
    reminder_after: Iso
    reminders: Annotated[int, Field(ge=0, le=3)] = 1
    expires: Iso
    incentive: Text | None = None
    by_sms: Text | None = None
    thanks: Text
    sorry: Text
    rehandle_levels: tuple[Rung, ...]
    auto_close_after: Iso

    def rank_at(self, *, level: int) -> str:
        """Return who handles at a level, the first handling being level 0 and for any rank: ""."""
        return self.rehandle_levels[min(level, len(self.rehandle_levels)) - 1] if level else ""


class Letter(Part):
    """A long message: subject and body."""

    subject: Text
    body: Text


class Message(Part):
    """A message to the customer, short (SMS, chat) and long (e-mail)."""

    short: Text
    long: Letter


class Messages(Part):
    """Every message that Huiyin sends by itself or offers as a frame for the agent's words."""

    acknowledge: Message
    offer: Message | None = None
    joined: Message
    archived: Message
    ask: Message
    answer: Message
    survey: Message
    survey_reminder: Message
    rehandling: Message
    closed: Message


class Promise(Part):
    """What the customer reads at one stage: what is happening, what comes next and until when."""

    now: Text
    next: Text


class Portal(Part):
    """The customer's pages: greeting and the promise at each stage."""

    greeting: Text
    filed: Promise
    waiting: Promise
    investigating: Promise
    asked: Promise
    answered: Promise
    rehandling: Promise
    closed: Promise


class Alert(Part):
    """A number that is watched; ``when`` over the numbers of the board. Kept small for now."""

    id: Name
    name: Text
    when: Cel
    to: Rung


class Playbook(Part):
    """One version of a company's procedure."""

    key: Name
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}\.[0-9]{1,2}(\.[0-9]{1,3})?$")]
    name: Text
    about: Text
    company: Text
    hotline: str = ""
    timezone: str = "Asia/Shanghai"
    language: Name = "zh-express"
    calendars: dict[Name, Calendar] = Field(default_factory=dict)
    words: WordOverlay = WordOverlay()
    regions: tuple[Region, ...] = ()
    departments: tuple[Department, ...]
    cause_groups: tuple[CauseGroup, ...] = ()
    causes: tuple[Cause, ...]
    checklist: tuple[CheckItem, ...] = ()
    scripts: tuple[Script, ...] = ()
    forms: tuple[Form, ...] = ()
    remedies: tuple[Remedy, ...]
    categories: tuple[Category, ...]
    branches: tuple[Branch, ...]
    steps: tuple[Step, ...]
    urgency: tuple[UrgencyRule, ...]
    routing: tuple[RoutingRule, ...]
    clocks: tuple[Clock, ...]
    authority: tuple[Authority, ...]
    compensation: Compensation
    settlement: Settlement = Settlement()
    matching: dict[str, Any] = Field(default_factory=dict)
    survey: Survey
    promises: PromiseWatch = PromiseWatch()
    rehandling: Rehandling = Rehandling()
    aftercare: Aftercare = Aftercare()
    letter: FormalLetter | None = None
    conduct: Conduct = Conduct()
    liability: Liability = Liability()
    incidents: Incidents = Incidents()
    proactive: Proactive = Proactive()
    doubts: Doubts = Doubts()
    volume: Volume = Volume()
    messages: Messages
    portal: Portal
    alerts: tuple[Alert, ...] = ()
    version_id: str = Field(default="", exclude=True)
    """sha256 of the content; set by the loader, not written in the file."""

    @cached_property
    def plans(self) -> dict[tuple[str, str], Any]:
        """Compiled procedures by category and branch; filled by ``steps.plan_of``."""
        return {}

    @cached_property
    def _by_code(self) -> dict[str, dict[str, Any]]:
        return {
            "category": {c.code: c for c in self.categories},
            "department": {d.code: d for d in self.departments},
            "branch": {b.code: b for b in self.branches},
            "clock": {c.id: c for c in self.clocks},
            "remedy": {r.id: r for r in self.remedies},
            "cause": {c.code: c for c in self.causes},
            "authority": {a.role: a for a in self.authority},
            "step": {s.id: s for s in self.steps},
            "form": {f.id: f for f in self.forms},
        }

    def category(self, *, code: str) -> Category:
        """Return a category. Raises KeyError for an unknown code."""
        found: Category = self._by_code["category"][code]
        return found

    def department(self, *, code: str) -> Department:
        """Return a department. Raises KeyError for an unknown code."""
        found: Department = self._by_code["department"][code]
        return found

    def branch(self, *, code: str) -> Branch:
        """Return a branch of reception. Raises KeyError for an unknown code."""
        found: Branch = self._by_code["branch"][code]
        return found

    def clock(self, *, id: str) -> Clock:
        """Return a clock. Raises KeyError for an unknown id."""
        found: Clock = self._by_code["clock"][id]
        return found

    def remedy(self, *, id: str) -> Remedy:
        """Return a remedy. Raises KeyError for an unknown id."""
        found: Remedy = self._by_code["remedy"][id]
        return found

    def cause(self, *, code: str) -> Cause:
        """Return a cause. Raises KeyError for an unknown code."""
        found: Cause = self._by_code["cause"][code]
        return found

    def step(self, *, id: str) -> Step:
        """Return a step of the procedure. Raises KeyError for an unknown id."""
        found: Step = self._by_code["step"][id]
        return found

    def form(self, *, id: str) -> Form:
        """Return a form. Raises KeyError for an unknown id."""
        found: Form = self._by_code["form"][id]
        return found

    def script(self, *, id: str) -> Script:
        """Return a script of the playbook or of one of its categories. Raises KeyError."""
        every = (*self.scripts, *(s for c in self.categories for s in c.scripts))
        for script in every:
            if script.id == id:
                return script
        raise KeyError(id)

    def authority_of(self, *, role: str) -> Authority | None:
        """Return what a role may grant, None for a role that grants nothing."""
        found: Authority | None = self._by_code["authority"].get(role)
        return found

    def checklist_for(self, *, category: str) -> tuple[CheckItem, ...]:
        """Return the general checklist and that of the category, in this order."""
        return self.checklist + self.category(code=category).checklist

    def scripts_for(self, *, category: str) -> tuple[Script, ...]:
        """Return the scripts of the category, then the general ones."""
        return self.category(code=category).scripts + self.scripts

    def remedies_for(self, *, category: str) -> tuple[Remedy, ...]:
        """Return the remedies that a category offers, in its order."""
        return tuple(self.remedy(id=r) for r in self.category(code=category).remedies)

    def causes_for(self, *, category: str) -> tuple[Cause, ...]:
        """Return the causes that a verdict on this category may name, finer ones after each."""
        return tuple(
            one
            for code in self.category(code=category).causes
            for one in (self.cause(code=code), *(c for c in self.causes if c.under == code))
        )

    def cause_path(self, *, code: str) -> tuple[Text, ...]:
        """Return the names from the main branch of the cause tree to a cause.

        Raises KeyError for an unknown code.
        """
        cause = self.cause(code=code)
        branch = tuple(g.name for g in self.cause_groups if g.code == cause.group)
        above = (self.cause(code=cause.under).name,) if cause.under else ()
        return (*branch, *above, cause.name)

    def steps_for(self, *, category: str, branch: str = "complaint") -> tuple[Step, ...]:
        """Return the procedure for a category on a branch, before conditions are asked."""
        own = self.category(code=category).steps if branch == "complaint" else ()
        if own:
            return tuple(self._by_code["step"][s] for s in own)
        return tuple(
            s
            for s in self.steps
            if branch in s.branches and (not s.categories or category in s.categories)
        )

    @cached_property
    def urgency_rules(self) -> RuleSet[UrgencyThen]:
        """The urgency list, compiled."""
        return rule_set(conditions=(_condition(rule=r, then=r.then) for r in self.urgency))

    @cached_property
    def routing_rules(self) -> RuleSet[RoutingThen]:
        """The routing list, compiled."""
        return rule_set(conditions=(_condition(rule=r, then=r.then) for r in self.routing))

    @cached_property
    def care_rules(self) -> RuleSet[CareThen]:
        """The rules of care before a complaint, compiled."""
        rules = self.proactive.rules
        return rule_set(conditions=(_condition(rule=r, then=r.then) for r in rules))

    @cached_property
    def clock_rules(self) -> RuleSet[Clock]:
        """The clocks with their conditions, compiled; for ``rules.all_matches``."""
        return rule_set(conditions=(_condition(rule=c, then=c) for c in self.clocks))

    @cached_property
    def remedy_rules(self) -> RuleSet[Remedy]:
        """The remedies with their conditions, compiled; for ``rules.all_matches``."""
        return rule_set(conditions=(_condition(rule=r, then=r) for r in self.remedies))

    @cached_property
    def call_rules(self) -> RuleSet[AftercareCall]:
        """The rules of call-backs with their conditions, compiled; for ``rules.all_matches``."""
        calls = self.aftercare.calls
        return rule_set(conditions=(_condition(rule=c, then=c) for c in calls))

    @cached_property
    def letter_condition(self) -> Condition[None] | None:
        """Which complaints must get a formal letter, None where the playbook has no letter."""
        if self.letter is None:
            return None
        because = Reason(rule="letter", zh="须以书面答复函答复", en="a formal letter is due")
        when = self.letter.when or "false"
        return compile_condition(id="letter", when=when, then=None, because=because)

    @cached_property
    def step_conditions(self) -> dict[str, Condition[Step]]:
        """The compiled condition of each step, by step id; for ``rules.holds``."""
        return {
            s.id: compile_condition(
                id=s.id,
                when=s.when,
                then=s,
                because=Reason(rule=s.id, zh=s.name.zh, en=s.name.en),
            )
            for s in self.steps
        }

    def next_rung(self, *, role: str) -> str | None:
        """Return the rank above a role that may grant, None above the administrator."""
        at = LADDER.index(role) if role in LADDER else -1
        return LADDER[at + 1] if at + 1 < len(LADDER) else None


def _condition(*, rule: Ruled, then: R) -> Condition[R]:
    return compile_condition(
        id=rule.id, when=rule.when, then=then, because=rule.reason(), from_=rule.from_
    )
