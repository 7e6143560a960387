"""Forums: each post is a thread, and a thread takes no nonce."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Literal

import pytest

from bot.errors import PostGone, SendParked, SendUnclear
from bot.model import Digest, Event
from bot.platforms.discord import asking, forums
from bot.platforms.discord.components import SUPPRESS_EMBEDS
from bot.platforms.discord.forums import MAX_NAME
from bot.platforms.discord.places import DiscordPlaces
from bot.platforms.discord.sender import DiscordSender
from tests.builders import message
from tests.platforms.discord.stage import Stage, now
from tests.servers.discord import Channel, Fault, world


@pytest.fixture
def forum(stage: Stage) -> Channel:
    return stage.server.add_channel(
        stage.server.guild, "stories", kind=world.FORUM, tags=("rumours", "Deal off")
    )


def threads_of(stage: Stage, forum: Channel) -> list[Channel]:
    return [one for one in stage.server.channels.values() if one.parent_id == forum.id]


async def test_a_story_is_a_thread_with_its_headline_and_the_tag_of_its_kind(
    stage: Stage, forum: Channel
) -> None:
    told = message(headline="Huawei **fails** " * 20, event=Event.DEAL_OFF)

    ref = await stage.send(stage.owed(channel=forum), told)

    (thread,) = threads_of(stage, forum)
    (post,) = thread.posts
    assert ref == f"{thread.id}/{post.id}" == f"{thread.id}/{thread.id}"
    assert thread.name.startswith("Huawei **fails** Huawei")
    assert 60 < len(thread.name) <= MAX_NAME
    assert [forum.tags[tag] for tag in thread.applied_tags] == ["Deal off"]


async def test_only_the_first_story_asks_what_kind_of_channel_it_is(
    stage: Stage, forum: Channel
) -> None:
    for name in ("s1", "s2", "s3"):
        await stage.send(stage.owed(name, forum))

    assert len(threads_of(stage, forum)) == 3
    assert stage.server.count("create_message") == stage.server.count("get_channel") == 1


async def test_a_forum_that_needs_a_tag_gets_one(stage: Stage, forum: Channel) -> None:
    await stage.send(stage.owed("s1", forum), message(event=Event.SECURITY))
    forum.needs_tag = True  # from now on; the forum is known already
    await stage.send(stage.owed("s2", forum), message(event=Event.SECURITY))

    first, second = threads_of(stage, forum)
    assert first.applied_tags == []
    assert len(second.applied_tags) == 1


async def test_a_forum_that_needs_a_tag_and_has_none_parks(stage: Stage) -> None:
    forum = stage.server.add_channel(stage.server.guild, "bare", kind=world.FORUM)
    forum.needs_tag = True

    with pytest.raises(SendParked, match="tag"):
        await stage.send(stage.owed(channel=forum))


async def test_edits_and_replies_go_into_the_storys_thread(stage: Stage, forum: Channel) -> None:
    owed = stage.owed("s1", forum)
    ref = await stage.send(owed)

    await stage.send(replace(owed, message_ref=ref, revision=2))
    reply = await stage.send(stage.owed("s2", forum), reply_to=ref)

    (thread,) = threads_of(stage, forum)
    assert [f"{thread.id}/{post.id}" for post in thread.posts] == [ref, reply]
    assert len(thread.posts[0].versions) == 1


async def test_a_reply_to_a_thread_that_is_gone_is_a_thread_of_its_own(
    stage: Stage, forum: Channel
) -> None:
    ref = await stage.send(stage.owed("s1", forum))
    stage.server.remove_channel(threads_of(stage, forum)[0])

    await stage.send(stage.owed("s2", forum), reply_to=ref)

    assert len(threads_of(stage, forum)) == 1


async def test_an_edit_opens_an_archived_thread_and_lets_a_locked_one_go(
    stage: Stage, forum: Channel
) -> None:
    owed = stage.owed("s1", forum)
    edit = replace(owed, message_ref=await stage.send(owed), revision=2)
    (thread,) = threads_of(stage, forum)

    thread.is_archived = True
    await stage.send(edit)
    assert len(thread.posts[0].versions) == 1

    thread.is_archived = True
    thread.owner_id = stage.server.person.id  # only moderators may open it now
    with pytest.raises(PostGone, match="closed"):
        await stage.send(edit)


async def test_a_digest_is_a_thread_too(stage: Stage, forum: Channel) -> None:
    several = tuple(message(story_id=f"s{n}", headline=f"Story {n} of Huawei") for n in range(3))

    await stage.sender.send(stage.owed(channel=forum), Digest(several))

    (thread,) = threads_of(stage, forum)
    assert thread.name == "3 stories"


async def test_a_thread_that_calls_a_role_has_words_for_a_notification_and_is_found_again(
    stage: Stage, forum: Channel
) -> None:
    role = stage.server.add_role(stage.server.guild, "phones", is_mentionable=True)
    owed = stage.owed(channel=forum, ping=str(role.id))
    ref = await stage.send(owed)

    again = await (await stage.restart()).send(
        replace(stage.unclear(owed), revision=2), message(revision=2, headline="Huawei is back")
    )

    (thread,) = threads_of(stage, forum)
    (post,) = thread.posts
    assert again == ref
    assert [before["content"].count(f"<@&{role.id}>") for before in post.versions] == [1]
    assert post.content.startswith("### [Huawei is back](")
    assert post.flags == SUPPRESS_EMBEDS
    assert not post.pings


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forums, "WAITS_S", (0.01, 0.02))
    monkeypatch.setattr(asking, "WAITS_S", (0.01, 0.02))


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("is_committed", [False, True])
@pytest.mark.parametrize("answer", [502, 503, "drop"])
async def test_after_an_unclear_answer_it_looks_before_it_makes_another(
    stage: Stage, forum: Channel, answer: int | Literal["drop"], *, is_committed: bool
) -> None:
    await stage.send(stage.owed("other", forum))
    fault = Fault(answer, is_committed=is_committed, operation="create_thread")
    stage.server.faults.add(fault)

    ref = await stage.send(stage.owed("s1", forum))

    _, made = threads_of(stage, forum)
    assert ref == f"{made.id}/{made.id}"
    assert stage.server.count("create_thread") == 2 + (not is_committed)


@pytest.mark.parametrize("is_archived", [False, True])
async def test_a_restart_with_an_unclear_delivery_finds_its_thread(
    stage: Stage, forum: Channel, *, is_archived: bool
) -> None:
    await stage.send(stage.owed("other", forum))
    owed = stage.owed("s1", forum)
    ref = await stage.send(owed)
    threads_of(stage, forum)[1].is_archived = is_archived

    again = await (await stage.restart()).send(stage.unclear(owed), message())

    assert again == ref
    assert len(threads_of(stage, forum)) == 2


@pytest.mark.usefixtures("hurried")
async def test_what_stays_unclear_is_said_so(stage: Stage, forum: Channel) -> None:
    stage.server.faults.add(
        Fault("drop", operation="create_thread"),
        *(Fault(503, operation="list_threads") for _ in range(9)),
    )

    with pytest.raises(SendUnclear):
        await stage.send(stage.owed("s1", forum))

    assert not threads_of(stage, forum)


async def test_a_limit_on_threads_is_waited_for(stage: Stage, forum: Channel) -> None:
    stage.server.faults.add(Fault(429, retry_after_s=0.1, operation="create_thread"))

    async with asyncio.timeout(5):
        await stage.send(stage.owed(channel=forum))

    assert len(threads_of(stage, forum)) == 1


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("is_committed", [False, True])
async def test_where_it_may_not_look_a_forum_is_parked_until_it_may(
    stage: Stage, forum: Channel, *, is_committed: bool
) -> None:
    await stage.send(stage.owed("other", forum))
    stage.server.set_permissions(forum, world.EVERYDAY & ~world.HISTORY)
    stage.server.faults.add(Fault("drop", is_committed=is_committed, operation="create_thread"))
    owed = stage.owed("s1", forum)

    with pytest.raises(SendParked, match=r"Read Message History.*/alerts resume") as caught:
        await stage.send(owed)
    again = stage.unclear(owed)
    with pytest.raises(SendParked, match="Read Message History"):
        await stage.send(again)

    assert caught.value.is_unclear
    assert len(threads_of(stage, forum)) == 1 + is_committed
    stage.server.set_permissions(forum, world.EVERYDAY)
    await stage.send(again)
    assert len(threads_of(stage, forum)) == 2


async def test_a_forum_it_may_not_look_through_is_explained_with_what_is_missing(
    stage: Stage, forum: Channel
) -> None:
    places = DiscordPlaces(stage.rest, find_client=lambda _: None)
    sender = DiscordSender(stage.rest, clock=now, places=places)
    owed = stage.owed("s1", forum)
    await sender.send(owed, message())
    stage.server.set_permissions(forum, world.EVERYDAY & ~world.HISTORY)

    with pytest.raises(SendParked, match="Read Message History") as caught:
        await sender.send(stage.unclear(owed), message())

    assert caught.value.is_unclear
