"""Start-up: settings checked, Django ready, database migrated."""

from __future__ import annotations

import errno
import os
import socket
import sys

import click

from huiyin.config.bodies import WAITING
from huiyin.config.settings_table import CannotStart, Settings, load, strangers

_TOLD = "_HUIYIN_TOLD"
"""Set for the programs that this one starts: what was told is not told again."""


def prepare(*, migrate: bool = True, listens: bool = False) -> Settings:
    """Read the settings, set Django up and bring the database up to date.

    Ends the program with one clear message when a setting is wrong, or when it ``listens`` and
    nobody can at the port that is set.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.config.django_settings")
    try:
        settings = load(environ=os.environ)
        # the database and what is uploaded tell of customers: nobody else here reads them
        os.umask(0o077)
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        import django

        django.setup()
        _tell(settings)
    except CannotStart as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot use the data folder: {error}") from error
    if listens:
        _check_port(settings)
    _check_database()
    if migrate:
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
    return settings


def _tell(settings: Settings) -> None:
    """Say once which variables are no settings, and that others may read the data folder."""
    if os.environ.get(_TOLD):
        return
    os.environ[_TOLD] = "1"
    for line in strangers(environ=os.environ):
        click.echo(line, err=True)
    if os.name == "posix" and settings.data.stat().st_mode & 0o007:
        click.echo(
            f"everybody on this machine can look into {settings.data}, which holds customers' "
            f"data: chmod -R go-rwx {settings.data}\n"
            f"本机所有人都能打开数据目录 {settings.data}，请运行上面的 chmod 命令",
            err=True,
        )


def _check_database() -> None:
    """End the program when the database cannot be opened.

    The address set is not told, it may hold a password; what a server says of a refusal does not.
    """
    from django.db import DatabaseError, connection

    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise click.ClickException(
            f"cannot open the database: {str(error).strip()}\n"
            "数据库打不开，请检查 HUIYIN_DATABASE 和数据目录"
        ) from error


def _check_port(settings: Settings) -> None:
    """End the program when the port cannot be had.

    The web server lets several programs share a port; a second installation there, or one that
    was left running, would answer every other request out of its own data.
    """
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        reason = (
            "another program listens there already"
            if error.errno == errno.EADDRINUSE
            else error.strerror or str(error)
        )
        raise click.ClickException(
            f"cannot listen at {settings.host} port {settings.port}: {reason}; "
            "choose another with --port\n"
            f"端口 {settings.port} 不能用，请用 --port 换一个"
        ) from error


def web_command(*, settings: Settings) -> list[str]:
    """Return the command that serves the web application."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", settings.host,
        "--port", str(settings.port), "--workers", str(settings.web_processes),
        "--blocking-threads", str(1 + WAITING + settings.chat_streams), "--backpressure", "256",
        "--log-level", "error", "--no-access-log", "huiyin.config.wsgi:application",
    ]  # fmt: skip
