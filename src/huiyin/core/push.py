"""Where notices to telephones may go: the push services that a house trusts, and no other host."""

from __future__ import annotations

from urllib.parse import urlsplit


def allowed(*, endpoint: str, hosts: str) -> bool:
    """Whether an address that a browser gave lies at a push service of the list.

    ``hosts`` are host names separated by commas, reached by https alone; ``*.`` stands for any
    part in front. An entry with a scheme (http://127.0.0.1:9000) is a whole origin, for a push
    service of one's own.
    """
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if parts.username or parts.password or not parts.hostname:
        return False
    for entry in (one.strip().lower() for one in hosts.split(",")):
        if "://" in entry:
            if entry.rstrip("/") == f"{parts.scheme}://{parts.netloc}".lower():
                return True
        elif parts.scheme == "https" and port in {None, 443}:
            if entry.startswith("*.") and parts.hostname.endswith(entry[1:]):
                return True
            if entry and parts.hostname == entry:
                return True
    return False
