"""Commands, buttons and suggestions through the real client, as people in Discord use them."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from typing import Any

import pytest

from bot.commands.answer import Answer, Choice, Choices, Lines
from bot.commands.command import Action, Call, Need, OptionKind, Pick, Words
from bot.commands.suggest import Suggestion
from bot.errors import FeedUnreachable, InputInvalid
from bot.model import Destination, Platform
from bot.platforms.discord import interactions
from bot.platforms.discord.answers import draw_answer
from bot.platforms.discord.interactions import make_distinct
from tests.platforms.discord.desk import open_desk, until
from tests.platforms.discord.rows import (
    break_down,
    offer_button,
    option,
    row,
    say_hello,
    say_values,
)
from tests.servers.discord import EPHEMERAL, DiscordServer, Fault, NotOffered, world
from tests.servers.discord.interactions import AUTOCOMPLETE

DEFERRED, AT_ONCE = 5, 4


class Slow:
    """A command that works until it is let go."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def __call__(self, _: Call) -> Answer:
        await self.may_end.wait()
        return Answer("Done at last")


async def test_an_answer_is_for_the_person_alone() -> None:
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        asked = desk.server.slash("/try hello", **desk.person)
        answer = await asked.answer()

        assert answer.text == "Hello"
        assert answer.flags & EPHEMERAL
        assert asked.callback == AT_ONCE
        assert desk.server.channel.posts == ()


async def test_a_handler_gets_what_was_typed_as_its_kind_says() -> None:
    picks = (Pick("live", Words("at once", "即时")),)
    options = (
        option("for", OptionKind.TEXT),
        option("limit", OptionKind.WHOLE, least=1, most=25),
        option("loud", OptionKind.YES),
        option("mode", OptionKind.PICK, picks=picks),
        option("role", OptionKind.ROLE),
        option("unsaid", OptionKind.TEXT),
    )
    async with open_desk(table=(row("it", say_values, *options),)) as desk:
        role = desk.server.add_role(desk.server.guild, "ops", is_mentionable=True)
        said = await desk.answer("/try it for:2h limit:7 loud:true mode:at once role:@ops")

        assert said == f"for='2h' limit=7 loud=True mode='live' role='{role.id}'"


async def test_a_channel_is_its_id_and_a_thread_has_its_channel_before_it() -> None:
    table = (row("it", say_values, option("channel", OptionKind.CHANNEL)),)
    async with open_desk(table=table) as desk:
        news = desk.server.add_channel(desk.server.guild, "news", kind=world.FORUM)
        thread = desk.server.add_thread(desk.server.channel, "a thread")

        assert await desk.answer("/try it channel:#news") == f"channel='{news.id}'"
        told = await desk.answer(f"/try it channel:{thread.id}")
        assert told == f"channel='{desk.server.channel.id}/{thread.id}'"


async def test_a_voice_channel_is_not_offered() -> None:
    table = (row("it", say_values, option("channel", OptionKind.CHANNEL)),)
    async with open_desk(table=table) as desk:
        desk.server.add_channel(desk.server.guild, "talk", kind=2)

        with pytest.raises(NotOffered):
            desk.server.slash("/try it channel:#talk", **desk.person)


async def test_a_file_is_read() -> None:
    table = (row("it", say_values, option("file", OptionKind.FILE, is_required=True)),)
    async with open_desk(table=table) as desk:
        said = await desk.answer("/try it file:x", files={"file": ("feeds.opml", b"<opml/>")})

        assert said == "file=Upload(name='feeds.opml', content=b'<opml/>')"


async def test_a_file_that_is_too_large_is_refused_unread() -> None:
    table = (row("it", say_values, option("file", OptionKind.FILE, is_required=True)),)
    async with open_desk(table=table) as desk:
        said = await desk.answer("/try it file:x", files={"file": ("big.opml", b"x" * 1_048_577)})

        assert "1048577 bytes; at most 1048576 are read" in said


