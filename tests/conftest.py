"""What every test stands on: its own settings, a closed network, one of two databases."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import pytest_socket

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
CORE = Path(__file__).parent / "core"
LOOPBACK = ["127.0.0.1", "::1"]
# For markers, test cases, the sites and the mail of Django: none of them is used here.
UNUSED = (
    "_dj_autoclear_mailbox",
    "_django_clear_site_cache",
    "_django_isolate_apps",
    "_django_set_urlconf",
    "_django_setup_unittest",
    "_template_string_if_invalid_marker",
)
NEEDS_DATABASE = {"db", "transactional_db", "live_server", "admin_client", "admin_user"}


def _database_asked_for() -> str:
    """Read --database before pytest does: the settings must be right when conftests import rows."""
    words = [*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *sys.argv[1:]]
    found = "sqlite"
    for word, following in itertools.zip_longest(words, words[1:], fillvalue=""):
        if word == "--database":
            found = following
        elif word.startswith("--database="):
            found = word.partition("=")[2]
    return found


def _core_alone() -> bool:
    """Say whether nothing but tests of the core is named: they need no Django, and prove it.

    A process that xdist starts sees it by what its parent has not prepared.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        return "DJANGO_SETTINGS_MODULE" not in os.environ
    named = [Path(word.partition("::")[0]) for word in sys.argv[1:] if not word.startswith("-")]
    paths = [path.resolve() for path in named if path.exists()]
    return bool(paths) and all(path.is_relative_to(CORE) for path in paths)


def _prepare_settings() -> None:
    """Keep a developer's own settings and data out of every test; start the database if asked.

    A process that xdist starts inherits what its parent has set here.
    """
    import django
    from django.conf import settings

    from postgres_server import running_postgres
    from ready_made import share_models

    if "PYTEST_XDIST_WORKER" not in os.environ:
        if settings.configured:
            raise pytest.UsageError("unset DJANGO_SETTINGS_MODULE: the tests choose their settings")
        for name in [name for name in os.environ if name.startswith("HUIYIN_")]:
            del os.environ[name]
        closers = contextlib.ExitStack()
        atexit.register(closers.close)
        data = tempfile.mkdtemp(prefix="huiyin-test-")
        closers.callback(shutil.rmtree, data, ignore_errors=True)
        share_models(data=Path(data))
        os.environ |= {
            "HUIYIN_DATA": data,
            "HUIYIN_SECRET_KEY": "tests only: this key signs nothing that anyone keeps",
            "HUIYIN_LOG_LEVEL": "warning",
            # What a test sees must not depend on the hour at which it runs.
            "HUIYIN_QUIET_HOURS": "",
            "DJANGO_SETTINGS_MODULE": "huiyin.config.django_settings",
        }
        database = _database_asked_for()
        if database == "postgres":
            os.environ["HUIYIN_DATABASE"] = closers.enter_context(running_postgres())
        elif database != "sqlite":
            os.environ["HUIYIN_DATABASE"] = database
    # A password hash is slow on purpose; a test that logs in need not be.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django.setup()


# Else every process reads all sources anew and rewrites the assertions of all tests.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
if not _core_alone():
    _prepare_settings()

hypothesis.settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    max_examples=60,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("long", deadline=None, max_examples=5000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        default="sqlite",
        metavar="sqlite|postgres|URL",
        help="database under the tests: SQLite, a PostgreSQL started for this run, or one of yours",
    )


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    if config.getoption("--database") != _database_asked_for():
        raise pytest.UsageError("write --database on the command line or in PYTEST_ADDOPTS")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import what is thorough as a whole where only the quick tests are asked for."""
    if config.option.markexpr != "not thorough" or collection_path.suffix != ".py":
        return None
    return "\npytestmark = pytest.mark.thorough\n" in collection_path.read_text("utf-8") or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what touches the database; on SQLite leave out what needs PostgreSQL."""
    _spare_unused_fixtures(items)
    keep: list[pytest.Item] = []
    drop: list[pytest.Item] = []
    on_sqlite = config.getoption("--database") == "sqlite"
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("thorough")
        if on_sqlite:
            wanted = item.get_closest_marker("postgres") is None
        else:
            names = set(getattr(item, "fixturenames", ()))
            wanted = bool(names & NEEDS_DATABASE or item.get_closest_marker("django_db"))
        (keep if wanted else drop).append(item)
    if drop:
        config.hook.pytest_deselected(items=drop)
        items[:] = keep


def _spare_unused_fixtures(items: list[pytest.Item]) -> None:
    """Leave out what pytest-django does around every test though nothing here asks for it.

    Together it takes longer than a pure test does.
    """
    for item in items:
        names: list[str] = getattr(item, "fixturenames", [])
        if UNUSED[0] in names:
            unused = {*UNUSED}
            if "live_server" not in names:
                unused.add("_live_server_helper")
            if item.get_closest_marker("django_db") is None:
                unused.add("_django_db_marker")
            names[:] = [name for name in names if name not in unused]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None,
) -> Iterator[contextlib.ExitStack]:
    """Before the test database is prepared put the tables there that were migrated before."""
    from django.db import connection

    from ready_made import migrated_sqlite

    with contextlib.ExitStack() as preparing:
        if connection.vendor == "sqlite":
            preparing.enter_context(migrated_sqlite())
        yield preparing


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_modify_db_settings: contextlib.ExitStack, django_db_setup: None
) -> None:
    """Prepare the test database; afterwards others may."""
    django_db_modify_db_settings.close()


@pytest.fixture
def _django_db_helper(_django_db_helper: None) -> None:
    """Every test with a database is the first that this process meets."""
    from memory import start_afresh

    start_afresh()


@pytest.fixture(autouse=True)
def _closed_network() -> Iterator[None]:
    """Let sockets connect to this machine only."""
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
    yield
    pytest_socket._remove_restrictions()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data sets beside the repository; a test that asks for it skips without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the data sets beside the repository are absent")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[Any]:
    """Take back what a start in this process forbids: mail servers open their folders to others."""
    mask = os.umask(0o022)
    os.umask(mask)
    try:
        return (yield)
    finally:
        os.umask(mask)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, one for the whole run."""
    from playwright.sync_api import sync_playwright

    found = subprocess.run(
        [ROOT / "scripts" / "install-chromium"], capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        pytest.fail(f"no Chromium for the browser tests:\n{found.stderr}", pytrace=False)
    # The driver of the browser keeps an event loop in this thread, and Django would take it for
    # an asynchronous program.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=found.stdout.strip(),
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
        )
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page at desktop width, in Chinese; errors of its scripts fail the test.

    ``page.set_viewport_size({"width": 390, "height": 844})`` makes it a phone. When the test
    fails, build/screenshots/ holds what was on the page.
    """
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 900}
    )
    # Long enough for two browsers on a busy machine.
    context.set_default_timeout(30_000)
    new = context.new_page()
    errors: list[str] = []
    new.on("pageerror", lambda error: errors.append(str(error)))
    yield new
    report: Any = request.node.stash.get(_REPORT, None)
    if errors or report is None or report.failed:
        folder = ROOT / "build" / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(Exception):
            new.screenshot(path=folder / f"{request.node.name}.png", full_page=True)
    context.close()
    assert not errors, f"scripts of the page failed: {errors}"


_REPORT = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let a fixture see whether its test failed."""
    report: Any = yield
    if report.when == "call":
        item.stash[_REPORT] = report
    return report
