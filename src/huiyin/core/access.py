"""Who may do what: one table of role, action and relation. What is not in it is refused."""

from __future__ import annotations

from dataclasses import dataclass

OUTLET = "outlet"
"""The role of people of an outlet, a hub or a courier: they see their own disputes alone."""
STAFF: tuple[str, ...] = (
    "agent", "handler", "supervisor", "process_owner", "manager", "administrator",
)  # fmt: skip
ROLES: tuple[str, ...] = (*STAFF, OUTLET)

ROLE_NAMES: dict[str, tuple[str, str]] = {
    "agent": ("客服", "Agent"),
    "handler": ("部门处理人", "Handler"),
    "supervisor": ("主管", "Supervisor"),
    "process_owner": ("流程负责人", "Process owner"),
    "manager": ("经理", "Manager"),
    "administrator": ("管理员", "Administrator"),
    "outlet": ("网点人员", "Outlet"),
}

# Relations of a person to a complaint, nearest first.
MINE, DEPARTMENT, STRANGER = "mine", "department", "stranger"

_ALL = (MINE, DEPARTMENT, STRANGER)
_NEAR = (MINE, DEPARTMENT)
_OWN = (MINE,)

_SEE: dict[str, tuple[str, ...]] = {
    "agent": _ALL,
    "handler": _NEAR,
    "supervisor": _ALL,
    "process_owner": _ALL,
    "manager": _ALL,
    "administrator": _ALL,
}
_WORK: dict[str, tuple[str, ...]] = {
    "agent": _ALL,
    "handler": _NEAR,
    "supervisor": _ALL,
    "manager": _ALL,
    "administrator": _ALL,
}
_LEAD: dict[str, tuple[str, ...]] = {
    "supervisor": _ALL,
    "manager": _ALL,
    "administrator": _ALL,
}

ON_COMPLAINT: dict[str, dict[str, tuple[str, ...]]] = {
    "see": _SEE,
    "note": {**_WORK, "process_owner": _ALL},
    "take": _WORK,
    "assign": {**_LEAD, "agent": _ALL, "handler": _NEAR},
    "return": {**_WORK, "agent": _OWN, "handler": _OWN},
    "reply": _WORK,
    "ask_customer": _WORK,
    "verdict": _WORK,
    "propose": _WORK,
    "resolve": _WORK,
    "close": _LEAD,
    "reopen": _WORK,
    "merge": _WORK,
    "undo": _WORK,
    "correct": _WORK,
    "reveal": _WORK,
    "approve": _LEAD,
    "collaborate": _WORK,
    "call": _WORK,
    "promise": _WORK,
    "letter": _WORK,
    "mark_ground": _WORK,
    "evidence": _WORK,
    "pack": _LEAD,
    "claim_liability": _WORK,
    "call_back": _WORK,
    "call_back_last": _LEAD,
    "assistant.use": _WORK,
    "step": _WORK,
}
"""action → role → relations for which it is allowed."""

# Relations of a person to a request between departments; he may have both.
ASKED, ASKING = "asked", "asking"

_BOTH = (ASKED, ASKING, STRANGER)
_ANSWER: dict[str, tuple[str, ...]] = {
    "agent": (ASKED,),
    "handler": (ASKED,),
    "supervisor": (ASKED,),
    "manager": _BOTH,
    "administrator": _BOTH,
}
_ASK: dict[str, tuple[str, ...]] = {
    "agent": _BOTH,
    "handler": (ASKING,),
    "supervisor": _BOTH,
    "manager": _BOTH,
    "administrator": _BOTH,
}

ON_COLLABORATION: dict[str, dict[str, tuple[str, ...]]] = {
    "see": {**_ASK, "handler": (ASKED, ASKING), "process_owner": _BOTH},
    "accept": _ANSWER,
    "answer": _ANSWER,
    "ask_back": _ANSWER,
    "return": _ANSWER,
    "transfer": _ANSWER,
    "supply": _ASK,
    "ask_again": _ASK,
    "withdraw": _ASK,
}
"""action → role → relations for which it is allowed on a request between departments."""

