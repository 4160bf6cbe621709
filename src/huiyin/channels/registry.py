"""Every channel and partner with accounts: found in their folders, listed nowhere else."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from huiyin.channels.protocol import Channel

FOLDERS = ("huiyin.channels", "huiyin.partners")


@functools.cache
def channels() -> Mapping[str, Channel]:
    """Return channels and partners by code, in the order of their codes."""
    found: dict[str, Channel] = {}
    for folder in FOLDERS:
        for module in pkgutil.iter_modules(importlib.import_module(folder).__path__):
            if module.name in {"protocol", "registry", "inbound"}:
                continue
            loaded = importlib.import_module(f"{folder}.{module.name}")
            for channel in vars(loaded).values():
                if isinstance(channel, Channel):
                    found[channel.code] = channel
    return MappingProxyType(dict(sorted(found.items())))


def channel(*, code: str) -> Channel | None:
    """Return a channel by its code."""
    return channels().get(code)
