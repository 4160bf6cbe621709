"""The ground that tests stand on: a closed network, settings of their own, both databases."""

from __future__ import annotations

import os
import socket
import tempfile
from io import StringIO

import pytest
import pytest_socket
from django.core.management import call_command
from django.db import connection


def test_the_outside_world_is_closed() -> None:
    with pytest.raises(pytest_socket.SocketConnectBlockedError), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))


def test_this_machine_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_no_data_of_a_developer_is_touched() -> None:
    from django.conf import settings

    assert str(settings.HUIYIN.data) == os.environ["HUIYIN_DATA"]
    assert settings.HUIYIN.data.is_relative_to(tempfile.gettempdir())


@pytest.mark.django_db
def test_the_database_is_the_one_asked_for(request: pytest.FixtureRequest) -> None:
    asked = request.config.getoption("--database")
    assert connection.vendor == ("sqlite" if asked == "sqlite" else "postgresql")
    assert connection.settings_dict["NAME"] != "huiyin"


@pytest.mark.django_db
def test_migrations_follow_the_models() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, verbosity=1)
    except SystemExit:
        pytest.fail(f"a migration is missing:\n{said.getvalue()}", pytrace=False)


@pytest.mark.django_db
def test_django_finds_nothing_to_warn_of() -> None:
    call_command("check", fail_level="WARNING")