async def test_a_call_knows_where_it_was_typed_and_by_whom() -> None:
    calls: list[Call] = []

    async def keep(call: Call) -> Answer:
        calls.append(call)
        return Answer("Kept")

    async with open_desk(table=(row("it", keep),)) as desk:
        server = desk.server
        chinese = server.add_user("li", locale="zh-CN")
        thread = server.add_thread(server.channel, "a thread")
        direct = server.direct_channel(server.person)
        await server.slash("/try it", channel=thread, user=chinese).answer()
        await server.slash("/try it", channel=direct, user=server.person).answer()

        guild, channel = str(server.guild.id), str(server.channel.id)
        in_thread, alone = calls
        assert in_thread.place == Destination(Platform.DISCORD, guild, channel, str(thread.id))
        assert (in_thread.user, in_thread.lang) == (str(chinese.id), "zh-CN")
        assert in_thread.may == {Need.NOTHING}
        assert not in_thread.is_direct
        assert alone.place == Destination(Platform.DISCORD, "", str(direct.id))
        assert alone.is_direct


async def test_slow_work_is_announced_and_its_answer_put_there() -> None:
    slow = Slow()
    async with open_desk(table=(row("it", slow),), defer_after_s=0.05) as desk:
        asked = desk.server.slash("/try it", **desk.person)
        await until(lambda: asked.callback)
        assert (asked.callback, asked.is_deferred) == (DEFERRED, True)
        slow.may_end.set()
        answer = await asked.answer()

        assert answer.text == "Done at last"
        assert answer.flags & EPHEMERAL
        assert asked.followups == []


@pytest.mark.parametrize(
    "error", [InputInvalid("Say it otherwise"), FeedUnreachable("Say it otherwise")]
)
async def test_what_a_person_can_mend_is_said_as_it_is(error: Exception) -> None:
    async def refuse(_: Call) -> Answer:
        raise error

    async with open_desk(table=(row("it", refuse),)) as desk:
        assert await desk.answer("/try it") == "Say it otherwise"


async def test_a_defect_is_an_apology_whose_reference_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_desk(table=(row("it", break_down),)) as desk:
        said = await desk.answer("/try it")

        reference = re.search(r"reference ([0-9a-f]{6})", said)
        assert reference is not None
        (record,) = [one for one in caplog.records if reference[1] in one.getMessage()]
        assert record.levelno == logging.ERROR
        assert record.exc_info is not None
        assert "a defect that a test made" in str(record.exc_info[1])


async def test_an_answer_that_discord_refuses_is_an_apology_too() -> None:
    async def answer(_: Call) -> Answer:
        return Answer("Too much", (Lines(("x",)),))

    async with open_desk(table=(row("it", answer),)) as desk:
        broken = replace(
            draw_answer(Answer("x")), components=({"type": 10, "content": "x" * 5000},)
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(interactions, "draw_answer", lambda *_, **__: broken)
            said = await desk.answer("/try it")

        assert "give my operator the reference" in said


@pytest.mark.parametrize("is_committed", [True, False])
async def test_a_bad_answer_of_discords_is_repeated_and_no_second_message(
    is_committed: bool,
) -> None:
    async with open_desk(table=(row("it", say_hello),)) as desk:
        desk.server.faults.add(
            Fault(502, is_committed=is_committed, operation="create_interaction_response")
        )
        asked = desk.server.slash("/try it", **desk.person)

        assert (await asked.answer(timeout_s=15)).text == "Hello"
        assert asked.followups == []


async def test_an_interaction_that_discord_gave_up_is_left_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_desk(table=(row("it", say_hello),)) as desk:
        clock = desk.server.clock
        asked = desk.server.slash("/try it", **desk.person)
        desk.server.clock = lambda: clock() + 10
        await until(lambda: desk.server.count("create_interaction_response"))
        await until(lambda: "waited three seconds" in caplog.text)
        desk.server.clock = clock

        assert asked.callback == 0
        assert await desk.answer("/try it") == "Hello"


async def test_commands_that_discord_still_has_and_we_have_not_say_so() -> None:
    async with open_desk(table=(row("old", say_hello), row("new", say_hello))) as desk:
        client = desk.supervisor.client
        assert client is not None
        client.tree.get_command("try").remove_command("old")  # type: ignore[union-attr]

        assert "My commands have just changed" in await desk.answer("/try old")


async def test_what_is_typed_is_completed() -> None:
    async with open_desk() as desk:
        found = await desk.server.autocomplete("/news recent company:hua", **desk.person)

        assert {"name": "Huawei", "value": "Huawei"}.items() <= found[0].items()


async def test_a_suggestion_is_asked_with_the_channel_that_is_picked_already() -> None:
    asked: list[tuple[str, str]] = []

    async def note(call: Call, _: OptionKind, typed: str) -> tuple[Suggestion, ...]:
        asked.append((call.text("channel"), typed))
        return ()

    table = (
        row("it", say_hello, option("channel", OptionKind.CHANNEL), option("it", OptionKind.MUTED)),
    )
    async with open_desk(table=table, find_suggestions=note) as desk:
        news = desk.server.add_channel(desk.server.guild, "news", kind=world.FORUM)
        await desk.server.autocomplete("/try it channel:#news it:z", **desk.person)

    assert asked == [(str(news.id), "z")]


async def test_a_broken_suggestion_is_none_and_the_command_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: Any) -> tuple[Suggestion, ...]:
        raise RuntimeError("a defect that a test made")

    table = (row("it", say_hello, option("company", OptionKind.COMPANY)),)
    async with open_desk(table=table, find_suggestions=broken) as desk:
        assert await desk.server.autocomplete("/try it company:hua", **desk.person) == []
        assert desk.server.interactions[-1].kind == AUTOCOMPLETE
        assert "no suggestions for /try it" in caplog.text
        assert await desk.answer("/try it company:hua") == "Hello"


