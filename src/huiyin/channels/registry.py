"""Every channel with accounts: found in this folder by its ``CHANNEL``, listed nowhere else."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

import huiyin.channels as folder
from huiyin.channels.protocol import Channel


@functools.cache
def channels() -> Mapping[str, Channel]:
    """Return the channels by code, in the order of their codes."""
    found: dict[str, Channel] = {}
    for module in sorted(pkgutil.iter_modules(folder.__path__), key=lambda m: m.name):
        if module.name in {"protocol", "registry", "inbound"}:
            continue
        channel = getattr(
            importlib.import_module(f"{folder.__name__}.{module.name}"), "CHANNEL", None
        )
        if isinstance(channel, Channel):
            found[channel.code] = channel
    return MappingProxyType(dict(sorted(found.items())))


def channel(*, code: str) -> Channel | None:
    """Return a channel by its code."""
    return channels().get(code)
