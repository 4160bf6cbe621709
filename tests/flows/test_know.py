"""Articles written, checked and published, put into answers, and weighed by what followed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from company import World, actor, complaint
from huiyin.core.knowledge import CannotPublish, Draft
from huiyin.flows import answer, assign, investigate, know, survey
from huiyin.store import models
from huiyin.store.ledger import knowledge as ledger
from huiyin.store.read import articles, drafting, shelf
from huiyin.store.read.viewer import Viewer, viewer_of

DRAFT = Draft(
    title="找件先问网点",
    body="先问网点有没有漏扫，再看监控。",
    categories=("lost",),
    tags=("找件",),
)


def viewer(username: str) -> Viewer:
    return viewer_of(user=models.User.objects.get(username=username))


def write(world: World, draft: Draft = DRAFT, who: str = "boss", **how: Any) -> str:
    how = {"state": "published", **how}
    return know.write(now=world.now, actor=actor(who), draft=draft, **how)


def slugs(who: str, **how: Any) -> list[str]:
    page = shelf.shelf(viewer=viewer(who), today=date(2026, 11, 3), **how)
    return [r.slug for r in page.rows]


def test_a_company_begins_with_the_shipped_articles(world: World) -> None:
    assert "lost-parcel" in slugs("agent")
    assert know.take_shipped(now=world.now, actor=actor("admin")) == []
    models.Article.objects.filter(slug="lost-parcel").delete()
    assert know.take_shipped(now=world.now, actor=actor("admin")) == ["lost-parcel"]


def test_every_change_is_a_version_and_no_change_is_lost(world: World) -> None:
    slug = write(world, state="draft")
    assert slug not in slugs("agent") and slug in slugs("boss", view="draft")
    changed = Draft(title="找件三步", body="先问网点。再看监控。最后报失。")
    write(world, changed, slug=slug, seen=1, note="补一步")
    with pytest.raises(ledger.CannotSave):
        write(world, DRAFT, slug=slug, seen=1)
    page = shelf.page(viewer=viewer("boss"), slug=slug, today=world.now.date())
    assert [(v.number, v.title, v.note) for v in page.versions] == [
        (2, "找件三步", "补一步"),
        (1, "找件先问网点", ""),
    ]
    old = shelf.page(viewer=viewer("boss"), slug=slug, today=world.now.date(), number=1)
    assert "漏扫" in old.html
    assert slug in slugs("agent")


def test_only_writers_write_and_only_its_department_reads(world: World) -> None:
    for who in ("agent", "ops", "mgr"):
        with pytest.raises(PermissionError):
            write(world, who=who)
    slug = write(
        world,
        Draft(title="理赔内部", body="先看凭证。", audience="department", department="claims"),
    )
    assert slug in slugs("clerk") and slug not in slugs("ops")
    with pytest.raises(articles.CannotReadArticle):
        shelf.page(viewer=viewer("ops"), slug=slug, today=world.now.date())


def test_review_dates_and_contradictions_are_listed(world: World) -> None:
    one = Draft(title="答复期限", body="找件的结果应当在 3 天内答复客户。", categories=("lost",),
                review_on=world.now.date() - timedelta(days=1))  # fmt: skip
    late = write(world, one)
    other = write(
        world,
        Draft(title="找件", body="找件的结果应当在 5 天内答复客户。", categories=("lost",)),
    )
    assert slugs("boss", view="stale") == [late]
    page = shelf.shelf(viewer=viewer("boss"), today=world.now.date(), view="conflict")
    [pair] = page.conflicts
    assert {pair.one, pair.other} == {late, other} and "3 天" in pair.passage + pair.other_passage
    assert slugs("agent", view="stale") == slugs("agent")


def test_votes_count_once_a_reader(world: World) -> None:
    slug = write(world)
    for voter, useful in (("user:1", True), ("user:1", False), ("guest:x", True)):
        assert ledger.vote(now=world.now, slug=slug, voter=voter, useful=useful)
    row = shelf.page(viewer=viewer("agent"), slug=slug, today=world.now.date()).row
    assert (row.useful, row.useless) == (1, 1)
    assert not ledger.vote(now=world.now, slug="nowhere", voter="user:1", useful=True)


def test_an_article_is_suggested_used_and_weighed(world: World) -> None:
    slug = write(world)
    case = complaint(
        world.post("portal", "包裹丢了，网点说找不到件，请查监控，运单SF1234567890123")
    )
    found = articles.for_complaint(viewer=viewer("agent"), complaint_id=case.id, most=9)
    assert slug in [f.slug for f in found]
    world.do("agent", assign.take, complaint_id=case.id)
    world.do("agent", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="lost_transit", department="operations", reason="监控")  # fmt: skip
    said = "我们先问网点有没有漏扫，再看监控，已经找到。"
    for text in ("不相干的话", said, said):
        world.do("agent", know.use, complaint_id=case.id, slugs=[slug, "nowhere"], answer=text)
    assert models.ArticleUse.objects.get().stars is None
    world.do("agent", answer.resolve, complaint_id=case.id, text=said)
    world.customer(survey.answer, complaint_id=case.id, stars=5, words="")
    row = shelf.page(viewer=viewer("boss"), slug=slug, today=world.now.date()).row
    assert (row.used, row.rated, row.satisfied) == (1, 1, 1)


def test_a_good_case_becomes_a_draft_without_personal_data(world: World) -> None:
    case = complaint(
        world.post(
            "portal", "我叫王小明，电话13812345678，单号SF1234567890123的手机没收到，住文三路100号",
            sender_name="王小明", phone="13812345678",
        )
    )  # fmt: skip
    boss = viewer("boss")
    assert drafting.draft_of_case(viewer=boss, complaint_id=case.id) is None
    world.do("agent", assign.take, complaint_id=case.id)
    world.do("agent", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="misdelivery", department="operations", reason="监控")  # fmt: skip
    text = "王先生，您的件SF1234567890123在驿站找到，已送到文三路100号，退您12元。"
    world.do("agent", answer.resolve, complaint_id=case.id, text=text, agent="小李")
    draft = drafting.draft_of_case(viewer=boss, complaint_id=case.id)
    assert draft is not None and draft.categories == (case.category,)
    whole = draft.title + draft.body
    for secret in ("王小明", "王先生", "13812345678", "SF1234567890123", "文三路", "12元"):
        assert secret not in whole, whole
    assert "驿站" in whole
    slug = know.write_from_case(now=world.now, actor=boss.actor, draft=draft, complaint_id=case.id)
    with pytest.raises(CannotPublish):
        write(world, draft, slug=slug, seen=1)
    write(world, Draft(title="驿站找件", body="先查驿站。"), slug=slug, seen=1, checked=True)
    assert slug in slugs("agent")
    stranger = viewer("ops")
    assert case.department_id == "operations" or (
        drafting.draft_of_case(viewer=stranger, complaint_id=case.id) is None
    )
