from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import PostGone, SendParked, SendUnclear
from bot.model import Digest, Source, Tie, TieKind
from bot.platforms.discord import asking
from bot.platforms.discord.components import IS_COMPONENTS_V2, SUPPRESS_EMBEDS
from bot.platforms.discord.pacer import SLACK
from tests.builders import message
from tests.platforms.discord.stage import Stage, now, open_stage
from tests.servers.discord import Fault, world


async def test_a_post_is_made_under_its_deliverys_id_and_calls_nobody(stage: Stage) -> None:
    owed = stage.owed()

    ref = await stage.send(owed)

    (post,) = stage.server.channel.posts
    assert ref == f"{stage.server.channel.id}/{post.id}"
    assert post.nonce == owed.id
    (asked,) = [one for one in stage.server.asked if one.operation == "create_message"]
    assert asked.body["enforce_nonce"] is True
    assert asked.body["allowed_mentions"] == {"parse": []}
    assert "Huawei fails to get AT&T" in post.text
    assert all(custom_id.endswith(f":{owed.id}") for custom_id in post.custom_ids)


async def test_a_role_is_called_by_the_first_post_and_nobody_by_its_edit(stage: Stage) -> None:
    role = stage.server.add_role(stage.server.guild, "phones", is_mentionable=True)
    owed = stage.owed(ping=str(role.id))

    ref = await stage.send(owed, message(headline="@everyone <@&1> it is off"))
    (post,) = stage.server.channel.posts
    assert list(post.pings) == [f"<@&{role.id}>"]
    await stage.send(replace(owed, message_ref=ref, revision=2, sent_revision=1))

    assert not post.pings


async def test_a_post_that_calls_a_role_has_words_for_a_notification(stage: Stage) -> None:
    role = stage.server.add_role(stage.server.guild, "phones", is_mentionable=True)
    owed = stage.owed(ping=str(role.id))

    ref = await stage.send(owed)

    (post,) = stage.server.channel.posts
    assert post.content.startswith("### [Huawei fails to get AT&T to sell its phones](")
    assert post.flags == SUPPRESS_EMBEDS
    (asked,) = [one for one in stage.server.asked if one.operation == "create_message"]
    assert asked.body["allowed_mentions"] == {"parse": [], "roles": [role.id]}
    assert post.custom_ids
    assert all(custom_id.endswith(f":{owed.id}") for custom_id in post.custom_ids)
    assert ref.endswith(f"/{post.id}")


@pytest.mark.parametrize(("ping", "flags"), [("77", SUPPRESS_EMBEDS), ("", IS_COMPONENTS_V2)])
async def test_an_edit_keeps_the_kind_of_its_post(stage: Stage, ping: str, flags: int) -> None:
    owed = stage.owed(ping=ping)
    ref = await stage.send(owed)
    told = message(also=(Source("Meridian Journal", "https://journal.example/2"),), revision=2)

    await stage.send(replace(owed, message_ref=ref, revision=2, sent_revision=1), told)

    (post,) = stage.server.channel.posts
    assert (post.flags, bool(post.content)) == (flags, bool(ping))
    assert [bool(before["content"]) for before in post.versions] == [bool(ping)]
    assert "Meridian Journal" in post.text
    assert "<@&" not in post.text


async def test_a_digest_that_calls_a_role_has_words_too(stage: Stage) -> None:
    role = stage.server.add_role(stage.server.guild, "phones", is_mentionable=True)
    several = tuple(message(story_id=f"s{n}", headline=f"Story {n} of Huawei") for n in range(5))

    await stage.sender.send(stage.owed(ping=str(role.id)), Digest(several))

    (post,) = stage.server.channel.posts
    assert all(f"Story {n} of Huawei" in post.content for n in range(5))
    assert list(post.pings) == [f"<@&{role.id}>"]


async def test_the_same_delivery_again_makes_no_second_post(stage: Stage) -> None:
    owed = stage.owed()

    refs = {await stage.send(owed), await stage.send(owed)}

    assert len(refs) == len(stage.server.channel.posts) == 1


