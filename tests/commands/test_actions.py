from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands.actions import ACTIONS, MAX_PAIRS, find_action_or_none
from bot.commands.answer import Answer, Choices
from bot.commands.command import Need
from bot.errors import InputInvalid
from bot.model import (
    Feedback,
    Mute,
    MuteKind,
    Platform,
    Subscription,
    Tie,
    TieKind,
    Watch,
    make_delivery_id,
)
from bot.store import SqlStore, open_store
from tests.builders import NOW, coverage, delivery, story
from tests.commands.calls import HERE, MANAGER, make_call, say
from tests.contract.polls import commit_stories

STORY = "abcdefghi2"
POST = make_delivery_id(STORY, HERE)
EVERYBODY = frozenset({Need.NOTHING})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        await opened.subscribe(Subscription(HERE), now=NOW)
        yield opened


async def post(store: SqlStore, **changes: Any) -> None:
    """A story that is posted in channel c1."""
    made = replace(story(STORY), **changes)
    await commit_stories(store, made, owed=(delivery(STORY, HERE),))


async def press(store: SqlStore, name: str, subject: str = POST, **changes: Any) -> Answer:
    action = find_action_or_none(name)
    assert action is not None
    return await action.run(make_call(store, subject=subject, **changes))


async def mutes_of(store: SqlStore) -> tuple[Mute, ...]:
    found = await store.find_subscription_or_none(HERE)
    assert found is not None
    return found.mutes


def test_names_of_actions_fit_into_a_button() -> None:
    assert all(len(action.name) <= 20 and action.name.isascii() for action in ACTIONS)
    assert len({action.name for action in ACTIONS}) == len(ACTIONS)
    assert find_action_or_none("of-an-older-version") is None


def test_what_changes_a_channel_is_for_its_managers() -> None:
    free = {action.name for action in ACTIONS if action.need is Need.NOTHING}

    assert free == {"sources", "why", "not-relevant", "about-digest"}


async def test_sources_are_told_in_the_order_of_telling(store: SqlStore) -> None:
    early = NOW - timedelta(hours=1)
    await post(
        store,
        coverage=(
            coverage("Example Wire", entry_key="guid:1"),
            coverage("First Post", entry_key="guid:2", published_at=early, link=None),
            coverage("Example Wire", entry_key="guid:3", title="Again"),
        ),
    )

    assert say(await press(store, "sources", may=EVERYBODY)) == (
        "2 outlets on this story\n"
        "First Post: 2018-01-09 07:30 · Huawei fails to get AT&T to sell its phones\n"
        "Example Wire: 2018-01-09 08:25 · [Huawei fails to get AT&T to sell its phones]"
        "(https://example-wire.example/1)\n"
        f"> /news story #{STORY} shows every report"
    )


async def test_why_tells_what_the_record_says(store: SqlStore) -> None:
    await post(store, reasons=("Huawei and AT&T are named close together",))

    said = say(await press(store, "why", may=EVERYBODY))

    assert "Huawei and AT&T are named close together" in said


async def test_a_story_is_muted_in_its_channel_and_unmuted_by_the_next_button(
    store: SqlStore,
) -> None:
    await post(store)

    answer = await press(store, "mute-story", place=replace(HERE, channel="c9"))

    until = NOW + timedelta(days=7)
    assert await mutes_of(store) == (Mute(MuteKind.STORY, STORY, until, by="u1"),)
    assert say(answer) == (
        "Story muted\n"
        "<#c1> hears no more of this story and what turns it until 2018-01-16 08:30.\n"
        f"[Undo] unmute-story:{POST}\n"
        "> /alerts list typed there, shows all that is muted"
    )
    assert answer.done == f"/alerts mute subject:#{STORY} for:7d channel:c1"
    (choice,) = next(part.choices for part in answer.parts if isinstance(part, Choices))
    assert (await press(store, choice.action, choice.subject)).title == "No longer muted"
    assert await mutes_of(store) == ()


