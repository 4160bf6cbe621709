"""Channel accounts: one form derived from each channel's table, a test, the address to call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huiyin.channels.protocol import Channel, Field, Said, check
from huiyin.channels.registry import channel as channel_of
from huiyin.channels.registry import channels
from huiyin.doors.desk.frame import desk_page, need, show, toast
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts
from huiyin.store.read.accounts import Account
from huiyin.store.read.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a channel's form, ready to be drawn."""

    name: str
    kind: str
    label: str
    help: str
    value: Any
    required: bool
    kept: bool
    """A secret that is stored; it is not shown."""
    choices: tuple[tuple[str, str], ...]
    error: str


@dataclass(frozen=True, slots=True)
class Row:
    """One account in the list."""

    account: Account
    channel: str
    hook: str


def _said(text: Said) -> str:
    return text[0] if (get_language() or "zh").startswith("zh") else text[1] or text[0]


def hook_of(*, account: Account) -> str:
    """Return the address that the provider calls; "" where he calls none."""
    channel = channel_of(code=account.code)
    if channel is None or channel.take is None:
        return ""
    return f"{settings.HUIYIN.site_url}/hooks/{account.code}/{account.id}/"


@require_GET
@desk_page
def channel_list(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """List the accounts with how they do, and what may be added."""
    need(viewer=viewer, action="channels.see")
    rows = [
        Row(
            account=a,
            channel=_said(found.name) if (found := channel_of(code=a.code)) else a.code,
            hook=hook_of(account=a),
        )
        for a in accounts.everything()
    ]
    kinds = [
        {"code": c.code, "name": _said(c.name), "about": _said(c.about)}
        for c in channels().values()
    ]
    return show(
        request, "desk/channels.html", viewer=viewer, nav="channels", rows=rows, kinds=kinds
    )


@require_http_methods(["GET", "POST"])
@desk_page
def channel_new(request: HttpRequest, code: str, viewer: Viewer) -> HttpResponse:
    """Add an account of a channel."""
    need(viewer=viewer, action="channels.change")
    channel = channel_of(code=code)
    if channel is None:
        raise Http404
    return _form(request, viewer=viewer, channel=channel, account=None)


@require_http_methods(["GET", "POST"])
@desk_page
def channel_account(request: HttpRequest, id: int, viewer: Viewer) -> HttpResponse:
    """See or change an account."""
    need(viewer=viewer, action="channels.see" if request.method == "GET" else "channels.change")
    account = accounts.one(id=id)
    channel = channel_of(code=account.code) if account else None
    if account is None or channel is None:
        raise Http404
    return _form(request, viewer=viewer, channel=channel, account=account)


@require_POST
@desk_page
def channel_test(request: HttpRequest, id: int, viewer: Viewer) -> HttpResponse:
    """Ask the worker to test the connection; the page shows the answer when it is there."""
    need(viewer=viewer, action="channels.change")
    if accounts.one(id=id) is None:
        raise Http404
    ledger.ask_probe(id=id, now=timezone.now(), chore=request.POST.get("chore", "")[:20])
    return redirect("desk:channel", id)


def _form(
    request: HttpRequest, *, viewer: Viewer, channel: Channel, account: Account | None
) -> HttpResponse:
    kept = dict(account.settings) if account else {}
    given: dict[str, Any] = {f.name: kept.get(f.name, f.default) for f in channel.fields}
    name = account.name if account else _said(channel.name)
    enabled = account.enabled if account else True
    wrong: dict[str, Said] = {}
    errors: dict[str, str] = {}
    tried: list[dict[str, str]] | None = None
    sample = request.POST.get("sample", "")
    if request.method == "POST" and "try" in request.POST and channel.rehearse is not None:
        sent = {k: str(v) for k, v in request.POST.items()}
        given = {**given, **check(channel=channel, given=sent, kept=kept).values}
        name, enabled = sent.get("name", "").strip()[:80], sent.get("enabled") == "on"
        tried = [
            {"name": f.name, "label": _said(f.label), "value": f.value, "wrong": _said(f.wrong)}
            for f in channel.rehearse(given, sample)
        ]
    elif request.method == "POST":
        sent = {k: str(v) for k, v in request.POST.items()}
        checked = check(channel=channel, given=sent, kept=kept)
        given, wrong = checked.values, checked.errors
        name, enabled = sent.get("name", "").strip()[:80], sent.get("enabled") == "on"
        if not name:
            errors["name"] = _("请填写")
        if not wrong and not errors:
            id = ledger.save(
                id=account.id if account else None,
                code=channel.code,
                spoken=channel.spoken,
                writes=channel.write is not None,
                name=name,
                enabled=enabled,
                settings=given,
                secrets=channel.secrets,
                now=timezone.now(),
            )
            toast(request, _("已保存"))
            return redirect("desk:channel", id)
    errors.update({k: _said(v) for k, v in wrong.items()})
    return show(
        request,
        "desk/channel.html",
        viewer=viewer,
        nav="channels",
        status=400 if errors else 200,
        channel={
            "code": channel.code,
            "name": _said(channel.name),
            "about": _said(channel.about),
            "guide": channel.guide,
            "limits": channel.limits,
            "sends": channel.write is not None,
            "chores": [{"code": c.code, "name": _said(c.name)} for c in channel.chores],
            "rehearses": channel.rehearse is not None,
        },
        tried=tried,
        sample=sample,
        account=account,
        probe_said=_said((account.probe.get("zh", ""), account.probe.get("en", "")))
        if account
        else "",
        hook=hook_of(account=account) if account else "",
        name=name,
        enabled=enabled,
        errors=errors,
        inputs=[
            _input(
                row=f,
                value=request.POST.get(f.name, "") if f.kind == "secret" else given.get(f.name, ""),
                kept=kept,
                error=errors.get(f.name, ""),
            )
            for f in channel.fields
        ],
    )


def _input(*, row: Field, value: Any, kept: dict[str, Any], error: str) -> Input:
    """Draw a field; of a secret, ``value`` is what was typed just now, never what is stored."""
    return Input(
        name=row.name,
        kind=row.kind,
        label=_said(row.label),
        help=_said(row.help),
        value=value,
        required=row.required,
        kept=row.kind == "secret" and bool(kept.get(row.name)),
        choices=tuple((code, _said(text)) for code, text in row.choices),
        error=error,
    )
