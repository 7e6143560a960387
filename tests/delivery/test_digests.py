"""Several stories in one post: drawn, sent, put off, and left alone once they are there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery.outcomes import Drained
from bot.errors import SendRefused, SendRefusedForNow, SendUnclear
from bot.model import (
    Catalogue,
    Destination,
    Message,
    Mute,
    MuteKind,
    Ping,
    Story,
    Subscription,
    Tie,
    TieKind,
)
from bot.summaries import make_message
from tests.builders import NOW, delivery, story
from tests.contract.polls import commit_stories
from tests.delivery.lab import SLACK, Outbox

LATER = NOW + timedelta(hours=1)


async def test_what_is_gathered_and_due_is_one_post(both: Outbox) -> None:
    await both.owe_digest("s2", "s1")
    await both.owe_digest("s3", opened_at=NOW + timedelta(seconds=9), next_attempt_at=LATER)

    assert await both.drain().drain() == Drained(sent=1)

    assert both.sender.stories == ["s2+s1"]
    ((sent, _),) = both.sender.digests
    assert sent.id == (await both.delivery("s2")).id
    assert await both.states() == {"sent": ["s1", "s2"], "owed": ["s3"]}


async def test_one_that_is_alone_is_a_post_like_others_and_is_edited(both: Outbox) -> None:
    await both.owe_digest("s1")
    await both.drain().drain()
    await both.owe("s1", revision=2)

    assert await both.drain().drain() == Drained(sent=1)
    assert [message.revision for _, message in both.sender.sent] == [1, 2]
    assert both.sender.sent[1][0].message_ref == "ref of s1"


async def test_a_digest_is_not_edited_when_its_stories_grow(both: Outbox) -> None:
    await both.owe_digest("s1", "s2")
    await both.drain().drain()

    await both.owe("s1", "s2", revision=2)
    await both.owe_digest("s1", "s2", revision=3)

    assert await both.drain().drain() == Drained()
    assert await both.store.next_attempt_at() is None
    assert both.sender.stories == ["s1+s2"]


async def test_every_story_of_a_digest_is_shown_as_its_place_may_see_it(both: Outbox) -> None:
    await both.owe_digest("s1", "s2")

    async def view(told: Story, place: Destination) -> Story:
        return replace(told, makers=(told.id, place.channel))

    await both.drain(view=view).drain()

    ((_, digest),) = both.sender.digests
    assert [message.makers for message in digest.messages] == [("s1", "C1"), ("s2", "C1")]


async def merge(both: Outbox, *story_ids: str) -> None:
    """The operator merges these into another story before they are posted."""
    merged = [
        story(
            story_id,
            opened_at=NOW + timedelta(seconds=place),
            tie=Tie(TieKind.MERGED, "s9", "Another", None),
            revision=2,
        )
        for place, story_id in enumerate(story_ids)
    ]
    owed = tuple(delivery(one.id, SLACK, revision=2) for one in merged)
    await commit_stories(both.store, *merged, owed=owed)


async def test_stories_that_were_merged_meanwhile_are_left_out(both: Outbox) -> None:
    await both.owe_digest("s1", "s2", "s3")
    await merge(both, "s1")

    assert await both.drain().drain() == Drained(sent=1)
    assert both.sender.stories == ["s2+s3"]


@pytest.mark.parametrize("is_muted", [False, True])
async def test_a_digest_of_which_one_story_is_left_stays_one(
    both: Outbox, *, is_muted: bool
) -> None:
    """As a card its buttons would speak of the leader's story, which it does not show."""
    await both.owe_digest("s1", "s2", "s3")
    await (mute if is_muted else merge)(both, "s1", "s2")

    assert await both.drain().drain() == Drained(sent=1)
    ((sent, digest),) = both.sender.digests
    assert sent.story_id == "s1"
    assert [message.story_id for message in digest.messages] == ["s3"]
    assert await both.drain().drain() == Drained()


async def test_while_a_digest_is_drawn_others_get_their_turn(both: Outbox) -> None:
    await both.owe_digest("s1", "s2", "s3")
    events: list[str] = []

    def render(told: Story) -> Message:
        events.append(told.id)
        asyncio.get_running_loop().call_soon(events.append, "another")
        return make_message(told, Catalogue())

    await both.drain(render=render).drain()

    assert events == ["s1", "another", "s2", "another", "s3", "another"]


async def test_a_digest_of_which_nothing_is_left_is_given_up_unposted(both: Outbox) -> None:
    await both.owe_digest("s1", "s2")
    await merge(both, "s1", "s2")

    assert await both.drain().drain() == Drained(failed=1)
    assert both.sender.given == []
    assert await both.drain().drain() == Drained()


async def mute(both: Outbox, *story_ids: str, until: timedelta | None = None) -> None:
    mutes = tuple(
        Mute(MuteKind.STORY, story_id, until=NOW + until if until else None)
        for story_id in story_ids
    )
    await both.store.change_mutes(SLACK, now=NOW, add=mutes)


