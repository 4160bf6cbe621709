"""Pages that tell of customers are kept by no browser; what tells of nobody may be."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from company import LOST, World, complaint
from huiyin.doors.uploads import serve
from huiyin.flows.telling import tracking_url
from huiyin.store import models
from huiyin.store.files import keep


def kept(client: Client, path: str) -> str:
    return client.get(path).headers.get("Cache-Control", "")


def test_pages_of_the_desk_and_of_the_customer_are_not_kept(
    world: World, as_person: Callable[[str], Client]
) -> None:
    case: models.Complaint = complaint(world.post("portal", LOST, sender="13812345678"))
    agent = as_person("agent")
    for path in ("/desk/", f"/desk/c/{case.id.hex}/", "/desk/login", "/desk/nothing"):
        assert kept(agent, path) == "private, no-store", path
    link = tracking_url(case_id=case.id, number=case.number).partition("/t/")[2]
    for path in (f"/t/{link}", "/t/HY0/nothing/", "/filed"):
        assert kept(Client(), path) == "private, no-store", path


def test_pages_that_tell_of_nobody_and_files_stay_as_they_are(world: World) -> None:
    files = serve(name="a.png", content_type="image/png", sha256=keep(content=b"x"))
    assert files["Cache-Control"] == "private, max-age=3600"
    for path in ("/", "/help/", "/offline", "/manifest.webmanifest"):
        assert "no-store" not in kept(Client(), path), path
