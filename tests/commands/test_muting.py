from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.answer import Tone
from bot.commands.muting import MAX_MUTES, mute, unmute
from bot.commands.muting import save_mutes as save_mutes_of_call
from bot.errors import InputInvalid
from bot.model import Mute, MuteKind, Platform, Subscription, Watch
from bot.store import SqlStore, open_store
from tests.builders import NOW, coverage, story
from tests.commands.calls import HERE, make_call, say
from tests.contract.polls import add_feed, commit_stories, new_entry, outcome

STORY = "abcdefghi2"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        await opened.subscribe(Subscription(HERE), now=NOW)
        yield opened


async def mutes_of(store: SqlStore) -> tuple[Mute, ...]:
    found = await store.find_subscription_or_none(HERE)
    assert found is not None
    return found.mutes


async def save_mutes(store: SqlStore, *mutes: Mute) -> None:
    """Have these muted, and no other."""
    gone = [(one.kind, one.subject) for one in await mutes_of(store)]
    await store.change_mutes(HERE, now=NOW - timedelta(days=9), add=mutes, drop=gone)


async def test_a_company_is_muted_by_any_of_its_names(store: SqlStore) -> None:
    answer = await mute(make_call(store, subject="中兴", for_="7d"))

    until = NOW + timedelta(days=7)
    assert await mutes_of(store) == (Mute(MuteKind.COMPANY, "zte", until, by="u1"),)
    assert say(answer) == (
        "Muted\n<#c1>: Muted: ZTE, until 2018-01-16 08:30.\n> /alerts unmute undoes it"
    )


async def test_an_outlet_is_muted_by_the_name_that_posts_show(store: SqlStore) -> None:
    await commit_stories(store, story(coverage=(coverage("Example Wire"),)))

    said = say(await mute(make_call(store, subject="example wire")))

    assert await mutes_of(store) == (Mute(MuteKind.OUTLET, "Example Wire", by="u1"),)
    assert "<#c1>: Muted: Example Wire, for good." in said
    assert "Stories that other outlets tell as well are posted all the same." in said


async def test_a_story_is_muted_by_its_id_or_a_link(store: SqlStore) -> None:
    await commit_stories(store, story(STORY))
    feed = await add_feed(store)
    told = new_entry("It", story_id=STORY, entry={"link": "https://wire.example/it"})
    await store.commit_poll(outcome(feed, told))

    for subject in (f"#{STORY}", STORY.upper(), "https://wire.example/it?utm_source=x"):
        await save_mutes(store)
        said = say(await mute(make_call(store, subject=subject)))
        assert await mutes_of(store) == (Mute(MuteKind.STORY, STORY, by="u1"),)
        assert "“Huawei fails to get AT&T to sell its phones”, and whatever turns it." in said


async def test_muting_again_takes_the_place_of_the_first(store: SqlStore) -> None:
    await mute(make_call(store, subject="zte", for_="1h"))
    await mute(make_call(store, subject="ZTE", user="u2"))

    assert await mutes_of(store) == (Mute(MuteKind.COMPANY, "zte", by="u2"),)


async def test_mutes_that_ran_out_are_dropped_when_another_is_made(store: SqlStore) -> None:
    await save_mutes(store, Mute(MuteKind.COMPANY, "zte", NOW))

    await mute(make_call(store, subject="honor"))

    assert await mutes_of(store) == (Mute(MuteKind.COMPANY, "honor", by="u1"),)


async def test_what_nobody_knows_is_refused_with_the_nearest(store: SqlStore) -> None:
    with pytest.raises(InputInvalid) as refusal:
        await mute(make_call(store, subject="Hauwei"))

    assert str(refusal.value).startswith(
        'subject: I know no company, outlet or story "Hauwei". Did you mean Huawei? '
    )
    assert await mutes_of(store) == ()


async def test_stories_that_only_others_watch_cannot_be_named(store: SqlStore) -> None:
    watch = Watch("Fairphone", platform=Platform.DISCORD, workspace="g2")
    await store.save_watch(watch, now=NOW)
    others = story(STORY, others=("fairphone",), watched=("fairphone",), is_relevant=False)
    await commit_stories(store, replace(others, coverage=(coverage("Secret Outlet"),)))

    for subject in (f"#{STORY}", "Fairphone"):
        with pytest.raises(InputInvalid, match="I know no company, outlet or story"):
            await mute(make_call(store, subject=subject))


