"""A Kannel of the tests' own: bearerbox, smsbox and Kannel's fake SMSC, in a folder, then gone."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

ROOT = Path(__file__).parent.parent
USER, PASSWORD = "huiyin", "pass-1"
CONFIG = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = tests
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = {home}/bearerbox.log
log-level = 1
dlr-storage = internal
sms-combine-concatenated-mo = true

group = smsc
smsc = fake
smsc-id = fake
port = {smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = {home}/smsbox.log
log-level = 1
http-request-retry = 20
http-queue-delay = 1

group = sendsms-user
username = {user}
password = {password}
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
post-url = "{hook}"
max-messages = 0
omit-empty = true
send-sender = true
"""


class CannotStartKannel(RuntimeError):
    """No Kannel can be had, or it did not come up; the text holds what it said."""


@dataclass(frozen=True)
class Programs:
    """The paths of the three programs."""

    bearerbox: str
    smsbox: str
    fakesmsc: str


def programs() -> Programs:
    """Return Kannel's programs. Raises CannotStartKannel where none can be had."""
    found = subprocess.run(
        [ROOT / "scripts" / "install-kannel"], capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        raise CannotStartKannel(found.stderr.strip() or "no Kannel on this machine")
    return Programs(*found.stdout.split())


@dataclass
class Kannel:
    """A running gateway and the handset network behind it."""

    home: Path
    smsc: int
    sendsms: int
    fakesmsc: str
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Where messages to send are taken."""
        return f"http://127.0.0.1:{self.sendsms}"

    def network(self, *messages: str) -> subprocess.Popen[bytes]:
        """Connect Kannel's fake SMSC: it sends these messages and takes what is for handsets.

        The gateway speaks with one at a time.
        """
        log = (self.home / "network.log").open("ab")
        count = str(len(messages))
        told = messages or ("1 2 text nothing",)
        process = subprocess.Popen(
            [self.fakesmsc, "-r", str(self.smsc), "-i", "0.05", "-m", count, *told],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        self.running.append(process)
        return process

    def incoming(self, *, sender: str, text: str, to: str = "10690001") -> None:
        """Let a handset send a message."""
        if text.isascii() and " " not in text:
            words = f"text {text}"
        else:
            words = f"ucs2 {quote(text.encode('utf-16-be'), safe='')}"
        self._once(f"{sender} {to} {words}")

    def incoming_in_parts(self, *, sender: str, parts: list[bytes], to: str = "10690001") -> None:
        """Let a handset send a message that is too long for one, in parts with their headers."""
        for place, part in enumerate(parts, start=1):
            head = "".join(f"%{octet:02x}" for octet in (5, 0, 3, 0x77, len(parts), place))
            self._once(f"{sender} {to} udh-data {head} {quote(part, safe='')}")

    def _once(self, message: str) -> None:
        before = self._log().count("sent message")
        process = self.network(message)
        self.wait(lambda: self._log().count("sent message") > before)
        time.sleep(0.2)
        self.stop(process)

    def forget(self) -> None:
        """Stop the handset network and forget what it saw."""
        for process in self.running[2:]:
            self.stop(process)
        (self.home / "network.log").unlink(missing_ok=True)

    def _log(self) -> str:
        log = self.home / "network.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def received(self) -> list[tuple[str, str]]:
        """Return what handsets got: (number, text), parts put together."""
        out: list[tuple[str, str]] = []
        parts: list[bytes] = []
        for line in re.findall(r"Got message \d+: <(.*)>", self._log()):
            words = line.split(" ")
            if words[2] == "udh":
                head = unquote_to_bytes(words[3])
                parts.append(unquote_to_bytes(words[5]))
                if head[5] == head[4]:
                    out.append((words[1], _said(b"".join(parts))))
                    parts = []
            elif words[2] == "ucs-2":
                out.append((words[1], unquote_to_bytes(words[3]).decode("utf-16-be")))
            else:
                out.append((words[1], " ".join(words[3:])))
        return out

    def wait(self, reached: object) -> None:
        """Wait until something holds."""
        assert callable(reached)
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            if reached():
                return
            time.sleep(0.3)
        raise AssertionError("Kannel did not do it in time: " + self._log()[-500:])

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Stop one process of this gateway."""
        process.terminate()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)
        self.running.remove(process)


def _said(octets: bytes) -> str:
    return (
        octets.decode("ascii")
        if octets.isascii() and 0 not in octets
        else octets.decode("utf-16-be")
    )


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextlib.contextmanager
def running_kannel(*, found: Programs, hook: str) -> Iterator[Kannel]:
    """Start a gateway that posts incoming messages to ``hook`` and stop it in the end."""
    home = Path(tempfile.mkdtemp(prefix="huiyin-kannel-", dir="/tmp"))
    ports = {name: _port() for name in ("admin", "box", "smsc", "sendsms")}
    conf = home / "kannel.conf"
    conf.write_text(CONFIG.format(home=home, user=USER, password=PASSWORD, hook=hook, **ports))
    gateway = Kannel(
        home=home, smsc=ports["smsc"], sendsms=ports["sendsms"], fakesmsc=found.fakesmsc
    )
    try:
        for program, port in ((found.bearerbox, ports["smsc"]), (found.smsbox, ports["sendsms"])):
            _start(gateway, program, conf, port)
        yield gateway
    finally:
        for process in reversed(list(gateway.running)):
            gateway.stop(process)
        shutil.rmtree(home, ignore_errors=True)


def _start(gateway: Kannel, program: str, conf: Path, port: int) -> None:
    with (gateway.home / "said").open("ab") as said:
        process = subprocess.Popen([program, conf], stdout=said, stderr=subprocess.STDOUT)
    gateway.running.append(process)
    ends = time.monotonic() + 20
    while time.monotonic() < ends and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1),
        ):
            return
        time.sleep(0.05)
    raise CannotStartKannel((gateway.home / "said").read_text(errors="replace")[-2000:])
