"""Plain questions, asked in channels and in direct messages."""

from __future__ import annotations

import asyncio

import pytest

from bot.platforms.discord.mentions import PEOPLE, QUESTIONS, WINDOW_S, Allowance
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


def test_an_allowance_comes_back_with_time_and_forgets_people() -> None:
    allowance = Allowance()

    given = [allowance.take("ada", 0.0) for _ in range(QUESTIONS + 1)]
    for number in range(PEOPLE + 1):
        allowance.take(f"user {number}", WINDOW_S / 2)

    assert given == [True] * QUESTIONS + [False]
    assert allowance.take("ada", WINDOW_S)
    assert allowance.take("somebody", 10 * WINDOW_S)
    assert len(allowance.asked) < 10


def test_haste_is_told_once_in_a_window_with_the_seconds_to_wait() -> None:
    allowance = Allowance()
    for second in range(QUESTIONS):
        allowance.take("ada", float(second))

    told = [allowance.tell("ada", at) for at in (10.0, 11.0, 10.0 + WINDOW_S - 1)]
    again = allowance.tell("ada", 10.0 + WINDOW_S)

    assert told == [WINDOW_S - 10.0, 0.0, 0.0]
    assert again
