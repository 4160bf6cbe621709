"""A Dovecot of the tests' own: started on a free port of this machine, in a folder, then gone."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
USER, PASSWORD = "care@care.example", 'p@ss "word" 密'
CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
auth_failure_delay = 0 secs
mail_location = maildir:{home}/mail
mail_fsync = never
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class CannotStartDovecot(RuntimeError):
    """The server did not come up; the text holds what it said."""


@dataclass
class Mailbox:
    """A running server: where it listens, and its one mailbox as files."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def put(self, *, raw: bytes, name: str) -> None:
        """Deliver a mail as a mail server does: written aside, then moved into the mailbox."""
        aside = self.home / "mail" / "tmp" / name
        aside.write_bytes(raw)
        os.chown(aside, *_owner())
        aside.rename(self.home / "mail" / "new" / name)

    def unread(self) -> int:
        """Count the mails that are not marked as read."""
        cur = [f.name for f in (self.home / "mail" / "cur").iterdir()]
        return len(list((self.home / "mail" / "new").iterdir())) + sum(
            "S" not in name.rpartition(",")[2] for name in cur
        )

    def start(self, *, binary: str) -> None:
        """Start the server and wait until it answers. Raises CannotStartDovecot."""
        self.process = subprocess.Popen(
            [binary, "-F", "-c", self.home / "dovecot.conf"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            if self.process.poll() is not None:
                break
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=1) as line,
            ):
                line.settimeout(5)
                if line.recv(100).startswith(b"* OK"):
                    return
            time.sleep(0.05)
        said = self.home / "log"
        raise CannotStartDovecot(said.read_text() if said.exists() else "no word")

    def stop(self) -> None:
        """Stop the server and its helpers."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None


def _owner() -> tuple[int, int]:
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def binary() -> str:
    """Return the path of a Dovecot. Raises CannotStartDovecot where none can be had."""
    found = subprocess.run(
        [ROOT / "scripts" / "install-dovecot"], capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        raise CannotStartDovecot(found.stderr.strip() or "no Dovecot on this machine")
    return found.stdout.strip()


@contextlib.contextmanager
def running_dovecot(*, program: str) -> Iterator[Mailbox]:
    """Start a server with one empty mailbox and stop it in the end."""
    home = Path(tempfile.mkdtemp(prefix="huiyin-imap-", dir="/tmp"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    uid, gid = _owner()
    root = os.geteuid() == 0
    me = pwd.getpwuid(os.geteuid()).pw_name
    (home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
    (home / "dovecot.conf").write_text(
        CONFIG.format(
            home=home, port=port, uid=uid, gid=gid,
            internal="dovecot" if root else me,
            group="dovecot" if root else str(os.getegid()),
            login="dovenull" if root else me,
        )
    )  # fmt: skip
    for folder in ("mail", "mail/new", "mail/cur", "mail/tmp"):
        (home / folder).mkdir()
    for path in (home, *home.rglob("mail*"), *(home / "mail").iterdir()):
        os.chown(path, uid, gid)
    home.chmod(0o755)
    box = Mailbox(home=home, port=port)
    try:
        box.start(binary=program)
        yield box
    finally:
        box.stop()
        shutil.rmtree(home, ignore_errors=True)