def test_two_suggestions_of_one_label_are_told_apart() -> None:
    same = "AT&T walks away from the deal " * 4
    found = [Suggestion(same[:100], "#one"), Suggestion(same[:100], "#two")]

    first, second = make_distinct(found)

    assert first[0] != second[0]
    assert second[0].endswith(" #two")
    assert max(len(first[0]), len(second[0])) <= 100


async def greet(call: Call) -> Answer:
    return Answer(f"Hello from {call.text('subject')}")


async def test_a_button_works_after_a_restart() -> None:
    known: dict[str, Any] = {
        "table": (row("it", offer_button),),
        "actions": {"greet": Action("greet", greet)},
    }
    async with DiscordServer() as server:
        async with open_desk(**known, server=server) as desk:
            shown = await server.slash("/try it", **desk.person).answer()
        async with open_desk(**known, server=server):
            pressed = server.press(shown, "n1:greet:d1", user=server.person)
            answer = await pressed.answer()

    assert answer.text == "Hello from d1"
    assert answer.flags & EPHEMERAL


async def test_a_button_needs_the_right_of_its_action() -> None:
    actions = {"greet": Action("greet", greet, need=Need.CHANNELS)}
    async with open_desk(table=(row("it", offer_button),), actions=actions) as desk:
        shown = await desk.server.slash("/try it", **desk.person).answer()

        refused = await desk.server.press(shown, "n1:greet:d1", user=desk.server.person).answer()
        done = await desk.server.press(shown, "n1:greet:d1", user=desk.server.manager).answer()
        assert refused.text == "You need the permission “Manage Channels” for this button"
        assert done.text == "Hello from d1"


async def test_a_button_about_a_channel_works_only_in_that_channel() -> None:
    actions = {"greet": Action("greet", greet, need=Need.CHANNELS, is_about_channel=True)}

    async def offer(call: Call) -> Answer:
        choices = (Choice("greet", call.place.channel, "Here"), Choice("greet", "7", "There"))
        return Answer("Press", (Choices(choices),))

    async with open_desk(table=(row("it", offer),), actions=actions) as desk:
        server = desk.server
        shown = await server.slash("/try it", **desk.person).answer()

        here, there = f"n1:greet:{server.channel.id}", "n1:greet:7"
        done = await server.press(shown, here, user=server.manager).answer()
        refused = await server.press(shown, there, user=server.manager).answer()
        assert done.text == f"Hello from {server.channel.id}"
        assert refused.text.startswith("This button is about another channel")


async def test_a_button_of_an_older_version_says_so() -> None:
    async with open_desk(table=(row("it", offer_button),), actions={}) as desk:
        shown = await desk.server.slash("/try it", **desk.person).answer()

        answer = await desk.server.press(shown, "n1:greet:d1", user=desk.server.person).answer()
        assert "older version" in answer.text


async def test_no_message_is_kept_for_its_buttons() -> None:
    """discord.py keeps each view it sends; ours would fill the memory."""
    actions = {"greet": Action("greet", greet)}
    async with open_desk(table=(row("it", offer_button),), actions=actions) as desk:
        for _ in range(3):
            await desk.answer("/try it")

        client = desk.supervisor.client
        assert client is not None
        assert list(client.persistent_views) == []
        assert not client._connection._view_store._views
