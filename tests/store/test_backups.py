"""Backups: of a database at work, whole or refused; and what a bot finds after a restore."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from bot.errors import InputInvalid
from bot.model import Restored
from bot.store import head_revision, open_store, upgrade
from bot.store.backups import open_backup, settle, write_backup
from bot.store.snapshots import put_in_place
from bot.store.tables import PASSING
from tests.builders import NOW
from tests.contract.polls import add_feed, new_entry, outcome
from tests.delivery.lab import LEASE, Outbox
from tests.store.ages import DISCORD, REVISIONS, SLACK, build, read

HEAD = REVISIONS[-1]
LATER = NOW + timedelta(hours=3)


def restored() -> Restored:
    return Restored(LATER.astimezone(timezone(timedelta(hours=8))), NOW, LATER)


async def back_up_and_restore(url: str, folder: Path, *, to: str) -> None:
    """Make ``to`` what a bot goes on with three hours after the backup."""
    await write_backup(url, folder / "backup.gz", force=False, now=NOW)
    with open_backup(folder / "backup.gz", beside=folder) as (unpacked, _):
        settle(unpacked, restored())
        put_in_place(unpacked, to, replace=True)


@pytest.mark.parametrize("name", ["news.sqlite3", "news.sqlite3.gz"])
async def test_a_backup_has_every_row_of_either_engine(
    name: str, database_url: str, tmp_path: Path
) -> None:
    count = await build(database_url, HEAD)
    path = tmp_path / name

    made = await write_backup(database_url, path, force=False, now=NOW)

    facts = _stat(path)
    assert made.size == facts.st_size
    assert path.read_bytes().startswith(b"\x1f\x8b" if name.endswith(".gz") else b"SQLite")
    assert stat.S_IMODE(facts.st_mode) == 0o600, "tokens are in it"
    with open_backup(path, beside=tmp_path) as (unpacked, found):
        assert (found.made_at, found.revision) == (NOW, head_revision())
        assert found.rows == made.rows  # the revision and when it was made are among them
        assert count - len(PASSING) + 2 <= found.rows <= count + 2
        kept = await read(str(unpacked))
    assert len(kept.pop("meta")) == 3
    there = await read(database_url)
    lasting = there.keys() - {"meta", *PASSING}
    assert {name: len(kept[name]) for name in lasting} == {
        name: len(there[name]) for name in lasting
    }
    assert not _hidden(tmp_path), "nothing is left beside it"


async def test_a_backup_is_of_one_moment_though_the_bot_goes_on(
    database_url: str, tmp_path: Path
) -> None:
    async with await open_store(database_url) as store:
        feed = await add_feed(store)
        await store.commit_poll(outcome(feed, *(new_entry(f"Old {n}") for n in range(3_000))))
        async with store.database.writing() as connection:
            # What was not committed when it began is not in it, and it waits for nobody.
            await connection.exec_driver_sql("UPDATE feeds SET title = 'half done'")
            await write_backup(database_url, tmp_path / "b.gz", force=False, now=NOW)
        (changed,) = await store.find_feeds()

    assert changed.spec.title == "half done"
    with open_backup(tmp_path / "b.gz", beside=tmp_path) as (unpacked, _):
        kept = await read(str(unpacked))
    assert len(kept["entries"]) == 3_000
    assert "half done" not in str(kept["feeds"])


async def test_a_backup_overwrites_nothing_unasked(database_url: str, tmp_path: Path) -> None:
    await build(database_url, HEAD)
    path = tmp_path / "backup.sqlite3"
    path.write_bytes(b"of last week")

    with pytest.raises(InputInvalid, match="is there already; name another file, or give --force"):
        await write_backup(database_url, path, force=False, now=NOW)
    assert path.read_bytes() == b"of last week"

    await write_backup(database_url, path, force=True, now=NOW)
    assert path.read_bytes().startswith(b"SQLite format 3")


async def test_a_backup_that_has_no_place_leaves_the_last_one(
    database_url: str, tmp_path: Path
) -> None:
    await build(database_url, HEAD)

    with pytest.raises(InputInvalid, match="there is no folder"):
        await write_backup(database_url, tmp_path / "none" / "b.gz", force=False, now=NOW)
    with pytest.raises(InputInvalid, match="is a folder"):
        await write_backup(database_url, tmp_path, force=True, now=NOW)


async def test_what_is_no_whole_backup_of_ours_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/news.sqlite3"
    await build(url, HEAD)
    good = tmp_path / "good.sqlite3"
    await write_backup(url, good, force=False, now=NOW)
    whole = good.read_bytes()
    packed = gzip.compress(whole)
    page = 4096
    newer = tmp_path / "newer.sqlite3"
    newer.write_bytes(whole)
    _execute(newer, "UPDATE alembic_version SET version_num = '9999'")
    strange = tmp_path / "strange.sqlite3"
    _execute(strange, "CREATE TABLE recipes (n)")
    refused: Sequence[tuple[bytes, str]] = (
        (b"", "neither SQLite nor gzip"),
        (b"<html>", "neither SQLite nor gzip"),
        (packed[: len(packed) // 2], "damaged or was cut off"),
        (whole[: 20 * page], "damaged"),
        (whole[: 9 * page] + bytes(page) + whole[10 * page :], "damaged"),
        (gzip.compress(b"not a database"), "damaged"),
        (newer.read_bytes(), "revision 9999, which a newer newsbot wrote"),
        (strange.read_bytes(), "none of newsbot"),
    )

    for number, (body, why) in enumerate(refused):
        path = tmp_path / f"bad-{number}"
        path.write_bytes(body)
        with pytest.raises(InputInvalid, match=why), open_backup(path, beside=tmp_path):
            pass
    with (
        pytest.raises(InputInvalid, match="No such file"),
        open_backup(tmp_path / "nowhere", beside=tmp_path),
    ):
        pass
    assert not _hidden(tmp_path), "nothing is left beside it"


async def test_a_backup_takes_no_file_from_under_the_bot(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite3"
    await build(str(path), HEAD)
    (tmp_path / "link.sqlite3").symlink_to(path)
    async with await open_store(str(path)) as store:
        for name in (path.name, "link.sqlite3", f"{path.name}-wal", f"{path.name}.lock"):
            with pytest.raises(InputInvalid, match="is the database itself"):
                await write_backup(str(path), tmp_path / name, force=True, now=NOW)
        assert await store.find_feeds()


async def test_a_copy_that_was_damaged_within_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite3"
    await build(str(path), HEAD)
    packed = gzip.compress(path.read_bytes())
    middle = len(packed) // 2
    bad = tmp_path / "bad.gz"
    bad.write_bytes(packed[:middle] + b"\xff" * 64 + packed[middle + 64 :])
    with pytest.raises(InputInvalid, match="damaged"), open_backup(bad, beside=tmp_path):
        pass
    _execute(path, "DELETE FROM alembic_version")
    with pytest.raises(InputInvalid, match="never finished"), open_backup(path, beside=tmp_path):
        pass


async def test_a_copy_with_its_log_beside_it_has_what_stands_in_the_log_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "news.sqlite3"
    await build(str(path), HEAD)
    copied = tmp_path / "copied"
    copied.mkdir()
    async with await open_store(str(path)) as store:
        await add_feed(store, "https://in-the-log.example/rss")
        for name in (path.name, f"{path.name}-wal"):
            shutil.copy(tmp_path / name, copied)

    with open_backup(copied / path.name, beside=tmp_path) as (unpacked, _):
        modes = {stat.S_IMODE(_stat(one).st_mode) for one in _hidden(tmp_path)}
        assert "https://in-the-log.example/rss" in str((await read(str(unpacked)))["feeds"])
    assert modes == {0o600}


async def test_what_is_restored_or_made_only_its_owner_may_read(tmp_path: Path) -> None:
    made, target = tmp_path / "made.sqlite3", tmp_path / "restored.sqlite3"
    await upgrade(str(made))
    await back_up_and_restore(str(made), tmp_path, to=str(target))

    assert [stat.S_IMODE(_stat(one).st_mode) for one in (made, target)] == [0o600, 0o600]


async def test_a_copy_made_by_other_means_tells_its_age_by_its_last_beat(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/news.sqlite3"
    await build(url, HEAD)

    with open_backup(tmp_path / "news.sqlite3", beside=tmp_path) as (_, found):
        assert found.made_at == NOW


async def test_posts_owed_when_it_was_made_are_looked_for_and_edits_are_not(
    database_url: str, tmp_path: Path
) -> None:
    async with await open_store(database_url) as store:
        outbox = Outbox(store)
        await outbox.owe("s1", "s2", "s3")
        await store.lease_deliveries(NOW, limit=1, lease=LEASE)
        sent = await outbox.delivery("s1")
        await store.mark_sent(sent.id, revision=1, message_ref="post", edits_at=NOW)
        await outbox.owe("s1", revision=2)
        await store.lease_deliveries(NOW + timedelta(hours=1), limit=9, lease=LEASE)

    target = f"sqlite:///{tmp_path}/restored.sqlite3"
    await back_up_and_restore(database_url, tmp_path, to=target)

    async with await open_store(target) as store:
        after = Outbox(store)
        after.now = LATER
        assert (await after.states()) == {"owed": ["s1", "s2", "s3"]}
        await after.drain().drain()
        given = {made.story_id: made for made, _ in after.sender.given}
    assert (given["s1"].message_ref, given["s1"].unclear_since) == ("post", None)
    assert given["s2"].unclear_since == NOW + timedelta(hours=1), "it was under way since then"
    assert given["s3"].unclear_since == NOW, "it may have been made at any time since the backup"


async def test_a_digest_that_was_due_since_is_looked_for_as_it_would_have_been_made(
    database_url: str, tmp_path: Path
) -> None:
    tomorrow = NOW + timedelta(days=1)
    async with await open_store(database_url) as store:
        outbox = Outbox(store)
        await outbox.owe_digest("s1", "s2", next_attempt_at=NOW + timedelta(hours=1))
        await outbox.owe_digest("s3", next_attempt_at=NOW + timedelta(hours=2))
        await outbox.owe_digest("s4", "s5", next_attempt_at=tomorrow)

    target = f"sqlite:///{tmp_path}/restored.sqlite3"
    await back_up_and_restore(database_url, tmp_path, to=target)

    async with await open_store(target) as store:
        after = Outbox(store)
        after.now = LATER
        await after.drain().drain()
        assert after.sender.stories == ["s1+s2", "s3"]
        assert [made.unclear_since for made, _ in after.sender.given] == [NOW, NOW]
        after.sender.given.clear()
        after.now = tomorrow
        await after.drain().drain()
        assert after.sender.stories == ["s4+s5"]
        assert [made.unclear_since for made, _ in after.sender.given] == [None]


async def test_a_restored_database_does_not_seem_to_have_a_bot_at_work(
    database_url: str, tmp_path: Path
) -> None:
    await build(database_url, HEAD)
    target = f"sqlite:///{tmp_path}/restored.sqlite3"

    await back_up_and_restore(database_url, tmp_path, to=target)

    async with await open_store(target) as store:
        assert await store.last_beat_or_none() is None
        assert await store.load_restored_or_none() == restored()
        assert "+08:00" not in await store.load_note("restored"), "all moments are UTC"
        assert [one.destination for one in await store.find_subscriptions()] == [SLACK, DISCORD]
    kept = await read(target)
    assert [kept[name] for name in PASSING] == [[], [], []]


@pytest.mark.parametrize("revision", REVISIONS[:-1])
async def test_a_backup_of_an_older_version_is_upgraded(revision: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.sqlite3"
    await build(url, revision)
    before = await read(url)

    with open_backup(tmp_path / "old.sqlite3", beside=tmp_path) as (unpacked, found):
        assert found.revision == revision
        await upgrade(str(unpacked))
        settle(unpacked, restored())
        async with await open_store(str(unpacked), migrate=False) as store:
            (story, *_) = await store.find_stories_by_id(["s1"])

    assert story.headline in str(before["stories"])
    assert await read(url) == before, "the backup itself stays as it is"


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def _stat(path: Path) -> os.stat_result:
    return path.stat()


def _hidden(folder: Path) -> list[Path]:
    return list(folder.glob(".*"))
