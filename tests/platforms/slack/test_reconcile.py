"""Looking for a post that may be there."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import SendError, SendRefusedForNow
from bot.model import Delivery
from bot.platforms.slack import reconcile, sender
from bot.platforms.slack.pacer import Pacer
from bot.platforms.slack.reconcile import MAX_PAGES
from tests.builders import message
from tests.platforms.slack.stage import Stage, now, open_stage
from tests.servers.slack import Fault, Message
from tests.servers.slack.calls import METHODS
from tests.servers.slack.world import as_ts


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(sender, "WAITS_S", (0.01,))
    async with open_stage() as opened:
        yield opened


def talk(stage: Stage, count: int, *, thread: str = "", minutes_ago: float = 0.0) -> None:
    """People say something in the channel, or in a thread of it."""
    channel = stage.server.channel
    for number in range(count):
        at = time.time() - 60 * minutes_ago + number / 1_000
        ts = as_ts(int(at * 1_000_000))
        said = Message(channel.id, ts, stage.server.person.id, {"text": f"talk {number}"})
        said.thread_ts = thread
        channel.messages[ts] = said


async def find(stage: Stage, owed: Delivery, *, reply_to: str = "", minutes: float = 0.5) -> str:
    """What a sender that remembers nothing gives for ``owed``, first tried so long ago."""
    again = stage.unclear(owed, minutes=minutes)
    told = message(story_id=owed.story_id)
    return await stage.restart().send(again, told, reply_to=reply_to)


async def test_a_post_is_found_behind_many_of_others_and_theirs_are_not_taken_for_it(
    stage: Stage,
) -> None:
    others = stage.owed("other")
    await stage.send(others)
    talk(stage, 450)
    owed = stage.owed()
    ref = await stage.send(owed)
    talk(stage, 450)

    assert await find(stage, owed) == ref
    assert len([one for one in stage.server.channel.posts if one.bot_id]) == 2


async def test_what_others_say_under_our_id_is_not_taken_for_ours(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    (post,) = stage.server.channel.posts
    post.user, post.bot_id = stage.server.person.id, ""

    assert await find(stage, owed) != ref


async def test_a_post_without_metadata_is_known_by_its_blocks(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    stage.server.channel.posts[0].body["metadata"] = None

    assert await find(stage, owed) == ref


async def test_a_post_without_blocks_is_known_by_its_metadata(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    stage.server.channel.posts[0].body["blocks"] = []

    assert await find(stage, owed) == ref


@pytest.mark.parametrize("where", ["channel", "thread"])
@pytest.mark.parametrize(("before", "after"), [(0, 80), (80, 0)])
async def test_where_much_was_said_a_post_is_found_at_either_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, where: str, before: int, after: int
) -> None:
    """The first call made it, or the last one did."""
    monkeypatch.setattr(reconcile, "PAGE", 5)
    monkeypatch.setattr(reconcile, "MAX_PAGES", 4)
    first = await stage.send(stage.owed("s0"))
    thread = first.split("/")[1] if where == "thread" else ""
    place = stage.place(thread=thread)
    owed = stage.owed(destination=place)
    talk(stage, before, thread=thread, minutes_ago=30)
    ref = await stage.send(owed)
    talk(stage, after, thread=thread, minutes_ago=-20)

    assert await find(stage, owed, minutes=35.0 if before else 0.5) == ref


async def test_no_more_is_read_than_was_said_since(stage: Stage) -> None:
    talk(stage, 900, minutes_ago=30)
    talk(stage, 30)

    await find(stage, stage.owed())

    assert stage.server.count("conversations.history") == 1


async def test_no_more_is_read_than_is_agreed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "PAGE", 2)
    talk(stage, 100)

    await find(stage, stage.owed())

    assert stage.server.count("conversations.history") == 2 * MAX_PAGES
    assert stage.server.count("chat.postMessage") == 1


async def test_a_clock_that_is_ahead_of_slacks_does_not_hide_a_post(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)

    assert await find(stage, owed, minutes=-0.9) == ref


async def test_what_was_posted_by_nobody_is_posted_after_the_search(stage: Stage) -> None:
    await find(stage, stage.owed())

    assert len(stage.server.channel.posts) == 1
    assert stage.server.count("conversations.history") == 1


async def test_with_small_pages_at_long_intervals_a_search_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So it is for an app that is sold outside of Slack's marketplace: 15 messages a minute."""
    history = METHODS["conversations.history"]
    monkeypatch.setitem(METHODS, "conversations.history", replace(history, tier=1))
    monkeypatch.setattr(reconcile, "PAGE", 15)
    async with open_stage(pacer=Pacer(channel_gap_s=0.001), is_limited=True) as stage:
        stage.server.limiter.socket_burst = 1
        owed = stage.owed()
        ref = await stage.send(owed)
        talk(stage, 40)
        again = stage.unclear(owed)
        waits = []
        for _ in range(2):
            with pytest.raises(SendError) as caught:
                await stage.send(again)
            waits.append(_wait_of(caught.value))
            stage.pacer = _forget_holds(stage)
            stage.server.limiter._buckets.clear()

        assert await stage.send(again) == ref

        pages = [
            one.args.get("cursor", "")
            for one in stage.server.asked
            if one.method == "conversations.history" and one.status == 200
        ]
        assert len(pages) == len(set(pages)) == 3
        assert waits == [pytest.approx(58, abs=3)] * 2
        assert stage.server.count("chat.postMessage") == 1


