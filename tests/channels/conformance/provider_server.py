"""A provider's server over a real socket: answers as a kit says, remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from channels.conformance.kit import Said


@dataclass
class Provider:
    """A running server; ``state`` may be changed between calls."""

    answers: Callable[[str, bytes, str], Said]
    state: str = "ok"
    slow: float = 0.0
    """Seconds before it answers."""
    base: str = ""
    calls: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    """(method, path with query, headers with lower-case names, body)."""


@contextmanager
def provider(answers: Callable[[str, bytes, str], Said]) -> Iterator[Provider]:
    """Run a provider's server on a free port."""
    own = Provider(answers=answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {k.lower(): v for k, v in self.headers.items()}
            own.calls.append((self.command, self.path, headers, body))
            if own.slow:
                time.sleep(own.slow)
            said = own.answers(self.path, body, own.state)
            # who was asked too slowly is gone
            with suppress(ConnectionError):
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(said.body)

        do_GET = do_POST = do_PUT = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    own.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield own
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
