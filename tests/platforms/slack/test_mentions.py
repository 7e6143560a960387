"""Messages that name the bot, or are written to it alone."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from bot.commands.answer import Answer, Lines
from bot.commands.command import Call, Command, Need, OptionKind
from bot.model import Destination, Platform
from bot.platforms.slack.asked import Asked
from tests.platforms.discord.rows import option, row, say_hello
from tests.platforms.slack.desk import Noting, open_desk, until


async def test_a_mention_is_answered_in_a_thread_for_all_to_see() -> None:
    async with open_desk() as desk:
        act = await desk.server.say("@newsbot latest bans", channel=desk.server.channel)

        assert act.answer.only_for == ""
        assert act.answer.thread_ts == desk.server.channel.top[0].ts
        assert len(desk.server.channel.posts) == 2


async def test_a_mention_in_a_thread_is_answered_there() -> None:
    async with open_desk() as desk:
        server = desk.server
        root = server.post(server.channel, server.manager, {"text": "What about that?"})
        act = await server.say("@newsbot latest bans", channel=server.channel, thread_ts=root.ts)

        assert act.answer.thread_ts == root.ts


async def test_a_direct_message_is_answered_below_it() -> None:
    async with open_desk() as desk:
        act = await desk.server.say("what is new with Huawei?")

        assert "Huawei" in act.text
        assert not act.answer.thread_ts


async def test_a_message_that_comes_before_slack_has_said_who_we_are_is_answered_too() -> None:
    async with open_desk() as desk:
        known, desk.workspaces._bot = desk.workspaces._bot, None
        act = desk.server.start_say("latest bans")
        await until(lambda: act.is_acked)
        desk.workspaces._bot = known

        assert (await desk.server.see(act)).answers


async def test_a_message_is_left_where_the_token_is_not_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_desk() as desk:
        listener = replace(desk.reception.listener, waits_s=(0.01,))
        desk.workspaces._refused.set()
        event = {"type": "message", "channel_type": "im", "user": "U1", "text": "latest bans"}

        assert not await listener.hear(Asked(desk.server.team.id, "U1", "D1"), event)
        assert "is not read: slack: the token is not taken" in caplog.text


async def test_a_command_in_a_message_is_run_and_answered_to_its_author_alone() -> None:
    noting = Noting()
    async with open_desk(table=(row("it", noting),)) as desk:
        server = desk.server
        root = server.post(server.channel, server.manager, {"text": "A thread"})
        act = await server.say("@newsbot /try it", channel=server.channel, thread_ts=root.ts)

        assert "Kept" in act.text
        assert act.answer.only_for == server.person.id
        assert act.answer.thread_ts == root.ts
        assert noting.calls[0].place == Destination(
            Platform.SLACK, server.team.id, server.channel.id, root.ts
        )


async def test_a_private_answer_begins_no_thread_as_slack_would_not_show_it() -> None:
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        act = await desk.server.say("@newsbot /try hello", channel=desk.server.channel)

        assert act.answer.only_for == desk.server.person.id
        assert not act.answer.thread_ts


async def test_a_command_in_a_message_needs_its_right() -> None:
    noting = Noting()
    table = (row("it", noting, need=Need.CHANNELS),)
    async with open_desk(table=table, managers="admins") as desk:
        act = await desk.server.say("@newsbot /try it", channel=desk.server.channel)

        assert "Only admins and owners" in act.text
        assert noting.calls == []


async def test_what_a_command_in_a_message_changed_wakes_whoever_posts() -> None:
    woken: list[tuple[str, str]] = []
    async with open_desk() as desk:
        desk.reception.after.append(lambda at, who: woken.append((at, who)))
        await desk.server.say("/alerts subscribe pair")
        await until(lambda: woken)

        assert woken == [(desk.server.team.id, desk.server.person.id)]


async def test_a_command_in_a_message_that_is_not_understood_says_why() -> None:
    async with open_desk() as desk:
        act = await desk.server.say("/alerts subscrbe pair")

        assert "Did you mean /alerts subscribe" in act.text


async def test_who_asks_too_fast_is_told_once() -> None:
    async with open_desk() as desk:
        for _ in range(7):
            desk.server.start_say("latest bans")
        direct = desk.server.direct_channel(desk.server.person)

        def answers() -> list[str]:
            return [one.text for one in direct.posts if one.user == desk.server.team.bot.id]

        await until(lambda: len(answers()) == 6, timeout_s=30)
        await desk.reception.finish()
        assert len([one for one in answers() if "too fast" in one]) == 1
        assert len(answers()) == 6


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B1", "subtype": "bot_message"},
        {"bot_id": "B1"},
        {"subtype": "message_changed", "hidden": True},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"edited": {"user": "U1", "ts": "1.2"}},
        {"user": ""},
    ],
    ids=["a bot", "a bot's user", "an edit", "a deletion", "a join", "edited", "nobody"],
)
async def test_what_no_person_wrote_to_the_bot_is_left_alone(changes: dict[str, Any]) -> None:
    async with open_desk() as desk:
        server = desk.server
        direct = server.direct_channel(server.person)
        event = {
            "type": "message",
            "channel": direct.id,
            "channel_type": "im",
            "user": server.person.id,
            "text": "latest bans",
            "ts": "1795402299.000100",
        }
        envelope = server.tell(server.team, event | changes)
        assert envelope is not None
        await until(lambda: envelope.is_acked)
        await desk.reception.finish()

        assert direct.posts == []


async def test_the_bots_own_messages_are_left_alone() -> None:
    async with open_desk() as desk:
        server = desk.server
        direct = server.direct_channel(server.person)
        envelope = server.tell(
            server.team,
            {
                "type": "message",
                "channel": direct.id,
                "channel_type": "im",
                "user": server.team.bot.id,
                "text": "latest bans",
                "ts": "1795402299.000100",
            },
        )
        assert envelope is not None
        await until(lambda: envelope.is_acked)
        await desk.reception.finish()

        assert direct.posts == []


async def test_talk_in_a_channel_that_does_not_name_the_bot_is_left_alone() -> None:
    async with open_desk() as desk:
        server = desk.server
        server.events.add("message.channels")
        before = len(server.channel.posts)
        server.start_say("latest bans", channel=server.channel)
        await until(lambda: server.envelopes and server.envelopes[-1].is_acked)
        await desk.reception.finish()

        assert len(server.channel.posts) == before + 1


async def test_where_the_bot_may_not_write_nothing_breaks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with open_desk() as desk:
        desk.server.channel.error = "restricted_action"
        desk.server.start_say("@newsbot latest bans", channel=desk.server.channel)
        await until(lambda: "where I may not write" in caplog.text)

        assert "Traceback" not in caplog.text


async def test_in_a_public_answer_nobody_is_called() -> None:
    async def tell(_: Call) -> Answer:
        return Answer("<!channel> <@U1>", (Lines(("@here *bold*",)),), is_private=False)

    async with open_desk(table=(row("it", tell),)) as desk:
        act = await desk.server.say("@newsbot /try it", channel=desk.server.channel)

        assert "<!channel>" not in act.answer.text
        assert "<@U1>" not in act.answer.text


async def test_a_row_of_a_table_with_a_form_offers_it_where_nothing_can_open() -> None:
    made: Command = replace(
        row("it", say_hello, option("what", OptionKind.TEXT, is_required=True)), has_form=True
    )
    async with open_desk(table=(made,)) as desk:
        act = await desk.server.say("/try it")

        assert "Open the form" in act.text


async def test_a_wish_in_plain_words_is_answered_to_its_author_alone() -> None:
    async with open_desk() as desk:
        act = await desk.server.say("@newsbot unsubscribe", channel=desk.server.channel)

        assert "/alerts unsubscribe" in act.text
        assert act.answer.only_for == desk.server.person.id
