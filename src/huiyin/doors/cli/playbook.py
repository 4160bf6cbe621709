"""``huiyin playbook``: check a playbook, list the shipped ones, print one to start from."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from huiyin import playbooks
from huiyin.core.playbook import CannotLoadPlaybook, Playbook, load_playbook
from huiyin.core.playbook.facts import FACTS
from huiyin.core.triage import load_language
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
    """Check, list and print playbooks (处理规程)."""


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
