"""The ways a claim of liability may go: one table of state and act, and what each act leads to.

The machine knows what may happen, ``core.access`` who may do it. Time is an act too: ``expire``
when the deadline of a state has passed. Nobody is charged before ``final``, and ``final`` is
reached only over a ruling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from huiyin.core.because import Reason
from huiyin.core.shares import CannotSplit, percent, weigh, whole

STATE_NAMES: dict[str, tuple[str, str]] = {
    "stating": ("举证中", "Taking statements"),
    "ruling": ("待裁定", "Waiting for a ruling"),
    "ruled": ("已裁定（申诉期内）", "Ruled, may be appealed"),
    "appealed": ("申诉中", "Under appeal"),
    "final": ("已生效", "Final"),
    "withdrawn": ("已撤销", "Withdrawn"),
}
OPEN: frozenset[str] = frozenset({"stating", "ruling", "ruled", "appealed"})

MOVES: dict[str, tuple[str, ...]] = {
    "stating": ("state", "expire", "withdraw"),
    "ruling": ("rule", "expire", "withdraw"),
    "ruled": ("appeal", "expire", "withdraw"),
    "appealed": ("answer", "rule_appeal", "expire", "withdraw"),
    "final": (),
    "withdrawn": (),
}

STANCE_NAMES: dict[str, tuple[str, str]] = {
    "": ("未表态", "Not heard yet"),
    "admit": ("认可", "Admits"),
    "contest": ("有异议", "Contests"),
    "silent": ("逾期未表态", "Silent"),
}

_CLOCK_OF: dict[str, str] = {
    "stating": "evidence", "ruling": "ruling", "ruled": "appeal", "appealed": "appeal_ruling",
}  # fmt: skip
"""The playbook's time limit that runs in a state."""
LATE = "late"
"""The playbook's time limit once the limit of a ruling has passed."""


def clock_of(*, state: str, late: bool) -> str:
    """Return the name of the playbook's time limit that runs in a state."""
    return LATE if late else _CLOCK_OF[state]


WORDS_LIMIT = 5000
DEFAULT = "default"
"""Who rules where no person does."""


class CannotRule(ValueError):
    """The act is not possible; ``zh`` and ``en`` say what to do instead."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Member:
    """One party of a claim. ``proposed`` and ``ruled`` in basis points; customers do not speak."""

    party: str
    proposed: int
    speaks: bool = True
    stance: str = ""
    ruled: int | None = None
    appealed: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as the machine sees it. ``by`` is who ruled last: nobody, default or person."""

    state: str
    members: tuple[Member, ...]
    by: str = ""
    appeals: int = 0
    late: bool = False

    def member(self, *, party: str) -> Member | None:
        """Return a party's part in the claim."""
        return next((m for m in self.members if m.party == party), None)

    @property
    def shares(self) -> dict[str, int]:
        """What was ruled, by party; empty before any ruling."""
        return {m.party: m.ruled for m in self.members if m.ruled is not None}

    @property
    def charged(self) -> dict[str, int]:
        """What parties bear in the ledger: nothing before the ruling is final."""
        return self.shares if self.state == "final" else {}


@dataclass(frozen=True, slots=True)
class Step:
    """What an act leads to: the claim after it, its event, and whether a fresh deadline begins."""

    claim: Claim
    event: str
    because: tuple[Reason, ...]
    fresh: bool


def open_claim(*, proposed: Mapping[str, int], mute: frozenset[str] = frozenset()) -> Claim:
    """Open a claim with the split that a rule proposes; ``mute`` are parties that do not speak.

    Raises CannotRule when there is nobody who could be heard, or no whole split.
    """
    members = tuple(Member(p, s, speaks=p not in mute) for p, s in _whole(proposed).items())
    if not any(m.speaks for m in members):
        raise CannotRule(
            zh="至少要有一个能举证的责任方（部门、分拨、网点或快递员）",
            en="name at least one party that can be heard",
        )
    return Claim("stating", members)


def _whole(shares: Mapping[str, int]) -> dict[str, int]:
    try:
        return whole(shares=shares)
    except CannotSplit as error:
        raise CannotRule(zh=error.zh, en=error.en) from error


