"""The store's contract: subscriptions, feedback, notes. Every test runs on both engines."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.model import (
    CONSOLE,
    FOREVER,
    Destination,
    Event,
    Feedback,
    Mute,
    MuteKind,
    Ping,
    Platform,
    QuietHours,
    Rhythm,
    Scope,
    Subscription,
)
from bot.store import SqlStore
from tests.builders import NOW

HOUR = timedelta(hours=1)
NEWS = Destination(Platform.DISCORD, "G1", "C1")
TALK = Destination(Platform.DISCORD, "G1", "C2", "T9")
ELSEWHERE = Destination(Platform.DISCORD, "G2", "C1")
WORK = Destination(Platform.SLACK, "G1", "C1")
FULL = Subscription(
    NEWS,
    scope=Scope.MAKERS,
    events=(Event.DEAL, Event.DEAL_OFF),
    companies=("huawei", "att"),
    min_outlets=3,
    rhythm=Rhythm.DAILY,
    at=time(7, 45),
    time_zone="Asia/Shanghai",
    quiet=QuietHours(time(22, 30), time(6)),
    ping=Ping("R7", is_for_pairs=True, events=(Event.DEAL,)),
    opens_threads=True,
    paused_until=FOREVER,
    parked="no permission to post",
    subscribed_by="U1",
    mutes=(
        Mute(MuteKind.OUTLET, "Der Ährenbote", by="U2"),
        Mute(MuteKind.PAIR, "huawei+att", until=NOW + HOUR),
        Mute(MuteKind.COMPANY, "att"),
        Mute(MuteKind.STORY, "s1", until=FOREVER, by="U1"),
    ),
)


def feedback(story_id: str = "s1", *, user: str = "U1", said_at: datetime = NOW) -> Feedback:
    return Feedback(story_id, Platform.DISCORD, "G1", user, said_at, ("huawei",), "Ein Gerücht")


async def test_a_subscription_is_read_back_as_it_was_written(store: SqlStore) -> None:
    await store.subscribe(FULL, now=NOW)

    assert await store.find_subscriptions() == (FULL,)
    assert await store.find_subscription_or_none(NEWS) == FULL
    assert await store.find_subscription_or_none(TALK) is None


async def test_a_subscription_takes_the_place_of_its_destinations(store: SqlStore) -> None:
    usual = replace(FULL, mutes=(), paused_until=None, parked="")
    await store.subscribe(usual, now=NOW)
    await store.subscribe(Subscription(TALK), now=NOW)
    changed = Subscription(NEWS, Scope.PAIR)

    assert await store.subscribe(changed, now=NOW + HOUR) == 0

    assert await store.find_subscriptions() == (changed, Subscription(TALK))


async def test_who_changes_settings_takes_back_nothing_that_changed_since_they_were_read(
    store: SqlStore,
) -> None:
    await store.subscribe(Subscription(NEWS), now=NOW)
    (read,) = await store.find_subscriptions()
    paused = replace(read, paused_until=NOW + HOUR)
    await store.subscribe(paused, now=NOW, owed_at=NOW + HOUR)
    await store.park(NEWS, reason="no permission")
    await store.change_mutes(NEWS, now=NOW, add=(Mute(MuteKind.COMPANY, "zte"),))

    await store.subscribe(replace(read, scope=Scope.PAIR), now=NOW)

    assert await store.find_subscription_or_none(NEWS) == replace(
        paused,
        scope=Scope.PAIR,
        parked="no permission",
        mutes=(Mute(MuteKind.COMPANY, "zte"),),
    )


async def test_mutes_are_changed_by_themselves(store: SqlStore) -> None:
    await store.subscribe(FULL, now=NOW)
    outlet, pair, company, told = FULL.mutes
    longer = replace(outlet, until=FOREVER)
    zte = Mute(MuteKind.COMPANY, "zte")

    after = await store.change_mutes(
        NEWS, now=NOW, add=(longer, zte), drop=((company.kind, company.subject),)
    )
    assert after == replace(FULL, mutes=(pair, told, longer, zte))
    assert await store.find_subscription_or_none(NEWS) == after

    later = await store.change_mutes(NEWS, now=NOW + HOUR)  # one ran out by then
    assert later == replace(FULL, mutes=(told, longer, zte))


async def test_nothing_is_muted_where_nobody_is_subscribed(store: SqlStore) -> None:
    mute = Mute(MuteKind.COMPANY, "zte")

    assert await store.change_mutes(NEWS, now=NOW, add=(mute,)) is None
    assert await store.find_subscriptions() == ()


async def test_mutes_of_many_at_once_are_all_kept(store: SqlStore) -> None:
    await store.subscribe(Subscription(NEWS), now=NOW)
    mutes = [Mute(MuteKind.STORY, f"s{number}") for number in range(9)]

    await asyncio.gather(*(store.change_mutes(NEWS, now=NOW, add=(one,)) for one in mutes))

    found = await store.find_subscription_or_none(NEWS)
    assert found is not None
    assert set(found.mutes) == set(mutes)


async def test_of_two_mutes_of_one_thing_the_last_counts(store: SqlStore) -> None:
    twice = (Mute(MuteKind.COMPANY, "att", until=NOW), Mute(MuteKind.COMPANY, "att"))

    await store.subscribe(Subscription(NEWS, mutes=twice), now=NOW)

    found = await store.find_subscription_or_none(NEWS)
    assert found == Subscription(NEWS, mutes=twice[1:])


async def test_subscriptions_are_found_by_platform_and_workspace(store: SqlStore) -> None:
    for place in (NEWS, WORK, ELSEWHERE, TALK):
        mute = Mute(MuteKind.COMPANY, place.channel)
        await store.subscribe(Subscription(place, mutes=(mute,)), now=NOW)

    async def places(*who: Platform | str) -> list[Destination]:
        found = await store.find_subscriptions(*who)  # type: ignore[arg-type]
        assert all(len(one.mutes) == 1 for one in found)
        return [one.destination for one in found]

    assert await places() == [NEWS, WORK, ELSEWHERE, TALK]
    assert await places(Platform.DISCORD) == [NEWS, ELSEWHERE, TALK]
    assert await places(Platform.DISCORD, "G1") == [NEWS, TALK]
    assert await places(Platform.CONSOLE, "G1") == []


async def test_nothing_is_left_of_a_subscription_that_is_forgotten(store: SqlStore) -> None:
    await store.subscribe(FULL, now=NOW)

    assert await store.unsubscribe(NEWS) is True
    assert await store.unsubscribe(NEWS) is False

    assert await store.find_subscriptions() == ()
    await store.subscribe(Subscription(NEWS), now=NOW)  # its mutes are not those of before
    assert await store.find_subscriptions() == (Subscription(NEWS),)


async def test_a_destination_is_parked_once(store: SqlStore) -> None:
    usual = replace(FULL, parked="")
    await store.subscribe(usual, now=NOW)

    assert await store.park(NEWS, reason="the channel is gone") == replace(
        usual, parked="the channel is gone"
    )
    assert await store.park(NEWS, reason="no permission") is None

    found = await store.find_subscription_or_none(NEWS)
    assert found is not None
    assert found.parked == "the channel is gone"


async def test_a_destination_nobody_subscribed_is_not_parked(store: SqlStore) -> None:
    assert await store.park(CONSOLE, reason="closed") is None
    assert await store.find_subscriptions() == ()


async def test_nothing_is_parked_without_a_reason(store: SqlStore) -> None:
    await store.subscribe(Subscription(NEWS), now=NOW)

    with pytest.raises(ValueError, match="discord/G1/C1/: parked for no reason"):
        await store.park(NEWS, reason="")


async def test_a_destination_that_was_resumed_can_be_parked_again(store: SqlStore) -> None:
    await store.subscribe(Subscription(NEWS), now=NOW)
    await store.park(NEWS, reason="no permission")
    await store.subscribe(Subscription(NEWS), now=NOW, owed_at=NOW)

    assert await store.park(NEWS, reason="no permission") is not None


async def test_what_people_say_is_kept_once_a_person_and_story(store: SqlStore) -> None:
    first = feedback()

    assert await store.add_feedback(first) is True
    assert await store.add_feedback(feedback(said_at=NOW + HOUR)) is False
    assert await store.add_feedback(feedback(user="U2", said_at=NOW + HOUR)) is True

    found = await store.find_feedback(Platform.DISCORD, "G1", limit=9)
    assert found == (feedback(user="U2", said_at=NOW + HOUR), first)


async def test_feedback_is_a_workspaces_own_newest_first(store: SqlStore) -> None:
    told = [feedback(f"s{number}", said_at=NOW + number * HOUR) for number in range(4)]
    for one in told:
        await store.add_feedback(one)
    await store.add_feedback(replace(told[0], workspace="G2"))
    await store.add_feedback(replace(told[0], platform=Platform.SLACK))

    found = await store.find_feedback(Platform.DISCORD, "G1", limit=3)

    assert found == (told[3], told[2], told[1])


async def test_a_note_is_what_was_noted_last(store: SqlStore) -> None:
    assert await store.load_note("commands") == ""

    await store.save_note("commands", "1a2b")
    await store.save_note("commands", "3c4d")
    await store.save_note("beat", "not a time")

    assert await store.load_note("commands") == "3c4d"
    assert await store.last_beat_or_none() is None
    await store.record_beat(NOW)
    assert await store.load_note("beat") == "not a time"
    assert await store.last_beat_or_none() == NOW.astimezone(UTC)
