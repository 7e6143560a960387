from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import PostGone, SendParked, SendUnclear
from bot.model import Digest, Source, Tie, TieKind
from bot.platforms.slack import sender
from bot.platforms.slack.pacer import Pacer
from tests.builders import message
from tests.platforms.slack.stage import Stage, now, open_stage
from tests.servers.slack import Fault
from tests.servers.slack.draw import draw_message

ALSO = (Source("Meridian Journal", "https://journal.example/2"),)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened


async def test_a_post_carries_its_deliverys_id_and_unfurls_nothing(stage: Stage) -> None:
    owed = stage.owed()

    ref = await stage.send(owed)

    (post,) = stage.server.channel.posts
    assert ref == f"{stage.server.channel.id}/{post.ts}"
    payload = {"delivery": owed.id, "revision": 1}
    assert post.metadata == {"event_type": "newsbot_delivery", "event_payload": payload}
    assert f"n1:{owed.id}" in [block.get("block_id") for block in post.blocks]
    (asked,) = [one for one in stage.server.asked if one.method == "chat.postMessage"]
    assert (asked.args["unfurl_links"], asked.args["unfurl_media"]) == (False, False)
    assert not {"link_names", "parse", "mrkdwn", "thread_ts"} & asked.args.keys()


async def test_a_post_has_words_for_a_notification(stage: Stage) -> None:
    await stage.send(stage.owed())

    (post,) = stage.server.channel.posts
    assert post.text.startswith("Huawei fails to get AT&amp;T to sell its phones")


async def test_a_group_is_called_by_the_first_post_and_nobody_by_its_edit(stage: Stage) -> None:
    group = stage.server.add_group("phones", stage.server.person, team=stage.server.team)
    owed = stage.owed(ping=group.id)

    ref = await stage.send(owed, message(headline="<!channel> <@U1> it is off"))
    (post,) = stage.server.channel.posts
    called = f"<!subteam^{group.id}>"
    assert called in post.text
    assert "<!channel>" not in post.text + str(post.blocks)
    await stage.send(replace(owed, message_ref=ref, revision=2, sent_revision=1))

    assert called not in post.text + str(post.blocks)


