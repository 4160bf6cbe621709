"""The navigation says each entry once: who sees which, beside the page, in a menu, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from company import World
from huiyin.core.access import ELSEWHERE, OUTLET, ROLES, STAFF, Actor, may
from huiyin.doors.desk import rail
from huiyin.doors.desk.rail import OF_OUTLETS, OF_STAFF, ROOM, Entry, Rail, arranged
from huiyin.store import models
from huiyin.store.read.rail import Waiting

Enter = Callable[[str], Client]

NOTHING = Waiting(tasks=0, calls=0, doubts=0, files=0, disputes=0, alerts=0)
CROWD = "学习 运行 申诉 渠道 导入 人员 知识 规程"
# role: beside the page; in the menu 管理; on a phone's bar
TABLE = {
    "agent": ("队列 登记 在线 协办 回访 定责 查找 审批 申诉 知识 规程", "", "队列 登记 协办 查找"),
    "handler": ("队列 协办 回访 定责 查找 审批 知识 规程", "", "队列 协办 查找"),
    "supervisor": (
        "队列 登记 在线 协办 回访 定责 查找 审批 事件 核对 看板 监控",
        "运行 申诉 渠道 人员 知识 规程",
        "队列 登记 查找 看板",
    ),
    "process_owner": (
        "队列 定责 查找 事件 看板 监控 学习 运行 申诉 渠道 导入 知识 规程",
        "",
        "队列 查找 看板",
    ),
    "manager": (
        "队列 登记 在线 协办 回访 定责 查找 审批 赔付 事件 核对 看板 监控",
        CROWD,
        "队列 登记 查找 看板",
    ),
    "administrator": (
        "队列 登记 在线 协办 回访 定责 查找 审批 赔付 事件 核对 看板 监控",
        CROWD,
        "队列 登记 查找 看板",
    ),
    "outlet": ("定责 对账", "", "定责 对账"),
}


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    with override("zh-hans"):
        yield


def _can(role: str, *, homes: frozenset[str] = frozenset()) -> Mapping[str, bool]:
    actor = Actor(id=1, role=role, department="claims")
    return MappingProxyType(
        {a.replace(".", "_"): bool(may(actor=actor, action=a, homes=homes)) for a in ELSEWHERE}
    )


def _words(shown: tuple[rail.Shown, ...]) -> str:
    return " ".join(str(one.entry.short) for one in shown)


def _rail(role: str, *, nav: str = "queue", waiting: Waiting = NOTHING) -> Rail:
    return arranged(can=_can(role), nav=nav, waiting=waiting)


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_what_and_where(role: str) -> None:
    beside, menu, bar = TABLE[role]
    drawn = _rail(role)
    assert _words(drawn.beside) == beside
    assert _words(drawn.menu.entries) == menu
    assert _words(tuple(one for one in drawn.beside if one.bar)) == bar


@pytest.mark.parametrize("home", [frozenset(), frozenset({"claims"})])
@pytest.mark.parametrize("role", ROLES)
def test_each_entry_stands_once_and_is_within_reach_on_a_phone(
    role: str, home: frozenset[str]
) -> None:
    can = _can(role, homes=home)
    drawn = arranged(can=can, nav="queue", waiting=NOTHING)
    entries = OF_OUTLETS if role == OUTLET else OF_STAFF
    seen = sorted(entry.page for entry in entries if not entry.can or can[entry.can])
    places = (*drawn.beside, *drawn.menu.entries, *drawn.own.entries)
    assert sorted(one.entry.page for one in places) == seen
    on_bar = [one for one in drawn.beside if one.bar]
    assert len(on_bar) <= 4
    phone = (*on_bar, *drawn.phone, *drawn.own.entries)
    assert sorted(one.entry.page for one in phone) == seen
    assert len(drawn.beside) <= ROOM


@pytest.mark.parametrize("entry", [*OF_STAFF, *OF_OUTLETS], ids=lambda entry: entry.page)
def test_an_entry_leads_somewhere_and_asks_for_what_there_is(entry: Entry) -> None:
    assert reverse(f"desk:{entry.page}").startswith("/desk/")
    assert not entry.can or entry.can in _can("agent")
    assert not entry.count or hasattr(NOTHING, entry.count)
    assert bool(entry.count) == bool(entry.title)


@pytest.mark.parametrize("entries", [OF_STAFF, OF_OUTLETS])
def test_no_two_entries_share_a_key_or_a_command(entries: tuple[Entry, ...]) -> None:
    keys = [entry.key for entry in entries if entry.key]
    assert len(set(keys)) == len(keys)
    assert len({str(entry.command) for entry in entries}) == len(entries)


def test_a_menu_tells_what_waits_within_and_that_it_is_where_one_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _rail("manager", nav="channels").menu.here
    assert not _rail("manager", nav="board").menu.here
    assert [o.entry.page for o in _rail("manager", nav="board").beside if o.here] == ["board"]
    waits = Waiting(tasks=2, calls=0, doubts=0, files=3, disputes=0, alerts=100)
    drawn = _rail("manager", waiting=waits)
    assert (drawn.own.count, drawn.own.title) == (3, "等您处理的档案")
    assert (drawn.menu.count, drawn.menu.title) == (0, "")
    busy = tuple(
        replace(entry, count="tasks", title="人员申请") if entry.page == "people" else entry
        for entry in OF_STAFF
    )
    monkeypatch.setattr(rail, "OF_STAFF", busy)
    drawn = _rail("manager", waiting=waits)
    assert (drawn.menu.count, drawn.menu.title) == (2, "人员申请")


def _part(page: str, start: str, end: str) -> str:
    return page[page.index(start) : page.index(end, page.index(start))]


@pytest.mark.parametrize("role", STAFF)
def test_the_page_draws_it_so(world: World, as_person: Enter, role: str) -> None:
    models.User.objects.filter(username="admin").update(role=role, department=None)
    page = as_person("admin").get("/desk/knowledge").content.decode()
    beside, menu, bar = TABLE[role]
    nav = _part(page, '<nav class="rail"', "</nav>")
    listed = _part(nav, '<ul class="rail-main">', "</ul>")
    lines = re.findall(r"<li( class=\"rail-more\")?>.*?<span>(.*?)</span>", listed)
    assert " ".join(word for _, word in lines) == beside
    assert " ".join(word for more, word in lines if not more) == bar
    assert ('<details class="menu rail-manage">' in nav) is bool(menu)
    assert nav.count('aria-current="page"') == 1
    assert ('<summary aria-current="true">' in nav) is bool(menu)
    pages = [e.page for e in OF_STAFF if not e.can or _can(role)[e.can]]
    assert [nav.count(f'data-go="{e.key}"') for e in OF_STAFF if e.key and e.page in pages] == [
        1 for e in OF_STAFF if e.key and e.page in pages
    ]
    small = _part(nav, '<div class="phone-only">', "</div>")
    for entry in OF_STAFF:
        link = f'href="{reverse(f"desk:{entry.page}")}"'
        assert (link in nav) is (entry.page in pages), entry.page
        if entry.page in pages and entry.group != rail.OWN:
            assert (link in small) is (str(entry.short) not in bar.split()), entry.page


def test_a_page_of_the_menu_marks_the_word_in_english_too(world: World, as_person: Enter) -> None:
    page = as_person("admin").get("/desk/people", headers={"Accept-Language": "en"})
    menu = _part(page.content.decode(), "rail-manage", "</details>")
    assert ">Manage<" in menu and 'aria-current="true"' in menu
    assert re.search(r'href="/desk/people"[^>]*aria-current="page"', menu)