def default_shares(*, claim: Claim, silent: str) -> dict[str, int]:
    """Return the default ruling; ``silent`` is the playbook's policy.

    ``proposed`` keeps the proposed split. ``silent_bears`` moves the shares that were contested to
    the silent parties, by their own proposed shares, equally where these are 0.
    """
    shares = {m.party: m.proposed for m in claim.members}
    mute = [m for m in claim.members if m.stance == "silent"]
    if silent != "silent_bears" or not mute:
        return shares
    moved = 0
    for member in claim.members:
        if member.stance == "contest":
            moved += shares[member.party]
            shares[member.party] = 0
    weights = {m.party: m.proposed for m in mute}
    if not sum(weights.values()):
        weights = dict.fromkeys(weights, 1)
    for party, more in weigh(amount=moved, weights=weights).items():
        shares[party] += more
    return shares


def step(
    *,
    claim: Claim,
    act: str,
    party: str = "",
    stance: str = "",
    words: str = "",
    files: int = 0,
    shares: Mapping[str, int] | None = None,
    silent: str = "proposed",
    names: Mapping[str, str] | None = None,
) -> Step:
    """Decide an act on a claim. Raises CannotRule.

    ``state``, ``appeal`` and ``answer`` are acts of a ``party``; ``rule`` and ``rule_appeal`` give
    ``shares`` in basis points for exactly the parties of the claim; ``expire`` is the deadline.
    ``names`` are what reasons call the parties.
    """
    if act not in MOVES.get(claim.state, ()):
        name = STATE_NAMES.get(claim.state, (claim.state,) * 2)
        raise CannotRule(
            zh=f"这件定责当前为“{name[0]}”，不能这样操作，请刷新页面查看最新状态",
            en=f"the claim is now: {name[1].lower()}; this is not possible, reload",
        )
    if len(words) > WORDS_LIMIT:
        raise CannotRule(
            zh=f"内容超过 {WORDS_LIMIT} 字，请精简或作为附件上传",
            en=f"more than {WORDS_LIMIT} characters; shorten it or attach a file",
        )
    said = words.strip()
    if act == "state":
        return _state(claim, party, stance, said, files, silent)
    if act in {"appeal", "answer"}:
        return _speak_again(claim, act, party, said, files)
    if act in {"rule", "rule_appeal"}:
        return _rule(claim, act, shares or {}, said, names or {})
    if act == "withdraw":
        if not said:
            raise CannotRule(zh="撤销请写明原因", en="give the reason for withdrawing it")
        after = replace(claim, state="withdrawn", late=False)
        return Step(after, "LiabilityWithdrawn", (_why("withdraw", said, said),), fresh=False)
    return _expire(claim, silent)


def _own(claim: Claim, party: str) -> Member:
    found = claim.member(party=party)
    if found is None or not found.speaks:
        raise CannotRule(zh="您所在的单位不是这件定责的当事方", en="you are no party of this claim")
    return found


def _put(claim: Claim, member: Member) -> Claim:
    return replace(
        claim, members=tuple(member if m.party == member.party else m for m in claim.members)
    )


def _why(rule: str, zh: str, en: str) -> Reason:
    return Reason(rule=f"liability.{rule}", zh=zh, en=en)


def _state(
    claim: Claim, party: str, stance: str, said: str, files: int, silent: str
) -> Step:  # fmt: skip
    member = _own(claim, party)
    if member.stance:
        raise CannotRule(zh="已经提交过陈述，不能重复提交", en="a statement was given already")
    if stance not in {"admit", "contest"}:
        raise CannotRule(zh="请选择认可或有异议", en="say whether you admit or contest")
    if stance == "contest" and not said and not files:
        raise CannotRule(
            zh="有异议请写明事实和理由，或附上材料", en="write what happened, or attach files"
        )
    after = _put(claim, replace(member, stance=stance))
    name = STANCE_NAMES[stance]
    because = (_why("stated", f"陈述：{name[0]}", f"statement: {name[1].lower()}"),)
    heard = [m.stance for m in after.members if m.speaks]
    if not all(heard):
        return Step(after, "LiabilityStated", because, fresh=False)
    if "contest" in heard:
        after = replace(after, state="ruling", late=False)
        return Step(after, "LiabilityStated", because, fresh=True)
    return _by_default(
        after, silent, "LiabilityRuled",
        (*because, _why("undisputed", "各方均认可，按建议比例裁定", "all admit: as proposed")),
    )  # fmt: skip


def _by_default(claim: Claim, silent: str, event: str, because: tuple[Reason, ...]) -> Step:
    after = _with(claim, default_shares(claim=claim, silent=silent))
    after = replace(after, state="ruled", by=DEFAULT, late=False)
    return Step(after, event, because, fresh=True)


