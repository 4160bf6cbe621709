"""``huiyin reindex``: the search index written anew while the system runs."""

from __future__ import annotations

import json
import time

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

_WORDS = {
    "cases": "投诉 complaints",
    "entries": "消息 messages",
    "words": "词语 words",
    "past": "办过的投诉 ended complaints",
    "done": "完成 done",
}


@click.command("reindex")
def command() -> None:
    """Write the search index anew, with a progress bar; searches and work go on meanwhile.

    A stopped run goes on where it stood: by this command, or by the worker.
    """
    from huiyin.config.start import prepare

    prepare()
    from django.utils import timezone

    from huiyin.store import reindex

    began = time.monotonic()
    reindex.ask(now=timezone.now())
    with Progress(
        "{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as bar:  # fmt: skip
        task = bar.add_task("", total=None)

        def say(p: reindex.Progress) -> None:
            bar.update(
                task, description=_WORDS.get(p.phase, ""), completed=p.done, total=p.total or None
            )

        while not reindex.go_on(now=timezone.now(), say=say):
            say(reindex.progress())
            time.sleep(0.5)
        last = reindex.progress()
        say(last)
    click.echo(json.dumps({"done": last.done, "seconds": round(time.monotonic() - began, 1)}))
