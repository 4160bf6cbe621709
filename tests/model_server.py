"""A server on this machine that speaks the chat-completions protocol, well or badly."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

KEY = "a key for tests only"
MODEL = "small-model"


@dataclass
class ModelServer:
    """What the server was asked, and how it answers: one behaviour for every request."""

    url: str = ""
    behave: Callable[[Handler], None] = lambda handler: handler.say("好的")
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Answers one request as the server's behaviour says."""

    protocol_version = "HTTP/1.1"
    model: ModelServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.model.asked.append(json.loads(body))
        self.model.raw.append(body.decode())
        self.model.keys.append(self.headers.get("Authorization", ""))
        assert self.path == "/v1/chat/completions"
        with contextlib.suppress(ConnectionError):
            self.model.behave(self)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def send(
        self, body: bytes, *, status: int = 200, kind: str = "application/json", **headers: str
    ) -> None:
        """Send a whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def say(self, text: Any, *, usage: Any = None, finish: str = "stop") -> None:
        """Answer as a well-behaved service does."""
        counted = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        answer = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": MODEL,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": finish,
                }
            ],
            "usage": counted if usage is None else usage,
        }
        self.send(json.dumps(answer).encode())

    def drip(self, first: bytes) -> None:
        """Send single bytes for ever, each in time."""
        self.wfile.write(first)
        while True:
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up: that is what is tested."""


@contextlib.contextmanager
def running_model() -> Iterator[ModelServer]:
    """Run the server on a free port of this machine."""
    model = ModelServer()
    handler = type("OwnHandler", (Handler,), {"model": model})
    with _Server(("127.0.0.1", 0), handler) as server:
        model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()
