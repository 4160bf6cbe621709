"""``huiyin up``: migrate, then web and worker together."""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial

import click


@click.command("up")
@click.option("--demo", is_flag=True, help="Open the demo company.")
@click.option("--data-from", default="", help="JSON lines of texts that flow into the demo.")
@click.option("--port", type=int, help="Port of the web server.")
@click.option("--host", default="", help="Address the web server listens on.")
@click.option("--data", default="", help="Data folder.")
def command(demo: bool, data_from: str, port: int | None, host: str, data: str) -> None:
    """Migrate the database, then run web server and worker together until stopped."""
    from huiyin.config.children import Children
    from huiyin.config.start import prepare, web_command

    if port is not None:
        os.environ["HUIYIN_PORT"] = str(port)
    if host:
        os.environ["HUIYIN_HOST"] = host
    if data:
        os.environ["HUIYIN_DATA"] = data
    elif demo and not os.environ.get("HUIYIN_DATA"):
        os.environ["HUIYIN_DATA"] = os.path.join(os.getcwd(), "data")
    settings = prepare(listens=True)
    if demo:
        from huiyin.demo.play import open_demo

        open_demo(say=click.echo, texts=data_from)
    children = Children(
        commands=(web_command(settings=settings), [sys.executable, "-m", "huiyin", "worker"]),
        say=partial(click.echo, err=True),
    )
    click.echo(f"\n回音 Huiyin: {settings.site_url}/desk/  (客户 portal: {settings.site_url}/)")
    if demo:
        from huiyin.demo.people import PASSWORD, PEOPLE

        click.echo("登录 logins, 密码 password: " + PASSWORD)
        for person in PEOPLE:
            click.echo(f"  {person['username']:<10} {person['name']}  {person['title']}")

    def stop(_signal: int, _frame: object) -> None:
        children.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while children.look():
        time.sleep(0.2)
    sys.exit(0 if children.end() in (0, signal.SIGTERM) else 1)
