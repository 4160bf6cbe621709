"""A Dovecot of the tests' own: started on a free port of this machine, in a folder, then gone."""

from __future__ import annotations

import contextlib
import ipaddress
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
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parent.parent
USER, PASSWORD = "care@care.example", 'p@ss "word" 密'
SECOND, SECOND_PASSWORD = "claims@care.example", "second"
TOKENS = """
introspection_mode = post
introspection_url = http://127.0.0.1:{token_port}/introspect
active_attribute = active
active_value = true
username_attribute = username
pass_attrs = userdb_mail=maildir:{home}/second
"""
CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{home}/certificate.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
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
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/tokens.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
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
    port = {tls_port}
  }}
}}
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


BOXES = ("mail", "second", "customer")
"""Folders: of USER, of SECOND, and of a customer whose mail another server delivers."""


class CannotStartDovecot(RuntimeError):
    """The server did not come up; the text holds what it said."""


@dataclass
class Mailbox:
    """A running server: where it listens, and its one mailbox as files."""

    home: Path
    port: int
    tls_port: int = 0
    token_port: int = 0
    """Where a token server is asked whether a token holds (RFC 7662)."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def certificate(self) -> Path:
        """The certificate that a client must trust."""
        return self.home / "certificate.pem"

    def put(self, *, raw: bytes, name: str, box: str = "mail") -> None:
        """Deliver a mail as a mail server does: written aside, then moved into the mailbox."""
        aside = self.home / box / "tmp" / name
        aside.write_bytes(raw)
        os.chown(aside, *owner())
        aside.rename(self.home / box / "new" / name)

    def empty(self) -> None:
        """Take everything out of the mailboxes."""
        for box in BOXES:
            for folder in ("new", "cur"):
                for file in (self.home / box / folder).iterdir():
                    file.unlink()

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


def free_ports(*, count: int) -> list[int]:
    """Return ports of this machine on which nobody listens."""
    with contextlib.ExitStack() as held:
        lines = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [line.getsockname()[1] for line in lines]


def make_certificate(*, folder: Path) -> None:
    """Write a certificate for this machine, and its key, that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    own = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(own, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def owner() -> tuple[int, int]:
    """Return the user and group to whom the mailboxes belong."""
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
    port, tls_port, token_port = free_ports(count=3)
    uid, gid = owner()
    make_certificate(folder=home)
    (home / "tokens.conf").write_text(TOKENS.format(token_port=token_port, home=home))
    root = os.geteuid() == 0
    me = pwd.getpwuid(os.geteuid()).pw_name
    (home / "users").write_text(
        f"{USER}:{{PLAIN}}{PASSWORD}\n"
        f"{SECOND}:{{PLAIN}}{SECOND_PASSWORD}::::::userdb_mail=maildir:{home}/second\n",
        encoding="utf-8",
    )
    (home / "dovecot.conf").write_text(
        CONFIG.format(
            home=home, port=port, tls_port=tls_port, uid=uid, gid=gid,
            internal="dovecot" if root else me,
            group="dovecot" if root else str(os.getegid()),
            login="dovenull" if root else me,
        )
    )  # fmt: skip
    os.chown(home, uid, gid)
    for name in BOXES:
        for folder in (name, f"{name}/new", f"{name}/cur", f"{name}/tmp"):
            (home / folder).mkdir()
            os.chown(home / folder, uid, gid)
    home.chmod(0o755)
    box = Mailbox(home=home, port=port, tls_port=tls_port, token_port=token_port)
    try:
        box.start(binary=program)
        yield box
    finally:
        box.stop()
        shutil.rmtree(home, ignore_errors=True)
