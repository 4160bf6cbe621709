"""Telephone systems of the tests: they speak as FreeSWITCH and Asterisk do, over real sockets."""

from __future__ import annotations

import http
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

PASSWORD = "ClueCon-7"


@dataclass
class System:
    """A running telephone system: what it has on the line, what it tells to each caller of it."""

    port: int = 0
    channels: list[dict[str, Any]] = field(default_factory=list)
    scripts: list[list[bytes]] = field(default_factory=list)
    """What is told after the list was asked for, connection by connection; then it hangs up."""
    said: list[str] = field(default_factory=list)
    told: Callable[[], None] = lambda: None
    """Called before a line is cut."""


def event(name: str, **values: str) -> bytes:
    """Return an event as FreeSWITCH writes it: values encoded as in an address."""
    rows = {
        "Event-Name": name,
        "Event-Date-Timestamp": "1793671200000000",
        **{
            k.replace("_", "-") if not k.startswith("variable") else k: v for k, v in values.items()
        },
    }
    body = "".join(f"{k}: {quote(v)}\n" for k, v in rows.items()) + "\n"
    return f"Content-Length: {len(body)}\nContent-Type: text/event-plain\n\n{body}".encode()


@contextmanager
def _listening(
    own: System, talk: Callable[[socket.socket, System, list[bytes]], None]
) -> Iterator[System]:
    server = socket.create_server(("127.0.0.1", 0))
    own.port = server.getsockname()[1]

    def run() -> None:
        while True:
            try:
                line, _where = server.accept()
            except OSError:
                return
            with line:
                line.settimeout(5)
                script = own.scripts.pop(0) if own.scripts else []
                try:
                    talk(line, own, script)
                except OSError:
                    continue
                own.told()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield own
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def _read(line: socket.socket, kept: bytearray, mark: bytes) -> str:
    while mark not in kept:
        piece = line.recv(4096)
        if not piece:
            raise ConnectionError
        kept += piece
    head, _mark, rest = bytes(kept).partition(mark)
    kept[:] = rest
    return head.decode()


def _freeswitch(line: socket.socket, own: System, script: list[bytes]) -> None:
    kept = bytearray()
    line.sendall(b"Content-Type: auth/request\n\n")
    while True:
        said = _read(line, kept, b"\n\n")
        own.said.append(said)
        if said.startswith("auth "):
            ok = said == f"auth {PASSWORD}"
            reply = "+OK accepted" if ok else "-ERR invalid"
            line.sendall(f"Content-Type: command/reply\nReply-Text: {reply}\n\n".encode())
            if not ok:
                line.sendall(b"Content-Type: text/disconnect-notice\nContent-Length: 0\n\n")
                return
        elif said.startswith("event plain"):
            line.sendall(b"Content-Type: command/reply\nReply-Text: +OK event listener enabled\n\n")
        elif said.startswith("api show channels"):
            body = json.dumps({"row_count": len(own.channels), "rows": own.channels}).encode()
            # an event slips in between question and answer
            line.sendall(event("HEARTBEAT", Up_Time="0 years"))
            line.sendall(
                b"Content-Type: api/response\nContent-Length: %d\n\n%s" % (len(body), body)
            )
            for piece in script:
                # a network cuts where it likes
                line.sendall(piece[:7])
                line.sendall(piece[7:])
            return


def freeswitch() -> Any:
    """Run a FreeSWITCH event socket."""
    return _listening(System(), _freeswitch)


def ami(name: str, **values: str) -> bytes:
    """Return an event as Asterisk's manager writes it."""
    rows = {"Event": name, "Privilege": "call,all", **values}
    return ("".join(f"{k}: {v}\r\n" for k, v in rows.items()) + "\r\n").encode()


def _manager(line: socket.socket, own: System, script: list[bytes]) -> None:
    kept = bytearray()
    line.sendall(b"Asterisk Call Manager/9.0.0\r\n")
    while True:
        said = _read(line, kept, b"\r\n\r\n")
        own.said.append(said)
        rows = dict(row.split(": ", 1) for row in said.split("\r\n"))
        if rows["Action"] == "Login":
            ok = rows.get("Secret") == PASSWORD
            reply = "Success" if ok else "Error"
            line.sendall(f"Response: {reply}\r\nActionID: {rows['ActionID']}\r\n\r\n".encode())
            if not ok:
                return
        elif rows["Action"] == "CoreShowChannels":
            line.sendall(b"Response: Success\r\nEventList: start\r\n\r\n")
            for row in own.channels:
                line.sendall(ami("CoreShowChannel", **row))
            line.sendall(ami("CoreShowChannelsComplete", ListItems=str(len(own.channels))))
            for piece in script:
                line.sendall(piece)
            return


def manager() -> Any:
    """Run an Asterisk manager interface."""
    return _listening(System(), _manager)


@contextmanager
def ari() -> Iterator[System]:
    """Run Asterisk's ARI: HTTP for the list, a websocket for events, one password for both."""
    own = System()
    wanted = "Basic aHVpeWluOkNsdWVDb24tNw=="

    def answer(_line: ServerConnection, request: Request) -> Response | None:
        own.said.append(request.path)
        if request.headers.get("Authorization") != wanted:
            return _line.respond(http.HTTPStatus.UNAUTHORIZED, "no")
        if request.path.startswith("/ari/channels"):
            return _line.respond(http.HTTPStatus.OK, json.dumps(own.channels))
        return None

    def talk(line: ServerConnection) -> None:
        for piece in own.scripts.pop(0) if own.scripts else []:
            line.send(piece.decode())
        own.told()

    with serve(talk, "127.0.0.1", 0, process_request=answer) as server:
        own.port = server.socket.getsockname()[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield own
        finally:
            server.shutdown()
            thread.join()