# Relations of a person to work done on all complaints of an incident.
OWN, OTHERS = "own", "others"

ON_BULK: dict[str, dict[str, tuple[str, ...]]] = {
    "see": {
        "supervisor": (OWN, OTHERS),
        "process_owner": (OWN, OTHERS),
        "manager": (OWN, OTHERS),
        "administrator": (OWN, OTHERS),
    },
    "call_back": {
        "supervisor": (OWN,),
        "manager": (OWN, OTHERS),
        "administrator": (OWN, OTHERS),
    },
    "retry": {
        "supervisor": (OWN,),
        "manager": (OWN, OTHERS),
        "administrator": (OWN, OTHERS),
    },
    "release": {"supervisor": (OTHERS,), "manager": (OTHERS,), "administrator": (OTHERS,)},
}
"""action → role → relations for which it is allowed on a batch: his own, or of somebody else."""

# Relations of a person to a dispute about liability or a fine: of a party, near the complaint.
PARTY, NEAR = "party", "near"

_ANY = (PARTY, NEAR, STRANGER)
_APART = (NEAR, STRANGER)
_OF_PARTY = (PARTY,)

ON_DISPUTE: dict[str, dict[str, tuple[str, ...]]] = {
    "see": {
        "agent": _ANY,
        "handler": (PARTY, NEAR),
        "supervisor": _ANY,
        "process_owner": _ANY,
        "manager": _ANY,
        "administrator": _ANY,
        OUTLET: _OF_PARTY,
    },
    "state": {r: _OF_PARTY for r in ("agent", "handler", "supervisor", "manager", OUTLET)},
    "answer": {r: _OF_PARTY for r in ("agent", "handler", "supervisor", "manager", OUTLET)},
    "appeal": {r: _OF_PARTY for r in ("supervisor", "manager", OUTLET)},
    "rule": {"supervisor": _APART, "manager": _APART},
    "rule_appeal": {"manager": _APART, "administrator": _APART},
    "withdraw": {"supervisor": _APART, "manager": _APART, "administrator": _APART},
    "fine": {"supervisor": _APART, "manager": _APART},
    "fine_appeal": {r: _OF_PARTY for r in ("supervisor", "manager", OUTLET)},
    "fine_decide": {"manager": _APART, "administrator": _APART},
    "fine_withdraw": {"supervisor": _APART, "manager": _APART, "administrator": _APART},
}
"""action → role → relations for which it is allowed on a claim of liability or a fine.

Who first rules or fines is never an administrator: somebody higher is left for the appeal.
"""

_JUDGES: dict[str, bool] = {"rule": False, "rule_appeal": True, "fine": False, "fine_decide": True}
"""Acts of judging; True where it is over what somebody else decided, from a higher rank."""
_RANK: dict[str, int] = {"supervisor": 1, "manager": 2, "administrator": 3}
_DECIDES = frozenset({"take", "assign", "verdict", "resolve"})
"""What settles a complaint: for the rank that handles it again, or whom it gave it to."""

