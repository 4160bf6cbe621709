"""Django's tags for translation, with texts that never change looked up once a language.

A page shows some two hundred such texts; the interface's own lookup took a tenth of its time.
"""

from __future__ import annotations

from django import template
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.translation import get_language

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class _Unchanging(Node):
    """A text without filters, variables or context of its own."""

    child_nodelists = ()

    def __init__(self, *, node: i18n.TranslateNode) -> None:
        self._node = node
        self._known: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """Return the text in the language of whoever looks."""
        language = get_language()
        text = self._known.get(language)
        if text is None:
            text = self._known[language] = self._node.render(context)
        return text


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """Translate a text of the interface, as Django's tag of this name."""
    node: i18n.TranslateNode = i18n.do_translate(parser, token)
    written = token.split_contents()
    # a literal is safe text whatever surrounds it, so one rendering serves all
    if len(written) == 2 and written[1][0] in "\"'" and not node.filter_expression.filters:
        return _Unchanging(node=node)
    return node
