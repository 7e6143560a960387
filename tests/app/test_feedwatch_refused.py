"""What cannot be told, or not even be noted, is told later, and keeps back nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from bot.app.feedwatch import REFUSED_AT_MOST
from bot.errors import SendRefusedForNow
from bot.model import Platform
from tests.app.watching import DAY, HOUR, Hearing, Posting, Ward, open_ward

URL = "https://wire.example/rss"


@pytest.fixture
def discord() -> Hearing:
    return Hearing(Posting(Platform.DISCORD))


@pytest.fixture
async def ward(discord: Hearing) -> AsyncIterator[Ward]:
    async with open_ward(discord) as opened:
        yield opened


async def test_what_the_platform_does_not_take_for_now_is_told_later(
    ward: Ward, discord: Hearing
) -> None:
    await ward.fail(await ward.add(URL))
    discord.errors = [SendRefusedForNow("discord: cannot be reached")] * 2

    await ward.look(times=2)
    assert discord.told == []
    await ward.look(times=2)
    assert len(discord.told) == 1


async def test_what_it_does_not_take_for_a_day_is_given_up(
    ward: Ward, discord: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    await ward.fail(await ward.add(URL))
    discord.errors = [SendRefusedForNow("discord: answered 404: Unknown User")] * 9

    await ward.look()
    await ward.look(after=REFUSED_AT_MOST, times=3)

    assert len(discord.errors) == 7
    assert "u1 of discord/g1 could not be told (discord: answered 404" in caplog.text


async def test_a_refusal_of_weeks_ago_counts_for_no_other_notice(
    ward: Ward, discord: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    once = await ward.fail(await ward.add(URL))
    discord.errors = [SendRefusedForNow("discord: cannot be reached")]
    await ward.look()
    await ward.mend(once)  # before anybody was told
    await ward.look(after=21 * DAY)

    for feed in (once, await ward.add("https://other.example/rss")):
        await ward.fail(feed)
    discord.errors = [SendRefusedForNow("discord: cannot be reached")]
    await ward.look(times=2)

    assert "could not be told" not in caplog.text
    assert len(discord.told) == 1


async def test_a_bot_that_runs_one_round_at_a_time_gives_up_after_a_day_too(
    ward: Ward, discord: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    await ward.fail(await ward.add(URL))
    discord.errors = [SendRefusedForNow("discord: answered 404: Unknown User")] * 9

    for _ in range(5):
        ward.watch = ward.make_watch()
        await ward.look(after=REFUSED_AT_MOST / 2)

    assert len(discord.errors) == 6
    assert "u1 of discord/g1 could not be told (discord: answered 404" in caplog.text


async def test_a_defect_loses_no_notice_and_keeps_back_no_other(
    ward: Ward, discord: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(2):
        feed = await ward.add(f"https://host{number}.example/rss", person=f"u{number}")
        await ward.fail(feed, since=DAY + number * 6 * HOUR)
    discord.errors = [RuntimeError("the session is closed")]

    await ward.look()
    assert [person for _, person, _ in discord.told] == ["u1"]
    await ward.look(times=3)

    assert [person for _, person, _ in discord.told] == ["u1", "u0"]
    assert "the session is closed" in caplog.text


STUCK = """
    CREATE TRIGGER stuck BEFORE UPDATE OF told ON feeds WHEN NEW.id = 2
    BEGIN SELECT RAISE(ABORT, 'the disk is full'); END
"""


async def execute(ward: Ward, statement: str) -> None:
    """Do something to the database."""
    async with ward.store.database.writing() as connection:
        await connection.execute(sa.text(statement))


async def test_what_cannot_be_noted_is_told_when_it_can(ward: Ward, discord: Hearing) -> None:
    for name in "abc":
        feed = await ward.add(f"https://{name}.example/rss", person=f"u{name}", title=name)
        await ward.fail(feed)
    await execute(ward, STUCK)

    await ward.look(times=2)
    assert [person for _, person, _ in discord.told] == ["ua", "uc"]
    await execute(ward, "DROP TRIGGER stuck")
    await ward.look(times=2)

    assert [person for _, person, _ in discord.told] == ["ua", "uc", "ub"]


async def test_of_one_notice_what_was_noted_before_an_error_is_told_at_once(
    ward: Ward, discord: Hearing
) -> None:
    for name in "abc":
        await ward.fail(await ward.add(f"https://{name}.example/rss", title=name))
    await execute(ward, STUCK)

    await ward.look(times=2)
    await execute(ward, "DROP TRIGGER stuck")
    await ward.look(times=2)

    assert [said.split("\n")[0] for _, _, said in discord.told] == [
        "a cannot be read any more",
        "2 feeds cannot be read any more",
    ]
