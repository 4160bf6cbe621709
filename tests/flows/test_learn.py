"""A model is trained on corrections, runs only when better, and is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import small_language
from company import World, complaint
from huiyin.core.learning import Policy, gather
from huiyin.core.triage import Triage, triage_batch
from huiyin.flows import learn, sort
from huiyin.store import files, learned_model, models, triage_model
from huiyin.store.ledger.versions import CannotChangeVersion
from huiyin.store.read import learning

POLICY = Policy(least=10, person_percent=40, margin_percent=100)
SLANG = "件卡壳了第{n}回"
OTHER = "加码收钱第{n}笔"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    """Let the shipped language be one of a few words; every test starts with no version loaded."""
    monkeypatch.setattr(triage_model, "phrase_book", small_language.pack)
    monkeypatch.setattr(
        triage_model, "ready", lambda: (small_language.pack(), small_language.model())
    )
    learned_model.look_again()
    yield
    learned_model.look_again()


@pytest.fixture
def taught(world: World) -> World:
    """People said of forty texts with a word unknown to the model that they are about tracking."""
    teach(world, "tracking", range(40))
    return world


def teach(world: World, category: str, numbers: range, words: str = SLANG) -> None:
    users = list(models.User.objects.order_by("id"))
    case = models.Complaint.objects.first() or complaint(world.post("portal", "太慢了"))
    models.Correction.objects.bulk_create(
        models.Correction(
            id=learn.versions.new_id(now=world.now),
            complaint_id=case.id,
            text=words.format(n=n),
            field="category",
            before="other",
            after=category,
            by=users[n % len(users)],
            at=world.now + timedelta(minutes=n),
        )
        for n in numbers
    )


def train(world: World) -> learn.Trained:
    return learn.learn(now=world.later(minutes=1), by=None, policy=POLICY)


def sorted_as(text: str) -> Triage:
    language, model = learned_model.in_force()
    return triage_batch(texts=[text], model=model, language=language)[0]


def states() -> list[str]:
    return list(models.ModelVersion.objects.order_by("number").values_list("state", flat=True))


def test_a_better_model_waits_runs_and_is_taken_back(taught: World) -> None:
    assert sorted_as(SLANG.format(n="七")).category != "tracking"
    heard: list[int] = []
    trained = learn.learn(
        now=taught.now, by=None, policy=POLICY, say=lambda step, _what: heard.append(step)
    )
    assert heard == list(range(learn.STEPS))
    assert (trained.state, states()) == ("candidate", ["candidate"])
    assert sorted_as(SLANG.format(n="七")).category != "tracking", "nothing changes in silence"
    assert trained.id is not None and trained.scores is not None
    assert trained.scores["held_out"]["category"] > trained.scores["held_out_before"]["category"]
    boss = models.User.objects.get(username="mgr")
    learn.take(id=trained.id, now=taught.later(minutes=1), by=boss.id)
    assert sorted_as(SLANG.format(n="七")).category == "tracking"
    learn.undo(now=taught.later(minutes=1), by=boss.id)
    assert sorted_as(SLANG.format(n="七")).category != "tracking"
    row = models.ModelVersion.objects.get()
    assert row.state == "retired" and row.undone_at is not None
    assert [(h["what"], h["by"]) for h in row.history] == [
        ("trained", None), ("taken", boss.id), ("undone", boss.id),
    ]  # fmt: skip


def test_undo_brings_the_version_before_back(taught: World) -> None:
    first = train(taught)
    assert first.id is not None
    learn.take(id=first.id, now=taught.now, by=None)
    teach(taught, "fee", range(100, 160), OTHER)
    second = train(taught)
    assert second.id is not None and second.state == "candidate", second.because
    learn.take(id=second.id, now=taught.now, by=None)
    assert states() == ["retired", "running"]
    learn.undo(now=taught.now, by=None)
    assert states() == ["running", "retired"]
    assert [h["what"] for h in models.ModelVersion.objects.get(number=1).history] == [
        "trained", "taken", "replaced", "restored",
    ]  # fmt: skip


def test_the_same_corrections_are_not_trained_on_twice(taught: World) -> None:
    train(taught)
    again = train(taught)
    assert (again.state, again.because[0].rule) == ("known", "learning.nothing_new")
    assert states() == ["candidate"]


def test_too_few_corrections_train_nothing(world: World) -> None:
    teach(world, "tracking", range(5))
    trained = train(world)
    assert (trained.state, trained.because[0].rule) == ("few", "learning.too_few")
    assert not states()


def test_corrections_that_the_model_knows_already_make_no_better_one(world: World) -> None:
    said = sorted_as("太慢了")
    teach(world, said.category, range(40), "太慢了{n}")
    models.Complaint.objects.update(urgency=said.urgency)
    refused = train(world)
    assert (refused.state, states()) == ("refused", ["refused"]), refused.because
    assert "learning.same" in {reason.rule for reason in refused.because}
    assert refused.id is not None
    with pytest.raises(CannotChangeVersion):
        learn.take(id=refused.id, now=world.now, by=None)
    with pytest.raises(CannotChangeVersion):
        learn.undo(now=world.now, by=None)


def test_personal_data_never_becomes_a_lesson(world: World) -> None:
    case = complaint(
        world.post(
            "portal",
            "太慢了，我电话13812345678，住在浦东新区世纪大道100号，邮箱zhang.san@example.com",
        )
    )
    world.do("agent", sort.correct, complaint_id=case.id, category="tracking", urgency="critical")
    for one in learning.taught():
        assert "太慢了" in one.text
        for secret in ("13812345678", "世纪大道", "zhang.san"):
            assert secret not in one.text
    assert {one.field for one in learning.taught()} == {"category", "urgency"}
    lessons = gather(taught=learning.taught(), policy=POLICY)
    (one_lesson,) = lessons.train + lessons.held_out
    assert (one_lesson.category, one_lesson.urgency) == ("tracking", "critical")


def test_a_version_whose_file_is_gone_gives_way_to_the_shipped_model(taught: World) -> None:
    trained = train(taught)
    assert trained.id is not None
    learn.take(id=trained.id, now=taught.now, by=None)
    row = models.ModelVersion.objects.get()
    folder: Path = files._path(sha256=row.artefact)
    folder.write_bytes(b"no model")
    learned_model._held.version = None
    learned_model.look_again()
    assert learned_model.in_force()[1] is small_language.model()
    folder.unlink()


def test_a_version_of_other_examples_does_not_run(taught: World) -> None:
    trained = train(taught)
    assert trained.id is not None
    learn.take(id=trained.id, now=taught.now, by=None)
    models.ModelVersion.objects.update(phrases="another")
    learned_model.look_again()
    assert learned_model.in_force()[1] is small_language.model()
    assert train(taught).state == "candidate"


def test_weeks_count_what_people_changed(world: World) -> None:
    changed = complaint(world.post("portal", "太慢了", phone="13812345678"))
    world.post("portal", "包裹丢了", phone="13912345678")
    world.do("agent", sort.correct, complaint_id=changed.id, category="fee")
    (week,) = learning.weeks(now=world.later(minutes=1))
    assert sum(week.kinds.values()) == 2 and week.kinds["fee"] == 1
    assert (week.settled, week.category, week.urgency) == (1, 1, 0)
    assert week.monday == world.now.date() - timedelta(days=world.now.weekday())
    world.do("agent", sort.correct, complaint_id=changed.id, category=changed.category)
    (week,) = learning.weeks(now=world.later(minutes=1))
    assert (week.settled, week.category) == (1, 0), "changed back: the automatic answer was right"