async def test_an_edit_changes_the_post_and_may_be_repeated(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    edit = replace(owed, message_ref=ref, revision=2, sent_revision=1)
    told = message(also=ALSO, revision=2)

    assert {await stage.send(edit, told), await stage.send(edit, told)} == {ref}

    (post,) = stage.server.channel.posts
    assert "Meridian Journal" in draw_message(post)
    assert post.metadata["event_payload"] == {"delivery": owed.id, "revision": 2}
    assert stage.server.count("chat.postMessage") == 1


async def test_a_digest_is_one_post_that_is_known_by_its_delivery(stage: Stage) -> None:
    several = tuple(message(story_id=f"s{n}", headline=f"Story {n} of Huawei") for n in range(5))
    owed = stage.owed(is_gathered=True)

    await stage.send(owed, Digest(several))

    (post,) = stage.server.channel.posts
    assert all(f"Story {n} of Huawei" in draw_message(post) for n in range(5))
    assert post.metadata["event_payload"]["delivery"] == owed.id


async def test_a_direct_conversation_is_a_channel(stage: Stage) -> None:
    direct = stage.server.direct_channel(stage.server.person)

    ref = await stage.send(stage.owed(channel=direct))

    assert ref == f"{direct.id}/{direct.posts[0].ts}"


# threads and replies


async def test_a_thread_is_a_destination(stage: Stage) -> None:
    first = await stage.send(stage.owed("s0"))
    thread = first.split("/")[1]

    ref = await stage.send(stage.owed(destination=stage.place(thread=thread)))

    post = stage.server.channel.posts[-1]
    assert ref == f"{stage.server.channel.id}/{post.ts}/{thread}"
    assert (post.thread_ts, post.is_broadcast) == (thread, False)
    edit = stage.owed(destination=stage.place(thread=thread), message_ref=ref, revision=2)
    assert await stage.send(edit, message(also=ALSO, revision=2)) == ref
    assert "Meridian Journal" in draw_message(post)


@pytest.mark.parametrize("opens_thread", [False, True])
async def test_a_turn_is_a_reply_in_the_thread_of_the_story_it_turns(
    stage: Stage, *, opens_thread: bool
) -> None:
    first = await stage.send(stage.owed("s1"))
    tie = Tie(TieKind.DENIED, "s1", "Huawei fails to get AT&T", None)
    turn = stage.owed("s2", opens_thread=opens_thread)

    ref = await stage.send(turn, message(story_id="s2", tie=tie), reply_to=first)

    parent = first.split("/")[1]
    reply = stage.server.channel.posts[-1]
    assert ref == f"{first.split('/')[0]}/{reply.ts}/{parent}"
    assert reply.thread_ts == parent
    assert reply.is_broadcast is not opens_thread
    assert len(stage.server.channel.top) == (1 if opens_thread else 2)


async def test_a_turn_of_a_turn_hangs_on_the_first_post(stage: Stage) -> None:
    first = await stage.send(stage.owed("s1"))
    second = await stage.send(stage.owed("s2"), reply_to=first)

    await stage.send(stage.owed("s3"), reply_to=second)

    (asked, *_) = [one for one in stage.server.asked[::-1] if one.method == "chat.postMessage"]
    assert asked.args["thread_ts"] == first.split("/")[1]


async def test_a_turn_in_a_thread_stays_in_it(stage: Stage) -> None:
    thread = (await stage.send(stage.owed("s0"))).split("/")[1]
    place = stage.place(thread=thread)
    first = await stage.send(stage.owed("s1", destination=place))

    ref = await stage.send(stage.owed("s2", destination=place), reply_to=first)

    assert ref.split("/")[2] == thread
    assert not stage.server.channel.posts[-1].is_broadcast


async def test_a_reply_to_a_deleted_post_stands_by_itself(stage: Stage) -> None:
    first = await stage.send(stage.owed("s1"))
    stage.server.channel.messages[first.split("/")[1]].is_deleted = True

    ref = await stage.send(stage.owed("s2"), reply_to=first)

    (post,) = stage.server.channel.posts
    assert ref == f"{stage.server.channel.id}/{post.ts}"
    assert not post.thread_ts


@pytest.mark.parametrize(
    "word",
    [
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
        "cannot_reply_to_message",
        "message_not_found",
        "invalid_thread_ts",
    ],
)
async def test_a_reply_that_its_thread_does_not_take_stands_by_itself(
    stage: Stage, word: str
) -> None:
    first = await stage.send(stage.owed("s1"))
    stage.server.faults.add(Fault(error=word))

    await stage.send(stage.owed("s2"), reply_to=first)

    assert not stage.server.channel.posts[-1].thread_ts


async def test_a_reply_whose_channel_takes_nothing_is_not_tried_twice(stage: Stage) -> None:
    first = await stage.send(stage.owed("s1"))
    stage.server.archive(stage.server.channel)

    with pytest.raises(SendParked, match="archived"):
        await stage.send(stage.owed("s2"), reply_to=first)

    assert stage.server.count("chat.postMessage") == 2


async def test_a_thread_that_is_gone_parks_its_destination(stage: Stage) -> None:
    first = await stage.send(stage.owed("s0"))
    stage.server.channel.messages[first.split("/")[1]].is_deleted = True
    place = stage.place(thread=first.split("/")[1])

    with pytest.raises(SendParked, match=r"thread is gone.*/alerts subscribe"):
        await stage.send(stage.owed(destination=place))


# edits of what is not there any more


async def test_an_edit_of_a_deleted_post_is_gone(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    stage.server.channel.posts[0].is_deleted = True

    with pytest.raises(PostGone, match="deleted"):
        await stage.send(replace(owed, message_ref=ref, revision=2))

    assert not stage.server.channel.posts


async def test_an_edit_in_a_deleted_channel_parks(stage: Stage) -> None:
    """Slack says the same of a private channel that the bot is out of, and may be back in."""
    owed = stage.owed()
    ref = await stage.send(owed)
    stage.server.remove_channel(stage.server.channel)

    with pytest.raises(SendParked, match=r"channel is gone, or the bot is not in it.*/invite"):
        await stage.send(replace(owed, message_ref=ref, revision=2))


async def test_of_an_edit_nothing_is_linked_as_of_a_post(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)

    await stage.send(replace(owed, message_ref=ref, revision=2), message(also=ALSO, revision=2))

    (edit,) = [one.args for one in stage.server.asked if one.method == "chat.update"]
    assert edit["parse"] == "none"  # by itself it is "client"


async def test_a_post_that_the_workspace_lets_nobody_change_stays(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    (post,) = stage.server.channel.posts
    post.is_frozen = True

    with pytest.raises(PostGone, match="nobody change"):
        await stage.send(replace(owed, message_ref=ref, revision=2), message(also=ALSO))

    assert stage.server.channel.posts == [post]


async def test_an_edit_that_ends_unclear_may_be_repeated(stage: Stage) -> None:
    owed = stage.owed()
    ref = await stage.send(owed)
    edit = replace(owed, message_ref=ref, revision=2)
    stage.server.faults.add(Fault("drop", is_committed=True, method="chat.update"))

    with pytest.raises(SendUnclear):
        await stage.send(edit, message(also=ALSO))
    assert await stage.send(edit, message(also=ALSO)) == ref

    assert len(stage.server.channel.posts) == 1


# what goes first


async def test_fresh_stories_go_before_a_backlog_and_edits_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender, "WAITS_S", (0.01,))
    async with open_stage(pacer=Pacer(1_200, channel_gap_s=0.01)) as stage:
        channels = [stage.server.add_channel(f"c{n}", team=stage.server.team) for n in range(50)]
        old = now() - timedelta(hours=1)
        backlog = [
            stage.send(stage.owed(f"b{n}", channels[n], next_attempt_at=old)) for n in range(40)
        ]
        fresh = [stage.send(stage.owed(f"f{n}", channels[40 + n])) for n in range(10)]

        await asyncio.gather(*backlog, *fresh)

        asked = [one for one in stage.server.asked if one.method == "chat.postMessage"]
        places = {channel.id: n for n, channel in enumerate(channels)}
        order = [places[one.args["channel"]] >= 40 for one in asked]
    assert sum(order[10:25]) >= 8  # after those that found slots open
