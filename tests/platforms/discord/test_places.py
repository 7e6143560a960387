"""What stands in the way of posts in a channel, by the gateway's cache and by asking Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.model import Destination, Platform
from bot.platforms.discord.places import NEEDED, DiscordPlaces
from tests.platforms.discord.desk import Desk, open_desk
from tests.platforms.discord.rows import row, say_hello
from tests.servers.discord import Channel, world

FULL = NEEDED.value


@pytest.fixture(params=["cache", "asked"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with open_desk(table=(row("hello", say_hello),)) as opened:
        client = opened.supervisor.client
        assert client is not None
        await client.wait_until_ready()
        opened.places = DiscordPlaces(
            opened.rest, find_client=lambda _: client if request.param == "cache" else None
        )
        yield opened


async def find(desk: Desk, permissions: int, channel: Channel, thread: Channel | None = None) -> (
    list[tuple[str, bool]]
):  # fmt: skip
    """(text, is_grave) of every problem once the bot has ``permissions`` there."""
    desk.server.set_permissions(channel, permissions)
    await desk.answer("/try hello")  # events come in order: the client knows of it now
    place = Destination(
        Platform.DISCORD, str(channel.guild_id), str(channel.id), str(thread.id) if thread else ""
    )
    return [(one.text, one.is_grave) for one in await desk.places.find_problems(place)]


async def test_with_what_the_invitation_asks_for_all_is_fine(desk: Desk) -> None:
    assert await find(desk, FULL, desk.server.channel) == []


@pytest.mark.parametrize(
    ("missing", "says", "is_grave"),
    [
        (world.VIEW, "View Channel", True),
        (world.SEND, "Send Messages", True),
        (world.HISTORY, "Read Message History", False),
        (world.CREATE_THREADS, "Create Public Threads", False),
    ],
    ids=["view", "send", "history", "threads"],
)
async def test_what_is_missing_is_named(
    desk: Desk, missing: int, says: str, is_grave: bool
) -> None:
    first, *_ = await find(desk, FULL & ~missing, desk.server.channel)

    assert says in first[0]
    assert first[1] is is_grave


async def test_a_forum_asks_for_posts(desk: Desk) -> None:
    forum = desk.server.add_channel(desk.server.guild, "forum", kind=world.FORUM)

    ((text, is_grave),) = await find(desk, FULL & ~world.SEND, forum)
    assert "Create Posts" in text
    assert is_grave


async def test_in_a_forum_posts_need_the_history(desk: Desk) -> None:
    """Threads take no nonce: one that was cut off must be looked for."""
    forum = desk.server.add_channel(desk.server.guild, "forum", kind=world.FORUM)

    ((text, is_grave),) = await find(desk, FULL & ~world.HISTORY, forum)
    assert "Read Message History" in text
    assert is_grave


async def test_in_a_thread_other_rights_count(desk: Desk) -> None:
    thread = desk.server.add_thread(desk.server.channel, "a thread")

    assert await find(desk, FULL & ~world.SEND, desk.server.channel, thread) == []
    ((text, is_grave),) = await find(
        desk, FULL & ~world.SEND_IN_THREADS, desk.server.channel, thread
    )
    assert "Send Messages in Threads" in text
    assert is_grave


async def test_a_channel_that_is_gone_is_said_to_be(desk: Desk) -> None:
    gone = Destination(Platform.DISCORD, str(desk.server.guild.id), "1")

    (problem,) = await desk.places.find_problems(gone)
    assert problem.is_grave
    assert problem.is_gone
    assert "does not exist" in problem.text


async def test_a_channel_that_is_there_is_never_said_to_be_gone(desk: Desk) -> None:
    desk.server.set_permissions(desk.server.channel, 0)
    await desk.answer("/try hello")

    (problem,) = await desk.places.find_problems(desk.place())
    assert not problem.is_gone


async def test_a_channel_of_another_server_is_none_of_this_one(desk: Desk) -> None:
    other = desk.server.add_channel(desk.server.add_guild("Other"), "news")
    wrong = Destination(Platform.DISCORD, str(desk.server.guild.id), str(other.id))

    (problem,) = await desk.places.find_problems(wrong)
    assert problem.is_grave
    assert "no channel of this server" in problem.text


async def test_where_discord_cannot_be_asked_nothing_is_held_against_a_place() -> None:
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        places = DiscordPlaces(desk.rest, find_client=lambda _: None)
        desk.server.token = "another.token.than-that"

        assert await places.find_problems(desk.place()) == ()
