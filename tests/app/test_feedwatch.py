"""Who chose a feed is told once that it broke, once that it is back, once that it is silent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest

from bot.app.feedwatch import FIRST_WAIT, MATES_WAIT, find_outage_or_none
from bot.commands.feednotices import HELD_AT_MOST
from bot.errors import SendRefused, Trouble
from bot.model import Feed, Platform, Told
from bot.model.condition import OFFLINE_HOSTS
from tests.app.watching import (
    DAY,
    HOUR,
    Hearing,
    Person,
    Posting,
    Ward,
    open_discord_person,
    open_slack_person,
    open_ward,
)

URL = "https://wire.example/rss"


@pytest.fixture
def discord() -> Hearing:
    return Hearing(Posting(Platform.DISCORD))


@pytest.fixture
async def ward(discord: Hearing) -> AsyncIterator[Ward]:
    async with open_ward(discord) as opened:
        yield opened


@pytest.mark.parametrize("open_person", [open_discord_person, open_slack_person])
async def test_on_its_platform_each_is_one_direct_message(
    open_person: Callable[[], AbstractAsyncContextManager[Person]],
) -> None:
    async with open_person() as person:
        ward = person.ward
        feed = await ward.add(URL, by=person.by, person=person.id, title="Example Wire")
        await ward.look()
        assert person.read() == []

        feed = await ward.fail(feed)
        await ward.look(times=3)
        (broke,) = person.read()
        assert "Example Wire cannot be read any more" in broke
        assert "there is nothing at its address any more" in broke
        assert "/feeds remove #1" in broke

        feed = await ward.mend(feed)
        await ward.look(times=3)
        _, back = person.read()
        assert "Example Wire can be read again" in back

        ward.now += 5 * DAY
        await ward.set(feed, gap_s=14_400.0, polled_at=ward.now, answered_at=ward.now)
        await ward.look(times=3)
        *_, silent = person.read()
        assert "Example Wire is far quieter than usual" in silent
        assert "about 6 entries a day" in silent
        assert len(person.read()) == 3


async def test_of_two_processes_one_tells_and_after_a_restart_none(
    ward: Ward, discord: Hearing
) -> None:
    for number in range(5):
        feed = await ward.add(f"https://host{number}.example/rss", person=f"u{number}")
        await ward.fail(feed, since=DAY + number * 6 * HOUR)
    await ward.add(URL)  # which answers, so that our network is up

    await asyncio.gather(ward.watch.look(), ward.make_watch().look())
    await ward.make_watch().look()

    assert sorted(person for _, person, _ in discord.told) == ["u0", "u1", "u2", "u3", "u4"]
    told = [feed for feed in await ward.store.find_feeds() if feed.failures]
    assert {(feed.told, feed.told_at) for feed in told} == {(Told.BROKEN, ward.now)}


async def test_a_kill_before_it_was_told_costs_the_notice_but_not_that_it_is_back(
    ward: Ward, discord: Hearing
) -> None:
    feed = await ward.fail(await ward.add(URL, title="Wire"))

    async def die() -> None:
        raise SystemExit

    discord.before = die
    with pytest.raises(SystemExit):
        await ward.watch.look()
    discord.before = None
    await ward.make_watch().look()
    assert discord.told == []

    await ward.mend(feed)
    await ward.make_watch().look()
    ((_, _, said),) = discord.told
    assert said.startswith("Wire can be read again")


async def test_a_server_that_says_gone_now_and_then_is_told_of_not_at_all(
    ward: Ward, discord: Hearing
) -> None:
    feed = await ward.add(URL)
    for _ in range(3):
        feed = await ward.fail(feed, Trouble.GONE, since=timedelta(0))
        feed = await ward.set(feed, failures=1)
        await ward.look()
        feed = await ward.mend(feed)
        await ward.look()
    assert discord.told == []

    feed = await ward.fail(feed, Trouble.GONE, since=HOUR)
    await ward.look()
    assert len(discord.told) == 1


async def test_who_cannot_be_told_is_logged_and_not_asked_again(
    ward: Ward, discord: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    await ward.fail(await ward.add(URL, title="Wire"))
    discord.errors = [SendRefused("discord: 50007: Cannot send messages to this user")]

    await ward.look(times=3)

    assert discord.told == []
    assert "u1 of discord/g1 could not be told (discord: 50007" in caplog.text
    assert caplog.text.count("feed #1 Wire is broken since ") == 1


@pytest.mark.parametrize(
    ("by", "person"), [("discord/g1", ""), ("slack/T1", "U1")], ids=["unknown", "not connected"]
)
async def test_where_nobody_can_be_told_the_log_is(
    ward: Ward, caplog: pytest.LogCaptureFixture, by: str, person: str
) -> None:
    await ward.fail(await ward.add(URL, by=by, person=person, title="Wire"))

    await ward.look(times=2)

    assert caplog.text.count("feed #1 Wire is broken since 08 Jan 08:30 UTC: there is no") == 1


async def test_the_operator_is_told_on_the_console_and_in_the_log(
    ward: Ward, discord: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    feed = await ward.fail(await ward.add(URL, by="", person="", title="Wire"))
    await ward.look(times=2)
    await ward.mend(feed)
    await ward.look(times=2)

    assert [said.split("\n")[0] for said in ward.printed] == [
        "Wire cannot be read any more",
        "Wire can be read again",
    ]
    logged = [(one.levelno, one.getMessage().split(":")[0]) for one in caplog.records]
    assert logged == [
        (logging.WARNING, "feed #1 Wire is broken since 08 Jan 08"),
        (logging.INFO, "feed #1 Wire can be read again"),
    ]
    assert discord.told == []


async def test_an_outage_of_a_host_is_one_notice_and_one_when_all_are_back(
    ward: Ward, discord: Hearing
) -> None:
    feeds = [await ward.add(f"https://wire.example/{number}") for number in range(50)]
    feeds = [
        await ward.fail(feed, since=DAY - index * timedelta(minutes=1))
        for index, feed in enumerate(feeds)
    ]
    await ward.look(times=3)
    assert [said.split("\n")[0] for _, _, said in discord.told] == [
        "50 feeds of wire.example cannot be read any more"
    ]

    for feed in feeds[:49]:
        await ward.mend(feed)
        await ward.look()
    assert [said.split("\n")[0] for _, _, said in discord.told[1:]] == [
        "3 feeds of wire.example can be read again"  # in ten minutes; the rest is waited for
    ]
    await ward.mend(feeds[49])
    await ward.look(times=3)
    assert [said.split("\n")[0] for _, _, said in discord.told[2:]] == [
        "47 feeds of wire.example can be read again"
    ]


async def test_those_that_are_back_do_not_wait_for_ever(ward: Ward, discord: Hearing) -> None:
    feeds = [await ward.fail(await ward.add(f"https://wire.example/{number}")) for number in "abcd"]
    await ward.look()
    await ward.mend(feeds[0])
    await ward.look()
    assert len(discord.told) == 1
    await ward.look(after=FIRST_WAIT)
    assert discord.told[1][2].startswith("Feed #1 can be read again")

    await ward.mend(feeds[1])
    await ward.look()
    await ward.mend(feeds[2])
    await ward.look(after=MATES_WAIT - timedelta(minutes=5))
    assert len(discord.told) == 2

    await ward.look()
    assert [said.split("\n")[0] for _, _, said in discord.told[2:]] == [
        "2 feeds of wire.example can be read again"
    ]
    await ward.mend(feeds[3])
    await ward.look()
    assert len(discord.told) == 4


async def test_they_wait_no_longer_where_the_bot_runs_one_round_at_a_time(
    ward: Ward, discord: Hearing
) -> None:
    feeds = [await ward.fail(await ward.add(f"https://wire.example/{number}")) for number in "abc"]
    await ward.look()
    for feed, wait in ((feeds[0], FIRST_WAIT), (feeds[1], MATES_WAIT)):
        await ward.mend(feed)
        for _ in range(3):
            ward.watch = ward.make_watch()
            await ward.look(after=wait / 2)

    assert [said.split("\n")[0] for _, _, said in discord.told[1:]] == [
        "Feed #1 can be read again",
        "Feed #2 can be read again",
    ]


async def test_what_is_gone_for_good_is_told_and_waited_for_apart(
    ward: Ward, discord: Hearing
) -> None:
    gone, away, slow = [await ward.add(f"https://wire.example/{number}") for number in "abc"]
    await ward.fail(gone, Trouble.GONE, since=2 * HOUR)
    slow = await ward.fail(slow, Trouble.SLOW, since=2 * HOUR)
    await ward.look()
    away = await ward.fail(away, Trouble.MISSING, since=8 * HOUR)
    slow = await ward.fail(slow, Trouble.SLOW, since=26 * HOUR)
    await ward.look()
    await ward.mend(away)
    await ward.look()

    assert [said.split("\n")[0] for _, _, said in discord.told] == [
        "Feed #1 cannot be read any more",
        "Feed #3 cannot be read any more",
        "Feed #2 cannot be read any more",
        "Feed #2 can be read again",
    ]


async def fail_everywhere(ward: Ward, *, since: timedelta) -> list[Feed]:
    """Every feed of several hosts fails, and nobody answered since that began."""
    return [
        await ward.fail(
            await ward.add(f"https://host{number}.example/rss"), Trouble.NAME, since=since
        )
        for number in range(OFFLINE_HOSTS)
    ]


async def test_while_our_own_network_is_down_nobody_is_told(
    ward: Ward, discord: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    feeds = await fail_everywhere(ward, since=timedelta(minutes=30))
    await ward.look()
    ward.now += 30 * HOUR
    feeds = [await ward.set(feed, failures=20, polled_at=ward.now) for feed in feeds]
    await ward.look(times=3)

    assert discord.told == []
    assert caplog.text.count("the network of this machine seems to be down") == 1


async def test_a_start_in_an_outage_knows_since_when_nobody_answers(ward: Ward) -> None:
    feeds = [await ward.add(f"https://host{n}.example/rss") for n in range(OFFLINE_HOSTS)]
    for feed in feeds:
        assert await find_outage_or_none(ward.store) is None
        await ward.fail(feed, Trouble.NAME, since=timedelta(minutes=30))

    assert await find_outage_or_none(ward.store) == ward.now - HOUR  # the last answer


async def test_after_such_an_outage_a_feed_has_a_day_of_its_own(
    ward: Ward, discord: Hearing
) -> None:
    feeds = await fail_everywhere(ward, since=timedelta(minutes=30))
    ward.now += 30 * HOUR
    feeds = [await ward.set(feed, failures=20, polled_at=ward.now) for feed in feeds]
    await ward.look()
    await ward.mend(feeds[0])
    ward.watch = ward.make_watch()  # what was noted of the outage survives a restart

    await ward.set(feeds[1], failures=21, polled_at=ward.now + timedelta(minutes=1))
    await ward.look(times=3)
    assert discord.told == []
    ward.now += DAY
    await ward.set(feeds[1], failures=22, polled_at=ward.now)
    await ward.look()
    assert len(discord.told) == 1


async def test_when_nobody_answers_for_days_people_are_told_that_it_may_be_us(
    ward: Ward, discord: Hearing
) -> None:
    await fail_everywhere(ward, since=timedelta(minutes=30))
    await ward.look(after=HELD_AT_MOST - 2 * HOUR)
    assert discord.told == []
    for feed in await ward.store.find_feeds():
        await ward.set(feed, polled_at=ward.now)

    await ward.look(after=2 * HOUR, times=2)

    ((_, _, said),) = discord.told
    assert said.startswith(f"{OFFLINE_HOSTS} feeds cannot be read any more")
    assert "the fault may lie in the network that I run in" in said


async def test_a_silent_feed_that_speaks_is_noted_and_told_to_nobody(
    ward: Ward, discord: Hearing
) -> None:
    feed = await ward.add(URL)
    for _ in range(2):
        ward.now += 9 * DAY
        quiet = {"polled_at": ward.now, "answered_at": ward.now, "gap_s": 3_600.0}
        feed = await ward.set(feed, **quiet)
        await ward.look(times=2)
        feed = await ward.mend(feed)
        await ward.look(times=2)

    assert len(discord.told) == 2  # it fell silent twice
    (now,) = await ward.store.find_feeds()
    assert now.told is Told.NOTHING


async def test_a_feed_that_people_removed_is_told_of_no_more(ward: Ward, discord: Hearing) -> None:
    feed = await ward.fail(await ward.add(URL))
    await ward.look()
    await ward.store.remove_feed(feed.url)
    await ward.mend(feed)
    await ward.look()

    assert len(discord.told) == 1