ELSEWHERE: dict[str, tuple[str, ...]] = {
    "customer.link": ("agent", "supervisor", "manager", "administrator"),
    "contact.new": ("agent", "supervisor", "manager", "administrator"),
    "counter.work": ("agent", "supervisor", "manager", "administrator"),
    "counters.change": ("administrator",),
    "chat.work": ("agent", "supervisor", "manager", "administrator"),
    "board.see": ("supervisor", "process_owner", "manager", "administrator"),
    "board.export": ("supervisor", "process_owner", "manager", "administrator"),
    "queue.export": ("supervisor", "manager", "administrator"),
    "operations.see": ("supervisor", "process_owner", "manager", "administrator"),
    "quarantine.work": ("supervisor", "manager", "administrator"),
    "aside.work": ("agent", "supervisor", "manager", "administrator"),
    "import.run": ("process_owner", "manager", "administrator"),
    "people.see": ("supervisor", "manager", "administrator"),
    "people.change": ("administrator",),
    "playbook.see": STAFF,
    "playbook.change": ("process_owner", "administrator"),
    "playbook.approve": ("process_owner", "manager", "administrator"),
    "playbook.move": ("process_owner", "administrator"),
    "settings.see": ("administrator",),
    "appeals.see": ("agent", "supervisor", "process_owner", "manager", "administrator"),
    "appeals.enter": ("agent", "supervisor", "manager", "administrator"),
    "channels.see": ("supervisor", "process_owner", "manager", "administrator"),
    "channels.change": ("administrator",),
    "index.rebuild": ("administrator",),
    "learning.see": ("process_owner", "manager", "administrator"),
    "learning.change": ("process_owner", "manager", "administrator"),
    "knowledge.see": STAFF,
    "knowledge.write": ("supervisor", "process_owner", "administrator"),
    "call_backs.see": ("agent", "handler", "supervisor", "manager", "administrator"),
    "conduct.see": STAFF,
    "conduct.record": STAFF,
    "tasks.see": ("agent", "handler", "supervisor", "manager", "administrator"),
    "approvals.see": ("agent", "handler", "supervisor", "manager", "administrator"),
    "liability.see": STAFF,
    "parties.see": ("supervisor", "process_owner", "manager", "administrator"),
    "parties.change": ("manager", "administrator"),
    "outlet.see": (OUTLET,),
    "payouts.see": ("manager", "administrator"),
    "payouts.work": ("manager", "administrator"),
    # who keeps the keys of a payment service releases no payment
    "payouts.release": ("manager",),
    "incidents.see": ("supervisor", "process_owner", "manager", "administrator"),
    "incidents.change": ("supervisor", "manager", "administrator"),
    "incidents.send": ("supervisor", "manager", "administrator"),
    "doubts.see": ("supervisor", "manager", "administrator"),
    "doubts.review": ("supervisor", "manager", "administrator"),
    "monitor.see": ("supervisor", "process_owner", "manager", "administrator"),
    "monitor.acknowledge": ("supervisor", "manager", "administrator"),
    "api.write": ("agent", "supervisor", "manager", "administrator"),
}
"""action → roles, for what is not about one complaint."""


AT_HOME: dict[str, tuple[str, ...]] = {
    "payouts.see": ("handler", "supervisor"),
    "payouts.work": ("handler", "supervisor"),
    "payouts.release": ("handler", "supervisor"),
    "doubts.see": ("handler",),
    "doubts.review": ("handler",),
}
"""action → roles allowed it in the departments that the playbook names for it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of staff as far as rights go."""

    id: int
    role: str
    department: str | None = None
    active: bool = True
    parties: frozenset[str] = frozenset()
    """The outlets, hubs and couriers that somebody with the role outlet speaks for."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A complaint as far as rights go. ``proposed_by`` matters for approvals only.

    ``least`` is the rank at which it is handled again, empty where it is handled for the first
    time.
    """

    assignee: int | None = None
    department: str | None = None
    proposed_by: int | None = None
    least: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a department about a complaint, as far as rights go."""

    department: str
    asked_by: int | None
    complaint: Thing


@dataclass(frozen=True, slots=True)
class Dispute:
    """A claim of liability or a fine as far as rights go.

    ``parties`` are outlets and departments; ``involved`` the people who opened it or spoke in it;
    ``decided_by`` and ``decided_role`` who decided first, empty where nobody or no person did.
    """

    parties: frozenset[str]
    complaint: Thing
    involved: frozenset[int] = frozenset()
    decided_by: int | None = None
    decided_role: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The answer, with its reason in both languages."""

    ok: bool
    zh: str
    en: str

    def __bool__(self) -> bool:
        return self.ok


def relation(*, actor: Actor, thing: Thing) -> str:
    """Return how near a person stands to a complaint."""
    if thing.assignee is not None and thing.assignee == actor.id:
        return MINE
    if thing.department is not None and thing.department == actor.department:
        return DEPARTMENT
    return STRANGER


