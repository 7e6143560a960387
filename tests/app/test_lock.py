"""A database is not replaced under a bot that is at work on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.app.lock import refuse_running, sole_process
from bot.errors import DatabaseUnusable
from bot.scheduling.life import ALIVE_WITHIN
from bot.store import open_store
from tests.builders import NOW
from tests.servers.postgres import PostgresServer
from tests.store.ages import AT

MOMENT = timedelta(seconds=1)


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    with postgres.fresh_database() as fresh:
        yield fresh


async def test_a_beat_of_the_last_minute_is_a_bot_at_work(url: str) -> None:
    await refuse_running(url, now=NOW)  # there are no tables yet
    async with await open_store(url) as store:
        await refuse_running(url, now=NOW)
        await store.record_beat(NOW)

    with pytest.raises(DatabaseUnusable, match="a newsbot is running on this database"):
        await refuse_running(url, now=NOW + ALIVE_WITHIN)
    await refuse_running(url, now=NOW + ALIVE_WITHIN + MOMENT)


async def test_so_is_a_process_of_any_role_and_it_is_named(url: str) -> None:
    async with await open_store(url) as store, store.database.writing() as connection:
        added = text("INSERT INTO processes VALUES ('box-7', 'deliver', 'box', :at, :at)")
        await connection.execute(added, {"at": AT})

    with pytest.raises(DatabaseUnusable, match=r"\(box-7\); stop it first"):
        await refuse_running(url, now=NOW + ALIVE_WITHIN)
    await refuse_running(url, now=NOW + ALIVE_WITHIN + MOMENT)


def test_one_bot_has_a_file_for_itself(tmp_path: object) -> None:
    address = f"sqlite:///{tmp_path}/news.sqlite3"

    with (
        sole_process(address),
        pytest.raises(DatabaseUnusable, match="another newsbot is running"),
        sole_process(address),
    ):
        pass
    with sole_process(address):
        pass
