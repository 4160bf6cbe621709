"""A backup holds everything, is checked whole, and restores all or nothing."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from company import LOST, START, World
from huiyin.config.secret_key import secret_key
from huiyin.core.search import asked
from huiyin.flows import answer
from huiyin.flows.receive import Decided
from huiyin.store import backup, files, models, search
from huiyin.store.fitting import Wanted
from huiyin.store.ids import new_id
from huiyin.store.read import audit

pytestmark = pytest.mark.django_db


def quiet(_name: str, _rows: int) -> None:
    """Say nothing."""


@pytest.fixture
def written(
    world: World, post: Callable[..., Decided], tmp_path: Path, settings: LazySettings
) -> Path:
    """A backup of a company with one answered complaint and one kept file."""
    settings.HUIYIN = dataclasses.replace(settings.HUIYIN, data=tmp_path / "data")
    decided = post("portal", LOST, phone="13812345678", sender_name="王女士")
    assert decided.complaint_id is not None
    world.do("agent", answer.reply, complaint_id=decided.complaint_id, text="正在查找")
    files.keep(content=b"a photo")
    to = tmp_path / "all.backup"
    report = backup.write(to=to, now=START, say=quiet)
    assert report.files == 1
    assert report.size == to.stat().st_size
    return to


def _empty() -> None:
    with transaction.atomic():
        backup.clear(tables=backup._tables())


def _everything() -> dict[str, list[tuple[object, ...]]]:
    return {
        m._meta.db_table: list(m._base_manager.order_by("pk").values_list())
        for m in backup._tables()
    }


def test_what_is_restored_is_what_was_written(written: Path) -> None:
    before = _everything()
    assert before["complaint"]
    assert before["event"]
    _empty()
    assert not models.Complaint.objects.exists()
    backup.restore(path=written, say=quiet)
    assert _everything() == before
    assert list(audit.broken_links()) == []
    assert list(audit.balance_faults()) == []


def test_the_index_finds_again_what_was_restored(written: Path) -> None:
    number = models.Complaint.objects.get().number
    _empty()
    backup.restore(path=written, say=quiet)
    case = models.Complaint.objects.get()
    for words in ("包裹", "SF1234567890123", "0123", number, "正在查找", "13812345678"):
        hits = search.find(words=asked(text=words), wanted=Wanted()).hits
        assert [h.complaint_id for h in hits] == [case.id], words


def test_work_goes_on_after_a_restore(written: Path, world: World) -> None:
    _empty()
    backup.restore(path=written, say=quiet)
    case = models.Complaint.objects.get()
    decided = world.post("portal", "运单SF1234567890123有消息了吗", phone="13812345678")
    assert (decided.outcome, decided.complaint_id) == ("joined", case.id)
    assert list(audit.broken_links()) == []


def _of_before(written: Path, *, migration: str) -> None:
    """Make a backup one of the time when no address was proven and no use was counted."""
    members: dict[str, bytes] = {}
    with tarfile.open(written, "r:gz") as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            members[member.name] = file.read()
    manifest = json.loads(members.pop("manifest.json"))
    names = manifest["columns"]["identity"]
    at = names.index("proven")
    rows = [json.loads(line) for line in members["rows/identity.jsonl"].splitlines()]
    assert [row.pop(at) for row in rows] == [False]
    members["rows/identity.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    names.remove("proven")
    del members["rows/client_use.jsonl"], manifest["columns"]["client_use"]
    del manifest["rows"]["client_use"]
    manifest["migration"] = migration
    manifest["sha256"] = {n: hashlib.sha256(b).hexdigest() for n, b in members.items()}
    members["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(written, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_an_older_version_is_brought_up_to_date(written: Path) -> None:
    before = _everything()
    _of_before(written, migration="0036_aside_by_time")
    _empty()
    backup.restore(path=written, say=quiet)
    assert _everything() == before, "its one address, told in a form, is a claim again"
    assert list(audit.broken_links()) == []


@pytest.mark.django_db(transaction=True)
def test_half_an_old_backup_leaves_newest_tables_and_nothing_in_them(written: Path) -> None:
    _of_before(written, migration="0037_identity_proven")
    _empty()
    with pytest.raises(backup.CannotRestore, match="columns of identity"):
        backup.restore(path=written, say=quiet)
    assert not models.Complaint.objects.exists()
    assert not models.ClientUse.objects.exists(), "the table is there again"


def test_a_backup_of_a_newer_version_is_refused_before_anything_is_touched(written: Path) -> None:
    _of_before(written, migration="9999_of_tomorrow")
    _empty()
    with pytest.raises(backup.CannotRestore, match="newer version"):
        backup.restore(path=written, say=quiet)


def test_a_company_that_is_there_is_not_written_over(written: Path) -> None:
    with pytest.raises(backup.CannotRestore, match="company here already"):
        backup.restore(path=written, say=quiet)


def test_a_changed_backup_is_refused_and_nothing_is_touched(written: Path) -> None:
    plain = gzip.decompress(written.read_bytes())
    assert "正在查找".encode() in plain
    written.write_bytes(gzip.compress(plain.replace("正在查找".encode(), "已经找到".encode())))
    _empty()
    with pytest.raises(backup.CannotRestore, match="changed after it was written"):
        backup.restore(path=written, say=quiet)
    assert not models.Complaint.objects.exists()


@pytest.mark.parametrize("share", [0, 1, 50, 99])
def test_half_a_backup_is_refused(written: Path, share: int) -> None:
    whole = written.read_bytes()
    written.write_bytes(whole[: len(whole) * share // 100])
    with pytest.raises(backup.CannotRestore, match="not a whole backup"):
        backup.check(path=written)


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("你好")
    with pytest.raises(backup.CannotRestore, match=r"letter\.txt"):
        backup.check(path=other)


KEY, OTHER = "the key of the installation that wrote it", "the key of the one that is restored into"


def _sealed_payout(card: str) -> str:
    """Keep a payee's account as a payout does; returns it as it lies in the database."""
    case = models.Complaint.objects.get()
    remedy = models.Remedy.objects.create(
        id=new_id(now=START), complaint=case, kind="payment", amount=100, state="accepted",
        proposed_at=START, proposed_by=models.User.objects.get(username="agent"),
    )  # fmt: skip
    models.Payout.objects.create(
        id=new_id(now=START), number="P1", remedy=remedy, complaint=case, amount=100, method="bank",
        payee="王女士", account=card, state="requested", requested_at=START,
        requested_by="customer",
    )  # fmt: skip
    return _as_it_lies()


