"""Collect the texts of the interface, keep their English translation and compile it.

    python scripts/messages.py            update locale/en/LC_MESSAGES/django.po and compile it
    python scripts/messages.py --check    change nothing; fail where a text has no English

The texts are Chinese and stand in the templates (``{% translate %}``, ``{% blocktranslate %}``)
and in Python (``gettext`` and its kin). A text that is gone from the source leaves the file, too.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import django
import polib
from babel.messages.extract import extract
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils.translation import templatize

from compile_messages import ROOT, compile_catalogs

PACKAGE = ROOT / "src" / "huiyin"
CATALOG = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HAN = re.compile(r"[\u3400-\u9fff]")
# What stays Chinese on an English page: names, and the way back to Chinese.
BRAND = re.compile("回音|长运|切换到中文|中文(?=</)")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|(?<!\{)\{\w*\}(?!\})")


@dataclass(frozen=True, order=True)
class Text:
    """One text to translate; ``context`` and ``plural`` are empty where the source has none."""

    msgid: str
    plural: str = ""
    context: str = ""


@dataclass
class Found:
    """The texts of the source with the files that use them, and what cannot be translated."""

    texts: dict[Text, set[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def collect(*, package: Path = PACKAGE) -> Found:
    """Read every template and Python file of the package."""
    found = Found()
    for path in sorted(package.rglob("*")):
        if path.suffix not in {".html", ".txt", ".py"} or "static" in path.parts:
            continue
        name = path.relative_to(package).as_posix()
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            if "gettext" not in source:
                continue
            code = source
        elif "templates" in path.parts:
            found.problems += _bare_han(name=name, source=source)
            # Brackets keep the tokenizer from reading indentation into a page.
            code = f"({templatize(source, origin=name)}\n)"
        else:
            continue
        try:
            texts = list(_texts(code=code))
        except (SyntaxError, tokenize.TokenError) as error:
            found.problems.append(f"{name}: cannot be read: {error}")
            continue
        for text in texts:
            found.texts.setdefault(text, set()).add(name)
    return found


def _texts(*, code: str) -> Iterator[Text]:
    options = {"encoding": "utf-8"}
    stream = io.BytesIO(code.encode("utf-8"))
    for _line, message, _comments, context in extract(
        "python", stream, keywords=KEYWORDS, options=options
    ):
        one, many = message if isinstance(message, tuple) else (message, "")
        if one:
            yield Text(msgid=one, plural=many or "", context=context or "")


def _bare_han(*, name: str, source: str) -> list[str]:
    """Find Chinese that stands in a template outside every translation tag."""
    problems = []
    inside = False
    for token in Lexer(source).tokenize():
        text = token.contents
        if token.token_type == TokenType.BLOCK:
            word = text.split()[0] if text.split() else ""
            if word in {"blocktranslate", "blocktrans", "comment"}:
                inside = True
            elif word in {"endblocktranslate", "endblocktrans", "endcomment"}:
                inside = False
            if word in {"translate", "trans", "blocktranslate", "blocktrans"}:
                continue
        if inside or token.token_type == TokenType.COMMENT:
            continue
        if token.token_type == TokenType.TEXT:
            text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        else:
            text = re.sub(r"""_\(("[^"]*"|'[^']*')\)""", "", text)
        text = BRAND.sub("", text)
        if HAN.search(text):
            words = re.sub(r"\s+", " ", text).strip()[:40]
            problems.append(f"{name}:{token.lineno}: outside of a translation tag: {words}")
    return problems


def catalog_of(*, found: Found, old: polib.POFile) -> polib.POFile:
    """Return the catalog of the texts found, with the translations that ``old`` has for them."""
    known = {
        Text(msgid=entry.msgid, plural=entry.msgid_plural, context=entry.msgctxt or ""): entry
        for entry in old
    }
    new = polib.POFile(wrapwidth=98)
    new.metadata = {
        "Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for text, files in sorted(found.texts.items(), key=lambda item: (min(item[1]), item[0])):
        before = known.get(text)
        entry = polib.POEntry(
            msgid=text.msgid,
            msgctxt=text.context or None,
            occurrences=[(min(files), "")],
            flags=["python-format"] if re.search(r"%\(\w+\)[a-z]|%[sd]", text.msgid) else [],
        )
        if text.plural:
            entry.msgid_plural = text.plural
            entry.msgstr_plural = before.msgstr_plural if before else {0: "", 1: ""}
        else:
            entry.msgstr = before.msgstr if before else ""
        new.append(entry)
    return new


def faults(*, catalog: polib.POFile) -> list[str]:
    """Name the entries without a usable English text."""
    found = []
    for entry in catalog:
        strings = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        wanted = sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for string in strings:
            if not string or entry.fuzzy:
                found.append(f"no English: {entry.msgid}")
            elif HAN.search(BRAND.sub("", string)):
                found.append(f"Chinese in the English of: {entry.msgid}")
            elif not entry.msgid_plural and sorted(PLACEHOLDER.findall(string)) != wanted:
                found.append(f"other placeholders in the English of: {entry.msgid}")
    return list(dict.fromkeys(found))


def main(arguments: list[str]) -> int:
    """Update and compile, or check; print what is missing."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    found = collect()
    old = polib.pofile(str(CATALOG), wrapwidth=98) if CATALOG.exists() else polib.POFile()
    new = catalog_of(found=found, old=old)
    problems = found.problems + faults(catalog=new)
    if "--check" in arguments:
        if str(new).rstrip() != CATALOG.read_text(encoding="utf-8").rstrip():
            problems.insert(0, f"{CATALOG.name} does not follow the source: run make messages")
    else:
        CATALOG.parent.mkdir(parents=True, exist_ok=True)
        new.save(str(CATALOG))
        compile_catalogs(package=PACKAGE)
        print(f"{len(new)} texts, {len(new.translated_entries())} in English")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
