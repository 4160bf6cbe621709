"""``huiyin train``: a triage model trained on the corrections, compared with the running one."""

from __future__ import annotations

import json
import time

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

_WORDS = {
    "gather": "更正 corrections",
    "shipped": "出厂例句 shipped examples",
    "probe": "检验遗忘 what is forgotten",
    "model": "训练 training",
    "compare": "比较 comparing",
}


@click.command("train")
@click.option("--take", is_flag=True, help="Let the new model run if it is better.")
@click.option("--night", is_flag=True, help="Take as the worker does at night.")
def command(take: bool, night: bool) -> None:
    """Train a triage model on people's corrections and compare it with the running one.

    The model waits as a candidate unless --take or --night is given; after somebody took a version
    back, --night makes candidates only. One that is not better is refused. The last line is one
    JSON object with state, scores and reasons.
    """
    from huiyin.config.start import prepare

    prepare()
    from django.utils import timezone

    from huiyin.core.triage import CannotLoadLanguage
    from huiyin.core.triage.train import CannotTrain
    from huiyin.flows import learn
    from huiyin.store.ledger.versions import CannotChangeVersion
    from huiyin.store.read import learning

    began = time.monotonic()
    with Progress(
        "{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as bar:  # fmt: skip
        task = bar.add_task("", total=learn.STEPS)

        def say(step: int, what: str) -> None:
            bar.update(task, completed=step, description=_WORDS[what])

        try:
            trained = learn.learn(now=timezone.now(), by=None, policy=learning.policy(), say=say)
        except (CannotLoadLanguage, CannotTrain) as error:
            raise click.ClickException(str(error)) from error
        bar.update(task, completed=learn.STEPS)
    out = trained.as_json()
    waiting = learning.candidate()
    wanted = take or (night and trained.state == "candidate" and not learning.left_to_people())
    if wanted and waiting is not None and waiting.id == trained.id:
        try:
            learn.take(id=waiting.id, now=timezone.now(), by=None)
        except CannotChangeVersion as error:
            raise click.ClickException(f"{error.zh} / {error.en}") from error
        out["state"] = "running"
    for reason in trained.because:
        click.echo(f"{reason.zh} / {reason.en}", err=True)
    out["seconds"] = round(time.monotonic() - began, 1)
    click.echo(json.dumps(out, ensure_ascii=False))
