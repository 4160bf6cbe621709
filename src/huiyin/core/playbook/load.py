"""From YAML text to a checked playbook, or a list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from pydantic import ValidationError

from huiyin.core.playbook.checks import check
from huiyin.core.playbook.examples import check_examples
from huiyin.core.playbook.liability_checks import check_liability
from huiyin.core.playbook.problem import CannotLoadPlaybook, Finding, Problem, dotted
from huiyin.core.playbook.schema import Playbook
from huiyin.core.playbook.shape import findings_of
from huiyin.core.playbook.source import CannotReadYaml, Document, read_document

__all__ = ["CannotLoadPlaybook", "Problem", "load_playbook"]


def load_playbook(
    *, text: str, language_signals: frozenset[str] | None = None, adopted: bool = False
) -> Playbook:
    """Read, check and try a playbook.

    ``language_signals`` are the signals that the language pack finds; when given, conditions may
    name no other. A version that was ``adopted`` passed its checks then and is only read: checks
    that are new since must not lock out the complaints that stand under it. The result's
    ``version_id`` is the sha256 of the content: comments, spacing and the order of keys do not
    change it, the order of rules does.

    Raises CannotLoadPlaybook with every problem found, each with line, column, path, what is
    wrong and what to do, in Chinese and English.
    """
    try:
        document = read_document(text=text)
    except CannotReadYaml as error:
        raise CannotLoadPlaybook(
            problems=[_problem(finding=error.finding, place=error.place)]
        ) from error
    findings = list(document.findings)
    canonical = json.dumps(document.data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if "version_id" in document.data:
        findings.append(
            Finding(
                ("version_id",),
                "version_id 由系统计算，不能写在规程里",
                "version_id is computed and not written in a playbook",
                "删去这一行",
                "delete this line",
                on_key=True,
            )
        )
    try:
        playbook = Playbook.model_validate_json(canonical)
    except ValidationError as error:
        findings += findings_of(error=error, document=document)
        raise CannotLoadPlaybook(problems=_sorted(findings, document)) from error
    if not adopted:
        findings += check(playbook=playbook, language_signals=language_signals)
        findings += check_liability(playbook=playbook, language_signals=language_signals)
        if not findings:
            findings += check_examples(playbook=playbook)
    if findings:
        raise CannotLoadPlaybook(problems=_sorted(findings, document))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return playbook.model_copy(update={"version_id": digest})


def _sorted(findings: Iterable[Finding], document: Document) -> list[Problem]:
    problems = [
        _problem(finding=f, place=document.place(path=f.path, on_key=f.on_key)) for f in findings
    ]
    return sorted(problems, key=lambda p: (p.line, p.column))


def _problem(*, finding: Finding, place: tuple[int, int]) -> Problem:
    return Problem(
        line=place[0],
        column=place[1],
        path=dotted(path=finding.path),
        zh=finding.zh,
        en=finding.en,
        remedy_zh=finding.remedy_zh,
        remedy_en=finding.remedy_en,
    )
