"""The desk's knowledge base, and what customers read on the portal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from company import World, complaint
from huiyin.flows import answer, assign, investigate
from huiyin.store import models
from huiyin.store.read import articles
from huiyin.store.read.viewer import viewer_of

Enter = Callable[[str], Client]
FORM = {
    "title": "找件先问网点", "body": "先问网点，再看<script>x</script>监控。", "kind": "article",
    "audience": "agent", "version": "0", "do": "publish",
}  # fmt: skip


def test_an_article_is_written_read_changed_and_voted(world: World, as_person: Enter) -> None:
    boss = as_person("boss")
    done = boss.post("/desk/knowledge/new", FORM)
    assert done.status_code == 302
    path = done["Location"]
    page = as_person("agent").get(path).content.decode()
    assert "找件先问网点" in page and "<script>x" not in page and f"{path}/edit" not in page
    assert "找件先问网点" in as_person("agent").get("/desk/knowledge?q=网点").content.decode()
    edit = boss.get(f"{path}/edit").content.decode()
    assert 'name="version" value="1"' in edit
    changed = {**FORM, "version": "1", "title": "找件三步", "review_on": "2020-01-01"}
    assert boss.post(f"{path}/edit", changed).status_code == 302
    conflict = boss.post(f"{path}/edit", {**changed, "title": "另一个人写的"})
    assert conflict.status_code == 422 and "另一个人写的" in conflict.content.decode()
    assert "找件三步" in boss.get("/desk/knowledge?view=stale").content.decode()
    assert "第 1 版" in boss.get(f"{path}?version=1").content.decode()
    assert boss.get(f"{path}?version=9").status_code == 404
    agent = as_person("agent")
    assert agent.post(f"{path}/vote", {"useful": "yes"}).status_code == 302
    assert models.ArticleVote.objects.get().useful


def test_bad_input_is_named_and_kept(world: World, as_person: Enter) -> None:
    boss = as_person("boss")
    for bad, said in (
        ({"title": ""}, "请写标题"),
        ({"body": " "}, "请写正文"),
        ({"review_on": "soon"}, "日期请写成"),
        ({"audience": "department"}, "请选择部门"),
        ({"audience": "customer", "body": "请打13812345678"}, "还有电话"),
    ):
        answer_ = boss.post("/desk/knowledge/new", {**FORM, **bad})
        assert answer_.status_code == 422
        page = answer_.content.decode()
        assert said in page, said
        assert str({**FORM, **bad}["title"]) in page
    assert not models.Article.objects.filter(shipped="").exists()


@pytest.mark.parametrize("path", ["new", "lost-parcel/edit"])
def test_only_writers_come_to_the_form(world: World, as_person: Enter, path: str) -> None:
    for who in ("agent", "ops", "mgr"):
        assert as_person(who).get(f"/desk/knowledge/{path}").status_code == 403
        assert as_person(who).post(f"/desk/knowledge/{path}", FORM).status_code == 403
    assert as_person("agent").get("/desk/knowledge/lost-parcel").status_code == 200
    assert as_person("agent").get("/desk/knowledge/nowhere").status_code == 404
    assert Client().get("/desk/knowledge").status_code == 302


def test_the_preview_shows_safe_html(world: World, as_person: Enter) -> None:
    boss = as_person("boss")
    page = boss.post("/desk/knowledge/preview", {"body": "**重点** <img src=x onerror=y>"})
    assert "<strong>重点</strong>" in page.content.decode()
    assert "<img" not in page.content.decode()
    assert as_person("agent").post("/desk/knowledge/preview", {"body": "x"}).status_code == 403


def test_an_ended_complaint_becomes_a_draft_by_a_button(world: World, as_person: Enter) -> None:
    case = complaint(world.post("portal", "包裹丢了，电话13812345678", phone="13812345678"))
    boss = as_person("boss")
    button = f'action="/desk/c/{case.id.hex}/article"'
    assert button not in boss.get(f"/desk/c/{case.id.hex}/").content.decode()
    refused = boss.post(f"/desk/c/{case.id.hex}/article")
    assert refused["Location"] == f"/desk/c/{case.id.hex}/"
    world.do("agent", assign.take, complaint_id=case.id)
    world.do("agent", investigate.give_verdict, complaint_id=case.id, verdict="upheld",
             cause="lost_transit", department="operations", reason="监控")  # fmt: skip
    world.do("agent", answer.resolve, complaint_id=case.id, text="找到了，请放心。")
    assert button in boss.get(f"/desk/c/{case.id.hex}/").content.decode()
    assert button not in as_person("agent").get(f"/desk/c/{case.id.hex}/").content.decode()
    done = boss.post(f"/desk/c/{case.id.hex}/article")
    page = boss.get(done["Location"]).content.decode()
    assert "13812345678" not in page and "找到了，请放心" in page and 'name="checked"' in page
    assert models.Article.objects.get(from_complaint=case.id).state == "draft"


def test_an_article_goes_into_an_answer_and_is_counted(world: World, as_person: Enter) -> None:
    case = complaint(world.post("portal", "东西丢了，没有保价，怎么赔，运单SF1234567890123"))
    client = as_person("agent")
    beside = client.get(f"/desk/c/{case.id.hex}/beside").content.decode()
    assert "data-article=" in beside
    path = "/desk/knowledge/explain-uninsured/words"
    words = client.get(path, headers={"HX-Request": "true"}).json()["text"]
    assert "没有保价" in words
    assert client.get(path)["Location"] == "/desk/knowledge/explain-uninsured"
    inside = "/desk/knowledge/legal-clocks/words"
    assert client.get(inside, headers={"HX-Request": "true"}).status_code == 404
    client.post(f"/desk/c/{case.id.hex}/do/take")
    sent = client.post(
        f"/desk/c/{case.id.hex}/do/reply",
        {
            "text": "您好，我把怎么算说给您听，您看有没有不清楚的地方。",
            "article": "explain-uninsured",
        },
    )
    assert sent.status_code == 302
    assert models.ArticleUse.objects.get().article.slug == "explain-uninsured"


def test_what_only_the_staff_reads_is_opened_and_not_sent(world: World, as_person: Enter) -> None:
    case = complaint(world.post("portal", "包裹破损了，屏幕摔坏，责任怎么查，运单SF1234567890123"))
    beside = as_person("agent").get(f"/desk/c/{case.id.hex}/beside").content.decode()
    assert "内部资料" in beside
    for row in articles.for_complaint(
        viewer=viewer_of(user=models.User.objects.get(username="agent")), complaint_id=case.id
    ):
        put = f'data-article="{row.slug}"' in beside
        assert put == row.to_be_said, row.slug


def test_steps_lead_to_articles(world: World, as_person: Enter) -> None:
    case = complaint(world.post("portal", "快递三天没有动，运单SF1234567890123"))
    page = as_person("agent").get(f"/desk/c/{case.id.hex}/").content.decode()
    assert 'href="/desk/knowledge/legal-clocks"' in page


def test_customers_read_help_and_are_answered_while_they_write(world: World) -> None:
    client = Client()
    home = client.get("/").content.decode()
    assert 'data-answers="/help/answers"' in home and 'name="text"' in home
    assert "/help/how-to-complain/" in home
    listed = client.get("/help/").content.decode()
    assert "/help/lost-parcel/" in listed and "legal-clocks" not in listed
    assert "/help/lost-parcel/" in client.get("/help/?q=包裹丢了").content.decode()
    page = client.get("/help/lost-parcel/").content.decode()
    assert "民法典" in page and 'name="useful"' in page
    for hidden in ("legal-clocks", "nowhere"):
        assert client.get(f"/help/{hidden}/").status_code == 404
    found = client.post("/help/answers", {"text": "显示签收了但是我没收到快递"}).content.decode()
    assert found.index("signed-not-received") < 400
    assert client.post("/help/answers", {"text": ""}).status_code == 200
    english = Client(headers={"accept-language": "en"})
    assert "what you are owed" in english.get("/help/lost-parcel/").content.decode()


def test_a_visitor_s_vote_counts_once(world: World) -> None:
    client = Client()
    for useful in ("yes", "no"):
        assert client.post("/help/lost-parcel/vote", {"useful": useful}).status_code == 302
    vote = models.ArticleVote.objects.get()
    assert not vote.useful and vote.voter.startswith("guest:")
    assert "改得更清楚" in client.get("/help/lost-parcel/").content.decode()
    client.post("/help/legal-clocks/vote", {"useful": "yes"})
    assert models.ArticleVote.objects.count() == 1
