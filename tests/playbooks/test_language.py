"""The language that comes with Huiyin: hard pairs, negation, suppositions, urgency, phrase book."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from huiyin.core.triage import CATEGORIES, LanguagePack, Triage, load_language, triage_batch
from huiyin.core.triage.language import PHRASE_KINDS
from huiyin.core.triage.read import read_batch
from huiyin.core.triage.score import Judged, score
from huiyin.store.triage_model import language_files, ready


@pytest.fixture(scope="module")
def phrase_book() -> LanguagePack:
    return load_language(files=language_files(), tried=True)


def sort(*texts: str) -> list[Triage]:
    language, model = ready()
    return triage_batch(texts=texts, model=model, language=language)


@pytest.mark.parametrize(
    ("one", "is_one", "other", "is_other"),
    [
        ("盒子破了，东西没事", "damaged", "盒子破了，少了一件", "lost"),
        ("催了好几次就是不送", "delay", "催了好几次就是不赔", "claim"),
        ("快递员一直不来取件", "pickup", "快递员让我自己去取件", "delivery"),
        ("客服电话打不通", "access", "客服电话里骂人", "attitude"),
        ("物流信息三天没更新", "tracking", "物流太慢，三天没送到", "delay"),
        ("取个快递还收我两块钱", "fee", "取个快递还被人骂一顿", "attitude"),
        ("显示已签收，我没收到货", "delivery", "显示已发货，查不到物流", "tracking"),
        ("包裹被你们弄丢了", "lost", "包裹被你们弄坏了", "damaged"),
        ("快递很慢，手机很好", "delay", "快递很好，手机开不了机", "other"),
        ("代收货款一直没打给我", "cod", "赔偿款一直没打给我", "claim"),
        ("退货运费凭什么我出", "fee", "退货好几天没人来取", "pickup"),
        ("我可以自己去站里自提吗", "other", "快递员非让我自己去站里自提", "delivery"),
        ("退款什么时候到账", "other", "快递什么时候能到", "delay"),
        ("杯子碎了，店家已经赔了钱", "damaged", "杯子碎了，店家不肯赔钱", "claim"),
        ("锅还没到手就跌价了", "other", "锅还没到手，拖了五天", "delay"),
        ("上门取件要收费吗", "fee", "上门取件几点能来", "pickup"),
    ],
)
def test_pairs_that_differ_by_a_word(one: str, is_one: str, other: str, is_other: str) -> None:
    assert [found.category for found in sort(one, other)] == [is_one, is_other]


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("快递一点都没有破损", "broken_on_way"),
        ("小哥态度很好，一点不凶", "bad_attitude"),
        ("要是丢了你们赔吗", "confirmed_loss"),
        ("怕丢了所以问问", "lost_parcel"),
        ("不着急，慢慢来", "deadline"),
        ("懒得投诉了", "will_complain"),
        ("系统显示五号送达，今天还没送到", "signed_not_received"),
        ("运费是多少", "short"),
        ("你真是吃错药了", "medicine"),
        ("问题还没解决", "settled"),
        ("手机反应有点慢", "slow"),
        ("我把发票弄丢了还能退货吗", "confirmed_loss"),
        ("我刚把外箱拆开，还没试用", "broken_on_way"),
        ("保价期内降价怎么补差", "compensation"),
        ("申请取消订单没成功", "pickup_missed"),
        ("退款都催了，一直没到账", "not_paid"),
        ("昨天取消的外卖，麻烦打我电话", "privacy_leak"),
        ("穿一次就破让人心都受伤", "medicine"),
        ("家里雾化器坏了想退货", "medicine"),
        ("办卡送的意外险连住院也管", "medicine"),
        ("等用一阵再说好坏", "deadline"),
        ("国庆你们还送不送", "deadline"),
        ("页面写着八点前送达，骗人的", "deadline"),
        ("手滑按了确认收货，货在半路没收到", "signed_not_received"),
        ("重要的事说三遍", "repeat_contact"),
        ("找客服也没人理", "repeat_contact"),
        ("站长见面就说我投诉他", "will_complain"),
    ],
)
def test_what_is_denied_supposed_or_another_matter_is_no_signal(text: str, signal: str) -> None:
    language, _model = ready()
    assert signal not in read_batch(texts=[text], language=language)[0].every


@pytest.mark.parametrize(
    ("text", "urgency", "rule"),
    [
        ("我妈的降压药今天断了，快递还没送到", "critical", "danger"),
        ("快递员把我的药弄丢了我妈等着吃", "critical", "danger"),
        ("快递员威胁我，说知道我住哪里", "critical", "danger"),
        ("再不处理就打12315，已经找了律师", "critical", "danger"),
        ("我的电话和地址被你们泄露了", "critical", "danger"),
        ("送来的取暖器一插电就冒烟", "critical", "danger"),
        ("明天出差要用，今天必须送到", "high", "pressing"),
        ("没收到货，怎么显示签收了", "high", "pressing"),
        ("请问礼拜天能到不，等着急用", "high", "pressing"),
        ("务必今天给我送到，明早的飞机", "high", "pressing"),
        ("打了五次电话都没人处理，物流还是不动", "high", "pressing"),
        ("包裹丢了，站点承认弄丢的", "high", "loss"),
        ("村里代收点乱收费，请有关部门严肃查处", "high", "petition"),
        ("快递员态度特别差", "normal", "grievance"),
        ("请问寄到北京多少钱一公斤", "low", ""),
        ("小哥很好，送得很快，点赞", "low", ""),
    ],
)
def test_urgency_and_what_it_rests_on(text: str, urgency: str, rule: str) -> None:
    found = sort(text)[0]
    assert found.urgency == urgency
    if rule and urgency != "normal":
        assert found.because[-1].rule == rule
        assert found.because[-1].words


@pytest.mark.parametrize(
    "text", ["你好", "好的谢谢", "东西很好，送得也快，推荐", "哈哈哈哈", "小哥服务好，送货快"]
)
def test_what_is_no_complaint(text: str) -> None:
    found = sort(text)[0]
    assert found.category == "other"
    assert found.urgency == "low"
    assert found.is_complaint < 0.5


def test_main_grievance_and_the_second() -> None:
    found = sort("瓶子全摔碎了，物流还慢，走了十天才到")[0]
    assert found.category == "damaged"
    assert "delay" in found.secondary


def test_a_text_that_says_nothing_is_left_to_a_person() -> None:
    found = sort("那个东西怎么弄的呀这边")[0]
    assert found.unsure


def test_every_kind_has_enough_sentences_and_none_twice(phrase_book: LanguagePack) -> None:
    many = Counter(p.category for p in phrase_book.phrases)
    assert set(many) == set(CATEGORIES)
    assert min(many.values()) >= 150
    twice = [t for t, n in Counter(p.text for p in phrase_book.phrases).items() if n > 1]
    assert twice == []
    assert {p.urgency for p in phrase_book.phrases} == {u for u, _ in PHRASE_KINDS.values()}


def test_no_run_of_twelve_characters_comes_from_the_data(
    phrase_book: LanguagePack, shared_data: Path
) -> None:
    runs: set[str] = set()
    for name in ("express_texts.jsonl", "labelled_dev.jsonl"):
        for line in (shared_data / name).read_text(encoding="utf-8").splitlines():
            text = json.loads(line)["text"]
            runs.update(text[i : i + 12] for i in range(len(text) - 11))
    taken = [
        phrase.text
        for phrase in phrase_book.phrases
        if any(phrase.text[i : i + 12] in runs for i in range(len(phrase.text) - 11))
    ]
    assert taken == []


def test_real_texts_are_sorted_well_enough(shared_data: Path) -> None:
    lines = (shared_data / "labelled_dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    found = score(
        judged=[
            Judged(
                id=row["id"],
                category=said.category,
                urgency=said.urgency,
                confidence=said.confidence,
                true_category=row["category"],
                true_urgency=row["urgency"],
            )
            for row, said in zip(rows, sort(*(row["text"] for row in rows)), strict=True)
        ]
    )
    assert found.category.macro_f1 >= 0.85
    assert found.urgency is not None
    assert found.urgency.macro_f1 >= 0.65
    assert found.grave_recall is not None
    assert found.grave_recall >= 0.85
    assert found.calibration_error <= 0.15
