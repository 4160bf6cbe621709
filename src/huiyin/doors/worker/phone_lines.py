"""Lines to telephone systems: FreeSWITCH's event socket, Asterisk's manager and ARI."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from django.utils import timezone
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.sync.client import connect

from huiyin.channels import asterisk, freeswitch
from huiyin.channels.calls import CallEvent
from huiyin.channels.inbound import CannotRead
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.store.read.accounts import Account

PATIENCE: Final = 5.0
"""Seconds for a system to take the call or to answer a question."""
BEAT: Final = 20.0
"""Seconds of silence after which a sign of life is asked for; as many again and the line is cut."""
MOST_BYTES: Final = 4 * 1024 * 1024


class CannotHold(Exception):
    """The system cannot be reached, refuses us, or broke the line; tells no secret."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(zh)


class Line(Protocol):
    """A line that is open and tells of every call from now on."""

    def listed(self) -> list[CallEvent]:
        """Return the calls that are on the line. Raises CannotHold."""

    def next(self, seconds: float) -> CallEvent | None:
        """Return what is told next, None when nothing is for so long. Raises CannotHold."""

    def close(self) -> None:
        """Hang up."""


class _Wire:
    """A socket whose messages end at an empty line, some followed by so many bytes."""

    def __init__(self, *, host: str, port: int) -> None:
        try:
            self._socket = socket.create_connection((host, port), timeout=PATIENCE)
        except OSError as error:
            raise CannotHold(
                zh=f"连不上：{type(error).__name__}", en=f"cannot connect: {type(error).__name__}"
            ) from error
        self._kept = bytearray()
        self._heard = time.monotonic()
        self._asked = False

    def say(self, words: str) -> None:
        """Send something. Raises CannotHold."""
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.sendall(words.encode())
        except OSError as error:
            raise _broken(error) from error

    def until(self, mark: bytes, seconds: float) -> bytes | None:
        """Return what comes before ``mark``; None when it does not come in so many seconds."""
        ends = time.monotonic() + seconds
        while (place := self._kept.find(mark)) < 0:
            if not self._more(ends):
                return None
        found = bytes(self._kept[:place])
        del self._kept[: place + len(mark)]
        return found

    def exactly(self, size: int) -> bytes:
        """Return so many bytes. Raises CannotHold."""
        ends = time.monotonic() + PATIENCE
        while len(self._kept) < size:
            if not self._more(ends):
                raise CannotHold(zh="对方说到一半没有说完", en="half a message came")
        found = bytes(self._kept[:size])
        del self._kept[:size]
        return found

    def _more(self, ends: float) -> bool:
        left = ends - time.monotonic()
        if left <= 0:
            return False
        try:
            self._socket.settimeout(left)
            piece = self._socket.recv(65536)
        except TimeoutError:
            return False
        except OSError as error:
            raise _broken(error) from error
        if not piece:
            raise CannotHold(zh="对方挂断了连接", en="the system closed the line")
        if len(self._kept) > MOST_BYTES:
            raise CannotHold(zh="对方的消息太长", en="a message is too long")
        self._kept += piece
        self._heard, self._asked = time.monotonic(), False
        return True

    def alive(self, ask: Callable[[], None]) -> None:
        """Ask for a sign of life after long silence; cut a line that gives none."""
        silent = time.monotonic() - self._heard
        if silent > 2 * BEAT:
            raise CannotHold(zh="对方没有声息", en="the system is silent")
        if silent > BEAT and not self._asked:
            self._asked = True
            ask()

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(OSError):
            self._socket.close()


def _broken(error: OSError) -> CannotHold:
    return CannotHold(zh=f"连接断了：{type(error).__name__}", en=f"broken: {type(error).__name__}")


