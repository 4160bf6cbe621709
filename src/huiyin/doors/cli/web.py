"""``huiyin web``: the web server alone."""

from __future__ import annotations

import os

import click


@click.command("web")
@click.option("--port", type=int, help="Port of the web server.")
def command(port: int | None) -> None:
    """Serve the pages, the API and the callbacks."""
    from huiyin.config.start import prepare, web_command

    if port is not None:
        os.environ["HUIYIN_PORT"] = str(port)
    settings = prepare(listens=True)
    words = web_command(settings=settings)
    os.execv(words[0], words)
