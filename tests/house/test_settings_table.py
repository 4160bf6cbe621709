"""The table of settings: defaults, what is refused and how it is said."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from huiyin.config.database_url import CannotReadDatabaseUrl, read_database_url
from huiyin.config.secret_key import secret_key
from huiyin.config.settings_table import TABLE, CannotStart, Settings, load


def test_every_default_is_accepted() -> None:
    settings = load(environ={})
    assert settings.port == 8000
    assert settings.database_url.endswith("/huiyin.sqlite3")
    assert settings.site_url == "http://127.0.0.1:8000"
    assert settings.data.is_absolute()


def test_every_row_has_help_in_both_languages() -> None:
    for row in TABLE:
        assert row.help_zh and row.help_en, row.name
        assert row.kind != "choice" or row.default in row.choices
        assert row.kind != "integer" or (row.least is not None and row.most is not None)


def test_values_are_typed() -> None:
    settings = load(
        environ={
            "HUIYIN_PORT": " 9000 ",
            "HUIYIN_DEBUG": "Off",
            "HUIYIN_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "HUIYIN_ALLOWED_HOSTS": "a.example, b.example",
            "HUIYIN_LANGUAGE": "EN",
            "HUIYIN_PUBLIC_URL": "https://service.example.com/",
        }
    )
    assert (settings.port, settings.debug, settings.language) == (9000, False, "en")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.site_url == "https://service.example.com"


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("HUIYIN_PORT", "tcp://10.0.0.1:8000", "whole number from 1 to 65535"),
        ("HUIYIN_PORT", "70000", "65535"),
        ("HUIYIN_PORT", "８０００", "whole number"),
        ("HUIYIN_DEBUG", "maybe", "true or false"),
        ("HUIYIN_LANGUAGE", "fr", "zh-hans, en"),
        ("HUIYIN_TIME_ZONE", "../etc/passwd", "Asia/Shanghai"),
        ("HUIYIN_PUBLIC_URL", "service.example.com", "https://"),
        ("HUIYIN_PUBLIC_URL", "https://service.example.com/desk/", "leave out path"),
        ("HUIYIN_TRUSTED_PROXIES", "10.0.0.0/8,nginx", "nginx"),
        ("HUIYIN_DATABASE", "mysql://root@db/huiyin", "postgresql://"),
        ("HUIYIN_PROT", "9000", "did you mean HUIYIN_PORT?"),
    ],
)
def test_bad_value_is_named_with_its_remedy(variable: str, value: str, word: str) -> None:
    with pytest.raises(CannotStart) as refused:
        load(environ={variable: value})
    (problem,) = refused.value.problems
    assert variable in problem
    assert word in problem


def test_all_problems_come_at_once_and_secrets_stay_hidden() -> None:
    with pytest.raises(CannotStart) as refused:
        load(
            environ={
                "HUIYIN_PORT": "none",
                "HUIYIN_SECRET_KEY": "short-and-private",
                "HUIYIN_DATABASE": "oracle://scott:tiger@db/x",
                "HUIYIN_IMAP_HOST": "imap.example.com",
                "HUIYIN_SMTP_HOST": "smtp.example.com",
            }
        )
    text = str(refused.value)
    assert len(refused.value.problems) == 6
    for variable in ("PORT", "SECRET_KEY", "DATABASE", "IMAP_USER", "IMAP_PASSWORD", "SMTP_FROM"):
        assert f"HUIYIN_{variable}" in text
    assert "short-and-private" not in text
    assert "tiger" not in text


def test_variables_of_a_container_platform_do_no_harm() -> None:
    assert load(environ={"HUIYIN_SERVICE_HOST": "10.0.0.1"}).host == "127.0.0.1"


def test_secrets_are_not_printed() -> None:
    settings = load(
        environ={"HUIYIN_SECRET_KEY": "k" * 40, "HUIYIN_DATABASE": "postgresql://u:pw@db/huiyin"}
    )
    assert "kkkk" not in repr(settings)
    assert "pw" not in repr(settings)


def _with_data(folder: Path) -> Settings:
    return load(environ={"HUIYIN_DATA": str(folder)})


def test_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = _with_data(tmp_path / "new" / "data")
    key = secret_key(settings=settings)
    assert len(key) >= 32
    assert secret_key(settings=settings) == key
    mode = (settings.data / "secret_key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert [each.name for each in settings.data.iterdir()] == ["secret_key"]


def test_damaged_secret_key_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("abc")
    with pytest.raises(CannotStart, match="delete it"):
        secret_key(settings=_with_data(tmp_path))


def test_database_addresses() -> None:
    assert read_database_url(url="sqlite:////var/lib/huiyin/a%20b.sqlite3").name == (
        "/var/lib/huiyin/a b.sqlite3"
    )
    far = read_database_url(url="postgresql://me:p%40ss@db.example:5433/huiyin?sslmode=require")
    assert (far.user, far.password, far.host, far.port, far.name) == (
        "me",
        "p@ss",
        "db.example",
        5433,
        "huiyin",
    )
    assert far.options == {"sslmode": "require"}
    near = read_database_url(url="postgresql://me@/huiyin?host=/run/pg")
    assert (near.host, near.options) == ("/run/pg", {})
    assert "p@ss" not in repr(far)


@pytest.mark.parametrize(
    "url", ["", "huiyin", "sqlite://", "sqlite://host/x", "postgresql://db", "postgresql://db:x/n"]
)
def test_bad_database_address_is_refused(url: str) -> None:
    with pytest.raises(CannotReadDatabaseUrl):
        read_database_url(url=url)
