"""Exactly once, whatever the network, Slack and people do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from bot.errors import SendError, SendParked, SendRefused, SendRefusedForNow, SendUnclear
from bot.model import Destination
from bot.platforms.slack import sender
from bot.platforms.slack.sender import SlackSender
from bot.ports import PlaceProblem
from tests.builders import message
from tests.platforms.slack.stage import QUICK_S, Stage, now, open_stage
from tests.platforms.slack.test_sender import ALSO
from tests.servers.slack import Fault
from tests.servers.slack.draw import draw_message


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(sender, "WAITS_S", (0.01, 0.02))
    async with open_stage() as opened:
        yield opened


def unclear_faults(method: str = "chat.postMessage") -> list[Fault]:
    answers = [
        Fault(answer, is_committed=is_committed, method=method)
        for answer in (500, 503, "drop", "cut")
        for is_committed in (False, True)
    ]
    words = [
        Fault(error=word, is_committed=is_committed, method=method)
        for word in ("internal_error", "fatal_error")
        for is_committed in (False, True)
    ]
    return answers + words


def name(fault: Fault) -> str:
    return f"{fault.error or fault.answer}-{fault.is_committed}"


@pytest.mark.parametrize("fault", unclear_faults(), ids=name)
async def test_an_unclear_answer_is_followed_by_a_look_and_one_post(
    stage: Stage, fault: Fault
) -> None:
    stage.server.faults.add(fault)

    ref = await stage.send(stage.owed())

    (post,) = stage.server.channel.posts
    assert ref == f"{stage.server.channel.id}/{post.ts}"
    assert stage.server.count("conversations.history") == 1
    assert stage.server.count("chat.postMessage") == (1 if fault.is_committed else 2)


@pytest.mark.parametrize("fault", unclear_faults("conversations.history"), ids=name)
async def test_nothing_is_posted_before_the_look_succeeds(stage: Stage, fault: Fault) -> None:
    stage.server.faults.add(Fault("drop", is_committed=True), fault)

    await stage.send(stage.owed())

    assert len(stage.server.channel.posts) == 1
    assert stage.server.count("chat.postMessage") == 1
    assert stage.server.count("conversations.history") == 2


async def test_while_nothing_can_be_seen_nothing_is_posted(stage: Stage) -> None:
    owed = stage.owed()
    stage.server.faults.add(Fault("drop", is_committed=True))
    stage.server.faults.chances = [(1.0, Fault(503, method="conversations.history"))]

    with pytest.raises(SendUnclear):
        await stage.send(owed)
    with pytest.raises(SendUnclear):
        await stage.restart().send(stage.unclear(owed), message())

    assert stage.server.count("chat.postMessage") == 1
    stage.server.faults.chances = []
    await stage.restart().send(stage.unclear(owed), message())
    assert len(stage.server.channel.posts) == 1


@pytest.mark.parametrize("opens_thread", [False, True])
@pytest.mark.parametrize("fault", unclear_faults(), ids=name)
async def test_a_reply_is_looked_for_in_its_thread(
    stage: Stage, fault: Fault, *, opens_thread: bool
) -> None:
    first = await stage.send(stage.owed("s1"))
    stage.server.faults.add(fault)

    ref = await stage.send(stage.owed("s2", opens_thread=opens_thread), reply_to=first)

    replies = [post for post in stage.server.channel.posts if post.is_reply]
    assert [f"{first.split('/')[0]}/{one.ts}/{one.thread_ts}" for one in replies] == [ref]
    assert len(stage.server.channel.posts) == 2


async def test_a_reply_that_went_to_the_channel_is_found_there(stage: Stage) -> None:
    """Its thread took none then, and does now."""
    first = await stage.send(stage.owed("s1"))
    owed = stage.owed("s2")
    stage.server.faults.add(Fault(error="restricted_action_thread_locked"))
    ref = await stage.send(owed, reply_to=first)

    again = await stage.restart().send(stage.unclear(owed), message(story_id="s2"), reply_to=first)

    assert again == ref
    assert len(stage.server.channel.posts) == 2


async def test_a_reply_whose_thread_is_gone_is_looked_for_in_the_channel(stage: Stage) -> None:
    first = await stage.send(stage.owed("s1"))
    stage.server.channel.messages[first.split("/")[1]].is_deleted = True
    owed = stage.owed("s2")
    ref = await stage.send(owed, reply_to=first)

    again = await stage.restart().send(stage.unclear(owed), message(story_id="s2"), reply_to=first)

    assert again == ref


async def test_an_answer_that_does_not_come_is_not_awaited_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = (await stage.one.find_client(stage.server.team.id)).session
    assert session is not None
    monkeypatch.setattr(session, "_timeout", aiohttp.ClientTimeout(total=0.2))
    stage.server.faults.add(Fault(0, is_committed=True, hold_s=5.0))

    async with asyncio.timeout(4):
        await stage.send(stage.owed())

    assert len(stage.server.channel.posts) == 1


async def test_a_restart_with_an_unclear_delivery_finds_the_post_and_brings_it_up_to_date(
    stage: Stage,
) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    again = replace(stage.unclear(owed), revision=2)

    assert await stage.restart().send(again, message(also=ALSO, revision=2)) == ref

    (post,) = stage.server.channel.posts
    assert "Meridian Journal" in draw_message(post)
    assert stage.server.count("chat.update") == 1


async def test_a_post_that_is_up_to_date_is_not_edited(stage: Stage) -> None:
    owed = replace(stage.owed(), revision=2)
    ref = await stage.send(owed, message(also=ALSO, revision=2))

    again = await stage.restart().send(stage.unclear(owed), message(also=ALSO, revision=2))

    assert again == ref
    assert not stage.server.count("chat.update")


async def test_a_post_that_was_found_and_cannot_be_edited_stays_as_it_is(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    stage.server.faults.add(Fault(error="block_mismatch", method="chat.update"))
    again = replace(stage.unclear(owed), revision=2)

    assert await stage.restart().send(again, message(also=ALSO, revision=2)) == ref
    assert "stays as it was posted" in caplog.text


async def test_no_connection_means_that_nothing_was_posted(stage: Stage) -> None:
    await stage.server.__aexit__()

    with pytest.raises(SendError):  # unclear if it goes over an open connection
        await stage.send(stage.owed())
    with pytest.raises(SendRefusedForNow, match="cannot be reached") as caught:
        await stage.send(stage.owed())
    assert caught.value.is_general


async def test_a_cancelled_post_is_found_by_the_next_call(stage: Stage) -> None:
    """The drain breaks off what takes longer than its lease."""
    owed = stage.owed()
    stage.server.faults.add(Fault(0, is_committed=True, hold_s=1.0))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await stage.send(owed)

    await stage.send(stage.unclear(owed))

    assert len(stage.server.channel.posts) == 1


# what people must mend


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("restricted_action", r"post there.*/alerts resume"),
        ("missing_scope", r"lacks a permission.*/alerts resume"),
        ("channel_not_found", r"/invite.*/alerts resume"),
    ],
)
async def test_a_channel_that_takes_nothing_parks_with_the_way_back(
    stage: Stage, word: str, told: str
) -> None:
    stage.server.faults.add(Fault(error=word))

    with pytest.raises(SendParked, match=told) as caught:
        await stage.send(stage.owed())

    assert not caught.value.is_unclear
    assert stage.server.count("chat.postMessage") == 1


async def test_an_edit_in_a_private_channel_that_the_bot_is_out_of_can_be_made_when_it_is_back(
    stage: Stage,
) -> None:
    channel = stage.server.add_channel("desk", team=stage.server.team, kind="private")
    ref = await stage.send(stage.owed(channel=channel))
    again = stage.owed(channel=channel, message_ref=ref, revision=2)
    stage.server.remove_bot(channel)

    with pytest.raises(SendParked, match=r"/invite.*/alerts resume"):
        await stage.send(again, message(also=ALSO, revision=2))

    stage.server.invite_bot(channel)
    assert await stage.send(again, message(also=ALSO, revision=2)) == ref
    (post,) = channel.posts
    assert "Meridian Journal" in draw_message(post)


async def test_a_channel_that_put_the_bot_out_parks(stage: Stage) -> None:
    stage.server.remove_bot(stage.server.channel)

    with pytest.raises(SendParked, match=r"not in the channel.*/invite.*/alerts resume"):
        await stage.send(stage.owed())


@pytest.mark.parametrize("scope", ["channels:history", ""])
async def test_where_the_bot_may_not_look_it_does_not_post_a_second_time(
    stage: Stage, scope: str
) -> None:
    owed = stage.owed()
    await stage.send(owed)
    if scope:
        stage.server.team.token.scopes.discard(scope)
    else:
        stage.server.remove_bot(stage.server.channel)

    with pytest.raises(SendParked, match=r"cut off.*/alerts resume") as caught:
        await stage.restart().send(stage.unclear(owed), message())

    assert caught.value.is_unclear
    assert stage.server.count("chat.postMessage") == 1


async def test_what_parks_a_channel_is_found_out_where_it_can_be(stage: Stage) -> None:
    class Places:
        async def enter(self, destination: Destination) -> None:
            raise AssertionError("a post that is refused takes the bot nowhere")

        async def find_problems(self, destination: Destination) -> tuple[PlaceProblem, ...]:
            assert destination == stage.place()
            return (PlaceProblem("the bot is not in #general; invite it", is_grave=True),)

    stage.server.remove_bot(stage.server.channel)
    asking = SlackSender(stage.calls, clock=now, places=Places(), settle_s=QUICK_S, late_s=QUICK_S)

    with pytest.raises(SendParked, match=r"not in #general; invite it; then use /alerts resume"):
        await asking.send(stage.owed(), message())


async def test_a_park_after_an_unclear_answer_says_that_the_post_may_be_there(
    stage: Stage,
) -> None:
    stage.server.faults.add(Fault("drop", is_committed=True))
    stage.server.faults.add(Fault(error="not_in_channel", method="conversations.history"))

    with pytest.raises(SendParked) as caught:
        await stage.send(stage.owed())

    assert caught.value.is_unclear


async def test_a_reply_that_may_be_in_a_thread_that_closed_since_is_not_posted_beside_it(
    stage: Stage,
) -> None:
    first = await stage.send(stage.owed("s1"))
    stage.server.faults.add(Fault("drop"), Fault(error="restricted_action_thread_locked"))

    with pytest.raises(SendUnclear, match="may be there"):
        await stage.send(stage.owed("s2"), reply_to=first)


# limits


async def test_a_limit_that_names_a_short_time_is_waited_for(stage: Stage) -> None:
    stage.server.faults.add(Fault(429, retry_after_s=1))

    await stage.send(stage.owed())

    first, second = [one.at for one in stage.server.asked if one.method == "chat.postMessage"]
    assert second - first >= 1.0
    assert len(stage.server.channel.posts) == 1


async def test_a_limit_that_names_a_long_time_puts_the_delivery_off_by_it(stage: Stage) -> None:
    stage.server.faults.add(Fault(429, retry_after_s=120))

    for story in ("s1", "s2"):
        with pytest.raises(SendRefusedForNow) as caught:
            await stage.send(stage.owed(story))
        assert caught.value.is_paced
        assert caught.value.retry_after_s == pytest.approx(120, abs=1)

    assert stage.server.count("chat.postMessage") == 1


async def test_a_limit_that_never_ends_puts_the_delivery_off(stage: Stage) -> None:
    stage.server.faults.add(*(Fault(429, retry_after_s=1) for _ in range(3)))

    with pytest.raises(SendRefusedForNow) as caught:
        await stage.send(stage.owed())

    assert not caught.value.is_paced
    assert stage.server.count("chat.postMessage") == 3


async def test_a_limit_after_an_unclear_answer_ends_the_call_as_unclear(stage: Stage) -> None:
    stage.server.faults.add(
        Fault("drop", is_committed=True),
        Fault(429, retry_after_s=100, method="conversations.history"),
    )

    with pytest.raises(SendUnclear, match=r"turn in 100 s.*may have arrived"):
        await stage.send(stage.owed())

    assert stage.server.count("chat.postMessage") == 1


# what we draw wrong


@pytest.mark.parametrize("word", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long"])
async def test_a_body_that_slack_refuses_is_logged_as_our_defect(
    stage: Stage, caplog: pytest.LogCaptureFixture, word: str
) -> None:
    stage.server.faults.add(Fault(error=word))

    with caplog.at_level(logging.ERROR), pytest.raises(SendRefused, match=word):
        await stage.send(stage.owed())

    assert any("does not take what we sent" in one.getMessage() for one in caplog.records)
    assert stage.server.count("chat.postMessage") == 1


async def test_nothing_of_a_token_is_ever_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        stage.server.faults.add(Fault("drop"), Fault(error="invalid_blocks"))
        with pytest.raises(SendRefused):
            await stage.send(stage.owed())

    assert stage.server.bot_token not in caplog.text
    assert "Bearer" not in caplog.text