async def test_a_pair_is_muted_for_a_day_and_unmuted(store: SqlStore) -> None:
    kept = Mute(MuteKind.COMPANY, "honor")
    await store.change_mutes(HERE, now=NOW, add=(kept,))
    await post(store, carriers=("att", "verizon"))

    answer = await press(store, "mute-pair")

    until = NOW + timedelta(hours=24)
    assert await mutes_of(store) == (
        kept,
        Mute(MuteKind.PAIR, "huawei+att", until, by="u1"),
        Mute(MuteKind.PAIR, "huawei+verizon", until, by="u1"),
    )
    assert "no story with Huawei × AT&T, Huawei × Verizon until 2018-01-10 08:30" in say(answer)
    assert " for:24h " in answer.done
    await press(store, "unmute-pair")
    assert await mutes_of(store) == (kept,)


async def test_of_many_pairs_the_most_prominent_is_muted(store: SqlStore) -> None:
    await post(store, makers=("huawei", "zte", "honor"), carriers=("att", "verizon"))

    await press(store, "mute-pair")

    assert MAX_PAIRS < 3 * 2
    assert [one.subject for one in await mutes_of(store)] == ["huawei+att"]


async def test_a_story_without_a_pair_mutes_none(store: SqlStore) -> None:
    await post(store, carriers=(), is_pair=False)

    with pytest.raises(InputInvalid, match="names no handset maker together with a carrier"):
        await press(store, "mute-pair")


async def test_not_relevant_is_kept_once_a_person(store: SqlStore) -> None:
    await post(store)

    first = await press(store, "not-relevant", may=EVERYBODY)
    second = await press(store, "not-relevant", may=MANAGER)

    assert await store.find_feedback(Platform.DISCORD, "g1", limit=9) == (
        Feedback(
            STORY,
            Platform.DISCORD,
            "g1",
            "u1",
            NOW,
            ("huawei", "att"),
            "Huawei fails to get AT&T to sell its phones",
        ),
    )
    assert (first.title, second.title) == (
        "Thank you, noted",
        "You said so before, it is noted",
    )
    assert f"[Mute this story] mute-story:{POST}" in say(second)
    assert "mute-story" not in say(first)


async def test_a_post_of_another_server_is_not_theirs_to_press(store: SqlStore) -> None:
    await post(store)

    for action in ACTIONS[:7]:
        with pytest.raises(InputInvalid, match="belongs to another server"):
            await action.run(make_call(store, subject=POST, place=replace(HERE, workspace="g2")))
    assert await mutes_of(store) == ()


async def test_a_post_that_is_not_on_record_is_answered_kindly(store: SqlStore) -> None:
    for action in ACTIONS[:7]:
        with pytest.raises(InputInvalid, match="not on record any more; /news search"):
            await action.run(make_call(store, subject="0" * 24))


async def test_a_story_that_only_others_watch_by_now_is_not_told(store: SqlStore) -> None:
    watch = Watch("Fairphone", platform=HERE.platform, workspace=HERE.workspace)
    await store.save_watch(watch, now=NOW)
    await post(store, others=("fairphone",), watched=("fairphone",), is_relevant=False)
    assert "1 outlet on this story" in say(await press(store, "sources"))

    await store.remove_watch(watch.platform, watch.workspace, watch.name)

    with pytest.raises(InputInvalid, match="not among what this server follows any more"):
        await press(store, "sources")


async def test_of_a_merged_story_the_one_that_tells_it_answers(store: SqlStore) -> None:
    merged = Tie(TieKind.MERGED, "told222222", "Told elsewhere", None)
    await commit_stories(store, story("told222222", outlet="Teller", coverage=(coverage("T"),)))
    await post(store, tie=merged)

    await press(store, "mute-story")

    assert [one.subject for one in await mutes_of(store)] == ["told222222"]


async def test_muting_where_nothing_is_posted_any_more_is_refused(store: SqlStore) -> None:
    await post(store)
    await store.lease_deliveries(NOW, limit=1, lease=timedelta(minutes=1))
    await store.mark_sent(POST, revision=1, message_ref="c1/1", edits_at=NOW)
    await store.unsubscribe(HERE)

    with pytest.raises(InputInvalid, match="That channel gets no news any more"):
        await press(store, "mute-story")
    assert "1 outlet" in say(await press(store, "sources"))


async def test_a_digest_says_where_to_ask_about_one_story(store: SqlStore) -> None:
    assert "> /news story" in say(await press(store, "about-digest"))
