"""``/feeds health``: what people are told of their feeds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.commands.answer import Answer, Tone
from bot.commands.table import find_command_or_none
from bot.errors import Trouble
from bot.model import CONSOLE, Destination, Feed, FeedOrigin, FeedSpec, Platform
from bot.ports import PollOutcome
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import make_call, say

THERE = Destination(Platform.DISCORD, "g2", "c9")
OWNED = FeedSpec("https://own.example/rss?key=secret", "Own Wire")


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    async with await open_store("sqlite://") as opened:
        yield opened


async def use(store: SqlStore, verb: str, **values: Any) -> Answer:
    command = find_command_or_none("feeds", verb)
    assert command is not None
    return await command.run(make_call(store, **values))


async def own(
    store: SqlStore, spec: FeedSpec = OWNED, by: str = "discord/g1", *, at: datetime = NOW
) -> None:
    await store.add_feed(spec, origin=FeedOrigin.ADDED, now=at, added_by=by)


async def keep(store: SqlStore, **changes: Any) -> Feed:
    """The one feed as a poll leaves it."""
    (feed,) = await store.find_feeds()
    changed = replace(feed, polled_at=NOW, next_due_at=NOW + timedelta(minutes=30), **changes)
    await store.commit_poll(PollOutcome(changed, NOW))
    return changed


async def test_health_puts_the_sick_first_in_plain_words(store: SqlStore) -> None:
    await own(store, FeedSpec("https://fine.example/rss", "Fine"))
    await own(store, FeedSpec("https://sick.example/rss", "Sick"))
    await own(store, FeedSpec("https://worse.example/rss", "Worse"))
    await own(store, FeedSpec("https://new.example/rss", "New"))
    error = "{}: no whole answer in 30 s (fetch.deadline_s); asked again later"
    for feed in await store.find_feeds():
        failures = {"Sick": 1, "Worse": 7}.get(feed.name, 0)
        if feed.name != "New":
            polled = replace(
                feed,
                polled_at=NOW,
                changed_at=NOW - timedelta(days=40),
                failures=failures,
                error=error.format(feed.url) if failures else "",
                next_due_at=NOW + timedelta(minutes=30),
            )
            await store.commit_poll(PollOutcome(polled, NOW))

    answer = await use(store, "health")

    assert (answer.title, answer.tone) == ("2 of 4 feeds cannot be read just now", Tone.CAUTION)
    lines = say(answer).split("\n")
    assert lines[1:5] == [
        "#3 Worse: no whole answer in 30 s; failed 7 times in a row, asked again 2018-01-09 09:00",
        "#2 Sick: no whole answer in 30 s; failed once, asked again 2018-01-09 09:00",
        "1 feed answered well the last time.",
        "1 feed will be read for the first time soon.",
    ]
    assert lines[5:7] == ["# Nothing new for 30 days: 1 feed", "#1 Fine"]


async def test_health_of_one_feed_tells_all_about_it(store: SqlStore) -> None:
    await own(store)
    (feed,) = await store.find_feeds()
    polled = replace(
        feed,
        polled_at=NOW,
        fetched_whole_at=NOW - timedelta(days=1),
        failures=3,
        error="https://own.example/rss?…: answered 404 Not Found: there is no such address; "
        "asked again later",
        next_due_at=NOW + timedelta(hours=2),
    )
    await store.commit_poll(PollOutcome(polled, NOW))

    mine = await use(store, "health", feed="#1")
    theirs = await use(store, "health", feed="#1", place=THERE)

    assert mine.title == "Own Wire fails"
    assert say(mine).split("\n")[1:] == [
        "Number: #1",
        f"Address: {OWNED.url}",
        "What is wrong: answered 404 Not Found: there is no such address",
        "Failed: 3 times in a row",
        "Last try: 2018-01-09 08:30",
        "Last known good answer: 2018-01-08 08:30",
        "Next try: 2018-01-09 10:30",
        "Rhythm: asked about every 2 hours",
        "Added by: people of a server",
        "> /feeds remove #1 stops reading it",
    ]
    assert "secret" not in say(theirs)
    assert "/feeds remove" not in say(theirs)


async def test_a_broken_feed_is_told_with_kind_detail_advice_and_times(store: SqlStore) -> None:
    await own(store, at=NOW - timedelta(days=30))
    await keep(
        store,
        failures=9,
        trouble=Trouble.MISSING,
        error=f"{OWNED.url}: answered 404 Not Found: there is no such address; asked again later",
        failing_since=NOW - timedelta(days=1),
        answered_at=NOW - timedelta(days=1, minutes=10),
        gap_s=14_400.0,
    )

    in_chat = await use(store, "health", feed="#1")
    at_console = await use(store, "health", feed="#1", place=CONSOLE)
    overview = await use(store, "health")
    listed = await use(store, "list")

    assert in_chat.title == "Own Wire is broken"
    assert say(in_chat).split("\n")[3:-1] == [
        "What is wrong: there is nothing at its address any more",
        "In detail: answered 404 Not Found: there is no such address",
        "What to do: /feeds add with the address of the outlet's page finds where the feed is now.",
        "Failing since: 2018-01-08 08:30",
        "Failed: 9 times in a row",
        "Last try: 2018-01-09 08:30",
        "Last good answer: 2018-01-08 08:20",
        "Next try: 2018-01-09 09:00",
        "Rhythm: asked about every 30 minutes, brings about 6 entries a day",
        "Added by: people of a server",
    ]
    assert "What to do: `newsbot feeds add` with the address" in say(at_console)
    assert say(overview).split("\n")[1] == (
        "#1 Own Wire: there is nothing at its address any more; failed 9 times in a row since "
        "2018-01-08 08:30, asked again 2018-01-09 09:00"
    )
    assert "(added here, broken)" in say(listed)


async def test_a_silent_feed_is_told_with_its_rhythm(store: SqlStore) -> None:
    await own(store)
    quiet_since = NOW - timedelta(days=4)
    await keep(store, answered_at=NOW, changed_at=quiet_since, gap_s=14_400.0)

    one, overview, listed = [
        await use(store, "health", feed="#1"),
        await use(store, "health"),
        await use(store, "list"),
    ]

    assert (one.title, one.tone) == ("Own Wire is far quieter than usual", Tone.CAUTION)
    assert "Called quiet after: 4 days with nothing" in say(one)
    assert overview.title == "No feed is failing: 1 are read"
    assert say(overview).split("\n")[2:4] == [
        "# Far quieter than usual: 1 feed",
        "#1 Own Wire: it used to bring about 6 entries a day, and nothing since 2018-01-05 08:30",
    ]
    assert "(added here, silent)" in say(listed)


async def test_what_is_malformed_but_read_is_told_and_is_no_failure(store: SqlStore) -> None:
    await own(store)
    flaw = "not well-formed XML: no element found in line 7"
    await keep(store, answered_at=NOW, flaw=flaw, moved_to="https://new.example/rss?key=secret")

    one, overview = await use(store, "health", feed="#1"), await use(store, "health")
    theirs = await use(store, "health", feed="#1", place=THERE)

    assert (one.title, one.tone) == ("Own Wire is malformed, but read", Tone.PLAIN)
    assert f"What is wrong: {flaw}; its entries are read all the same" in say(one)
    assert "Moving to: https://new.example/rss?key=secret" in say(one)
    assert "Moving to: https://new.example/rss?…" in say(theirs)
    assert f"# Malformed, but read: 1 feed\n#1 Own Wire: {flaw}" in say(overview)
