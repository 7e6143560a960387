"""Plain questions, asked in channels and in direct messages."""

from __future__ import annotations

import asyncio

import pytest

from bot.commands.allowance import QUESTIONS, WINDOW_S
from tests.platforms.discord.desk import Desk, open_desk, until
from tests.servers.discord import Channel, Message


def replies(desk: Desk, channel: Channel | None = None) -> list[Message]:
    """What the bot wrote there."""
    return [one for one in (channel or desk.server.channel).posts if one.author.is_bot]


async def test_a_question_is_answered_where_it_was_asked_for_all_to_see() -> None:
    async with open_desk() as desk:
        asked = desk.server.say("@bot anything on Huawei and AT&T this week?", **desk.person)
        await until(lambda: replies(desk))

        (reply,) = replies(desk)
        assert "Huawei" in reply.text
        (posted,) = [one.body for one in desk.server.asked if one.operation == "create_message"]
        assert posted["message_reference"]["message_id"] == asked.id
        assert not reply.pings


async def test_alone_with_the_bot_its_name_is_not_needed() -> None:
    async with open_desk() as desk:
        direct = desk.server.direct_channel(desk.server.person)
        desk.server.say("help", channel=direct, user=desk.server.person)
        await until(lambda: replies(desk, direct))

        assert "What I can do" in replies(desk, direct)[0].text


async def test_talk_among_people_and_talk_of_bots_is_left_alone() -> None:
    async with open_desk() as desk:
        desk.server.say("anything on Huawei?", **desk.person)
        desk.server.say("@everyone help", **desk.person)
        other = desk.server.add_user("otherbot")
        other.is_bot = True
        desk.server.say("@bot help", channel=desk.server.channel, user=other)
        desk.server.say("@bot help", **desk.person)
        await until(lambda: any("What I can do" in one.text for one in replies(desk)))

        assert len([one for one in replies(desk) if one.author is desk.server.bot]) == 1


async def test_a_question_cannot_make_the_bot_call_people() -> None:
    async with open_desk() as desk:
        desk.server.say("@bot what about @everyone <@&1> <@2>?", **desk.person)
        await until(lambda: replies(desk))

        assert not replies(desk)[0].pings


async def test_who_asks_too_fast_is_told_so_once_and_others_are_answered() -> None:
    async with open_desk() as desk:
        other = desk.server.add_user("li")
        for _ in range(QUESTIONS + 3):
            desk.server.say("@bot help", **desk.person)
        desk.server.say("@bot help", channel=desk.server.channel, user=other)
        await until(lambda: len(replies(desk)) == QUESTIONS + 2, timeout_s=30)
        await asyncio.sleep(0.1)

        assert len(replies(desk)) == QUESTIONS + 2
        (told,) = [one.text for one in replies(desk) if "too fast" in one.text]
        assert f"{QUESTIONS} questions in {WINDOW_S:.0f} seconds" in told
        assert not any(one.pings for one in replies(desk))


async def test_a_channel_that_takes_no_answer_is_no_trouble(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_desk() as desk:
        desk.server.channel.error = 50013
        caplog.set_level("INFO", "bot.platforms.discord.mentions")
        desk.server.say("@bot help", **desk.person)
        await until(lambda: "may not write" in caplog.text)

        assert replies(desk) == []
