"""A DNS server of the tests' own: answers from a table, over a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@contextmanager
def dns_server(records: Mapping[tuple[str, str], list[str]]) -> Iterator[str]:
    """Run a server that knows {(name, type): texts}; yields its address with the port."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    line.settimeout(0.05)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                raw, sender = line.recvfrom(4096)
                question = dns.message.from_wire(raw)
            except (TimeoutError, dns.exception.DNSException):
                continue
            answer = dns.message.make_response(question)
            answer.flags |= dns.flags.AA | dns.flags.RA
            (asked,) = question.question
            name = asked.name.to_text(omit_final_dot=True).lower()
            kind = dns.rdatatype.to_text(asked.rdtype)
            if found := records.get((name, kind)):
                answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *found))
            elif not any(known == name for known, _kind in records):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            line.sendto(answer.to_wire(), sender)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{line.getsockname()[1]}"
    finally:
        over.set()
        thread.join()
        line.close()
