"""Repairs in a newsroom: what people are sent, and what an operator is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import InputInvalid
from bot.model import (
    CONSOLE,
    DeliveryState,
    Destination,
    Platform,
    Scope,
    Subscription,
    TieKind,
    Watch,
)
from tests.builders import NOW
from tests.delivery.senders import KeepingSender
from tests.pipeline.lab import ECHO, NEWS, STORIES, WIRE, Item, Newsroom
from tests.pipeline.operators import MIX, Operator, open_two

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def operator(room: Newsroom) -> Operator:
    return Operator(room, KeepingSender(Platform.CONSOLE))


# What people are sent


async def test_a_merge_edits_one_post_and_makes_the_other_a_pointer(operator: Operator) -> None:
    kept, merged = await open_two(operator)

    done = await operator.merge(kept, merged)

    sent = {message.story_id: (how, message) for how, message in await operator.post()}
    assert set(sent) == {kept.id, merged.id}
    how, both = sent[kept.id]
    assert (how, both.headline) == ("edit", NEWS.title)
    assert both.makers == ("Huawei", "Xiaomi")
    how, pointer = sent[merged.id]
    assert (how, pointer.headline) == ("edit", MIX.title)
    assert pointer.tie is not None
    assert (pointer.tie.kind, pointer.tie.headline) == (TieKind.MERGED, NEWS.title)
    assert {story_id: posts.edited for story_id, posts in done.posts.items()} == {
        kept.id: 1,
        merged.id: 1,
    }
    assert await operator.post() == []


async def test_a_story_merged_before_its_post_was_made_is_never_posted(operator: Operator) -> None:
    await operator.room.go_live()
    await operator.room.publish(MIX, NEWS)
    kept, merged = await operator.story(holding=NEWS.title), await operator.story(holding=MIX.title)

    done = await operator.merge(kept, merged)

    assert [(how, message.story_id) for how, message in await operator.post()] == [("new", kept.id)]
    assert done.posts[merged.id].dropped == 1
    assert [owed.story_id for owed in await operator.room.deliveries()] == [kept.id]


async def test_a_post_that_is_cut_off_by_a_merge_is_not_repeated(operator: Operator) -> None:
    await operator.room.go_live()
    await operator.room.publish(MIX, NEWS)
    kept, merged = await operator.story(holding=NEWS.title), await operator.story(holding=MIX.title)
    lease = timedelta(minutes=5)
    (under_way,) = await operator.room.store.lease_deliveries(NOW, limit=9, lease=lease)
    assert under_way.story == merged
    await operator.merge(kept, merged)
    await operator.room.store.release_leases()  # the bot was killed while it posted the other

    sent = await operator.post()

    assert [(how, message.story_id) for how, message in sent] == [("new", kept.id)]
    states = {owed.story_id: owed.state for owed in await operator.room.deliveries()}
    assert states == {kept.id: DeliveryState.SENT, merged.id: DeliveryState.FAILED}


async def test_history_is_merged_and_split_in_silence(operator: Operator) -> None:
    await operator.room.go_live(WIRE, MIX, NEWS)
    kept, merged = await operator.story(holding=NEWS.title), await operator.story(holding=MIX.title)

    await operator.merge(kept, merged)
    await operator.split(kept, await operator.number_of(MIX.title))

    assert await operator.room.deliveries() == []
    assert (await operator.story(holding=MIX.title)).is_history


async def test_a_split_posts_what_left_and_edits_what_stayed(operator: Operator) -> None:
    story, _ = await open_two(operator)

    done = await operator.split(story, "tagesblatt")

    sent = {message.story_id: (how, message) for how, message in await operator.post()}
    assert set(sent) == {story.id, done.repair.other.id}
    how, edit = sent[story.id]
    assert (how, edit.headline, edit.also) == ("edit", NEWS.title, ())
    how, new = sent[done.repair.other.id]
    assert (how, new.headline, new.outlet) == ("new", ECHO.title, "Tagesblatt")
    assert new.summary.startswith("AT&T will not sell the Mate 10 Pro")
    assert (new.makers, new.carriers) == (("Huawei",), ("AT&T",))


async def test_a_merged_story_that_is_split_off_gets_its_post_back(operator: Operator) -> None:
    kept, merged = await open_two(operator)
    await operator.merge(kept, merged)
    await operator.post()

    await operator.split(kept, await operator.number_of(MIX.title))

    sent = {message.story_id: (how, message) for how, message in await operator.post()}
    how, back = sent[merged.id]
    assert (how, back.tie, back.headline, back.summary) == ("edit", None, MIX.title, merged.summary)
    how, alone = sent[kept.id]
    assert (how, alone.makers, len(alone.also)) == ("edit", ("Huawei",), 1)
    assert len(sent) == 2


async def test_the_post_of_a_story_is_edited_where_its_rest_is_not_wanted_any_more(
    operator: Operator,
) -> None:
    pairs = Destination(Platform.CONSOLE, "", "pairs")
    await operator.room.store.subscribe(Subscription(pairs, Scope.PAIR), now=NOW)
    only_huawei = Item("only", "Huawei opens a lab for phone cameras", "In Finland, Huawei said.")
    await operator.room.go_live()
    await operator.room.publish(NEWS, only_huawei)
    kept, merged = (
        await operator.story(holding=only_huawei.title),
        await operator.story(holding=NEWS.title),
    )
    await operator.merge(kept, merged)
    await operator.post()

    await operator.split(kept, await operator.number_of(NEWS.title))
    await operator.post()

    here = [
        (delivery.message_ref != "", message.story_id, message.is_pair)
        for delivery, message in operator.sender.sent
        if delivery.destination == pairs
    ]
    assert here == [
        (False, kept.id, True),  # a pair, as long as it had the other in it
        (True, kept.id, False),
        (False, merged.id, True),
    ]


async def test_a_workspace_is_sent_what_it_may_see(operator: Operator) -> None:
    team = Destination(Platform.CONSOLE, "W1", "C1")
    await operator.room.store.subscribe(Subscription(team), now=NOW)
    await operator.room.store.save_watch(Watch("Fairphone"), now=NOW)  # the console's
    own = Item("own", "Fairphone opens a repair shop in Lyon", "It is the third of the company.")
    await operator.room.go_live()
    await operator.room.publish(MIX, NEWS, own)
    await operator.post()
    asked = replace(STORIES, watched=("fairphone",))
    (private,) = [
        s for s in await operator.room.store.find_stories(asked) if s.headline == own.title
    ]
    kept = await operator.story(holding=NEWS.title)

    await operator.merge(kept, private)
    await operator.post()
    await operator.split(kept, await operator.number_of(own.title))
    sent = await operator.post()

    told = [
        message.headline
        for delivery, message in operator.sender.sent
        if delivery.destination == team
    ]
    assert own.title not in told
    assert own.title in [message.headline for _, message in sent]


LATE = Destination(Platform.CONSOLE, "", "late")


async def test_a_merge_is_no_old_news_for_a_channel_that_had_neither(operator: Operator) -> None:
    kept, merged = await open_two(operator)
    await operator.room.store.subscribe(Subscription(LATE), now=NOW)

    done = await operator.merge(kept, merged)
    await operator.post()

    assert (done.posts[kept.id].edited, done.posts[kept.id].owed) == (1, 0)
    assert LATE not in {delivery.destination for delivery, _ in operator.sender.sent}


async def test_a_merge_into_history_is_posted_where_the_other_story_was(
    operator: Operator,
) -> None:
    await operator.room.go_live(WIRE, NEWS)
    await operator.room.publish(MIX, NEWS)
    await operator.post()
    await operator.room.store.subscribe(Subscription(LATE), now=NOW)
    kept, merged = await operator.story(holding=NEWS.title), await operator.story(holding=MIX.title)
    assert (kept.is_history, merged.is_history) == (True, False)

    await operator.merge(kept, merged)

    sent = [
        (how, message.story_id, operator.sender.sent[-1][0].destination)
        for how, message in await operator.post()
    ]
    assert sorted(sent) == [("edit", merged.id, CONSOLE), ("new", kept.id, CONSOLE)]


async def test_two_stories_that_are_news_only_as_one_are_posted(operator: Operator) -> None:
    """One is history, the other names no maker, which the channel asks for."""
    makers = Destination(Platform.CONSOLE, "", "makers")
    await operator.room.store.subscribe(Subscription(makers, Scope.MAKERS), now=NOW)
    lab = Item("lab", "Huawei opens a lab for phone cameras", "In Finland, Huawei said.")
    breach = Item("breach", "Verizon breach exposes call records", "Verizon said so on Monday.")
    await operator.room.go_live(WIRE, lab)
    await operator.room.publish(breach, lab)
    await operator.post()
    kept, merged = (
        await operator.story(holding=breach.title),
        await operator.story(holding=lab.title),
    )
    assert (kept.makers, merged.is_history) == ((), True)
    assert makers not in {delivery.destination for delivery, _ in operator.sender.sent}

    await operator.merge(kept, merged)
    await operator.post()

    assert [d.story_id for d, _ in operator.sender.sent if d.destination == makers] == [kept.id]


async def test_what_is_split_off_goes_where_its_story_was(operator: Operator) -> None:
    story, _ = await open_two(operator)
    await operator.room.store.subscribe(Subscription(LATE), now=NOW)

    done = await operator.split(story, "tagesblatt")
    await operator.post()

    left = [d.destination for d, _ in operator.sender.sent if d.story_id == done.repair.other.id]
    assert left == [CONSOLE]
    assert LATE not in {delivery.destination for delivery, _ in operator.sender.sent}


async def test_nobody_is_asked_twice_what_the_console_wants(operator: Operator) -> None:
    """A story that is posted anew is one delivery for each place that wants it."""
    story, _ = await open_two(operator)
    await operator.split(story, "Tagesblatt")

    owed = [each for each in await operator.room.deliveries() if each.state is DeliveryState.OWED]

    assert [each.destination for each in owed] == [CONSOLE, CONSOLE]
    assert len({each.id for each in owed}) == 2


# Chains, and what is refused


async def test_a_chain_of_merges_leads_to_the_last(operator: Operator) -> None:
    kept, merged = await open_two(operator)
    third_item = Item("zte", "ZTE halts the sale of its phones after the US ban", "Said ZTE.")
    await operator.room.publish(third_item, NEWS)
    third = await operator.story(holding=third_item.title)
    await operator.post()
    await operator.merge(merged, third)

    done = await operator.merge(kept, merged)

    pointers = {story.id: story for story in (done.repair.other, *done.repair.tied)}
    assert {p.tie.story_id for p in pointers.values() if p.tie} == {kept.id}
    assert set(pointers) == {merged.id, third.id}
    sent = {message.story_id: message for _, message in await operator.post()}
    pointer = sent[third.id].tie
    assert pointer is not None
    assert pointer.headline == NEWS.title

    named = await operator.split(third, await operator.number_of(third_item.title))
    assert (named.repair.kept.id, named.repair.other.id) == (kept.id, third.id)
    assert named.asked is not None
    assert named.asked.id == third.id


async def test_a_merged_story_named_as_the_first_stands_for_the_one_that_tells_it(
    operator: Operator,
) -> None:
    kept, merged = await open_two(operator)
    third_item = Item("zte", "ZTE halts the sale of its phones after the US ban", "Said ZTE.")
    await operator.room.publish(third_item, NEWS)
    third = await operator.story(holding=third_item.title)
    await operator.merge(kept, merged)

    done = await operator.merge(merged, third)

    assert done.repair.kept.id == kept.id
    assert done.asked is not None
    assert done.asked.id == merged.id


async def test_what_was_taken_for_a_turn_can_be_merged_with_its_story(operator: Operator) -> None:
    kept, _ = await open_two(operator)
    denial_item = Item("denial", "AT&T denies that it dropped the Huawei phones", "It is untrue.")
    await operator.room.publish(denial_item, NEWS)
    denial = await operator.story(holding=denial_item.title)

    done = await operator.merge(kept, denial)

    assert done.repair.kept.id == kept.id
    assert done.repair.other.is_merged
    assert denial.id not in {story.id for story in await operator.room.store.find_stories(STORIES)}


async def test_what_cannot_be_merged_is_refused_with_advice(operator: Operator) -> None:
    kept, merged = await open_two(operator)
    store = operator.room.store
    denial_item = Item("denial", "AT&T denies that it dropped the Huawei phones", "It is untrue.")
    await operator.room.publish(denial_item, NEWS)
    denial = await operator.story(holding=denial_item.title)
    assert denial.tie is not None
    assert denial.tie.story_id == kept.id

    with pytest.raises(InputInvalid, match=f"story merge {kept.id} {denial.id}"):
        await operator.merge(denial, kept)
    with pytest.raises(InputInvalid, match=r"lead to story.*name two"):
        await operator.merge(kept, kept)
    with pytest.raises(InputInvalid, match=r'No story has the id "nosuchone2".*newsbot recent'):
        await operator.merge(kept, replace(merged, id="nosuchone2"))
    await operator.merge(kept, merged)
    with pytest.raises(InputInvalid, match=f"merged into #{kept.id} already"):
        await operator.merge(kept, merged)
    with pytest.raises(InputInvalid, match=f"story merge {denial.id} {kept.id}"):
        await operator.merge(denial, merged)
    assert len(await store.find_stories(STORIES)) == 2


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ((), "Name the reports"),
        (("Example Wire", "Tagesblatt"), "all the reports"),
        (("987654",), 'number or the outlet "987654"'),
        (("Wire",), "newsbot story show"),
        (("",), "newsbot story show"),
    ],
)
async def test_reports_that_are_not_in_the_story_are_refused_with_advice(
    operator: Operator, said: tuple[str, ...], advice: str
) -> None:
    story, single = await open_two(operator)

    with pytest.raises(InputInvalid, match=advice):
        await operator.split(story, *said)

    with pytest.raises(InputInvalid, match="one report only"):
        await operator.split(single, "Example Wire")
    with pytest.raises(InputInvalid, match="has the number"):
        await operator.split(story, await operator.number_of(MIX.title))


async def test_an_outlet_with_two_reports_is_asked_for_the_number(operator: Operator) -> None:
    story, _ = await open_two(operator)
    again = Item("again", "AT&T and Huawei: what went wrong", NEWS.summary)
    await operator.room.publish(again, NEWS)
    numbers = [await operator.number_of(item.title) for item in (NEWS, again)]

    with pytest.raises(InputInvalid, match=f"has 2 reports in .*: {', '.join(numbers)}"):
        await operator.split(story, "EXAMPLE wire")
