"""Whole databases, and what is refused before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.lock import sole_process
from bot.app.moving import back_up, copy, examine, restore, vacuum
from bot.errors import DatabaseUnusable
from bot.scheduling.life import note_stop
from bot.store import current_revision, head_revision, open_store
from tests.builders import NOW
from tests.servers.postgres import PostgresServer
from tests.store.ages import REVISIONS, build, read

OLD, HEAD = REVISIONS[0], REVISIONS[-1]


async def test_an_older_file_is_backed_up_before_its_upgrade_and_restored_after_it(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/news.sqlite3"
    await build(url, OLD)
    before = await read(url)

    await back_up(url, tmp_path / "b.gz", force=False, now=NOW)
    assert await read(url) == before
    done = await restore(tmp_path / "b.gz", url, replace=True, posted_until=None, now=NOW)

    assert (done.revision, await current_revision(url)) == (OLD, head_revision())
    assert len((await read(url))["stories"]) == len(before["stories"])


async def test_an_older_postgresql_is_backed_up_by_its_own_means(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    with postgres.fresh_database() as url:
        await build(url, OLD)
        with pytest.raises(DatabaseUnusable, match="back it up with that version, or with pg_dump"):
            await back_up(url, tmp_path / "b.gz", force=False, now=NOW)


async def test_under_a_bot_at_work_nothing_is_replaced_and_all_may_be_read(tmp_path: Path) -> None:
    url, path = f"sqlite:///{tmp_path}/news.sqlite3", tmp_path / "b.gz"
    await build(url, HEAD)
    with sole_process(url):
        await back_up(url, path, force=False, now=NOW)
        await examine(url, now=NOW)
        before = await read(url)
        for refused in (
            restore(path, url, replace=True, posted_until=None, now=NOW),
            copy(url, str(tmp_path / "n"), replace=False, now=NOW, told=lambda *_: None),
            copy(str(tmp_path / "n"), url, replace=True, now=NOW, told=lambda *_: None),
            vacuum(url, now=NOW),
        ):
            with pytest.raises(DatabaseUnusable, match="another newsbot is running"):
                await refused

    assert await read(url) == before


async def test_an_older_postgresql_that_is_refused_is_left_as_it_is(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    lite, path = f"sqlite:///{tmp_path}/news.sqlite3", tmp_path / "b.gz"
    await build(lite, HEAD)
    await back_up(lite, path, force=False, now=NOW)
    with postgres.fresh_database() as url:
        await build(url, OLD)

        with pytest.raises(DatabaseUnusable, match="is not empty"):
            await copy(lite, url, replace=False, now=NOW, told=lambda *_: None)
        with pytest.raises(DatabaseUnusable, match="is not empty"):
            await restore(path, url, replace=False, posted_until=None, now=NOW)

        assert await current_revision(url) == OLD


async def test_a_postgresql_is_replaced_as_soon_as_its_bot_has_stopped(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    lite = f"sqlite:///{tmp_path}/news.sqlite3"
    await build(lite, HEAD)
    with postgres.fresh_database() as url:
        async with await open_store(url) as store:
            await store.record_beat(NOW)
            await note_stop(store, NOW)

            await copy(lite, url, replace=True, now=NOW, told=lambda *_: None)

            assert await store.find_feeds()


async def test_a_source_of_another_version_is_not_copied(tmp_path: Path) -> None:
    source, target = f"sqlite:///{tmp_path}/old.sqlite3", f"sqlite:///{tmp_path}/new.sqlite3"
    await build(source, OLD)

    with pytest.raises(DatabaseUnusable, match="run newsbot db upgrade --database"):
        await copy(source, target, replace=False, now=NOW, told=lambda *_: None)

    assert await current_revision(target) is None


async def test_a_database_in_memory_is_no_target(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/news.sqlite3"
    await build(url, HEAD)

    with pytest.raises(DatabaseUnusable, match="is in memory"):
        await copy(url, "sqlite://", replace=True, now=NOW, told=lambda *_: None)
