"""The evidence page, its files and the pack; nonsense and strangers are told so."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pypdfium2
import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from company import LOST, World, complaint, kinds, photo
from huiyin.doors.cli import main
from huiyin.store import models

pytestmark = pytest.mark.django_db

Enter = Callable[[str], Client]


@pytest.fixture
def case(world: World) -> models.Complaint:
    """A lost parcel that claims handle."""
    return complaint(
        world.post("portal", LOST, sender="13812345678", sender_name="王小明", phone="13812345678")
    )


def act(client: Client, case: models.Complaint, what: str, **form: object) -> Any:
    return client.post(f"/desk/c/{case.id.hex}/evidence/{what}", form, follow=True)


def verified(path: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """Check a pack in a fresh process without any settings or database."""
    done = subprocess.run(
        [sys.executable, "-m", "huiyin", "verify-pack", str(path), *more],
        capture_output=True, check=False, env={"PATH": "", "HUIYIN_DATABASE_URL": "nonsense"},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def test_from_the_checklist_to_a_pack_that_proves_itself_elsewhere(
    case: models.Complaint, as_person: Enter, tmp_path: Path
) -> None:
    boss = as_person("boss")
    upload = SimpleUploadedFile("外箱.png", photo(), "image/png")
    said = act(boss, case, "add", item="search", files=[upload], note="监控截图")
    assert "材料已登记" in said.content.decode() and "外箱.png" in said.content.decode()
    act(boss, case, "add", item="last_scan", words="东莞分拨 21:14 之后无记录")
    act(boss, case, "request", item=["track", "scan_photos"], of="operations")
    task = models.Collaboration.objects.get()
    ops = as_person("ops")
    page = ops.get(f"/desk/tasks/{task.id.hex}").content.decode()
    assert "要本部门提供的材料" in page and "完整运单轨迹" in page and "监控截图" not in page
    ops.post(f"/desk/tasks/{task.id.hex}/evidence", {"item": "track", "words": "全程轨迹如下"})
    assert models.Evidence.objects.get(item="track").source == "operations"
    act(boss, case, "waive", item="insured", reason="客户确认未保价")
    shown = boss.get(f"/desk/c/{case.id.hex}/").content.decode()
    assert "证据清单" in shown and "客户确认未保价" in shown

    answer = boss.post(f"/desk/c/{case.id.hex}/evidence/pack", {"reason": "法院调取"})
    assert answer["Content-Type"] == "application/zip" and "no-store" in answer["Cache-Control"]
    path = tmp_path / "pack.zip"
    path.write_bytes(answer.content)
    code, found = verified(path)
    assert (code, found["ok"], found["number"]) == (0, True, case.number)
    assert kinds(case)[-2:] == ["Revealed", "PackMade"]
    made = json.loads(models.Event.objects.filter(complaint_id=case.id).order_by("-seq")[0].data)
    assert made["reason"] == "法院调取" and made["manifest"] == found["manifest_sha256"]
    assert verified(path, "--digest", made["manifest"])[0] == 0
    assert verified(path, "--digest", "0" * 64)[0] == 1
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        manifest = orjson.loads(archive.read("manifest.json"))
        words = pypdfium2.PdfDocument(archive.read("summary.pdf"))
        text = "".join(p.get_textpage().get_text_range() for p in words)
    assert found["events"] == made_before(case) and "王小明" in text and "监控截图" in text
    assert {e["item"] for e in manifest["evidence"]} == {"search", "last_scan", "track"}

    content = bytearray(answer.content)
    at = content.index(photo()[20:60])
    content[at + 5] ^= 1
    path.write_bytes(content)
    code, found = verified(path)
    assert code == 1 and any(f["fault"] == "altered" and f["file"].startswith("originals/")
                             for f in found["faults"])  # fmt: skip


def made_before(case: models.Complaint) -> int:
    return models.Event.objects.filter(complaint_id=case.id).count() - 2


def test_only_leaders_make_packs_and_say_why(case: models.Complaint, as_person: Enter) -> None:
    url = f"/desk/c/{case.id.hex}/evidence/pack"
    before = kinds(case)
    for who, status in (("agent", 403), ("clerk", 403), ("ops", 404)):
        assert as_person(who).post(url, {"reason": "看看"}).status_code == status
    answer = as_person("boss").post(url, {"reason": "  "})
    assert answer.status_code == 422 and "给谁、做什么用" in answer.content.decode()
    assert kinds(case) == before
    assert "生成证据包" not in as_person("agent").get(
        f"/desk/c/{case.id.hex}/evidence"
    ).content.decode()  # fmt: skip


def test_a_pack_whose_original_is_gone_is_not_made(
    case: models.Complaint, as_person: Enter, settings: Any
) -> None:
    boss = as_person("boss")
    act(boss, case, "add", item="track", words="轨迹")
    models.Evidence.objects.update(sha256="f" * 64)
    answer = boss.post(f"/desk/c/{case.id.hex}/evidence/pack", {"reason": "法院"})
    assert answer.status_code == 422 and "找不到" in answer.content.decode()
    assert "PackMade" not in kinds(case)


@pytest.mark.parametrize(
    ("what", "form", "said"),
    [
        ("add", {"item": "track"}, "请选择文件"),
        ("add", {"item": "moon", "words": "x"}, "清单里没有这一项"),
        ("add", {"item": "track", "words": "x", "time": "昨天"}, "时间请写成"),
        ("add", {"item": "track", "words": "x", "time": "2999-01-01T00:00"}, "不能晚于现在"),
        ("add", {"item": "track", "words": "x", "supersedes": uuid4().hex}, "找不到要替换的材料"),
        ("request", {"of": "customer"}, "请选择要哪几项"),
        ("request", {"item": "track", "of": "moon"}, "请选择向谁要"),
        ("request", {"item": "track", "of": "customer", "until": "2001-01-01T00:00"}, "以后"),
        ("waive", {"item": "track", "reason": ""}, "请写明为什么"),
    ],
)
def test_nonsense_is_said_and_what_was_written_stays(
    case: models.Complaint, as_person: Enter, what: str, form: dict[str, str], said: str
) -> None:
    answer = act(as_person("boss"), case, what, **form)
    assert answer.status_code == 422 and said in answer.content.decode()
    if form.get("words"):
        assert f">{form['words']}</textarea>" in answer.content.decode()
    assert not models.Evidence.objects.exists() and not models.EvidenceItem.objects.exists()


def test_files_are_checked_and_served_to_those_who_may(
    case: models.Complaint, as_person: Enter
) -> None:
    boss = as_person("boss")
    bad = SimpleUploadedFile("x.html", b"<script>alert(1)</script>", "text/html")
    answer = act(boss, case, "add", item="track", files=[bad])
    assert answer.status_code == 422 and "格式不支持" in answer.content.decode()
    act(boss, case, "add", item="track", words="<b>轨迹</b>")
    url = f"/desk/evidence/{models.Evidence.objects.get().id.hex}"
    served = boss.get(url)
    assert served["Content-Type"] == "application/octet-stream" and b"<b>" in served.content
    assert as_person("ops").get(url).status_code == 404
    for odd in ("nonsense", uuid4().hex):
        assert boss.get(f"/desk/evidence/{odd}").status_code == 404
        assert boss.get(f"/desk/c/{odd}/evidence").status_code == 404
    assert act(boss, case, "nonsense").status_code == 404
    assert act(as_person("ops"), case, "add", item="track", words="x").status_code == 404


def test_the_command_makes_the_same_pack(case: models.Complaint, tmp_path: Path) -> None:
    goal = tmp_path / "p.zip"

    def run(number: str, by: str, out: Path = goal) -> Any:
        how = ["pack", number, "--by", by, "--reason", "监管调取", "--out", str(out)]
        return CliRunner().invoke(main, how)

    for number, by, said in (
        (case.number, "nobody", "no active person"), ("HY20000101-000001", "boss", "no complaint"),
        (case.number, "agent", "may not make packs"), (case.number, "ops", "sees no complaint"),
    ):  # fmt: skip
        failed = run(number, by)
        assert failed.exit_code == 1 and said in failed.output and not goal.exists()
    done = run(case.number, "boss")
    assert done.exit_code == 0, done.output
    assert verified(goal)[1]["manifest_sha256"] == json.loads(done.output)["manifest_sha256"]
    assert "there already" in run(case.number, "boss").output
    assert kinds(case)[-2:] == ["Revealed", "PackMade"]


def test_what_is_no_pack_is_said_in_one_line(tmp_path: Path) -> None:
    odd = tmp_path / "odd.zip"
    odd.write_bytes(b"PK\x03\x04 nothing")
    code, found = verified(odd)
    assert code == 1 and found["faults"][0]["fault"] == "refused"
    gone = CliRunner().invoke(main, ["verify-pack", str(tmp_path / "gone.zip")])
    assert gone.exit_code == 2 and "does not exist" in gone.output