class FreeSwitchLine:
    """A line to FreeSWITCH's event socket."""

    def __init__(self, *, settings: Mapping[str, Any]) -> None:
        self._wire = _Wire(host=str(settings["host"]), port=int(settings["port"]))
        self._told: deque[CallEvent] = deque()
        try:
            first, _body = self._message(PATIENCE) or ({}, b"")
            if first.get("content-type") != "auth/request":
                raise CannotHold(
                    zh="对方不是事件套接字，或拒绝了我们的地址",
                    en="this is no event socket, or it refuses our address",
                )
            if not self._ask(f"auth {settings['secret']}").startswith("+OK"):
                raise CannotHold(zh="密码不对", en="wrong password")
            if not self._ask(freeswitch.EVENTS).startswith("+OK"):
                raise CannotHold(zh="对方不肯订阅事件", en="events cannot be subscribed to")
        except CannotHold:
            self.close()
            raise

    def _message(self, seconds: float) -> tuple[dict[str, str], bytes] | None:
        head = self._wire.until(b"\n\n", seconds)
        if head is None:
            return None
        found = freeswitch.headers(head)
        size = found.get("content-length", "0")
        if not size.isdigit() or int(size) > MOST_BYTES:
            raise CannotHold(zh="对方的消息太长", en="a message is too long")
        return found, self._wire.exactly(int(size)) if int(size) else b""

    def _ask(self, words: str) -> str:
        self._wire.say(f"{words}\n\n")
        return self._answer("command/reply")[0].get("reply-text", "")

    def _answer(self, kind: str) -> tuple[dict[str, str], bytes]:
        """Return an answer; events that come before it are kept."""
        ends = time.monotonic() + PATIENCE
        while (left := ends - time.monotonic()) > 0:
            said = self._message(left)
            if said is None:
                break
            if said[0].get("content-type") == kind:
                return said
            self._take(*said)
        raise CannotHold(zh="对方没有应答", en="the system does not answer")

    def _take(self, head: Mapping[str, str], body: bytes) -> None:
        kind = head.get("content-type", "")
        if kind == "text/disconnect-notice":
            raise CannotHold(zh="对方挂断了连接", en="the system closed the line")
        if kind == "text/event-plain":
            with contextlib.suppress(CannotRead):
                event = freeswitch.event(freeswitch.headers(body))
                if event is not None:
                    self._told.append(event)

    def listed(self) -> list[CallEvent]:
        """Return the calls that are on the line. Raises CannotHold."""
        self._wire.say(f"{freeswitch.LIST}\n\n")
        _head, body = self._answer("api/response")
        return _understood(lambda: freeswitch.listed(body, timezone.now()))

    def next(self, seconds: float) -> CallEvent | None:
        """Return what is told next, None when nothing is for so long. Raises CannotHold."""
        if not self._told:
            said = self._message(seconds)
            if said is None:
                self._wire.alive(lambda: self._wire.say("api status\n\n"))
                return None
            self._take(*said)
        return self._told.popleft() if self._told else None

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