async def test_an_edit_changes_the_post_and_may_be_repeated(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    edit = replace(owed, message_ref=ref, revision=2, sent_revision=1)
    told = message(also=(Source("Meridian Journal", "https://journal.example/2"),), revision=2)

    assert {await stage.send(edit, told), await stage.send(edit, told)} == {ref}

    (post,) = stage.server.channel.posts
    assert "Meridian Journal" in post.text
    assert stage.server.count("create_message") == 1


async def test_a_digest_is_one_post(stage: Stage) -> None:
    several = tuple(message(story_id=f"s{n}", headline=f"Story {n} of Huawei") for n in range(5))

    await stage.sender.send(stage.owed(), Digest(several))

    (post,) = stage.server.channel.posts
    assert all(f"Story {n} of Huawei" in post.text for n in range(5))


async def test_a_thread_is_a_destination_and_opens_itself_when_archived(stage: Stage) -> None:
    thread = stage.server.add_thread(stage.server.channel, "phones")
    thread.is_archived = True

    ref = await stage.send(stage.owed(destination=stage.place(thread=thread)))

    (post,) = thread.posts
    assert ref == f"{thread.id}/{post.id}"
    assert not thread.is_archived


# replies


async def test_a_turn_replies_to_the_post_of_the_story_it_turns(stage: Stage) -> None:
    first = await stage.send(stage.owed("s1"))
    tie = Tie(TieKind.DENIED, "s1", "Huawei fails to get AT&T", None)

    await stage.send(stage.owed("s2"), message(story_id="s2", tie=tie), reply_to=first)

    body = stage.server.asked[-1].body
    assert body["message_reference"]["message_id"] == int(first.split("/")[1])
    assert body["message_reference"]["fail_if_not_exists"] is False
    assert len(stage.server.channel.posts) == 2


async def test_a_reply_to_a_deleted_post_stands_by_itself(stage: Stage) -> None:
    first = await stage.send(stage.owed("s1"))
    stage.server.delete(stage.server.channel.posts[0])

    for opens_thread, story in ((False, "s2"), (True, "s3")):
        await stage.send(stage.owed(story, opens_thread=opens_thread), reply_to=first)

    assert len(stage.server.channel.posts) == 2


async def test_a_reply_can_open_a_thread_of_the_post_and_further_ones_go_into_it(
    stage: Stage,
) -> None:
    first = await stage.send(stage.owed("s1"))
    tie = Tie(TieKind.DENIED, "s1", "AT&T takes Huawei, sources say", None)

    refs = [
        await stage.send(
            stage.owed(name, opens_thread=True), message(story_id=name, tie=tie), reply_to=to
        )
        for name, to in (("s2", first), ("s3", first))
    ]
    refs.append(await stage.send(stage.owed("s4"), reply_to=refs[0]))

    thread = stage.server.channels[int(first.split("/")[1])]
    assert [f"{thread.id}/{post.id}" for post in thread.posts] == refs
    assert len(stage.server.channel.posts) == 1
    assert thread.name == "AT&T takes Huawei, sources say"


async def test_a_thread_on_a_story_without_a_headline_is_named_after_the_reply(
    stage: Stage,
) -> None:
    first = await stage.send(stage.owed("s1"))
    reply = message(story_id="s2", tie=Tie(TieKind.DENIED, "s1", " ", None))

    await stage.send(stage.owed("s2", opens_thread=True), reply, reply_to=first)

    thread = stage.server.channels[int(first.split("/")[1])]
    assert thread.name == reply.headline


@pytest.mark.parametrize("kind", [world.ANNOUNCEMENT, world.VOICE])
async def test_a_channel_without_threads_gets_the_reply_itself(stage: Stage, kind: int) -> None:
    channel = stage.server.add_channel(stage.server.guild, "other", kind=kind)
    first = await stage.send(stage.owed("s1", channel))

    await stage.send(stage.owed("s2", channel, opens_thread=True), reply_to=first)

    in_thread = sum(len(c.posts) for c in stage.server.channels.values() if c.is_thread)
    assert len(channel.posts) + in_thread == 2
    assert in_thread == (kind == world.ANNOUNCEMENT)


async def test_a_bot_that_may_open_no_thread_replies_in_the_channel(stage: Stage) -> None:
    first = await stage.send(stage.owed("s1"))
    stage.server.set_permissions(stage.server.channel, world.EVERYDAY & ~world.CREATE_THREADS)

    await stage.send(stage.owed("s2", opens_thread=True), reply_to=first)

    assert len(stage.server.channel.posts) == 2


@pytest.mark.parametrize("trouble", ["gone", "locked"])
async def test_a_reply_whose_thread_is_closed_comes_in_the_channel(
    stage: Stage, trouble: str
) -> None:
    first = await stage.send(stage.owed("s1"))
    second = await stage.send(stage.owed("s2", opens_thread=True), reply_to=first)
    thread = stage.server.channels[int(second.split("/")[0])]
    if trouble == "gone":
        stage.server.remove_channel(thread)
    thread.is_locked = True

    await stage.send(stage.owed("s3"), reply_to=second)

    assert len(stage.server.channel.posts) == 2


@pytest.mark.parametrize("is_in_thread", [False, True])
async def test_a_reply_that_may_be_there_is_looked_for_in_the_thread_and_in_the_channel(
    stage: Stage, *, is_in_thread: bool
) -> None:
    """The thread was opened or closed between the two calls."""
    first = await stage.send(stage.owed("s1"))
    second = await stage.send(stage.owed("s2", opens_thread=True), reply_to=first)
    thread = stage.server.channels[int(second.split("/")[0])]
    owed = stage.owed("s3")
    thread.is_locked = not is_in_thread
    ref = await stage.send(owed, reply_to=second)
    thread.is_locked = is_in_thread
    stage.forget_nonces()

    assert await stage.send(stage.unclear(owed), reply_to=second) == ref

    assert ref.startswith(f"{thread.id}/") is is_in_thread


async def test_a_reply_that_may_be_in_its_thread_is_not_made_in_the_channel(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "WAITS_S", (0.3,))
    first = await stage.send(stage.owed("s1"))
    second = await stage.send(stage.owed("s2", opens_thread=True), reply_to=first)
    thread = stage.server.channels[int(second.split("/")[0])]
    stage.server.faults.add(Fault("drop", is_committed=True))

    sending = asyncio.create_task(stage.send(stage.owed("s3"), reply_to=second))
    await stage.server.wait_until(lambda: stage.server.count("create_message") == 3)
    thread.is_locked = True
    stage.forget_nonces()
    with pytest.raises(SendUnclear, match="may be there"):
        await sending

    assert (len(thread.posts), len(stage.server.channel.posts)) == (2, 1)


# what people do to posts


async def test_a_deleted_post_is_not_edited_and_not_made_again(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    stage.server.delete(stage.server.channel.posts[0])

    with pytest.raises(PostGone, match="deleted"):
        await stage.send(replace(owed, message_ref=ref, revision=2))
    with pytest.raises(PostGone, match="deleted"):
        await stage.send(stage.unclear(owed))

    assert stage.server.channel.posts == ()


async def test_an_edit_in_a_thread_that_was_archived_opens_it(stage: Stage) -> None:
    thread = stage.server.add_thread(stage.server.channel, "phones")
    owed = stage.owed(destination=stage.place(thread=thread))
    ref = await stage.send(owed)
    thread.is_archived = True

    assert await stage.send(replace(owed, message_ref=ref, revision=2)) == ref

    assert len(thread.posts[0].versions) == 1


async def test_an_edit_in_a_thread_that_others_archived_and_the_bot_may_not_open_is_let_go(
    stage: Stage,
) -> None:
    thread = stage.server.add_thread(stage.server.channel, "phones")
    thread.owner_id = stage.server.person.id
    owed = stage.owed(destination=stage.place(thread=thread))
    ref = await stage.send(owed)
    thread.is_archived = True

    with pytest.raises(SendParked, match="thread"):
        await stage.send(replace(owed, message_ref=ref, revision=2))


async def test_an_edit_in_a_thread_that_was_deleted_is_let_go(stage: Stage) -> None:
    first = await stage.send(stage.owed("s1"))
    owed = stage.owed("s2", opens_thread=True)
    ref = await stage.send(owed, reply_to=first)
    stage.server.remove_channel(stage.server.channels[int(ref.split("/")[0])])

    with pytest.raises(PostGone):
        await stage.send(replace(owed, message_ref=ref, revision=2))


async def test_a_fresh_story_overtakes_late_ones_and_edits() -> None:
    async with open_stage(max_requests_per_s=20) as stage:
        channels = [stage.server.add_channel(stage.server.guild, f"c{n}") for n in range(20)]
        edited = [stage.owed("s0", one) for one in channels[:5]]
        refs = [await stage.send(one) for one in edited]
        before = len(stage.server.asked)
        long_ago = now() - timedelta(hours=1)

        sends = [
            stage.send(replace(one, message_ref=ref, revision=2))
            for one, ref in zip(edited, refs, strict=True)
        ]
        sends += [stage.send(stage.owed("s1", one, next_attempt_at=long_ago)) for one in channels]
        sends.append(stage.send(stage.owed("s2")))
        await asyncio.gather(*sends)

        order = stage.server.asked[before:]
        fresh = [n for n, one in enumerate(order) if one.channel_id == stage.server.channel.id]
        edits = [n for n, one in enumerate(order) if one.operation == "update_message"]
        assert fresh[0] <= SLACK + 2
        assert sum(edits) / len(edits) > len(order) / 2