@pytest.mark.parametrize(("pairs", "called"), [((False, True), "7"), ((False, False), "")])
async def test_a_digest_calls_whom_one_of_its_stories_calls(
    both: Outbox, pairs: tuple[bool, bool], called: str
) -> None:
    ping = Ping("7", is_for_pairs=True)
    await both.store.subscribe(Subscription(SLACK, ping=ping), now=NOW)
    stories = [
        story(f"s{place}", opened_at=NOW + timedelta(seconds=place), is_pair=is_pair)
        for place, is_pair in enumerate(pairs)
    ]
    owed = [
        delivery(one.id, SLACK, is_gathered=True, ping="7" if one.is_pair else "")
        for one in stories
    ]
    await commit_stories(both.store, *stories, owed=tuple(owed))

    await both.drain().drain()

    ((sent, _),) = both.sender.digests
    assert sent.ping == called


async def test_what_was_muted_while_it_waited_is_left_out(both: Outbox) -> None:
    await both.owe_digest("s1", "s2", "s3")
    await mute(both, "s2")

    assert await both.drain().drain() == Drained(sent=1)
    assert both.sender.stories == ["s1+s3"]


async def test_where_all_was_muted_nothing_is_posted_or_owed_any_more(both: Outbox) -> None:
    await both.owe_digest("s1", "s2")
    await mute(both, "s1", "s2")

    assert await both.drain().drain() == Drained(gone=1)
    assert both.sender.given == []
    assert await both.states() == {"gone": ["s1", "s2"]}


async def test_a_mute_that_ran_out_leaves_nothing_out(both: Outbox) -> None:
    await both.owe_digest("s1", "s2", next_attempt_at=LATER)
    await mute(both, "s1", until=timedelta(minutes=59))
    both.now = LATER

    await both.drain().drain()
    assert both.sender.stories == ["s1+s2"]


async def test_a_post_that_is_there_is_edited_though_its_story_is_muted(both: Outbox) -> None:
    await both.owe("s1")
    await both.drain().drain()
    await mute(both, "s1")
    await both.owe("s1", revision=2)

    assert await both.drain().drain() == Drained(sent=1)


async def test_a_digest_that_may_be_there_is_repeated_as_it_was(both: Outbox) -> None:
    await both.owe_digest("s1", "s2")
    both.sender.told["C1"].append(SendUnclear("no answer"))
    assert await both.drain().drain() == Drained(put_off=1)
    await both.owe_digest("s3", opened_at=NOW + timedelta(seconds=9))
    both.now += timedelta(seconds=2)

    assert await both.drain().drain() == Drained(sent=2)

    assert both.sender.stories == ["s1+s2", "s1+s2", "s3"]
    first, again, _ = (sent for sent, _ in both.sender.given)
    assert first.id == again.id
    assert (first.unclear_since, again.unclear_since) == (None, NOW)


async def test_a_digest_that_will_never_arrive_is_given_up_whole(both: Outbox) -> None:
    await both.owe_digest("s1", "s2")
    both.sender.told["C1"].append(SendRefused("msg_too_long"))

    assert await both.drain().drain() == Drained(failed=1)
    assert await both.states() == {"failed": ["s1", "s2"]}


@pytest.mark.parametrize(
    ("trouble", "may_be_there"),
    [
        (SendUnclear("no answer"), True),
        (KeyError("blocks"), True),
        (SendRefusedForNow("slow down"), False),
        (TimeoutError(), True),
    ],
)
async def test_a_post_is_looked_for_only_where_an_attempt_may_have_made_it(
    both: Outbox, trouble: Exception, *, may_be_there: bool
) -> None:
    await both.owe("s1")
    both.sender.told["C1"].append(trouble)
    await both.drain().drain()
    both.now += timedelta(seconds=2)

    await both.drain().drain()

    (_, again) = (sent for sent, _ in both.sender.sent)
    assert again.unclear_since == (NOW if may_be_there else None)


async def test_drawing_is_broken_off_with_its_lease_and_nothing_is_looked_for(
    both: Outbox,
) -> None:
    await both.owe("s1")

    async def view(told: Story, _: Destination) -> Story:
        await asyncio.Event().wait()
        return told

    async with asyncio.timeout(20):
        drained = await both.drain(view=view, lease=timedelta(seconds=0.2)).drain()

    assert drained == Drained(put_off=1)
    assert await both.state("s1") == ("owed", 1, "not drawn in 0.2 s")
    assert (await both.delivery("s1")).unclear_since is None


async def test_a_post_that_could_not_be_drawn_is_not_looked_for(both: Outbox) -> None:
    await both.owe("s1")

    async def view(told: Story, _: Destination) -> Story:
        raise ValueError(told.id)

    await both.drain(view=view).drain()

    assert (await both.delivery("s1")).unclear_since is None
    assert await both.state("s1") == ("owed", 1, "ValueError: s1")