def may(
    *,
    actor: Actor,
    action: str,
    thing: Thing | None = None,
    homes: frozenset[str] = frozenset(),
) -> Allowed:
    """Decide whether ``actor`` may do ``action``, on a complaint when ``thing`` is given.

    ``homes`` are the departments whose own work the action is (the table AT_HOME). Nobody
    approves his own proposal, and nobody below the rank at which a complaint is handled again
    takes it back or decides it, unless it was given to him. Unknown actions and roles are refused.
    """
    if not actor.active:
        return Allowed(False, "账号已停用", "the account is disabled")
    if thing is None:
        if actor.role in ELSEWHERE.get(action, ()):
            return Allowed(True, "", "")
        if actor.department in homes and actor.role in AT_HOME.get(action, ()):
            return Allowed(True, "", "")
        return Allowed(False, "您的角色没有此权限", "your role may not do this")
    near = relation(actor=actor, thing=thing)
    if near not in ON_COMPLAINT.get(action, {}).get(actor.role, ()):
        return Allowed(False, "您没有处理这件投诉的权限", "this complaint is not yours to work on")
    if action == "approve" and thing.proposed_by == actor.id:
        return Allowed(False, "不能审批自己提出的方案", "nobody approves his own proposal")
    below = _RANK.get(actor.role, 0) < _RANK.get(thing.least, 0)
    if below and near != MINE and action in _DECIDES:
        return Allowed(
            False,
            "这件投诉由上一级重新处理",
            "this complaint is handled again by a higher rank",
        )
    return Allowed(True, "", "")


def standing(*, actor: Actor, request: Request) -> frozenset[str]:
    """Return how a person stands to a request: asked, asking, both, or a stranger to it."""
    found = set()
    if actor.department is not None and actor.department == request.department:
        found.add(ASKED)
    if actor.id == request.asked_by or relation(actor=actor, thing=request.complaint) in _NEAR:
        found.add(ASKING)
    return frozenset(found or {STRANGER})


def may_on_request(*, actor: Actor, action: str, request: Request) -> Allowed:
    """Decide whether ``actor`` may do ``action`` on a request between departments.

    Unknown actions and roles are refused.
    """
    if not actor.active:
        return Allowed(False, "账号已停用", "the account is disabled")
    allowed = ON_COLLABORATION.get(action, {}).get(actor.role, ())
    if standing(actor=actor, request=request).isdisjoint(allowed):
        return Allowed(False, "您没有处理这件协办的权限", "this request is not yours to work on")
    return Allowed(True, "", "")


def speaks_for(*, actor: Actor, parties: frozenset[str]) -> frozenset[str]:
    """Return the parties among these that a person speaks for."""
    own = actor.parties | ({actor.department} if actor.department is not None else set())
    return frozenset(parties & own)


def place(*, actor: Actor, dispute: Dispute) -> frozenset[str]:
    """Return how a person stands to a dispute: of a party, near its complaint, or a stranger."""
    found = set()
    if speaks_for(actor=actor, parties=dispute.parties):
        found.add(PARTY)
    if actor.role != OUTLET and relation(actor=actor, thing=dispute.complaint) in _NEAR:
        found.add(NEAR)
    return frozenset(found or {STRANGER})


def may_on_dispute(
    *, actor: Actor, action: str, dispute: Dispute, least: str = "supervisor"
) -> Allowed:
    """Decide whether ``actor`` may do ``action`` on a claim of liability or a fine.

    Nobody judges where he, his department or his outlet is a party, where he opened it or spoke in
    it, or over what he decided himself; an appeal is for a rank above who decided first, and at
    least ``least`` as the playbook says. Unknown actions and roles are refused.
    """
    if not actor.active:
        return Allowed(False, "账号已停用", "the account is disabled")
    near = place(actor=actor, dispute=dispute)
    allowed = ON_DISPUTE.get(action, {}).get(actor.role, ())
    own = PARTY in near and PARTY not in allowed
    if near.isdisjoint(allowed) or own:
        if own and allowed:
            return Allowed(
                False, "您所在的单位是当事方，不能裁定自己的案子", "nobody rules on his own case"
            )
        return Allowed(False, "您没有处理这件定责的权限", "this dispute is not yours to work on")
    if action not in _JUDGES:
        return Allowed(True, "", "")
    if actor.id in dispute.involved or actor.id == dispute.decided_by:
        return Allowed(
            False, "您已参与这件定责，须由别人裁定", "you took part in it: somebody else must rule"
        )
    needed = _RANK.get(least, 0)
    if _JUDGES[action] and dispute.decided_role:
        needed = max(needed, _RANK.get(dispute.decided_role, 0) + 1)
    if _RANK.get(actor.role, 0) < needed:
        return Allowed(False, "须由更高一级裁定", "a higher rank must rule on this")
    return Allowed(True, "", "")


