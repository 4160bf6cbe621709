"""``huiyin playbook``: check, list, print, draw, compare and rehearse playbooks."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from huiyin import playbooks
from huiyin.core.playbook import CannotLoadPlaybook, Playbook, load_playbook
from huiyin.core.playbook.compare import compare
from huiyin.core.playbook.drawing import ALONE, procedures, svg
from huiyin.core.playbook.drawing import draw as _draw
from huiyin.core.playbook.facts import FACTS
from huiyin.core.playbook.source import CannotReadYaml, read_document
from huiyin.core.triage import load_language
from huiyin.doors.cli import rehearse as rehearsal
from huiyin.store.triage_model import language_files

_LANGUAGE = click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="Language of what is printed.",
)


@click.group("playbook")
def command() -> None:
    """Check, list, print, draw, compare and rehearse playbooks (处理规程)."""


@command.command()
@click.argument("file")
@_LANGUAGE
def check(file: str, language: str) -> None:
    """Check FILE ("-" for standard input) and run its examples.

    Prints one JSON line when it is sound. Otherwise prints every problem with its line, column
    and remedy on standard error and exits with 1.
    """
    text = _read(file=file)
    try:
        playbook = load_playbook(text=text, language_signals=_signals())
    except CannotLoadPlaybook as error:
        for problem in error.problems:
            zh = language == "zh"
            what, do = (problem.zh, problem.remedy_zh) if zh else (problem.en, problem.remedy_en)
            where = f"{file}:{problem.line}:{problem.column}: {problem.path or '—'}"
            click.echo(f"{where}: {what}{'；' if zh else '; '}{do}", err=True)
        sys.exit(1)
    click.echo(json.dumps({**_summary(playbook=playbook), "ok": True}, ensure_ascii=False))


@command.command("list")
@_LANGUAGE
def list_(language: str) -> None:
    """List the playbooks that come with Huiyin, one JSON line each."""
    for name in playbooks.shipped():
        playbook = load_playbook(text=playbooks.text(name=name))
        line = {
            **_summary(playbook=playbook),
            "name": playbook.name.said(language=language),
            "about": playbook.about.said(language=language),
        }
        click.echo(json.dumps(line, ensure_ascii=False))


@command.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the shipped playbook NAME, to be saved as a file and changed."""
    try:
        text = playbooks.text(name=name)
    except KeyError as error:
        known = ", ".join(playbooks.shipped())
        raise click.ClickException(f"no shipped playbook {name!r}; there are {known}") from error
    sys.stdout.buffer.write(text.encode())


@command.command()
@click.argument("file")
@click.option("--category", default="", help="Only this category's procedure.")
@click.option("--out", default="", help="Folder for one SVG file a procedure.")
@_LANGUAGE
def draw(file: str, category: str, out: str, language: str) -> None:
    """Draw the procedures of FILE (or of a shipped playbook) as SVG, one JSON line each.

    Without --out the lines carry the drawing itself.
    """
    playbook = _sound(file=file, language=language)
    known = {c.code for c in playbook.categories}
    if category and category not in known:
        raise click.ClickException(f"no category {category!r}; there are {', '.join(known)}")
    for first, branch, same in procedures(playbook=playbook):
        if category and category not in same:
            continue
        drawing = _draw(
            playbook=playbook, category=category or first, branch=branch, english=language == "en"
        )
        picture = svg(drawing=drawing, id="flow", style=ALONE)
        line: dict[str, object] = {
            "branch": branch, "categories": list(same), "words": list(drawing.words),
        }  # fmt: skip
        if out:
            path = Path(out) / f"{playbook.key}-{branch}-{category or first}.svg"
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(picture, encoding="utf-8")
            except OSError as error:
                raise click.ClickException(f"cannot write {path}: {error.strerror}") from error
            line["file"] = str(path)
        else:
            line["svg"] = picture
        click.echo(json.dumps(line, ensure_ascii=False))


@command.command()
@click.argument("before")
@click.argument("after")
@_LANGUAGE
def diff(before: str, after: str, language: str) -> None:
    """Tell what differs between two playbooks (files or shipped names), one JSON line each.

    Exits with 0 whether they differ or not.
    """
    texts = [_text(file=name) for name in (before, after)]
    data = []
    for name, text in zip((before, after), texts, strict=True):
        try:
            data.append(read_document(text=text).data)
        except CannotReadYaml as error:
            place = f"{name}:{error.place[0]}:{error.place[1]}"
            raise click.ClickException(f"{place}: {error.finding.en}") from error
    for change in compare(before=data[0], after=data[1], english=language == "en"):
        click.echo(json.dumps(asdict(change), ensure_ascii=False))


@command.command()
@click.argument("file")
@click.option("--rows", default=2000, show_default=True, help="How many of the latest complaints.")
@click.option("--export", default="", help="Write all differences to this xlsx file.")
@_LANGUAGE
def rehearse(file: str, rows: int, export: str, language: str) -> None:
    """Lead past complaints through FILE and tell what would have been otherwise."""
    rehearsal.run(file=file, rows=rows, export=export, language=language)


@command.command()
@_LANGUAGE
def facts(language: str) -> None:
    """List the facts that conditions may ask for, one JSON line each."""
    for fact in FACTS.values():
        line: dict[str, object] = {
            "fact": fact.name,
            "type": fact.type,
            "means": fact.en if language == "en" else fact.zh,
        }
        if fact.values:
            line["values"] = list(fact.values)
        click.echo(json.dumps(line, ensure_ascii=False))


def _summary(*, playbook: Playbook) -> dict[str, object]:
    rules = (playbook.urgency, playbook.routing, playbook.clocks, playbook.remedies)
    return {
        "key": playbook.key,
        "version": playbook.version,
        "version_id": playbook.version_id,
        "rules": sum(len(part) for part in rules),
        "examples": sum(len(rule.examples) for part in rules for rule in part),
    }


def _text(*, file: str) -> str:
    return playbooks.text(name=file) if file in playbooks.shipped() else _read(file=file)


def _sound(*, file: str, language: str) -> Playbook:
    """Return a playbook by file or shipped name; its problems end the command."""
    try:
        return load_playbook(text=_text(file=file), language_signals=_signals())
    except CannotLoadPlaybook as error:
        first = error.problems[0]
        what = f"{first.zh}；{first.remedy_zh}" if language == "zh" else (
            f"{first.en}; {first.remedy_en}"
        )  # fmt: skip
        raise click.ClickException(f"{file}:{first.line}:{first.column}: {what}") from error


def _signals() -> frozenset[str]:
    files = {k: v for k, v in language_files().items() if not k.startswith("phrases")}
    return frozenset(signal.id for signal in load_language(files=files).signals)


def _read(*, file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {error.strerror}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise click.ClickException(f"{file}: line {line} is not UTF-8; save it as UTF-8") from error
