"""Checks of the procedure: what its steps, forms and deeds name must exist and fit together."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.core.playbook.conditions import always_false
from huiyin.core.playbook.facts import FACTS, KNOWN_OTHERWISE
from huiyin.core.playbook.problem import Finding, Path, unknown
from huiyin.core.playbook.procedure import FormField
from huiyin.core.playbook.schema import Playbook, Step

LONGEST_STEP = 34
"""Characters that the id of a step with a time limit may have: its clock is named after it."""

_KINDS: dict[str, tuple[str, ...]] = {
    "bool": ("yes_no",),
    "int": ("number", "money"),
    "float": ("number",),
    "str": ("text", "choice"),
    "list": (),
}

_TAKES: dict[str, frozenset[str]] = {
    "look_up_track": frozenset(),
    "send": frozenset({"script"}),
    "request": frozenset({"department", "question"}),
}


def check_procedure(*, playbook: Playbook) -> Iterator[Finding]:
    """Yield what is wrong with forms, deeds and the way that steps lead to each other."""
    for n, form in enumerate(playbook.forms):
        seen: set[str] = set()
        for m, one in enumerate(form.fields):
            path: Path = ("forms", n, "fields", m)
            if one.id in seen:
                yield Finding(
                    (*path, "id"), f"“{one.id}”重复", f"{one.id!r} is used twice",
                    "换一个名称", "choose another name",
                )  # fmt: skip
            seen.add(one.id)
            yield from _field(one, path)
    used = {s.form for s in playbook.steps}
    for n, form in enumerate(playbook.forms):
        if form.id not in used:
            yield Finding(
                ("forms", n, "id"), f"表单“{form.id}”没有步骤使用",
                f"no step uses the form {form.id!r}",
                "在步骤里写 form，或删去这张表单", "name it at a step or delete it",
            )  # fmt: skip
    for n, step in enumerate(playbook.steps):
        yield from _step(playbook, step, ("steps", n))
    yield from _reach(playbook)


def _field(one: FormField, path: Path) -> Iterator[Finding]:
    if (one.kind == "choice") != bool(one.choices):
        yield Finding(
            path, "choice 要写 choices，别的种类不写",
            "choice takes choices, no other kind does",
            "补上或删去 choices", "add or delete choices",
        )  # fmt: skip
    if len({c.code for c in one.choices}) != len(one.choices):
        yield Finding(
            (*path, "choices"), "选项重复", "a choice is given twice", "各写一次", "give each once"
        )
    if one.fact is None:
        return
    here: Path = (*path, "fact")
    fact = FACTS.get(one.fact)
    if fact is None:
        yield unknown(here, ("事实", "fact"), one.fact, FACTS)
        return
    if one.fact in KNOWN_OTHERWISE:
        yield Finding(
            here, f"“{one.fact}”由系统得出，不能填写",
            f"{one.fact!r} follows from the complaint and is not filled in",
            "换一个事实，或删去 fact", "use another fact or delete the line",
        )  # fmt: skip
    fits = _KINDS[fact.type]
    if one.kind not in fits:
        yield Finding(
            (*path, "kind"), f"事实“{one.fact}”不能用 {one.kind} 填写",
            f"the fact {one.fact!r} cannot be told by {one.kind}",
            f"可用：{'、'.join(fits) or '—'}", f"use {', '.join(fits) or 'another fact'}",
        )  # fmt: skip
    elif "（分）" in fact.zh and one.kind != "money":
        yield Finding(
            (*path, "kind"), f"“{one.fact}”是金额", f"{one.fact!r} is a sum of money",
            "kind 写 money", "write kind: money",
        )  # fmt: skip
    odd = [c.code for c in one.choices if fact.values and c.code not in fact.values]
    if odd:
        yield Finding(
            (*path, "choices"), f"“{one.fact}”不会是：{'、'.join(odd)}",
            f"{one.fact!r} is never {', '.join(odd)}",
            "可选：" + "、".join(fact.values), "choose from " + ", ".join(fact.values),
        )  # fmt: skip


def _step(playbook: Playbook, step: Step, path: Path) -> Iterator[Finding]:
    forms = {f.id for f in playbook.forms}
    if step.form is not None and step.form not in forms:
        yield unknown((*path, "form"), ("表单", "form"), step.form, forms)
    if step.within is not None and len(step.id) > LONGEST_STEP:
        yield Finding(
            (*path, "id"), f"有时限的步骤，名称最长 {LONGEST_STEP} 个字符",
            f"the id of a step with a limit has at most {LONGEST_STEP} characters",
            "缩短名称", "shorten it",
        )  # fmt: skip
    if step.escalate and step.within is None:
        yield Finding(
            (*path, "escalate"), "没有时限，谈不上升级", "without a limit nothing escalates",
            "补上 within，或删去 escalate", "add within or delete escalate", on_key=True,
        )  # fmt: skip
    if always_false(when=step.when):
        yield Finding(
            (*path, "when"), "条件永远不成立，这一步走不到",
            "never holds: the step is never reached",
            "改条件，或删去这一步", "change the condition or delete the step",
        )  # fmt: skip
    deed = step.automatic
    if deed is None:
        return
    here: Path = (*path, "automatic")
    wanted = _TAKES[deed.do]
    there = {k for k in ("script", "department", "question") if getattr(deed, k) is not None}
    if wanted != there:
        yield Finding(
            here, f"“{deed.do}”应写且只写：{'、'.join(sorted(wanted)) or 'do'}",
            f"{deed.do} takes exactly: {', '.join(sorted(wanted)) or 'do'}",
            "send 写 script；request 写 department 和 question",
            "send takes script; request takes department and question",
        )  # fmt: skip
        return
    if deed.script is not None:
        scripts = {s.id: s for s in playbook.scripts} | {
            s.id: s for c in playbook.categories for s in c.scripts
        }
        if deed.script not in scripts:
            yield unknown((*here, "script"), ("话术", "script"), deed.script, scripts)
        elif "__" in scripts[deed.script].body.zh + scripts[deed.script].body.en:
            yield Finding(
                (*here, "script"), f"话术“{deed.script}”有空要填，不能自动发出",
                f"the script {deed.script!r} has blanks and cannot go out by itself",
                "换一个没有 ____ 的话术", "use a script without ____",
            )  # fmt: skip
    if deed.department is not None:
        departments = {d.code for d in playbook.departments}
        if deed.department not in departments:
            yield unknown(
                (*here, "department"), ("部门", "department"), deed.department, departments
            )
    if deed.do == "look_up_track" and not step.needs:
        yield Finding(
            here, "没有写要查什么：没有轨迹来源时无从询问",
            "names nothing to look up: nobody could be asked where there is no track source",
            "在 needs 下写要知道的事实，如 signed_by", "list facts under needs, such as signed_by",
        )  # fmt: skip


def _reach(playbook: Playbook) -> Iterator[Finding]:
    """Find steps that no category comes to."""
    reached = {name for category in playbook.categories for name in category.steps}
    general = {c.code for c in playbook.categories if not c.steps}
    for step in playbook.steps:
        beside = set(step.branches) - {"complaint"}
        wanted = set(step.categories)
        if beside or ("complaint" in step.branches and (not wanted or wanted & general)):
            reached.add(step.id)
    for n, step in enumerate(playbook.steps):
        if step.id not in reached:
            yield Finding(
                ("steps", n, "id"), f"步骤“{step.id}”走不到：没有类别和分支用它",
                f"the step {step.id!r} is never reached: no category and branch uses it",
                "改 branches、categories 或类别的 steps，或删去这一步",
                "change branches, categories or a category's steps, or delete it",
            )  # fmt: skip
