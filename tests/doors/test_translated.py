"""Texts of a page that never change are looked up once a language, and stay the same texts."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import Context, engines
from django.template.base import Template
from django.templatetags import i18n
from django.utils import translation

from huiyin.doors.translated import _Unchanging

ENGINE: Any = engines["django"]


def compiled(source: str) -> Template:
    made: Template = ENGINE.from_string("{% load i18n %}" + source).template
    return made


def said(template: Template, **facts: object) -> str:
    return str(template.render(Context(facts)))


def test_one_template_speaks_the_language_of_whoever_looks() -> None:
    page = compiled('{% translate "队列" %}')
    for _again in range(2):
        with translation.override("zh-hans"):
            assert said(page) == "队列"
        with translation.override("en"):
            assert said(page) == "Queue"


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "队列" as word %}[{{ word }}]',
        "{% translate word %}",
        '{% translate "队列"|upper %}',
        '{% translate "队列" noop %}',
        '{% translate "队列" context "menu" %}',
        '{% translate "100%% <b>队列</b>" %}',
        "{% trans '队列' %}",
    ],
)
def test_every_form_of_the_tag_says_what_django_says(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = compiled(source)
    monkeypatch.setitem(ENGINE.engine.template_libraries, "i18n", i18n.register)
    theirs = compiled(source)
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert said(ours, word="队列") == said(theirs, word="队列")


def test_only_a_plain_text_is_remembered() -> None:
    plain = compiled('{% translate "队列" %}').nodelist.get_nodes_by_type(_Unchanging)
    assert len(plain) == 1
    for source in ('{% translate "队列" as word %}', "{% translate word %}"):
        assert not compiled(source).nodelist.get_nodes_by_type(_Unchanging)
