"""Start-up: settings checked, Django ready, database migrated."""

from __future__ import annotations

import os
import sys

import click

from huiyin.config.settings_table import CannotStart, Settings, load


def prepare(*, migrate: bool = True) -> Settings:
    """Read the settings, set Django up and bring the database up to date.

    Ends the program with one clear message when a setting is wrong.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.config.django_settings")
    try:
        settings = load(environ=os.environ)
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        import django

        django.setup()
    except CannotStart as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot use the data folder: {error}") from error
    if migrate:
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
    return settings


def web_command(*, settings: Settings) -> list[str]:
    """Return the command that serves the web application."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", settings.host,
        "--port", str(settings.port), "--workers", str(settings.web_processes),
        "--blocking-threads", str(1 + settings.chat_streams), "--backpressure", "256",
        "--log-level", "warning", "--no-access-log", "huiyin.config.wsgi:application",
    ]  # fmt: skip