async def test_two_who_mute_at_once_are_both_heard(store: SqlStore) -> None:
    await asyncio.gather(
        mute(make_call(store, subject="huawei")), mute(make_call(store, subject="zte"))
    )

    assert {one.subject for one in await mutes_of(store)} == {"huawei", "zte"}


async def test_nothing_is_muted_where_people_left_meanwhile(store: SqlStore) -> None:
    read = Subscription(HERE)
    await store.unsubscribe(HERE)

    with pytest.raises(InputInvalid, match="gets no news any more"):
        await save_mutes_of_call(make_call(store), read, [Mute(MuteKind.COMPANY, "zte")])
    assert await store.find_subscriptions() == ()


async def test_there_is_an_end_to_what_a_channel_may_mute(store: SqlStore) -> None:
    await save_mutes(store, *(Mute(MuteKind.STORY, f"s{one}") for one in range(MAX_MUTES)))

    with pytest.raises(InputInvalid, match="100 things are muted there"):
        await mute(make_call(store, subject="zte"))
    assert len(await mutes_of(store)) == MAX_MUTES


@pytest.mark.parametrize(
    ("muted", "subject"),
    [
        (Mute(MuteKind.COMPANY, "zte"), "ZTE Corporation"),
        (Mute(MuteKind.STORY, STORY), f"#{STORY}"),
        (Mute(MuteKind.OUTLET, "Example Wire"), "example wire"),
        (Mute(MuteKind.PAIR, "huawei+att"), "Huawei × AT&T"),
        (Mute(MuteKind.PAIR, "huawei+att"), "at&t, huawei"),
        (Mute(MuteKind.PAIR, "huawei+att"), "everything"),
    ],
)
async def test_what_is_muted_is_heard_again(store: SqlStore, muted: Mute, subject: str) -> None:
    other = Mute(MuteKind.COMPANY, "honor")
    kept = () if subject == "everything" else (other,)
    await save_mutes(store, muted, *kept)

    answer = await unmute(make_call(store, subject=subject))

    assert await mutes_of(store) == kept
    assert answer.title == "No longer muted"


async def test_off_instead_of_a_time_unmutes(store: SqlStore) -> None:
    await save_mutes(store, Mute(MuteKind.COMPANY, "zte"))

    said = say(await mute(make_call(store, subject="zte", for_="off")))

    assert said == "No longer muted\n<#c1> hears of ZTE again."
    assert await mutes_of(store) == ()


async def test_unmuting_what_is_not_muted_tells_what_is(store: SqlStore) -> None:
    await save_mutes(store, Mute(MuteKind.COMPANY, "zte"))

    answer = await unmute(make_call(store, subject="honor"))

    assert answer.tone is Tone.REFUSED
    assert say(answer) == ('That is not muted\n<#c1>: "honor" is not muted.\nMuted: ZTE, for good.')


@pytest.mark.parametrize(
    "said", ["Honor T-Mobile", "t mobile honor", "Honor + T-Mobile", "荣耀和T-Mobile"]
)
async def test_a_pair_is_unmuted_however_its_two_names_are_typed(
    store: SqlStore, said: str
) -> None:
    await save_mutes(store, Mute(MuteKind.PAIR, "honor+tmobile"))

    answer = await unmute(make_call(store, subject=said))

    assert answer.title == "No longer muted"
    assert await mutes_of(store) == ()


async def test_one_half_of_a_muted_pair_is_told_how_the_pair_is_unmuted(store: SqlStore) -> None:
    await save_mutes(store, Mute(MuteKind.PAIR, "honor+tmobile"))

    answer = await unmute(make_call(store, subject="honor"))

    assert answer.tone is Tone.REFUSED
    assert say(answer) == (
        "Only a pair is muted\n"
        '<#c1>: "honor" alone is not muted, only beside another company.\n'
        "Muted: Honor × T-Mobile, for good.\n"
        "> /alerts unmute Honor × T-Mobile has the pair posted again"
    )
