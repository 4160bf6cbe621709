"""Tests of connections that somebody asked for on the settings page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.utils import timezone

from huiyin.channels.protocol import CannotRead, CannotWrite, Fate
from huiyin.channels.registry import channel as channel_of
from huiyin.doors.worker.access import token_for
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts
from huiyin.store.read.accounts import Account

PROBES: Final[dict[str, Callable[[Account], Fate]]] = {}
"""Tests of channels that are not spoken to by HTTP, by the channel's code."""


def probe() -> int:
    """Test the connections that were asked for; returns how many."""
    asked = accounts.to_probe()
    for account in asked:
        fate = _tested(account)
        ledger.probed(
            id=account.id,
            now=timezone.now(),
            ok=fate.state == "sent",
            zh=fate.zh or "连接正常",
            en=fate.en or "the connection works",
        )
    return len(asked)


def _tested(account: Account) -> Fate:
    channel = channel_of(code=account.code)
    if account.sealed:
        return Fate(
            state="refused", zh="密钥已更换，请重新填写保密项", en="enter the secrets again"
        )
    try:
        if account.code in PROBES:
            return PROBES[account.code](account)
        if channel is None:
            return Fate(state="refused", zh="没有这个渠道", en="no such channel")
        token = token_for(channel=channel, account=account)
        asked = account.probe.get("chore")
        chore = next((c for c in channel.chores if c.code == asked), None)
        if chore is not None and channel.fate is not None:
            fate = channel.fate(call(call=chore.call(account.settings, token)))
            if fate.state != "sent":
                return fate
            zh, en = chore.name
            return Fate(state="sent", zh=f"{zh}：已完成", en=f"{en}: done")
        if channel.probe is None:
            if channel.token is not None:
                return Fate(state="sent")
            return Fate(
                state="sent",
                zh="此渠道只接收，等对方的第一条消息即可确认",
                en="this channel only receives: the first message will show that it works",
            )
        judge = channel.probe_fate or channel.fate
        answer = call(call=channel.probe(account.settings, token))
        return judge(answer) if judge else Fate(state="sent")
    except CannotReach as error:
        return Fate(state="later", zh=f"连不上：{error}", en=f"cannot be reached: {error}")
    except (CannotRead, CannotWrite) as error:
        return Fate(state="refused", zh=error.zh, en=error.en)
