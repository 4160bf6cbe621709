"""A token server over a real socket: renews tokens (RFC 6749) and says which hold (RFC 7662)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass
class Tokens:
    """What the server knows; ``refresh`` is the one refresh token that it takes now."""

    user: str
    base: str
    refresh: str = "refresh-0"
    holding: set[str] = field(default_factory=set)
    asked: int = 0
    replaces: bool = False
    """Whether every use of the refresh token makes a new one."""

    def renew(self, form: dict[str, list[str]]) -> tuple[int, dict[str, object]]:
        """Answer one who wants an access token."""
        self.asked += 1
        right = form.get("client_id") == ["huiyin"] and form.get("client_secret") == ["s3cret"]
        if not right or form.get("refresh_token") != [self.refresh]:
            told = "AADSTS700082: the refresh token has expired"
            return 400, {"error": "invalid_grant", "error_description": told}
        token = f"access-{self.asked}"
        self.holding.add(token)
        said: dict[str, object] = {"access_token": token, "expires_in": 3600}
        if self.replaces:
            self.refresh = f"refresh-{self.asked}"
            said["refresh_token"] = self.refresh
        return 200, said


@contextmanager
def token_server(*, port: int, user: str) -> Iterator[Tokens]:
    """Run the server on the port that the mail server asks."""
    own = Tokens(user=user, base=f"http://127.0.0.1:{port}")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            form = parse_qs(body)
            if self.path == "/token":
                self._say(*own.renew(form))
                return
            token = (form.get("token") or [""])[0]
            held = token in own.holding
            self._say(200, {"active": held, **({"username": own.user} if held else {})})

        def _say(self, status: int, said: dict[str, object]) -> None:
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield own
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
