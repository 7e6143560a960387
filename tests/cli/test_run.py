"""``newsbot run``: rounds, posts, and the ways it starts and stops."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sqlite3
from asyncio.subprocess import Process
from pathlib import Path

import pytest

from bot import __version__
from tests.cli.conftest import NEWS
from tests.cli.program import Newsbot, wait_for_line
from tests.servers.feeds import Document, FeedServer, RawServer, stall

STOPS = [signal.SIGINT, signal.SIGTERM]
ANOTHER = NEWS.replace(
    b"<item>",
    b"<item><guid>three</guid><title>AT&amp;T drops the OnePlus 6 phone</title>"
    b"<link>https://harbour.example/oneplus</link></item><item>",
    1,
)


async def stop(newsbot: Newsbot, process: Process, number: signal.Signals) -> str:
    """Stop it as its user would; what it said, provided that it took less than 10 seconds."""
    process.send_signal(number)
    async with asyncio.timeout(10):
        answer = await newsbot.finish(process)
    return answer.err


async def test_the_first_poll_is_history_and_what_follows_is_posted(
    newsbot: Newsbot, server: FeedServer, database_url: str
) -> None:
    server.put("/news", Document(NEWS), Document(ANOTHER))
    newsbot.write("feeds.txt", server.url("/news"))
    newsbot.env["NEWSBOT_DATABASE_URL"] = database_url
    run = ("run", "--once", "--feeds", "feeds.txt")

    first = await newsbot(*run)
    idle = await newsbot(*run)
    second = await newsbot(*run, "--now")
    recent = await newsbot("recent", "oneplus")
    stats = await newsbot("stats", "--json")

    assert first.out == ""
    assert first.err.splitlines()[-1] == (
        "newsbot: 1 feed polled, 0 unchanged, 0 failed; 2 new entries, 0 edited, 1 flagged"
    )
    assert idle.err == "newsbot: no feed is due; --now polls them all\n"
    assert second.out.startswith("NEW      AT&T drops the OnePlus 6 phone\n")
    assert "         https://harbour.example/oneplus\n" in second.out
    assert "1 new entry, 0 edited, 1 flagged" in second.err
    assert recent.out.startswith("1 story about OnePlus\n")
    counts = json.loads(stats.out)
    assert (counts["entries"], counts["stories"], counts["deliveries"]["sent"]) == (3, 2, 1)


async def test_feeds_come_from_opml_as_well(newsbot: Newsbot, server: FeedServer) -> None:
    outline = f'<outline type="rss" text="Harbour" xmlUrl="{server.url("/news")}"/>'
    newsbot.write("feeds.opml", f'<opml version="2.0"><body>{outline}</body></opml>')

    answer = await newsbot("run", "--once", "--feeds", "feeds.opml", "--database", "news.sqlite3")

    assert "2 new entries" in answer.err
    assert (newsbot.folder / "news.sqlite3").exists()


async def test_failed_feeds_are_told_and_are_no_failure_of_the_run(
    newsbot: Newsbot, server: FeedServer
) -> None:
    newsbot.write("feeds.txt", *[server.url(path) for path in ("/news", "/page", "/gone")])

    answer = await newsbot("run", "--once", "--feeds", "feeds.txt")

    assert "3 feeds polled, 0 unchanged, 2 failed" in answer.err
    assert "`newsbot feeds list` says why" in answer.err


async def test_long_rounds_tell_their_progress(newsbot: Newsbot, server: FeedServer) -> None:
    newsbot.write("feeds.txt", *[server.url(f"/gone/{number}") for number in range(20)])

    answer = await newsbot("run", "--once", "--feeds", "feeds.txt")

    assert "newsbot: polled 10 of 20 feeds\n" in answer.err


async def test_a_start_without_a_network_says_so_once(newsbot: Newsbot) -> None:
    hosts = tuple(f"127.0.0.{number}" for number in range(11, 15))
    async with FeedServer(hosts=hosts) as server:
        urls = [server.url(f"/{n}", host=host) for host in hosts for n in range(5)]
    newsbot.write("feeds.txt", *urls)  # of which no port is open any more
    process = await newsbot.start("run", "--feeds", "feeds.txt")
    before = await wait_for_line(process, "no feed can be reached, the first of ")
    after = await stop(newsbot, process, signal.SIGTERM)

    assert "in a row" not in before + after


@pytest.mark.parametrize("number", STOPS)
async def test_a_running_bot_stops_when_asked(polled: Newsbot, number: signal.Signals) -> None:
    process = await polled.start("run", "--feeds", "feeds.txt", PYTHONDEVMODE="1")
    assert process.stderr is not None
    first = (await process.stderr.readline()).decode()
    assert first == (
        f"newsbot {__version__} starts: database sqlite:///newsbot.sqlite3, all roles\n"
    )
    await wait_for_line(process, "watching 1 feed, posting to the console; Ctrl-C stops")

    assert "newsbot: stopped; " in await stop(polled, process, number)


async def test_nothing_that_hangs_holds_up_a_stop(tmp_path: Path, polled_once: Path) -> None:
    async def stop_at_a_stalling_server(number: signal.Signals, *args: str) -> str:
        async with RawServer(stall) as stalling:
            newsbot = Newsbot(tmp_path / "-".join([number.name, *args]))
            newsbot.write("feeds.txt", stalling.url())
            process = await newsbot.start("run", *args, "--feeds", "feeds.txt", PYTHONDEVMODE="1")
            async with asyncio.timeout(30):
                await stalling.is_asked.wait()
            return await stop(newsbot, process, number)

    async def stop_at_a_locked_database() -> str:
        newsbot = Newsbot(shutil.copytree(polled_once, tmp_path / "locked"))
        other = sqlite3.connect(newsbot.folder / "newsbot.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        process = await newsbot.start("run", "--feeds", "feeds.txt")
        await wait_for_line(process, "starts")
        await asyncio.sleep(3)
        told = await stop(newsbot, process, signal.SIGTERM)
        other.close()
        return told

    *stalled, locked = await asyncio.gather(
        *(
            stop_at_a_stalling_server(number, *args)
            for number in STOPS
            for args in ([], ["--once"])
        ),
        stop_at_a_locked_database(),
    )

    assert all("newsbot: stopped" in err for err in stalled)
    assert locked == ""


@pytest.mark.parametrize("number", STOPS)
async def test_a_stop_during_the_start_is_quiet(
    tmp_path: Path, server: FeedServer, number: signal.Signals
) -> None:
    async def start_and_stop(after_s: float) -> None:
        newsbot = Newsbot(tmp_path / str(after_s))
        newsbot.write("feeds.txt", server.url("/news"))
        process = await newsbot.start("run", "--feeds", "feeds.txt")
        await asyncio.sleep(after_s)
        await stop(newsbot, process, number)

    # Four that share two processors take two seconds or more to start.
    await asyncio.gather(*map(start_and_stop, (0.25, 0.75, 1.25, 1.75)))
    await asyncio.gather(*map(start_and_stop, (0.5, 1.0, 1.5, 2.0)))


async def test_a_database_serves_one_bot_at_a_time_and_questions_beside_it(
    polled: Newsbot,
) -> None:
    process = await polled.start("run", "--feeds", "feeds.txt")
    await wait_for_line(process, "watching")

    refused, alive, doctor, recent = await asyncio.gather(
        polled("run", "--once", code=2),
        polled("doctor", "--alive"),
        polled("doctor"),
        polled("recent", "huawei"),
    )
    await stop(polled, process, signal.SIGTERM)
    stopped, after = await asyncio.gather(
        polled("doctor", "--alive", code=1), polled("run", "--once", "--feeds", "feeds.txt")
    )

    assert "another newsbot is running on this database; stop it first" in refused.err
    assert alive.out.startswith("running; last sign of life ")
    assert "ok    bot: running; last sign of life " in doctor.out
    assert stopped.out.startswith("not running; stopped ")
    assert recent.out.startswith("1 story")
    assert "no feed is due" in after.err


async def test_the_demo_needs_nothing_and_leaves_nothing(newsbot: Newsbot) -> None:
    answer = await newsbot("demo", TMPDIR=str(newsbot.folder))

    assert "newsbot recent:" in answer.out
    assert newsbot.files() == []
