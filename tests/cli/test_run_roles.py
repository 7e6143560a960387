"""``newsbot run`` with roles: what is refused, and processes that share one PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import re
import signal

import pytest

from bot.cli.run import tell_work
from bot.settings import parse_roles
from tests.cli.program import Newsbot, wait_for_line
from tests.servers.feeds import Document, FeedServer
from tests.servers.postgres import PostgresServer

FEED = (
    b"<rss version='2.0'><channel><title>Example Wire</title><item><guid>one</guid>"
    b"<title>Village bakes its longest apple tart</title></item></channel></rss>"
)


async def test_an_sqlite_file_serves_one_process_with_all_roles(newsbot: Newsbot) -> None:
    newsbot.write("feeds.txt", "https://wire.example/rss")

    answer = await newsbot("run", "--role", "poll", "--feeds", "feeds.txt", code=2)

    assert "run.roles (--role): an SQLite file serves one process" in answer.err
    assert "set database.url to a PostgreSQL" in answer.err


@pytest.mark.parametrize("way", ["option", "variable"])
async def test_a_role_that_there_is_not_is_named(newsbot: Newsbot, way: str) -> None:
    if way == "option":
        answer = await newsbot("run", "--role", "poll,paint", code=2)
    else:
        answer = await newsbot("run", code=2, NEWSBOT_RUN_ROLES="poll,paint")

    assert '"paint" is no role; there are schedule, poll, deliver, gateway, web and all' in (
        answer.err
    )


@pytest.mark.parametrize("option", ["--now", "--once"])
async def test_who_does_not_poll_is_not_told_to(newsbot: Newsbot, option: str) -> None:
    answer = await newsbot("run", "--role", "web,deliver", option, code=2)

    assert f"leave out {option}, or add the role poll" in answer.err


@pytest.mark.parametrize(
    ("roles", "platforms", "told"),
    [
        ("all", [], "watching 2 feeds, posting to the console"),
        ("all", ["Discord", "Slack"], "watching 2 feeds, connecting to Discord and Slack"),
        ("schedule", [], "giving out the polls of 2 feeds"),
        ("poll", [], "watching 2 feeds"),
        ("deliver,gateway", ["Discord"], "connecting to Discord"),
        ("deliver", [], "posting to the console"),
        ("web", [], "at work"),
    ],
)
def test_a_process_says_what_it_does_by_its_roles(
    roles: str, platforms: list[str], told: str
) -> None:
    assert tell_work(parse_roles(roles.split(",")), 2, platforms) == told


async def test_two_processes_share_the_work_and_doctor_names_the_role_that_is_missing(
    newsbot: Newsbot, server: FeedServer, postgres: PostgresServer
) -> None:
    server.put("/news", Document(FEED))
    newsbot.write("feeds.txt", server.url("/news"))
    with postgres.fresh_database() as url:
        newsbot.env |= {"NEWSBOT_DATABASE_URL": url, "NEWSBOT_CATALOGUE_FEEDS": "feeds.txt"}
        upgraded = await newsbot("db", "upgrade")
        processes = [
            await newsbot.start("run", "--role", "schedule"),
            await newsbot.start("run", "--role", "poll"),
        ]
        try:
            await wait_for_line(processes[1], "1 new, 0 edited", timeout_s=60)
            doctor = await newsbot("doctor", code=1)
            people, programs = await asyncio.gather(newsbot("stats"), newsbot("stats", "--json"))
            for process in processes:
                process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                await asyncio.gather(*map(newsbot.finish, processes))
        finally:
            for process in processes:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        after = await newsbot("doctor")

    assert "went from empty to revision" in upgraded.out
    assert "has the roles schedule" in doctor.out
    assert "has the roles poll" in doctor.out
    seen = re.findall(r"^process +(\S+): (\w+); seen \d+ s ago$", people.out, re.MULTILINE)
    listed = json.loads(programs.out)["processes"]
    assert sorted(role for _, role in seen) == ["poll", "schedule"]
    assert [(one["name"], *one["roles"]) for one in listed] == seen
    assert all(one["name"].startswith(f"{one['host']}:") for one in listed)
    wrong = [line for line in doctor.out.splitlines() if line.startswith("WRONG")]
    assert [line.split(";")[0] for line in wrong] == [
        "WRONG roles: no process has the role deliver: nothing is posted"
    ]
    assert "WRONG" not in after.out
    assert "stopped" in after.out
