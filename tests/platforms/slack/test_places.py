"""What stands in the way of posts in a channel, and how the bot gets there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.model import Destination
from tests.platforms.slack.front import Front, open_front
from tests.servers.slack import Fault


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with open_front() as opened:
        yield opened


async def find(front: Front, place: Destination) -> list[tuple[str, bool]]:
    """(text, is_grave) of every problem."""
    return [(one.text, one.is_grave) for one in await front.places.find_problems(place)]


async def test_with_what_the_manifest_asks_for_all_is_fine(front: Front) -> None:
    server = front.server
    staff = server.add_channel("staff", team=server.team, kind="private")

    for channel in (server.channel, staff, server.direct_channel(server.person)):
        assert await find(front, front.place(channel)) == []


async def test_an_archived_channel_is_said_to_be(front: Front) -> None:
    front.server.archive(front.server.channel)

    ((text, is_grave),) = await find(front, front.place())
    assert "archived" in text
    assert is_grave


@pytest.mark.parametrize("kind", ["public", "private"])
async def test_where_the_bot_is_not_it_asks_to_be_invited(front: Front, kind: str) -> None:
    server = front.server
    kinds = {"public": server.add_channel("open", team=server.team, has_bot=False)}
    kinds["private"] = server.add_channel("own", team=server.team, kind="private", has_bot=False)

    (problem,) = await front.places.find_problems(front.place(kinds[kind]))
    assert "/invite" in problem.text
    assert problem.is_grave
    assert not problem.is_gone


async def test_a_channel_that_may_be_private_is_never_said_to_be_gone(front: Front) -> None:
    front.server.remove_channel(front.server.channel)

    (problem,) = await front.places.find_problems(front.place())
    assert problem.is_grave
    assert not problem.is_gone


async def test_a_group_conversation_takes_no_posts(front: Front) -> None:
    """The bot asks for no scope of theirs, so that it reads nothing in them either."""
    group = front.server.add_channel("mpdm-ada--grace-1", team=front.server.team, kind="mpim")

    await front.places.enter(front.place(group))
    ((text, is_grave),) = await find(front, front.place(group))
    assert "conversations between others" in text
    assert is_grave


async def test_into_a_public_channel_the_bot_goes_by_itself(front: Front) -> None:
    server = front.server
    other = server.add_channel("open", team=server.team, has_bot=False)
    assert await find(front, front.place(other))

    await front.places.enter(front.place(other))
    assert server.team.bot.id in other.members
    assert await find(front, front.place(other)) == []


async def test_where_the_bot_is_or_cannot_go_it_does_not_try(front: Front) -> None:
    server = front.server
    old = server.add_channel("old", team=server.team, has_bot=False)
    server.archive(old)
    staff = server.add_channel("staff", team=server.team, kind="private", has_bot=False)

    for channel in (server.channel, old, staff, server.direct_channel(server.person)):
        await front.places.enter(front.place(channel))
    assert server.count("conversations.join") == 0


async def test_where_it_cannot_join_the_place_says_so(front: Front) -> None:
    server = front.server
    other = server.add_channel("open", team=server.team, has_bot=False)
    await front.lose_scope("channels:join")

    await front.places.enter(front.place(other))
    ((text, is_grave),) = await find(front, front.place(other))
    assert "/invite" in text
    assert is_grave


@pytest.mark.parametrize(("scope", "is_grave"), [("chat:write", True), ("channels:history", False)])
async def test_a_scope_that_is_missing_is_named(front: Front, scope: str, is_grave: bool) -> None:
    await front.lose_scope(scope)

    ((text, is_found_grave),) = await find(front, front.place())
    assert scope in text
    assert is_found_grave is is_grave


async def test_where_only_some_may_post_there_is_a_caution(front: Front) -> None:
    front.server.channel.is_read_only = True

    ((text, is_grave),) = await find(front, front.place())
    assert "Only some people may post" in text
    assert not is_grave


async def test_a_thread_that_is_there_is_fine_and_one_that_is_not_is_gone(front: Front) -> None:
    server = front.server
    post = server.post(server.channel, server.person, {"text": "Launch day"})

    assert await front.places.find_problems(front.place(thread=post.ts)) == ()
    (problem,) = await front.places.find_problems(front.place(thread="1767225600.000100"))
    assert problem.is_grave
    assert problem.is_gone


async def test_another_workspaces_channel_takes_none_of_our_posts(front: Front) -> None:
    other = front.server.add_team("Elsewhere")
    channel = front.server.add_channel("news", team=other)

    ((text, is_grave),) = await find(front, front.place(channel))
    assert "the bot works for another workspace" in text
    assert is_grave


async def test_where_slack_cannot_be_asked_nothing_is_held_against_a_place(front: Front) -> None:
    front.server.faults.chances = [(1.0, Fault(503, method=""))]

    await front.places.enter(front.place())
    assert await front.places.find_problems(front.place()) == ()
