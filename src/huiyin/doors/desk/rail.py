"""The navigation beside every page of the desk: its entries, said once, and where each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huiyin.store.read.rail import Waiting

DAILY: Final = "daily"
"""What is worked on: beside every page."""
RARE: Final = "rare"
"""What is set up or looked up now and then: beside the page where there is room, else in a menu."""
OWN: Final = "own"
"""What lies in the menu of the viewer's own."""
ROOM: Final = 13
"""So many entries find room beside a page 720 pixels high, with the menus below them."""
_BAR: Final = 4
"""So many entries find room on a phone's bar, beside the viewer's own menu."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that the navigation leads to."""

    page: str
    """The name of its address within the desk; its pages say it as their ``nav``."""
    icon: str
    group: str
    short: str | Promise
    """Under the icon."""
    long: str | Promise
    """In a menu."""
    command: str | Promise
    """In the list of all commands."""
    key: str = ""
    """What goes there after a g."""
    can: str = ""
    """The right that shows it; empty where the whole group of people has it."""
    count: str = ""
    """What of :class:`Waiting` it carries."""
    title: str | Promise = ""
    """What is counted."""
    bar: int = 0
    """How early it gets a place on a phone's bar, from 1 on; 0 for never."""


_LIABILITY = Entry(
    "liability", "scale", DAILY, _("定责"), _("定责"), _("打开定责"), "d",
    can="liability_see", count="disputes", title=_("等您处理的定责和处罚"),
)  # fmt: skip
_ACCOUNT = Entry(
    "account", "user-circle", OWN, _("我的账号"), _("我的账号"), _("我的账号")
)  # fmt: skip