def _wait_of(error: SendError) -> float:
    assert isinstance(error, SendRefusedForNow)
    assert error.is_paced
    return error.retry_after_s or 0.0


def _forget_holds(stage: Stage) -> Pacer:
    """As after the minute that Slack named."""
    stage.calls._pacer = Pacer(channel_gap_s=0.001)
    return stage.calls._pacer


async def test_a_page_that_is_asked_for_too_late_begins_the_search_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "PAGE", 10)
    owed = stage.owed()
    ref = await stage.send(owed)
    talk(stage, 15)
    pages = "conversations.history"
    stage.server.faults.add(Fault(0, method=pages), Fault(error="invalid_cursor", method=pages))

    with pytest.raises(SendRefusedForNow):
        await stage.send(stage.unclear(owed))
    assert await stage.send(stage.unclear(owed)) == ref

    cursors = [one.args.get("cursor") for one in stage.server.asked if one.method == pages]
    assert [bool(one) for one in cursors] == [False, True, False, True]


async def test_a_search_that_failed_goes_on_with_the_page_that_failed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "PAGE", 10)
    monkeypatch.setattr(sender, "WAITS_S", ())
    owed = stage.owed()
    ref = await stage.send(owed)
    talk(stage, 25)
    pages = "conversations.history"
    stage.server.faults.add(Fault(0, method=pages), Fault(503, method=pages))

    with pytest.raises(SendError):
        await stage.send(stage.unclear(owed))
    assert await stage.send(stage.unclear(owed)) == ref

    cursors = [one.args.get("cursor") for one in stage.server.asked if one.method == pages]
    assert cursors[1] == cursors[2] != cursors[3]


async def test_the_margin_is_no_licence_to_read_the_whole_past(stage: Stage) -> None:
    """A post of the same delivery from long before the first call would be no answer to it."""
    owed = stage.owed()
    await stage.send(owed)
    (post,) = stage.server.channel.posts
    old = now() - timedelta(hours=3)
    del stage.server.channel.messages[post.ts]
    post.ts = as_ts(int(old.timestamp() * 1_000_000))
    stage.server.channel.messages[post.ts] = post
    talk(stage, 300, minutes_ago=30)

    await find(stage, owed)

    assert stage.server.count("conversations.history") == 1
