"""Articles are safe to show, free of personal data, suggested by their words, and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin import playbooks
from huiyin.core.knowledge import (
    CannotReadArticles,
    Draft,
    Known,
    Passages,
    conflicts,
    html_of,
    shipped_articles,
    stands_in,
    suggest,
    summary_of,
)
from huiyin.core.knowledge.markup import plain_of
from huiyin.core.knowledge.shipped import read_articles
from huiyin.core.playbook import load_playbook
from huiyin.core.similar import terms_of

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))",
        "[x](data:text/html;base64,xx)", "![x](https://evil.example/x.png)",
        '<a href="x" onclick="alert(1)">x</a>', "<iframe src=//evil>", "<svg/onload=alert(1)>",
        "<style>*{display:none}</style>", "`<b onmouseover=x>`",
    ],
)  # fmt: skip
def test_nothing_in_a_text_runs_or_fetches(attack: str) -> None:
    html = html_of(text=f"# 标题\n\n{attack}\n\n**重点** [链接](https://example.com)")
    low = html.lower()
    for evil in ("<script", "<img", "<iframe", "<svg", "<style", 'href="javascript', 'href="data'):
        assert evil not in low
    assert " onerror=" not in low.replace("&lt;img src=x onerror=", "")
    assert "<h2>标题</h2>" in html and "<strong>重点</strong>" in html
    assert 'href="https://example.com" rel="noopener noreferrer nofollow"' in html


@given(st.text(max_size=400))
def test_any_text_can_be_shown(text: str) -> None:
    assert "<script" not in html_of(text=text).lower()
    assert len(summary_of(text=text, length=40)) <= 41


def test_marks_do_not_get_into_plain_words() -> None:
    assert (
        plain_of(text="## 标题\n\n- **一** `二`\n\n|甲|乙|\n|-|-|\n|1|2|") == "标题 一 二 甲 乙 1 2"
    )


def test_what_customers_read_holds_no_personal_data_and_no_blanks() -> None:
    good = Draft(title="怎么赔", body="请拨打 12305 申诉。", audience="customer")
    assert good.hindrances(from_case=False, checked=False) == ()
    for bad in ("请打13812345678", "收件人王小明说的", "发到 a@b.cn", "赔您____元"):
        draft = Draft(title="怎么赔", body=bad, audience="customer")
        assert draft.hindrances(from_case=False, checked=False), bad
    script = Draft(title="话术", body="赔您____元", kind="script")
    assert script.hindrances(from_case=False, checked=False) == ()


def test_what_was_written_from_a_case_is_checked_by_a_person() -> None:
    draft = Draft(title="找件", body="先问网点，再看监控。")
    assert [p.field for p in draft.hindrances(from_case=True, checked=False)] == ["checked"]
    assert draft.hindrances(from_case=True, checked=True) == ()
    leak = Draft(title="找件", body="收件人王小明，电话13812345678")
    assert len(leak.hindrances(from_case=True, checked=True)) == 2


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(title="", body="x"), "title"),
        (Draft(title="x", body=" "), "body"),
        (Draft(title="x" * 121, body="x"), "title"),
        (Draft(title="x", body="x" * 20_001), "body"),
        (Draft(title="x", body="x", kind="poem"), "kind"),
        (Draft(title="x", body="x", audience="world"), "audience"),
        (Draft(title="x", body="x", audience="department"), "department"),
    ],
)
def test_what_is_missing_is_named(draft: Draft, field: str) -> None:
    assert field in [p.field for p in draft.problems()]


def known(slug: str, title: str, body: str, *categories: str, helpful: float = 0.5) -> Known:
    return Known(slug, terms_of(text=title), terms_of(text=body), categories, helpful)


def test_articles_are_suggested_by_words_category_and_readers() -> None:
    articles = [
        known("lost", "包裹丢失怎么赔", "保价的按保价条款", "lost"),
        known("late", "快件延误", "超过承诺时间退服务费", "delay"),
        known("rude", "服务态度", "由当事人的上级处理", "attitude"),
    ]
    [first, *_] = suggest(terms=terms_of(text="包裹丢失，有保价"), articles=articles)
    assert first.slug == "lost" and "丢失" in first.because.zh
    [by_kind] = suggest(terms=terms_of(text="三天没动静"), articles=articles, category="delay")
    assert by_kind.slug == "late" and by_kind.because.zh == "同类问题"
    assert suggest(terms=terms_of(text="今天天气"), articles=articles) == ()
    twins = [known("a", "延误退费", "", helpful=0.2), known("b", "延误退费", "", helpful=0.9)]
    assert [s.slug for s in suggest(terms=("延误",), articles=twins)] == ["b", "a"]


def test_a_contradiction_is_found_with_both_passages() -> None:
    one = Passages(
        "a", "# 期限\n\n投诉收到后 7 天内处理并告知客户。其他不变。", frozenset({"lost"})
    )
    other = Passages("b", "- 投诉收到后十五日内处理并告知客户。", frozenset({"lost", "fee"}))
    [found] = conflicts(articles=[one, other])
    assert (found.one, found.other) == ("a", "b")
    assert "7 天" in found.passage and "十五日" in found.other_passage
    assert "7天 和 15天" in found.because.zh


def test_what_agrees_or_speaks_of_something_else_is_no_contradiction() -> None:
    text = "投诉收到后 7 天内处理并告知客户。"
    same = [
        Passages("a", text, frozenset()),
        Passages("b", text.replace("7 天", "七日"), frozenset()),
    ]
    assert conflicts(articles=same) == ()
    apart = [
        Passages("a", text, frozenset({"lost"})),
        Passages("b", text.replace("7", "9"), frozenset({"fee"})),
    ]
    assert conflicts(articles=apart) == ()
    unlike = [
        Passages("a", text, frozenset()),
        Passages("b", "退款最晚 15 天内办完，否则可以反映。", frozenset()),
    ]
    assert conflicts(articles=unlike) == ()


def test_an_article_counts_as_used_when_a_part_of_it_is_said() -> None:
    article = "## 解释\n\n这票没有保价，按民法典和寄件时的约定来赔。约定是____。"
    assert stands_in(
        article=article, answer="您好，这票没有保价，按民法典和寄件时的约定来赔，共100元。"
    )
    assert not stands_in(article=article, answer="您好，已经给您安排重新派送。")
    assert not stands_in(article="短。", answer="短。")


def test_shipped_articles_are_whole_and_agree_with_each_other() -> None:
    articles = shipped_articles()
    assert len({a.id for a in articles}) == len(articles) >= 18
    codes = {c.code for c in load_playbook(text=playbooks.text(name="express-default")).categories}
    for article in articles:
        draft = article.draft
        assert draft.title_en and draft.body_en and set(draft.categories) <= codes, article.id
        if draft.audience == "customer":
            assert article.order, article.id
    passages = [Passages(a.id, a.draft.body, frozenset(a.draft.categories)) for a in articles]
    assert conflicts(articles=passages) == ()


def test_the_steps_of_the_playbook_name_shipped_articles() -> None:
    names = {a.id for a in shipped_articles()}
    for name in playbooks.shipped():
        playbook = load_playbook(text=playbooks.text(name=name))
        assert {s.article for s in playbook.steps if s.article} <= names, name


@pytest.mark.parametrize(
    "bad",
    ["x: 1", "- title: {zh: a, en: b}", "- {id: a, title: a, body: b}", "- {id: a, poem: 1}", "[",
     "- {id: a, title: {zh: a, en: b}, body: {zh: 打13812345678, en: b}, audience: customer}"],
)  # fmt: skip
def test_broken_articles_are_named(bad: str) -> None:
    with pytest.raises(CannotReadArticles, match="test"):
        read_articles(text=bad, name="test")
