"""The command ``huiyin``: each subcommand is one file of this folder, loaded when called."""

from __future__ import annotations

import importlib
import pkgutil

import click

_NOT_COMMANDS = {"jsonl"}


class _Lazy(click.Group):
    """A group that imports a subcommand only when it is called, so that start-up stays short."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (m.name for m in pkgutil.iter_modules(__path__) if m.name not in _NOT_COMMANDS)
        return sorted(name.replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command


@click.group(cls=_Lazy)
@click.version_option(package_name="huiyin")
def main() -> None:
    """Huiyin 回音: complaint handling for express and logistics."""
