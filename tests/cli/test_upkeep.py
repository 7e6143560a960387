"""``newsbot db`` and ``newsbot doctor``."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from bot.model import Destination, Platform, Subscription
from bot.store import open_store
from tests.builders import NOW
from tests.cli.program import Newsbot


async def test_upgrade_makes_the_tables_once(newsbot: Newsbot) -> None:
    first = await newsbot("db", "upgrade")
    second = await newsbot("db", "upgrade")

    assert first.out.startswith("The database went from empty to revision ")
    assert second.out.endswith(" already.\n")


async def test_upgrade_refuses_a_newer_database(newsbot: Newsbot) -> None:
    await newsbot("db", "upgrade")
    with sqlite3.connect(newsbot.folder / "newsbot.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    commands = ("db upgrade", "stats", "run --once")
    for answer in await asyncio.gather(*(newsbot(*one.split(), code=2) for one in commands)):
        assert "a newer newsbot wrote" in answer.err


async def test_doctor_finds_a_fresh_install_fine_and_leaves_it_so(newsbot: Newsbot) -> None:
    answer = await newsbot("doctor")

    found = dict(line[6:].split(": ", 1) for line in answer.out.splitlines())
    assert found.keys() == {
        "settings", "catalogue", "feed list", "database", "tokens", "contact"
    }  # fmt: skip
    assert "fetch.contact_url is not set" in found["contact"]
    assert "`newsbot run` makes it" in found["database"]
    assert newsbot.files() == []


async def test_doctor_says_everything_that_is_wrong_at_once(newsbot: Newsbot) -> None:
    newsbot.write("news.sqlite3", "not a database at all, but " * 100)
    newsbot.write("feeds.txt", "not an address")

    answer = await newsbot(
        "doctor", "--database", "news.sqlite3", code=1, NEWSBOT_CATALOGUE_FEEDS="feeds.txt"
    )

    wrong = [line.split(":")[0] for line in answer.out.splitlines() if line.startswith("WRONG")]
    assert wrong == ["WRONG feed list", "WRONG database"]
    assert "feeds.txt:1" in answer.out
    assert "file is not a database" in answer.out


async def test_doctor_says_how_to_find_a_channel_that_is_parked(newsbot: Newsbot) -> None:
    place = Destination(Platform.SLACK, "T0ACME", "C0NEWS")
    async with await open_store(f"sqlite:///{newsbot.folder / 'newsbot.sqlite3'}") as store:
        await store.subscribe(Subscription(place, parked="it is archived"), now=NOW)

    answer = await newsbot("doctor")

    told = "is parked: it is archived (/alerts list there shows the channel)"
    assert f"{place.key} {told}" in answer.out


async def test_doctor_shows_what_publishers_see(newsbot: Newsbot) -> None:
    answer = await newsbot("doctor", NEWSBOT_FETCH_CONTACT_URL="https://desk.example/bot")

    assert "publishers see newsbot/" in answer.out
    assert "+https://desk.example/bot" in answer.out


async def test_doctor_tells_wrong_settings(newsbot: Newsbot) -> None:
    answer = await newsbot("doctor", code=1, NEWSBOT_FETCH_MAX_BYTES="many")

    assert answer.out.startswith("WRONG settings: NEWSBOT_FETCH_MAX_BYTES")


async def test_nothing_is_alive_where_no_bot_runs(newsbot: Newsbot) -> None:
    answer = await newsbot("doctor", "--alive", code=1)

    assert answer.out == "not running\n"


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("sk-invented-1234", "ok    summaries: tiny-1 at https://api.example/v1 gets the text"),
        ("", "note  summaries: tiny-1 at https://api.example/v1 gets the text"),
    ],
)
async def test_doctor_says_who_gets_the_articles(newsbot: Newsbot, key: str, line: str) -> None:
    answer = await newsbot(
        "doctor",
        NEWSBOT_SUMMARIES_ENDPOINT_URL="https://api.example/v1",
        NEWSBOT_SUMMARIES_ENDPOINT_MODEL="tiny-1",
        NEWSBOT_SUMMARIES_ENDPOINT_KEY=key,
    )

    assert line in answer.out
    assert "1234" not in answer.out
