"""``huiyin worker``: decides contacts, sends answers, sweeps clocks."""

from __future__ import annotations

import signal

import click


@click.command("worker")
@click.option("--once", is_flag=True, help="Do one round and stop.")
def command(once: bool) -> None:
    """Work in the background until stopped; any number of workers may run."""
    from huiyin.config.start import prepare

    prepare()
    from huiyin.doors.worker import loop

    if once:
        loop.once()
        return
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    loop.run(stopped=lambda: stopping)
