"""``huiyin evaluate``: how right are sorting, extraction and matching on labelled lines?"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from huiyin.core.extract import extract
from huiyin.core.extract.score import ExtractionScore, Named
from huiyin.core.extract.score import score as extraction_score
from huiyin.core.triage import CATEGORIES, URGENCIES, CannotLoadLanguage, triage_batch
from huiyin.core.triage.score import Agreement, Judged, TriageScore, score
from huiyin.doors.cli import match
from huiyin.doors.cli.jsonl import UnreadableLine, read_lines


@click.command("evaluate")
@click.argument("file", default="-")
@click.option("--worst", default=10, show_default=True, help="How many wrong rows to show.")
def command(file: str, worst: int) -> None:
    """Compare with labelled JSON lines: what a line holds says what is judged by it.

    {"id","text","category","urgency"?} judges the sorting, "entities": [{"type","text"}] what is
    found in the text, and contacts with their "truth" (as for huiyin match) the matching. Tables
    go to standard error, one JSON object to standard output.
    """
    rows = _rows(file)
    sorted_by = [r for r in rows if "category" in r]
    found_in = [r for r in rows if isinstance(r.get("entities"), list)]
    contacts = [r for r in rows if r.get("channel")]
    if not any(isinstance(r.get("truth"), dict) for r in contacts):
        contacts = []
    if not (sorted_by or found_in or contacts):
        raise click.ClickException("no labelled rows")
    line = _sorting(sorted_by, worst) if sorted_by else {}
    if found_in:
        extraction = extraction_score(judged=map(_named, found_in))
        _print_extraction(extraction)
        line["extraction"] = extraction.as_json()
    if contacts:
        matching = match.judged(rows=contacts)
        match.print_score(found=matching)
        line["matching"] = matching.as_json()
    click.echo(json.dumps(line, ensure_ascii=False))


def _sorting(rows: list[dict[str, Any]], worst: int) -> dict[str, Any]:
    from huiyin.store import triage_model

    try:
        language, model = triage_model.ready()
    except CannotLoadLanguage as error:
        raise click.ClickException(str(error)) from error
    found = triage_batch(texts=[r["text"] for r in rows], model=model, language=language)
    judged = [
        Judged(
            id=str(row.get("id")),
            category=said.category,
            urgency=said.urgency,
            confidence=said.confidence,
            true_category=row["category"],
            true_urgency=row.get("urgency") or "",
        )
        for row, said in zip(rows, found, strict=True)
    ]
    report = score(judged=judged)
    texts = {str(row.get("id")): row["text"] for row in rows}
    _print(report, texts, worst)
    return as_line(report=report)


def _named(row: dict[str, Any]) -> tuple[list[Named], list[Named]]:
    """Return the labelled entities of a row, and those that are found."""
    at = datetime.fromisoformat(row["at"]) if row.get("at") else None
    found = extract(text=row["text"], at=at)
    labels = [(str(e["type"]), str(e["text"])) for e in row["entities"]]
    return labels, [(str(e.type), e.text) for e in found]


def _rows(file: str) -> list[dict[str, Any]]:
    """Return the lines that can be judged by; others are named on standard error."""
    rows: list[dict[str, Any]] = []
    for number, data in read_lines(source=file):
        wrong = _wrong(data, number)
        if wrong:
            click.echo(wrong, err=True)
        elif isinstance(data, dict):
            rows.append(data)
    return rows


def _wrong(data: dict[str, Any] | UnreadableLine, number: int) -> str:
    if isinstance(data, UnreadableLine):
        return str(data)
    if data.get("channel"):
        return ""
    if not isinstance(data.get("text"), str):
        return f'line {number}: missing field "text", or it is not a string'
    entities = data.get("entities")
    if isinstance(entities, list):
        if not all(isinstance(e, dict) and "type" in e and "text" in e for e in entities):
            return f'line {number}: an entity has no "type" or no "text"'
        try:
            at = data.get("at")
            if at and datetime.fromisoformat(at).tzinfo is None:
                return f'line {number}: "at" has no offset from UTC: {at!r}'
        except (TypeError, ValueError):
            return f'line {number}: "at" is not an ISO 8601 time: {data["at"]!r}'
        if "category" not in data:
            return ""
    if data.get("category") not in CATEGORIES:
        return f"line {number}: no such category {data.get('category')!r}"
    if data.get("urgency") and data["urgency"] not in URGENCIES:
        return f"line {number}: no such urgency {data['urgency']!r}"
    return ""


def _print_extraction(found: ExtractionScore) -> None:
    click.echo(
        f"extraction: precision {found.whole.precision:.3f}, recall {found.whole.recall:.3f},"
        f" F1 {found.whole.f1:.3f}, {found.rows} rows",
        err=True,
    )
    for name, one in found.per_type.items():
        click.echo(
            f"  {name:<14}P {one.precision:.2f}  R {one.recall:.2f}  F1 {one.f1:.2f}"
            f"  n {one.labelled}",
            err=True,
        )


def as_line(*, report: TriageScore) -> dict[str, Any]:
    """Return the report as the one JSON object of the last line."""
    category = report.category.as_json()
    out: dict[str, Any] = {
        "rows": report.category.rows,
        "accuracy": category["accuracy"],
        "macro_f1": category["macro_f1"],
        "category": category,
    }
    if report.urgency is not None:
        out["urgency"] = report.urgency.as_json()
    if report.grave_recall is not None:
        out["high_critical_recall"] = round(report.grave_recall, 4)
    out["calibration_error"] = round(report.calibration_error, 4)
    out["reliability"] = [
        {
            "from": one.low,
            "to": one.high,
            "rows": one.rows,
            "said": round(one.said, 4),
            "right": round(one.right, 4),
        }
        for one in report.reliability
    ]
    wrong = ((pair, n) for pair, n in report.category.confusion.items() if pair[0] != pair[1])
    out["confusion"] = {
        f"{true}>{said}": many
        for (true, said), many in sorted(wrong, key=lambda one: (-one[1], one[0]))[:20]
    }
    return out


def _print(report: TriageScore, texts: dict[str, str], worst: int) -> None:
    for name, found in (("category", report.category), ("urgency", report.urgency)):
        if found is not None:
            _print_classes(name, found)
    if report.grave_recall is not None:
        click.echo(f"high and critical found: {report.grave_recall:.3f}", err=True)
    _print_confusion(report.category)
    click.echo("confidence  rows  said  right", err=True)
    for one in report.reliability:
        click.echo(
            f"{one.low:.1f}-{one.high:.1f}     {one.rows:5}  {one.said:.2f}  {one.right:.2f}",
            err=True,
        )
    for row in report.worst[:worst]:
        click.echo(
            f"{row.true_category} > {row.category} {row.confidence:.2f}  {texts[row.id][:60]}",
            err=True,
        )


def _print_classes(name: str, found: Agreement) -> None:
    click.echo(
        f"{name}: accuracy {found.accuracy:.3f}, macro-F1 {found.macro_f1:.3f}, {found.rows} rows",
        err=True,
    )
    for label, one in found.per_class.items():
        click.echo(
            f"  {label:<10}P {one.precision:.2f}  R {one.recall:.2f}  F1 {one.f1:.2f}"
            f"  n {one.rows}",
            err=True,
        )


def _print_confusion(found: Agreement) -> None:
    """Print true kinds down, said kinds across."""
    labels = [name for name in CATEGORIES if any(name in pair for pair in found.confusion)]
    click.echo("true \\ said " + " ".join(f"{name[:6]:>6}" for name in labels), err=True)
    for true in labels:
        counts = (found.confusion.get((true, said), 0) for said in labels)
        click.echo(f"{true:<11} " + " ".join(f"{many or '.':>6}" for many in counts), err=True)