OF_STAFF: tuple[Entry, ...] = (
    Entry("queue", "inbox", DAILY, _("队列"), _("队列"), _("打开队列"), "q", bar=1),
    Entry("contact_new", "pencil-plus", DAILY, _("登记"), _("登记来电、来访"), _("登记来电、来访"),
          "c", can="contact_new", bar=2),
    Entry("chats", "message-circle", DAILY, _("在线"), _("在线客服"), _("打开在线客服"), "w",
          can="chat_work"),
    Entry("tasks", "building", DAILY, _("协办"), _("协办任务"), _("打开协办任务"), "t",
          can="tasks_see", count="tasks", title=_("本部门待办的协办"), bar=5),
    Entry("call_backs", "phone", DAILY, _("回访"), _("回访"), _("打开回访"), "v",
          can="call_backs_see", count="calls", title=_("今天要打的回访")),
    _LIABILITY,
    Entry("search", "search", DAILY, _("查找"), _("查找投诉"), _("查找投诉"), "f", bar=3),
    Entry("approvals", "circle-check", DAILY, _("审批"), _("补偿审批"), _("打开补偿审批"), "a",
          can="approvals_see"),
    Entry("payouts", "cash", DAILY, _("赔付"), _("赔付台账"), _("打开赔付台账"), "m",
          can="payouts_see"),
    Entry("incidents", "flag", DAILY, _("事件"), _("事件"), _("打开事件"), "e",
          can="incidents_see"),
    Entry("doubts", "eye", DAILY, _("核对"), _("人工核对"), _("打开人工核对"), "h",
          can="doubts_see", count="doubts", title=_("等人工核对")),
    Entry("board", "chart-bar", DAILY, _("看板"), _("看板"), _("打开看板"), "b",
          can="board_see", bar=4),
    Entry("monitor", "bell", DAILY, _("监控"), _("来件监控"), _("打开来件监控"),
          can="monitor_see", count="alerts", title=_("没人跟进的来件告警")),
    Entry("learning", "bulb", RARE, _("学习"), _("学习"), _("打开学习"), "l", can="learning_see"),
    Entry("operations", "activity", RARE, _("运行"), _("运行状况"), _("打开运行状况"), "o",
          can="operations_see"),
    Entry("appeals", "gavel", RARE, _("申诉"), _("12305 申诉"), _("打开申诉"), can="appeals_see"),
    Entry("channels", "world", RARE, pgettext_lazy("page", "渠道"), pgettext_lazy("page", "渠道"),
          _("打开渠道"), can="channels_see"),
    Entry("imports", "file-import", RARE, _("导入"), _("导入历史投诉"), _("导入历史投诉"), "i",
          can="import_run"),
    Entry("people", "users", RARE, _("人员"), _("人员"), _("打开人员"), "p", can="people_see"),
    Entry("knowledge", "notes", RARE, _("知识"), _("知识库"), _("打开知识库"), "k",
          can="knowledge_see"),
    Entry("playbook", "book-2", RARE, _("规程"), _("处理规程"), _("查看处理规程"), "r",
          can="playbook_see"),
    Entry("aside", "inbox", OWN, _("存档来件"), _("存档来件"), _("打开存档来件"), can="aside_work"),
    Entry("conduct_files", "lock", OWN, _("服务态度档案"), _("服务态度档案"),
          _("打开服务态度档案"), can="conduct_see", count="files", title=_("等您处理的档案")),
    _ACCOUNT,
)  # fmt: skip
OF_OUTLETS: tuple[Entry, ...] = (
    replace(_LIABILITY, can="", bar=1),
    Entry("statement", "cash", DAILY, _("对账"), _("对账单"), _("打开对账单"), "m", bar=2),
    _ACCOUNT,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry on somebody's page: how much waits there, whether it is open, on the bar or not."""

    entry: Entry
    count: int
    here: bool
    bar: bool

    @property
    def address(self) -> str:
        """The full name of its address."""
        return f"desk:{self.entry.page}"

    @property
    def title(self) -> str | Promise:
        """What is counted."""
        return self.entry.title


@dataclass(frozen=True, slots=True)
class Menu:
    """Entries behind one word, which tells what waits within and that one of them is open."""

    entries: tuple[Shown, ...]

    @property
    def count(self) -> int:
        """How much waits behind the word."""
        return sum(shown.count for shown in self.entries)

    @property
    def title(self) -> str:
        """What is counted."""
        return " · ".join(str(shown.title) for shown in self.entries if shown.count)

    @property
    def here(self) -> bool:
        """Whether one of its pages is open."""
        return any(shown.here for shown in self.entries)


@dataclass(frozen=True, slots=True)
class Rail:
    """The navigation of one page for one viewer."""

    name: str
    """Which entries, what waits and where one is: two of one name look alike in one language."""
    beside: tuple[Shown, ...]
    """In the rail; on a phone those of them that have ``bar``."""
    menu: Menu
    """Behind the word 管理, nothing where all find room beside the page."""
    phone: tuple[Shown, ...]
    """In a phone's menu: whatever its bar has no room for."""
    own: Menu
    """In the viewer's own menu."""


def arranged(*, can: Mapping[str, bool], nav: str, waiting: Waiting) -> Rail:
    """Arrange the navigation for the rights ``can`` on a page that calls itself ``nav``."""
    entries = OF_OUTLETS if can["outlet_see"] else OF_STAFF
    seen = [entry for entry in entries if not entry.can or can[entry.can]]
    ranks = sorted(entry.bar for entry in seen if entry.bar)[:_BAR]
    shown = tuple(
        Shown(
            entry=entry,
            count=getattr(waiting, entry.count) if entry.count else 0,
            here=entry.page == nav,
            bar=entry.bar in ranks,
        )
        for entry in seen
    )
    working = tuple(s for s in shown if s.entry.group != OWN)
    crowded = len(working) > ROOM
    return Rail(
        name=" ".join(f"{s.entry.page}{s.count or ''}{'!' if s.here else ''}" for s in shown),
        beside=tuple(s for s in working if s.entry.group == DAILY or not crowded),
        menu=Menu(tuple(s for s in working if s.entry.group == RARE and crowded)),
        phone=tuple(s for s in working if not s.bar),
        own=Menu(tuple(s for s in shown if s.entry.group == OWN)),
    )
