"""Slack is slow: it makes a post after nobody waits for its answer any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bot.platforms.slack import clients, sender
from bot.platforms.slack.sender import SlackSender
from tests.builders import message
from tests.platforms.slack.stage import QUICK_S, Stage, now, open_stage
from tests.servers.slack import Fault


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(sender, "WAITS_S", (0.01, 0.02))
    async with open_stage() as opened:
        yield opened


async def hurry(stage: Stage, monkeypatch: pytest.MonkeyPatch, *, give_up_s: float) -> None:
    session = (await stage.one.find_client(stage.server.team.id)).session
    assert session is not None
    monkeypatch.setattr(session, "_timeout", aiohttp.ClientTimeout(total=give_up_s))


async def wait_until_struck(stage: Stage) -> float:
    """Until a request came that is to be late; when that was."""
    await stage.server.wait_until(lambda: bool(stage.server.faults.struck))
    return time.monotonic()


async def count_posts(stage: Stage, *, began_s: float) -> int:
    """What is there when the late one, which came before ``began_s``, is there too."""
    await stage.server.wait_until(
        lambda: any(
            one.method == "chat.postMessage" and one.at <= began_s for one in stage.server.asked
        )
    )
    return len(stage.server.channel.posts)


async def test_what_slack_makes_after_nobody_waits_for_it_any_more_is_not_made_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hurry(stage, monkeypatch, give_up_s=0.3)
    late = SlackSender(stage.calls, clock=now, settle_s=QUICK_S, late_s=0.6)
    stage.server.faults.add(Fault(0, late_s=0.5))
    sending = asyncio.create_task(late.send(stage.owed(), message()))
    began_s = await wait_until_struck(stage)

    ref = await sending

    assert await count_posts(stage, began_s=began_s) == 1
    assert ref.endswith(stage.server.channel.posts[0].ts)


async def test_what_slack_makes_after_the_drain_broke_it_off_is_not_made_twice(
    stage: Stage,
) -> None:
    """It took longer than its lease, and is tried again a moment later."""
    late = SlackSender(stage.calls, clock=now, settle_s=QUICK_S, late_s=0.6)
    owed = stage.owed()
    stage.server.faults.add(Fault(0, late_s=0.7))
    sending = asyncio.create_task(late.send(owed, message()))
    began_s = await wait_until_struck(stage)
    await asyncio.sleep(0.3)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    await late.send(stage.unclear(owed), message())

    assert await count_posts(stage, began_s=began_s) == 1


async def test_what_slack_makes_a_moment_after_the_connection_broke_is_not_made_twice(
    stage: Stage,
) -> None:
    """The moment counts from then, however long the connection had been open."""
    late = SlackSender(stage.calls, clock=now, settle_s=0.4, late_s=QUICK_S)
    stage.server.faults.add(Fault("drop", hold_s=0.5))
    sending = asyncio.create_task(late.send(stage.owed(), message()))
    await stage.server.wait_until(lambda: stage.server.count("chat.postMessage") == 1)
    await asyncio.sleep(0.1)
    made = await stage.restart().send(stage.owed(), message())  # what Slack is late with

    assert await sending == made
    assert len(stage.server.channel.posts) == 1


async def test_what_another_process_asked_for_a_moment_ago_is_not_made_twice(
    stage: Stage,
) -> None:
    """This one has been at work for long, and takes over what was broken off there."""
    here = SlackSender(stage.calls, clock=now, settle_s=QUICK_S, late_s=0.5)
    there = stage.restart()
    await asyncio.sleep(0.6)
    owed = stage.owed()
    stage.server.faults.add(Fault(0, late_s=0.4))
    sending = asyncio.create_task(there.send(owed, message()))
    began_s = await wait_until_struck(stage)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    await here.send(stage.unclear(owed), message())

    assert await count_posts(stage, began_s=began_s) == 1


def test_a_sender_waits_as_long_for_slack_as_it_waited_for_the_answer() -> None:
    assert sender.LATE_S >= clients.ANSWER_S


async def test_a_post_that_slack_makes_late_is_waited_for(stage: Stage) -> None:
    """The connection breaks at once, and the post is made a moment later."""
    patient = SlackSender(stage.calls, clock=now, settle_s=0.5, late_s=QUICK_S)
    owed, channel = stage.owed(), stage.server.channel
    stage.server.faults.add(Fault("drop"))
    sending = asyncio.create_task(patient.send(owed, message()))
    await stage.server.wait_until(lambda: stage.server.count("chat.postMessage") == 1)
    await asyncio.sleep(0.1)
    assert not stage.server.count("conversations.history")
    made = await stage.restart().send(replace(owed, unclear_since=None), message())

    assert await sending == made
    assert len(channel.posts) == 1


async def test_after_a_restart_slack_is_given_time_as_well(stage: Stage) -> None:
    patient = SlackSender(stage.calls, clock=now, settle_s=QUICK_S, late_s=0.4)
    owed = stage.owed()
    sending = asyncio.create_task(patient.send(stage.unclear(owed), message()))
    await asyncio.sleep(0.1)
    assert not stage.server.count("conversations.history")
    made = await stage.send(owed)  # an earlier life's, which comes late

    assert await sending == made


async def test_a_reply_made_in_a_thread_is_found_there_though_its_first_post_was_deleted(
    stage: Stage,
) -> None:
    first = await stage.send(stage.owed("s1"))
    owed = stage.owed("s2", opens_thread=True)
    ref = await stage.send(owed, reply_to=first)
    stage.server.channel.messages[first.split("/")[1]].is_deleted = True

    again = await stage.restart().send(stage.unclear(owed), message(story_id="s2"), reply_to=first)

    assert again == ref
    assert stage.server.count("chat.postMessage") == 2
