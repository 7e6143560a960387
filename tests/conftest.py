"""Fixtures every room shares."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.store import SqlStore, open_store
from tests.servers.postgres import PostgresServer, running_postgres

pytest_plugins = ["tests.processes"]

# No test fails by the clock: on a busy machine the first example, which imports what it needs,
# takes longer than Hypothesis allows any.
settings.register_profile("newsbot", deadline=None)
settings.load_profile("newsbot")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real feeds and labelled headlines that lies beside a checkout.

    ``NEWSBOT_SHARED`` names another place; where it is absent the test is skipped.
    """
    folder = Path(os.environ.get("NEWSBOT_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"{folder.name}/ is absent: real feeds and gold labels are not shipped")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of our own; a test that needs it fails where it cannot start."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database; the test runs once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/newsbot.sqlite3"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.fresh_database() as url:
        yield url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    """An empty store; the test runs once on each engine."""
    async with await open_store(database_url) as opened:
        yield opened