def _as_it_lies() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT account FROM payout")
        return str(cursor.fetchone()[0])


def test_what_is_sealed_is_read_again_in_another_installation(
    written: Path, settings: LazySettings
) -> None:
    card = "6222020200112233445"
    key = settings.HUIYIN.data / "secret_key"
    key.write_text(KEY + "\n")
    settings.SECRET_KEY = KEY
    sealed = _sealed_payout(card)
    backup.write(to=written, now=START, say=quiet)
    assert card.encode() not in gzip.decompress(written.read_bytes())
    assert sealed.encode() in gzip.decompress(written.read_bytes())
    _empty()
    key.unlink()
    settings.SECRET_KEY = OTHER
    backup.restore(path=written, say=quiet)
    [fault] = audit.broken_seals()
    assert fault.startswith("payout.account: 1 of 1")
    # from the next start on
    own = dataclasses.replace(settings.HUIYIN, secret_key="")
    assert list(audit.broken_seals(secret=secret_key(settings=own))) == []
    settings.SECRET_KEY = KEY
    assert list(audit.broken_seals()) == []
    assert models.Payout.objects.get().account == card


def test_what_lay_open_in_a_backup_is_sealed_by_its_key(
    written: Path, settings: LazySettings
) -> None:
    (settings.HUIYIN.data / "secret_key").write_text(KEY + "\n")
    settings.SECRET_KEY = KEY
    sealed = _sealed_payout("6222020200112233445")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payout SET account = 'open'")
    backup.write(to=written, now=START, say=quiet)
    _empty()
    settings.SECRET_KEY = OTHER
    backup.restore(path=written, say=quiet)
    assert _as_it_lies() not in ("open", sealed)
    settings.SECRET_KEY = KEY
    assert models.Payout.objects.get().account == "open"