def may_on_bulk(*, actor: Actor, action: str, made_by: int) -> Allowed:
    """Decide whether ``actor`` may do ``action`` on a batch that ``made_by`` made.

    Unknown actions and roles are refused; nobody releases his own.
    """
    if not actor.active:
        return Allowed(False, "账号已停用", "the account is disabled")
    near = OWN if actor.id == made_by else OTHERS
    if near in ON_BULK.get(action, {}).get(actor.role, ()):
        return Allowed(True, "", "")
    if action == "release" and near == OWN:
        return Allowed(
            False, "不能放行自己发起的批次，请别人放行", "nobody releases a batch he made himself"
        )
    return Allowed(False, "您的角色没有此权限", "your role may not do this")


# Relations of a person to a file on service attitude; he may have several, but one who is
# complained of has no other.
RECORDER, SUPERIOR, EMPLOYEE, ADMINISTRATION = "recorder", "superior", "employee", "administration"

_LEADERS: tuple[str, ...] = ("supervisor", "manager", "administrator")


def _each(roles: tuple[str, ...], *near: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(roles, near)


ON_CONDUCT: dict[str, dict[str, tuple[str, ...]]] = {
    "see": _each(_LEADERS, SUPERIOR, ADMINISTRATION),
    "see_form": _each(STAFF, RECORDER),
    "see_own": _each(ROLES, EMPLOYEE),
    "state": _each(ROLES, EMPLOYEE),
    "object": _each(ROLES, EMPLOYEE),
    "accept": _each(ROLES, EMPLOYEE),
    "answer": _each(_LEADERS, SUPERIOR),
    "sanction": _each(_LEADERS, SUPERIOR),
    "notice": _each(_LEADERS, SUPERIOR),
    "report": _each(_LEADERS, SUPERIOR),
    "decide": _each(("manager", "administrator"), ADMINISTRATION),
    "file": _each(("manager", "administrator"), ADMINISTRATION),
    "print": _each(_LEADERS, SUPERIOR, ADMINISTRATION),
}
"""action → role → relations for which it is allowed on a file on service attitude.

To everybody else, whatever his role, there is no such file.
"""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A file on service attitude as far as rights go."""

    recorded_by: int
    superior: int
    employee: int
    administration: int


def parts_in(*, actor: Actor, dossier: Dossier) -> frozenset[str]:
    """Return which parts a person has in a file; the one complained of has no other."""
    if actor.id == dossier.employee:
        return frozenset({EMPLOYEE})
    found = {
        RECORDER: dossier.recorded_by,
        SUPERIOR: dossier.superior,
        ADMINISTRATION: dossier.administration,
    }
    return frozenset(part for part, person in found.items() if person == actor.id)


def may_on_conduct(*, actor: Actor, action: str, dossier: Dossier) -> Allowed:
    """Decide whether ``actor`` may do ``action`` on a file on service attitude.

    Unknown actions and roles are refused.
    """
    if not actor.active:
        return Allowed(False, "账号已停用", "the account is disabled")
    allowed = ON_CONDUCT.get(action, {}).get(actor.role, ())
    if parts_in(actor=actor, dossier=dossier).isdisjoint(allowed):
        return Allowed(False, "您没有处理这份档案的权限", "this file is not yours to work on")
    return Allowed(True, "", "")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which complaints a person may list: everything, or a department and his own."""

    everything: bool
    department: str | None
    person: int


def scope(*, actor: Actor) -> Scope:
    """Return the listing scope that agrees with the table's ``see`` row."""
    seen = _SEE.get(actor.role, ())
    return Scope(
        everything=actor.active and STRANGER in seen,
        department=actor.department if DEPARTMENT in seen else None,
        person=actor.id,
    )