class ManagerLine:
    """A line to Asterisk's manager interface."""

    def __init__(self, *, settings: Mapping[str, Any]) -> None:
        self._wire = _Wire(host=str(settings["host"]), port=int(settings["port"]))
        self._told: deque[CallEvent] = deque()
        try:
            banner = self._wire.until(b"\r\n", PATIENCE)
            if banner is None or b"Call Manager" not in banner:
                raise CannotHold(zh="对方不是 Asterisk 管理接口", en="this is no Asterisk manager")
            said = self._ask(
                "Login", f"Username: {settings['user']}\r\nSecret: {settings['secret']}\r\n"
                "EventMask: call,agent,dialplan\r\n"
            )  # fmt: skip
            if said.get("response") != "Success":
                raise CannotHold(zh="用户名或密码不对", en="wrong user or password")
        except CannotHold:
            self.close()
            raise

    def _block(self, seconds: float) -> dict[str, str] | None:
        lines = self._wire.until(b"\r\n\r\n", seconds)
        return None if lines is None else asterisk.block(lines)

    def _ask(self, action: str, more: str = "") -> dict[str, str]:
        self._wire.say(f"Action: {action}\r\nActionID: huiyin-{action}\r\n{more}\r\n")
        return self._until(lambda b: "response" in b)

    def _until(
        self, wanted: Callable[[dict[str, str]], bool], aside: list[dict[str, str]] | None = None
    ) -> dict[str, str]:
        ends = time.monotonic() + PATIENCE
        while (left := ends - time.monotonic()) > 0:
            found = self._block(left)
            if found is None:
                break
            if wanted(found):
                return found
            if aside is not None and found.get("event") == "CoreShowChannel":
                aside.append(found)
            else:
                self._take(found)
        raise CannotHold(zh="对方没有应答", en="the system does not answer")

    def _take(self, found: Mapping[str, str]) -> None:
        event = asterisk.ami(found, timezone.now())
        if event is not None:
            self._told.append(event)

    def listed(self) -> list[CallEvent]:
        """Return the calls that are on the line. Raises CannotHold."""
        rows: list[dict[str, str]] = []
        self._wire.say("Action: CoreShowChannels\r\nActionID: huiyin-list\r\n\r\n")
        self._until(lambda b: b.get("event") == "CoreShowChannelsComplete", rows)
        return asterisk.ami_listed(rows, timezone.now())

    def next(self, seconds: float) -> CallEvent | None:
        """Return what is told next, None when nothing is for so long. Raises CannotHold."""
        if not self._told:
            found = self._block(seconds)
            if found is None:
                self._wire.alive(lambda: self._wire.say("Action: Ping\r\n\r\n"))
                return None
            self._take(found)
        return self._told.popleft() if self._told else None

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


class AriLine:
    """A line to Asterisk's ARI: its events by a websocket, which keeps itself alive."""

    def __init__(self, *, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        try:
            self._open = contextlib.ExitStack()
            self._line = self._open.enter_context(
                connect(
                    asterisk.ari_address(settings),
                    additional_headers={"Authorization": asterisk.ari_pass(settings)},
                    open_timeout=PATIENCE,
                    ping_interval=BEAT,
                    ping_timeout=BEAT,
                    proxy=None,
                    max_size=MOST_BYTES,
                )
            )
        except (InvalidHandshake, InvalidURI) as error:
            raise CannotHold(
                zh="ARI 拒绝了连接：检查地址、用户名和密码",
                en="ARI refuses: check address, user and password",
            ) from error
        except (OSError, WebSocketException) as error:
            raise CannotHold(
                zh=f"连不上：{type(error).__name__}", en=f"cannot connect: {type(error).__name__}"
            ) from error

    def listed(self) -> list[CallEvent]:
        """Return the calls that are on the line. Raises CannotHold."""
        try:
            answer = call(call=asterisk.ari_channels(self._settings))
        except CannotReach as error:
            raise CannotHold(zh=f"连不上：{error}", en=f"cannot be reached: {error}") from error
        if answer.status != 200:
            raise CannotHold(zh=f"ARI 答 {answer.status}", en=f"ARI says {answer.status}")
        return _understood(lambda: asterisk.ari_listed(answer.body, timezone.now()))

    def next(self, seconds: float) -> CallEvent | None:
        """Return what is told next, None when nothing is for so long. Raises CannotHold."""
        try:
            said = self._line.recv(timeout=seconds)
        except TimeoutError:
            return None
        except (OSError, WebSocketException) as error:
            raise CannotHold(zh="ARI 的连接断了", en="the line to ARI broke") from error
        try:
            data = json.loads(said)
            return asterisk.ari(data) if isinstance(data, dict) else None
        except (ValueError, CannotRead, KeyError):
            return None

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError, WebSocketException):
            self._open.close()


def _understood(read: Callable[[], list[CallEvent]]) -> list[CallEvent]:
    try:
        return read()
    except CannotRead as error:
        raise CannotHold(zh=error.zh, en=error.en) from error


def opened(*, account: Account) -> Line:
    """Open the line of an account. Raises CannotHold."""
    if account.code == "freeswitch":
        return FreeSwitchLine(settings=account.settings)
    if account.settings.get("way") == "ari":
        return AriLine(settings=account.settings)
    return ManagerLine(settings=account.settings)
