"""Live chat on a company's own sites: what can be set for each site.

Our own doors take and send its words; the provider is ourselves, so nothing is translated here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from huiyin.channels.protocol import Channel, Field, Said, Settings

_HOST: Final = re.compile(r"^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:]+\]$")


def origins(*, settings: Settings) -> tuple[str, ...]:
    """Return the sites on which the widget may stand, as ``https://host[:port]``.

    What is no such address is left out: a line that cannot be read allows nothing.
    """
    found = (_origin(line) for line in _lines(settings))
    return tuple(dict.fromkeys(site for site in found if site))


def _lines(settings: Settings) -> list[str]:
    return re.split(r"[\s,]+", str(settings.get("origins", "")).strip())


def _origin(line: str) -> str:
    try:
        parts = urlsplit(line.lower())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = parts.netloc.removesuffix(port)
    known = parts.scheme in {"http", "https"} and _HOST.match(host)
    return f"{parts.scheme}://{host}{port}" if known else ""


def _faults(settings: Settings) -> Mapping[str, Said]:
    wrong = next((line[:80] for line in _lines(settings) if line and not _origin(line)), "")
    told = (f"不是网站地址：{wrong}", f"not the address of a site: {wrong}")
    return {"origins": told} if wrong else {}


CHANNEL = Channel(
    code="chat",
    name=("在线客服", "Live chat"),
    about=(
        "在自己的网站放一行代码，访客直接与客服对话",
        "One line on your own site, and visitors talk to your people",
    ),
    guide="channel-chat",
    fields=(
        Field(
            name="origins",
            kind="long",
            label=("允许的网站", "Sites it may stand on"),
            help=(
                "每行一个，如 https://www.example.com；https://*.example.com 表示所有子域名。",
                "One a line, as https://www.example.com; https://*.example.com means all "
                "subdomains.",
            ),
            required=True,
        ),
        Field(
            name="title",
            kind="text",
            label=("窗口标题", "Title of the window"),
            help=("不填就用公司名。", "The company's name where it is empty."),
        ),
        Field(
            name="greeting",
            kind="text",
            label=("问候语", "Greeting"),
            help=("访客打开窗口时看到的一句话。", "What a visitor sees first."),
        ),
        Field(
            name="sessions_per_hour",
            kind="integer",
            label=("同一地址每小时会话数", "Sessions an hour from one address"),
            help=("超过的请稍后再来。", "Who begins more is asked to come again later."),
            default=20,
            least=1,
            most=10000,
        ),
        Field(
            name="lines_per_minute",
            kind="integer",
            label=("每个会话每分钟消息数", "Messages a minute in one session"),
            default=20,
            least=1,
            most=600,
        ),
    ),
    faults=_faults,
)
