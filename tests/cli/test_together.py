"""What the doctor says of processes that share a PostgreSQL, and of connections to Discord."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.cluster import Joint
from bot.cli.findings import Verdict
from bot.cli.together import look_at_processes, look_at_shards
from bot.model import Process, ProcessRole
from bot.scheduling.clock import utc_now
from bot.scheduling.cluster.schema import upgrade_job_tables
from bot.settings import DatabaseSettings, DiscordSettings, Settings, load_settings
from bot.store import conninfo_of, open_store
from tests.servers.postgres import PostgresServer


def test_shards_that_nobody_chose_are_no_finding() -> None:
    assert look_at_shards(DiscordSettings(), 9_000) == []


@pytest.mark.parametrize(("servers", "is_enough"), [(None, True), (5_000, True), (5_001, False)])
def test_too_few_shards_are_wrong(servers: int | None, *, is_enough: bool) -> None:
    found = look_at_shards(DiscordSettings(shard_count=2), servers)

    assert [one.verdict is Verdict.WRONG for one in found] == [False, True][: 2 - is_enough]
    assert is_enough or "have at least 3" in found[-1].text


def test_the_shards_of_this_process_are_named() -> None:
    (found,) = look_at_shards(DiscordSettings(shard_count=8, shards="0-3"), 10)

    assert found.text == "0-3 of 8 with these settings"


async def test_roles_are_missed_once_somebody_is_at_work(postgres: PostgresServer) -> None:
    now = utc_now()
    starting = Process("box:7:ab", frozenset(), "box", started_at=now, beat_at=now)
    with postgres.fresh_database() as url:
        settings = Settings(database=DatabaseSettings(url=url))
        await upgrade_job_tables(conninfo_of(url))
        async with await open_store(url) as store:
            await store.record_process(starting)
            before = await look_at_processes(settings, store)
            await store.record_process(replace(starting, roles=frozenset({ProcessRole.POLL})))
            after = await look_at_processes(settings, store)

    assert [one.text for one in before] == ["0 waiting, 0 under way", "box:7:ab starts or stops"]
    assert "has the roles poll" in after[1].text
    missed = [one.text for one in after[2:]]
    assert [text.split(":")[0] for text in missed] == [
        "no process has the role schedule",
        "no process has the role deliver",
    ]


@pytest.mark.parametrize(
    ("off_s", "told"), [(90, "ahead of"), (-90, "behind"), (4, ""), (-4, ""), (0, "")]
)
async def test_a_clock_that_is_not_the_one_of_the_database_is_wrong(
    postgres: PostgresServer, off_s: int, told: str
) -> None:
    with postgres.fresh_database() as url:
        settings = load_settings(environ={"NEWSBOT_DATABASE_URL": url})
        await Joint(settings, utc_now).prepare()
        async with await open_store(url) as store:
            found = await look_at_processes(
                settings, store, clock=lambda: utc_now() + timedelta(seconds=off_s)
            )

    clocks = [one.text for one in found if one.subject == "clock"]
    assert len(clocks) == bool(told)
    for text in clocks:
        assert text.startswith("this machine's clock is ")
        assert f" seconds {told} that of the database; set both (NTP)" in text
        assert abs(int(text.split()[4]) - 90) <= 5  # what asking took is left out
