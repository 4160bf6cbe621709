"""SQLite's log is moved into the file beside the work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_WORK = """
import time
from pathlib import Path
from huiyin.config.start import prepare
settings = prepare(migrate=False)
from django.db import connection
from huiyin.store import checkpoint
checkpoint.WORTH = 100_000
file = Path(connection.settings_dict["NAME"])
with connection.cursor() as cursor:
    cursor.execute("PRAGMA wal_autocheckpoint=0")
    cursor.execute("CREATE TABLE words (text TEXT)")
    with checkpoint.moved_beside():
        for number in range(40):
            cursor.execute("INSERT INTO words VALUES (%s)", ["x" * 20_000])
        until = time.monotonic() + 20
        while file.stat().st_size < 400_000 and time.monotonic() < until:
            time.sleep(0.05)
print(file.stat().st_size)
"""


def test_the_log_is_moved_while_work_goes_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WORK],
        env={**os.environ, "HUIYIN_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= 400_000, "all of it stayed in the log"