def _with(claim: Claim, shares: Mapping[str, int]) -> Claim:
    return replace(
        claim, members=tuple(replace(m, ruled=shares[m.party]) for m in claim.members)
    )  # fmt: skip


def _speak_again(claim: Claim, act: str, party: str, said: str, files: int) -> Step:
    member = _own(claim, party)
    if not said and not files:
        raise CannotRule(
            zh="请写明理由，或附上材料", en="write your reasons, or attach files"
        )  # fmt: skip
    if act == "appeal":
        if claim.appeals:
            raise CannotRule(zh="一件定责只能申诉一次", en="a claim is appealed against once")
        after = replace(
            _put(claim, replace(member, appealed=True)), state="appealed", appeals=1, late=False
        )
        return Step(
            after, "LiabilityAppealed", (_why("appeal", "申诉，由上级另行裁定", "appealed"),),
            fresh=True,
        )  # fmt: skip
    if member.appealed or member.answered:
        raise CannotRule(zh="申诉阶段的意见已经提交过", en="you were heard on the appeal already")
    after = _put(claim, replace(member, answered=True))
    return Step(
        after, "LiabilityStated", (_why("answer", "对申诉的意见", "heard on the appeal"),),
        fresh=False,
    )  # fmt: skip


def _rule(
    claim: Claim, act: str, shares: Mapping[str, int], said: str, names: Mapping[str, str]
) -> Step:
    if not said:
        raise CannotRule(
            zh="请写明裁定理由，各方都会看到", en="give reasons; the parties read them"
        )
    if set(shares) != {m.party for m in claim.members}:
        raise CannotRule(zh="请给出每一方的比例", en="give a share for every party")
    ruled = _with(claim, _whole(shares))
    told = "，".join(f"{names.get(p, p)} {percent(share=s)}%" for p, s in shares.items())
    if act == "rule":
        after = replace(ruled, state="ruled", by="person", late=False)
        return Step(after, "LiabilityRuled", (_why("rule", told, told),), fresh=True)
    same = ruled.shares == claim.shares
    zh, en = ("维持原裁定", "the ruling stands") if same else ("改判", "the ruling is changed")
    after = replace(ruled, state="final", by="person", late=False)
    return Step(
        after, "LiabilityFinal", (_why("rule_appeal", f"{zh}：{told}", f"{en}: {told}"),),
        fresh=False,
    )  # fmt: skip


def _expire(claim: Claim, silent: str) -> Step:
    if claim.state == "stating":
        after = replace(
            claim,
            members=tuple(
                replace(m, stance="silent") if m.speaks and not m.stance else m
                for m in claim.members
            ),
        )
        because = (
            _why("silent", "举证期限已过，未陈述的视为沉默", "who did not speak in time is silent"),
        )
        if any(m.stance == "contest" for m in after.members):
            after = replace(after, state="ruling", late=False)
            return Step(after, "LiabilityHeard", because, fresh=True)
        return _by_default(
            after, silent, "LiabilityRuled",
            (*because, _why("default", "无人有异议，按缺席裁定", "nobody contests: by default")),
        )  # fmt: skip
    if claim.state == "ruling" and any(m.stance == "silent" for m in claim.members):
        return _by_default(
            claim, silent, "LiabilityRuled",
            (_why("default", "有一方逾期沉默，裁定期限已过，按缺席裁定",
                  "a party was silent and the time to rule is over: by default"),),
        )  # fmt: skip
    if claim.state == "ruled":
        after = replace(claim, state="final", late=False)
        return Step(
            after, "LiabilityFinal",
            (_why("final", "申诉期满无人申诉，裁定生效", "nobody appealed in time"),), fresh=False,
        )  # fmt: skip
    if not claim.late:
        return Step(
            replace(claim, late=True), "LiabilityLate",
            (_why("late", "裁定已超过期限，转上一级督办；再不裁定，按缺席裁定",
                  "the ruling is late and goes to the next rank; after that it is by default"),),
            fresh=True,
        )  # fmt: skip
    if claim.state == "ruling":
        return _by_default(
            claim, silent, "LiabilityRuled",
            (_why("judge_silent", "超期后仍无人裁定，按建议比例缺席裁定，各方仍可申诉",
                  "nobody ruled even late: as proposed, by default; the parties may appeal"),),
        )  # fmt: skip
    return Step(
        replace(claim, state="final", late=False), "LiabilityFinal",
        (_why("appeal_unanswered", "申诉超期后仍无人裁定，原裁定生效",
              "nobody answered the appeal even late: the first ruling stands"),), fresh=False,
    )  # fmt: skip
