"""The scenarios of the conformance suite, and which channels have which."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from channels.conformance.kit import Kit
from huiyin.channels import registry


@dataclass(frozen=True)
class Scenario:
    """One thing that every channel must stand; ``part`` is what a kit must bring for it."""

    code: str
    zh: str
    en: str
    part: str


SCENARIOS: Final = (
    Scenario("signature", "签名不对", "bad signature", "forged"),
    Scenario("replay", "重放", "replay", "stale"),
    Scenario("repeat", "重复编号", "repeated id", "text"),
    Scenario("unknown", "未知类型", "unknown type", "unknown"),
    Scenario("empty", "空内容", "empty", "empty"),
    Scenario("long_in", "来：表情和一万字", "in: emoji, 10,000 characters", "text"),
    Scenario("long_out", "去：表情和一万字", "out: emoji, 10,000 characters", "sent"),
    Scenario("image", "图片", "images", "image"),
    Scenario("voice", "语音", "voice", "voice"),
    Scenario("window", "超出回复时限", "out-of-window reply", "window"),
    Scenario("down", "对方不通", "provider down", "sent"),
    Scenario("slow", "对方很慢", "provider slow", "sent"),
    Scenario("limit", "频率限制", "rate limit", "sent"),
    Scenario("charset", "编码错误", "wrong charset", "wrong_charset"),
)


def kits() -> dict[str, Kit]:
    """Return the kits beside this file (``KIT``, or ``KITS``) by their channels' codes."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        module = importlib.import_module(f"channels.conformance.{path.stem}")
        own = [getattr(module, "KIT", None), *getattr(module, "KITS", ())]
        found.update({kit.code: kit for kit in own if isinstance(kit, Kit)})
    return found


def has(*, kit: Kit, scenario: Scenario) -> bool:
    """Tell whether a channel's protocol has what a scenario is about."""
    if scenario.code in kit.why:
        return False
    if scenario.part == "window":
        return registry.channels()[kit.code].limits.window is not None
    return getattr(kit, scenario.part) is not None


def why_not(*, kit: Kit, scenario: Scenario) -> str:
    """Tell why a scenario is not in a channel's protocol; "" where the kit does not say."""
    if scenario.part == "window" and scenario.code not in kit.why:
        return "对方不设时限"
    return kit.why.get(scenario.code) or kit.why.get(scenario.part, "")
