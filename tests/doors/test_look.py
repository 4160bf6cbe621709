"""The look: tokens that can be read, templates that the content security policy allows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation

from huiyin.core.because import Reason
from huiyin.doors import look
from huiyin.store.read.pages import Balance, ClockView

DOORS = Path(look.__file__).parent
STATIC = DOORS / "static" / "huiyin"
TEMPLATES = sorted(DOORS.glob("**/templates/**/*.html"))
NAMES = [str(t.relative_to(DOORS)) for t in TEMPLATES]


def _block(css: str, selector: str) -> dict[str, str]:
    body = css.split(selector + " {", 1)[1].split("\n}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", body))


def _themes() -> dict[str, dict[str, str]]:
    css = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    light = _block(css, ":root")
    return {"light": light, "dark": {**light, **_block(css, ':root[data-theme="dark"]')}}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT_ON = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("surface", "paper")),
    *((ink, "sunken") for ink in ("ink", "ink-2", "ink-3", "accent-ink")),
    *((ink, "hover") for ink in ("ink", "ink-2")),
    ("ink-2", "accent-soft"), ("accent-ink", "accent-soft"), ("accent-ink", "surface"),
    ("accent-ink", "paper"), ("on-accent", "accent"), ("on-accent", "accent-hover"),
    ("on-hero", "hero"), ("ok", "ok-soft"), ("ok", "surface"), ("soon", "soon-soft"),
    ("soon", "surface"), ("late", "late-soft"), ("late", "surface"), ("note-ink", "note"),
    ("note-ink", "note-line"), ("ink", "note"), ("on-toast", "toast"), ("on-toast", "toast-bad"),
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_in_both_themes(theme: str) -> None:
    colours = _themes()[theme]
    weak = {
        pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in TEXT_ON
        if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    }
    assert weak == {}
    for ground in ("surface", "paper"):
        assert _contrast(colours["field-line"], colours[ground]) >= 3


def test_the_chosen_dark_and_the_systems_dark_are_the_same() -> None:
    css = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    assert _block(css, ':root[data-theme="dark"]') == _block(
        css.replace("\n  }", "\n}"), ':root:not([data-theme="light"])'
    )


def test_only_the_tokens_name_colours() -> None:
    # Black and white for print are no matter of theme; neither is light on the hero's own colour.
    for sheet in ("base.css", "desk.css", "portal.css"):
        css = (STATIC / "css" / sheet).read_text(encoding="utf-8")
        assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", css)) <= {"#000", "#fff"}, sheet


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles_and_keeps_to_the_policy(name: str) -> None:
    text = (DOORS / name).read_text(encoding="utf-8")
    assert engines["django"].from_string(text)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "hx-on" not in text
    assert "|safe" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script


@pytest.mark.parametrize("name", NAMES)
def test_visible_chinese_is_translated(name: str) -> None:
    text = (DOORS / name).read_text(encoding="utf-8")
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.S)
    text = re.sub(r"\{% blocktranslate.*?\{% endblocktranslate %\}", "", text, flags=re.S)
    text = re.sub(r"\{% translate .*?%\}", "", text)
    for own_name in ("切换到中文", "中文"):
        text = text.replace(own_name, "")
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []


def test_every_icon_is_in_the_sprite() -> None:
    sprite = (STATIC / "icons" / "sprite.svg").read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    used = {*look.CHANNEL_ICONS.values(), *look.EVENT_ICONS.values(), "circle", "message-circle"}
    for name in NAMES:
        text = (DOORS / name).read_text(encoding="utf-8")
        used |= set(re.findall(r'\{% icon "([\w-]+)"', text))
    assert used <= there


def test_the_first_page_of_the_portal_is_light() -> None:
    files = (
        "css/tokens.css", "css/base.css", "css/portal.css", "js/portal.js", "icons/sprite.svg",
        "icons/favicon.svg",
    )  # fmt: skip
    assert sum((STATIC / f).stat().st_size for f in files) < 90_000


def test_money_is_written_from_fen() -> None:
    assert look.money(30000) == "¥300.00"
    assert look.money(123456789) == "¥1,234,567.89"
    assert look.money(-5) == "-¥0.05"
    assert look.money(None) == ""


def test_lengths_are_said_in_words() -> None:
    with translation.override("zh-hans"):
        assert look.length_words("PT4H") == "4 小时"
        assert look.length_words("P7D") == "7 天"
        assert look.length_words("PT1H30M") == "1 小时 30 分钟"
        assert look.length_words("普通 PT4H / 紧急 PT1H") == "普通 PT4H / 紧急 PT1H"
        assert look.length_words("P") == "P"


def test_time_left_is_said_and_counted_on() -> None:
    with translation.override("zh-hans"):
        soon = look.left(datetime.now(tz=UTC) + timedelta(hours=2, minutes=5, seconds=30))
        assert "剩 2 小时 5 分" in soon
        assert "data-due" in soon
        late = look.left(datetime.now(tz=UTC) - timedelta(days=2, seconds=30))
        assert "超 2 天" in late
        assert look.left(None) == ""


def test_markup_in_a_promise_stays_text() -> None:
    held = look.steady("<b>11-24 18:00</b> 前")
    assert held == '&lt;b&gt;<span class="num">11-24 18:00</span>&lt;/b&gt; 前'


def test_parts_of_an_empty_balance_are_nothing() -> None:
    empty = Balance(
        received=0, opened=0, joined=0, reopened=0, set_aside=0, quarantined=0, pending=0,
        duplicates=0,
    )  # fmt: skip
    assert look.part(empty, "opened") == 0
    full = Balance(
        received=8, opened=4, joined=2, reopened=1, set_aside=1, quarantined=0, pending=0,
        duplicates=3,
    )  # fmt: skip
    assert look.part(full, "opened") == 50


def test_a_met_clock_that_runs_again_is_not_shown_as_met() -> None:
    at = datetime(2025, 11, 3, 9, tzinfo=UTC)

    def clock(id_: str, rule: str, state: str) -> ClockView:
        return ClockView(
            id=id_, rule=rule, label=rule, state=state, started_at=at, due_at=at, stopped_at=None,
            level="ok", legal=False, share=0.5, escalation=0,
        )  # fmt: skip

    clocks = (
        clock("1", "first_reply", "met"),
        clock("2", "resolve", "met"),
        clock("3", "acknowledge", "met"),
        clock("4", "acknowledge", "met"),
        clock("5", "first_reply", "breached"),
    )
    assert [c.id for c in look.clocks_done(clocks)] == ["2", "4"]


@pytest.mark.parametrize(
    ("state", "hours", "said"),
    [("met", 25, "超 1 天 1 小时后完成"), ("met", -1, ""), ("met", 0, ""), ("running", 25, "")],
)
def test_a_limit_met_too_late_says_by_how_much(state: str, hours: int, said: str) -> None:
    due = datetime(2026, 3, 2, 18, tzinfo=UTC)
    clock = ClockView(
        id="c", rule="law_7d", label="法定七日", state=state, started_at=due - timedelta(days=7),
        due_at=due, stopped_at=due + timedelta(hours=hours), level="breached", legal=True,
        share=1.1, escalation=0,
    )  # fmt: skip
    with translation.override("zh-hans"):
        assert look.late_by(clock) == said


def test_no_code_stands_beside_the_reason_of_a_decision() -> None:
    html = render_to_string(
        "partials/why.html",
        {
            "because": [
                Reason(rule="law_7d.escalated", zh="超时即升级提醒", words=("PT0M", "manager")),
                Reason(rule="assign.skill", zh="具备该类技能", words=("delay",)),
                Reason(rule="triage.words", zh="说到破损", words=("压坏了",), source="第二十九条"),
            ]
        },
    )
    seen = re.sub(r"<[^>]*>", " ", html)
    assert {"经理", "压坏了", "第二十九条"} <= set(seen.split())
    assert not re.search(r"[a-zA-Z]", seen)
