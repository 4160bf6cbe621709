"""The key of notices to telephones is made once and kept."""

from __future__ import annotations

import dataclasses
import stat
from pathlib import Path

import pytest
from django.conf import settings
from py_vapid import Vapid02

from huiyin.config.settings_table import CannotStart
from huiyin.config.vapid_key import vapid_key


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    own = dataclasses.replace(settings.HUIYIN, data=tmp_path / "data")
    made = vapid_key(settings=own)
    assert Vapid02.from_pem(made.encode()).private_key.curve.name == "secp256r1"
    assert vapid_key(settings=own) == made
    (file,) = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_is_no_key_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "vapid_key").write_text("nothing\n")
    with pytest.raises(CannotStart):
        vapid_key(settings=dataclasses.replace(settings.HUIYIN, data=tmp_path))
