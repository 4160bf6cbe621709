"""A Postfix of the tests' own beside their Dovecot: takes mail, delivers it, sends it back."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dovecot_server import SECOND, USER, Mailbox, free_ports, owner

ROOT = Path(__file__).parent.parent
CUSTOMER = "zhou@customer.example"
NOBODY = "nobody@far.example"
"""Somebody for whom mail is taken and then sent back."""
SILENT = "quiet@silent.example"
"""Somebody for whom mail is taken and then thrown away."""
MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log
maillog_file_prefixes = {home}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.care.example
myorigin = care.example
mydestination =
mynetworks =
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
recipient_delimiter = +
virtual_mailbox_domains = care.example customer.example
virtual_mailbox_base = {boxes}
virtual_mailbox_maps = texthash:{home}/boxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = texthash:{home}/ways
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {boxes}/run/auth-client
smtpd_tls_security_level = may
smtpd_tls_cert_file = {boxes}/certificate.pem
smtpd_tls_key_file = {boxes}/key.pem
header_checks = regexp:{home}/heads
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
nobody unix - n n - - pipe flags= user=nobody argv=/bin/sh -c {{ exit 67 }}
postlog unix-dgram n - n - 1 postlogd
"""
TRUSTED_SERVER = "mx.care.example"
HEADS = """
/^Authentication-Results:[[:space:]]*mx\\.care\\.example/ IGNORE
/^X-Say-Results: (.*)/ REPLACE Authentication-Results: mx.care.example; $1
"""
"""As a border does: results in its own name that a mail brings along are taken out."""


class CannotStartPostfix(RuntimeError):
    """The server did not come up; the text holds what it said."""


@dataclass
class Postfix:
    """A running server: where it listens."""

    home: Path
    port: int
    program: str

    def run(self, *, word: str) -> subprocess.CompletedProcess[str]:
        """Tell the server something: start, stop, flush."""
        return subprocess.run(
            [self.program, "-c", str(self.home / "etc"), word],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it answers. Raises CannotStartPostfix."""
        begun = self.run(word="start")
        ends = time.monotonic() + 20
        while begun.returncode == 0 and time.monotonic() < ends:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=1) as line,
            ):
                line.settimeout(5)
                if line.recv(200).startswith(b"220"):
                    return
            time.sleep(0.05)
        raise CannotStartPostfix(begun.stderr + self.log())

    def stop(self) -> None:
        """Stop the server and its helpers."""
        self.run(word="stop")

    def log(self) -> str:
        """Return what the server wrote down."""
        file = self.home / "log"
        return file.read_text(errors="replace") if file.exists() else ""


def program() -> str:
    """Return the path of a Postfix. Raises CannotStartPostfix where none can be had or started."""
    if os.geteuid() != 0:
        raise CannotStartPostfix("a Postfix can only be started by root")
    found = subprocess.run(
        [ROOT / "scripts" / "install-postfix"], capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        raise CannotStartPostfix(found.stderr.strip() or "no Postfix on this machine")
    return found.stdout.strip()


@contextlib.contextmanager
def running_postfix(*, program: str, boxes: Mailbox) -> Iterator[Postfix]:
    """Start a server that delivers into the mailboxes of a Dovecot; stop it in the end."""
    home = Path(tempfile.mkdtemp(prefix="huiyin-smtp-", dir="/tmp"))
    home.chmod(0o755)
    (port,) = free_ports(count=1)
    uid, gid = owner()
    for folder in ("etc", "queue", "data"):
        (home / folder).mkdir()
    shutil.chown(home / "data", "postfix", "postfix")
    etc = home / "etc"
    (etc / "main.cf").write_text(MAIN.format(home=home, boxes=boxes.home, uid=uid, gid=gid))
    (etc / "master.cf").write_text(MASTER.format(port=port))
    (home / "boxes").write_text(f"{USER} mail/\n{SECOND} second/\n{CUSTOMER} customer/\n")
    (home / "ways").write_text("far.example nobody:\nsilent.example discard:\n")
    (home / "heads").write_text(HEADS)
    server = Postfix(home=home, port=port, program=program)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
