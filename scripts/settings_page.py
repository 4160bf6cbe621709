"""Write docs/how-to/settings.md from the table of settings; with --check only compare."""

from __future__ import annotations

import sys
from pathlib import Path

from huiyin.config.settings_table import TABLE, Setting

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "settings.md"


def as_markdown(*, rows: tuple[Setting, ...] = TABLE) -> str:
    """Return the page of all settings, Chinese and English side by side."""
    lines = [
        "# 设置 Settings",
        "",
        "每项设置都是一个环境变量，启动时一次检查；有问题时逐项指出如何修改。",
        "",
        "Every setting is an environment variable. They are checked together at start; what is "
        "wrong is named with its remedy.",
        "",
        "此页由 `src/huiyin/config/settings_table.py` 生成（`make docs`）。 This page is generated "
        "from that file.",
        "",
        "| 变量 Variable | 取值 Values | 默认 Default | 说明 Meaning |",
        "|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| `{row.variable}` | {_values(row=row)} | {_default(row=row)} "
            f"| {row.help_zh}<br>{row.help_en} |"
        )
    return "\n".join(lines) + "\n"


def _values(*, row: Setting) -> str:
    if row.kind == "choice":
        text = " · ".join(f"`{choice}`" for choice in row.choices)
    elif row.kind == "flag":
        text = "`true` · `false`"
    elif row.kind == "integer":
        text = f"{row.least} – {row.most}"
    else:
        text = {
            "folder": "文件夹 folder",
            "url": "网址 address",
            "service": "网址 address",
            "database": "数据库地址 database address",
            "zone": "时区 time zone",
            "names": "名称列表 list of names",
            "networks": "地址列表 list of addresses",
        }.get(row.kind, "文字 text")
    return f"{text}（保密 secret）" if row.secret else text


def _default(*, row: Setting) -> str:
    zh, en = row.when_empty
    if zh:
        return f"空 empty：{zh}<br>{en}"
    if row.default == "":
        return "空 empty"
    return f"`{str(row.default).lower() if row.kind == 'flag' else row.default}`"


def main(arguments: list[str]) -> int:
    """Write the page, or say that it is out of date."""
    text = as_markdown()
    if "--check" in arguments:
        if PAGE.read_text(encoding="utf-8") != text:
            print(f"{PAGE.name} is out of date: run make docs", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
