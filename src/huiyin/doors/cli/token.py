"""``huiyin token``: tokens with which programs call the API."""

from __future__ import annotations

import sys

import click

from huiyin.doors.cli.jsonl import write_line


@click.group("token")
def command() -> None:
    """Give programs tokens for the API, list them, take them back."""
    from huiyin.config.start import prepare

    prepare()


@command.command("new")
@click.argument("username")
@click.argument("name")
def new(username: str, name: str) -> None:
    """Give the program NAME a token: it may do what the person USERNAME may.

    The token is shown once; only its hash is kept.
    """
    from django.utils import timezone

    from huiyin.store.ledger import people
    from huiyin.store.read import programs

    user_id = programs.person_of(username=username)
    if user_id is None:
        raise click.ClickException(
            f"nobody active is called {username} / 没有叫 {username} 的在用账号"
        )
    if not 0 < len(name.strip()) <= programs.LONGEST_NAME:
        raise click.ClickException(
            f"a name has 1 to {programs.LONGEST_NAME} characters / "
            f"名称 1 到 {programs.LONGEST_NAME} 个字"
        )
    token = people.issue_token(now=timezone.now(), user_id=user_id, name=name.strip())
    write_line(data={"name": name.strip(), "username": username, "token": token})


@command.command("list")
def listed() -> None:
    """List the tokens, the newest first, without their secrets."""
    from huiyin.store.read import programs

    for one in programs.tokens():
        write_line(
            data={
                "id": one.id,
                "name": one.name,
                "username": one.username,
                "created_at": one.created_at.isoformat(),
                "revoked_at": one.revoked_at.isoformat() if one.revoked_at else "",
            }
        )


@command.command("revoke")
@click.argument("id", type=int)
def revoke(id: int) -> None:
    """Take a token back, at once and for good; ID as the list tells it."""
    from django.utils import timezone

    from huiyin.store.ledger import people

    if not people.revoke_token(now=timezone.now(), id=id):
        click.echo(f"no such token in force: {id} / 没有这个在用的令牌", err=True)
        sys.exit(1)
