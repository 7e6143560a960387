"""``newsbot backup``, ``newsbot restore`` and ``newsbot db copy``, as an operator uses them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta

import pytest

from bot.store import open_store
from tests.cli.program import Newsbot
from tests.cli.running import ANOTHER, connect_slack, follow, running
from tests.platforms.discord.desk import until
from tests.servers.feeds import Document, FeedServer
from tests.servers.postgres import PostgresServer
from tests.servers.slack import Fault, SlackServer

LATER = ANOTHER.replace(
    b"<item>",
    b"<item><guid>four</guid><title>Verizon takes the Motorola Razr back</title>"
    b"<link>https://harbour.example/razr</link></item><item>",
    1,
)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


@asynccontextmanager
async def subscribed(
    newsbot: Newsbot, slack: SlackServer, server: FeedServer
) -> AsyncIterator[None]:
    """The bot at work, its channel subscribed and its feed asked once, while this is entered."""
    follow(newsbot, server.url("/news"))
    connect_slack(newsbot, slack)
    async with running(newsbot):
        await slack.ready(timeout_s=30)
        assert "Subscribed" in (await slack.slash("/alerts subscribe any", timeout_s=15)).text
        await until(lambda: server.asked, timeout_s=30)
        yield


async def test_after_a_restore_nothing_is_posted_twice_and_what_is_new_is(
    newsbot: Newsbot, slack: SlackServer, server: FeedServer
) -> None:
    async with subscribed(newsbot, slack, server):
        made = await newsbot("backup", "night.gz")
        refused = await newsbot("restore", "night.gz", "--replace", code=2)
        server.put("/news", Document(ANOTHER))
        await until(lambda: slack.channel.posts, timeout_s=30)
    asked_for_data = await newsbot("restore", "night.gz", code=2)
    restored = await newsbot("restore", "night.gz", "--replace")
    before = len(server.asked)
    async with running(newsbot):
        await until(lambda: len(server.asked) > before + 1, timeout_s=30)
        server.put("/news", Document(LATER))
        await until(lambda: len(slack.channel.posts) > 1, timeout_s=30)

    assert "night.gz: " in made.out
    assert "another newsbot is running on this database; stop it first" in refused.err
    assert "is not empty" in asked_for_data.err
    assert "counts as posted. Start the bot with `newsbot run`" in restored.out
    first, second = slack.channel.posts
    assert "OnePlus 6" in first.text
    assert "Motorola Razr" in second.text


async def test_a_post_that_was_owed_at_the_backup_and_made_since_is_found_in_its_channel(
    newsbot: Newsbot, slack: SlackServer, server: FeedServer
) -> None:
    async with subscribed(newsbot, slack, server):
        slack.faults.chances = [(1.0, Fault(429, retry_after_s=1))]
        server.put("/news", Document(ANOTHER))
        await until(lambda: slack.count("chat.postMessage"), timeout_s=30)
        await newsbot("backup", "night.sqlite3")
        slack.faults.chances = []
        await until(lambda: slack.channel.posts, timeout_s=30)
    owed = json.loads((await newsbot("stats", "--json", "--database", "night.sqlite3")).out)
    await newsbot("restore", "night.sqlite3", "--replace")
    looked = slack.count("conversations.history")
    async with running(newsbot):
        await until(lambda: slack.count("conversations.history") > looked, timeout_s=30)
    after = json.loads((await newsbot("stats", "--json")).out)

    states = owed["deliveries"]
    assert (states["owed"] + states["sending"], states["sent"]) == (1, 0)
    assert after["deliveries"]["sent"] == 1
    assert len(slack.channel.posts) == 1


async def test_a_database_goes_to_postgresql_and_the_bot_with_it(
    polled: Newsbot, postgres: PostgresServer
) -> None:
    with postgres.fresh_database() as url:
        secret = url.replace("postgres@", "postgres:hush-hush@")
        before = await polled("stats")
        copied = await polled("db", "copy", "newsbot.sqlite3", NEWSBOT_DATABASE_URL=secret)
        back = await polled("db", "copy", "-", "back.sqlite3", NEWSBOT_DATABASE_URL=secret)
        again = await polled("db", "copy", "newsbot.sqlite3", secret, code=2)
        after = await polled("stats", "--database", secret)
        async with await open_store(url) as store:
            await store.record_beat(datetime.now(UTC) + timedelta(seconds=20))
        at_work = await polled("db", "copy", "newsbot.sqlite3", secret, "--replace", code=2)

    assert after.out.splitlines()[:-1] == before.out.splitlines()[:-1], "all but the size"
    assert "newsbot.sqlite3 is copied to postgresql://postgres:***@/postgres: " in copied.out
    assert "newsbot: entries: 2 rows" in copied.err
    assert "postgresql://postgres:***@/postgres is copied to sqlite:///back.sqlite3" in back.out
    assert "newsbot: feeds: 1 row\n" in copied.err
    assert "is not empty: there are rows in its table feeds" in again.err
    assert "a newsbot is running on this database" in at_work.err
    assert "hush" not in copied.out + copied.err + again.err + at_work.err


async def test_what_cannot_be_understood_is_said_before_anything_is_done(polled: Newsbot) -> None:
    await polled("backup", "b.sqlite3")
    for args, told in (
        (("restore", "b.sqlite3", "--posted-until", "noon"), "is no time; write it as 2018-01-09"),
        (("restore", "b.sqlite3", "--posted-until", "2999-01-01"), "is yet to come"),
        (("restore", "nothing.gz", "--database", "new.sqlite3"), "nothing.gz: No such file"),
        (("backup", "c.gz", "--database", "none.sqlite3"), "there is no database of newsbot"),
        (("db", "copy", "newsbot.sqlite3", "sqlite:///newsbot.sqlite3"), "is both"),
        (("db", "copy", "a.sqlite3", "c.sqlite3"), "there is no database of newsbot there"),
    ):
        assert told in (await polled(*args, code=2)).err
    assert not (polled.folder / "new.sqlite3").exists()
    assert not [*polled.folder.glob("a.*"), *polled.folder.glob("c.*")]


async def test_a_sound_database_is_told_from_a_broken_one(polled: Newsbot) -> None:
    sound = await polled("db", "check")
    with closing(sqlite3.connect(polled.folder / "newsbot.sqlite3")) as database, database:
        database.execute("DELETE FROM entry_keys")
    broken = await polled("db", "check", code=1)
    await polled("db", "check", "--database", "none.sqlite3", code=2)
    vacuumed = await polled("db", "vacuum")

    verdicts = [line.split(maxsplit=1)[0] for line in sound.out.splitlines()]
    assert set(verdicts) == {"ok"}
    (wrong,) = [line for line in broken.out.splitlines() if line.startswith("WRONG")]
    assert "entries without a key: 2: their feed brings them again" in wrong
    assert " before, " in vacuumed.out


async def test_what_a_killed_backup_left_is_removed_by_the_next(polled: Newsbot) -> None:
    with closing(sqlite3.connect(polled.folder / "newsbot.sqlite3")) as database, database:
        bulk = "INSERT INTO meta (name, value) VALUES ('bulk', hex(randomblob(10000000)))"
        database.execute(bulk)  # or it would be over too soon

    while not find_parts(polled):
        await kill_a_backup(polled)
    other = polled.write(".night.gz.bak.0123abcd.part", "of another target")

    await polled("backup", "night.gz", "--force")

    assert find_parts(polled) == [other.name]
    assert "rows" in (await polled("restore", "night.gz", "--replace")).out


def find_parts(newsbot: Newsbot) -> list[str]:
    return [path.name for path in newsbot.files() if ".part" in path.name]


async def kill_a_backup(newsbot: Newsbot) -> None:
    """As soon as it writes; none is left of one that was done before."""
    process = await newsbot.start("backup", "night.gz", "--force")
    await until(lambda: find_parts(newsbot) or process.returncode is not None, timeout_s=60)
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
