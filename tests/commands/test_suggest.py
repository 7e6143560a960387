from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands.command import OptionKind
from bot.commands.muting import unmute
from bot.commands.suggest import LENGTH, MOST, suggest
from bot.model import (
    Destination,
    FeedOrigin,
    FeedSpec,
    Mute,
    MuteKind,
    Platform,
    Subscription,
    Watch,
)
from bot.store import SqlStore, open_store
from tests.builders import NOW
from tests.commands.calls import HERE, make_call
from tests.commands.newsroom import BAN, DEAL, OLD, OWN, PHONE, fill

THERE = Destination(Platform.DISCORD, "g2", "c9")
MINE = Watch("Fairphone", aliases=("Shiftphone",), platform=Platform.DISCORD, workspace="g1")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        await fill(opened)
        await opened.save_watch(MINE, now=NOW)
        yield opened


async def values(
    store: SqlStore, kind: OptionKind, typed: str, place: Destination = HERE
) -> list[str]:
    return [one.value for one in await suggest(make_call(store, place=place), kind, typed)]


async def test_with_nothing_typed_the_companies_of_the_day_go_first(store: SqlStore) -> None:
    found = await values(store, OptionKind.COMPANY, "")

    assert found[:5] == ["Huawei", "AT&T", "Verizon", "Xiaomi", "ZTE"]
    assert len(found) == MOST


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("hua", "Huawei"),
        ("  XIAO", "Xiaomi"),
        ("小米", "Xiaomi"),
        ("mobile", "Mint Mobile"),
        ("redmi", "Xiaomi"),
        ("fair", "Fairphone"),
        ("shift", "Fairphone"),
        ("hauwei", "Huawei"),
        ("verzion", "Verizon"),
    ],
)
async def test_a_company_is_found_by_any_of_its_names_even_misspelt(
    store: SqlStore, typed: str, first: str
) -> None:
    assert (await values(store, OptionKind.COMPANY, typed))[0] == first


async def test_what_begins_so_goes_before_what_has_it_inside(store: SqlStore) -> None:
    found = await values(store, OptionKind.COMPANY, "mo")

    assert found[0] == "Motorola"
    assert found.index("Motorola") < found.index("T-Mobile")


async def test_what_only_others_watch_is_not_suggested(store: SqlStore) -> None:
    for kind in (OptionKind.COMPANY, OptionKind.SUBJECT, OptionKind.WATCH, OptionKind.STORY):
        assert await values(store, kind, "quarzon") == []
    assert await values(store, OptionKind.COMPANY, "quarzon", THERE) == ["Quarzon"]
    assert await values(store, OptionKind.STORY, "quarzon", THERE) == [f"#{OWN}"]


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        (OptionKind.COMPANIES, "Huawei, veri", ["Huawei, Verizon"]),
        (OptionKind.COMPANIES, "Huawei，小米", ["Huawei, Xiaomi"]),
        (OptionKind.COMPANIES, "Huawei, hua", []),
        (OptionKind.EVENTS, "ban", ["ban or sanction"]),
        (OptionKind.EVENTS, "deal, takeo", []),
        (OptionKind.EVENTS, "deal, takeover", ["deal, merger"]),
        (OptionKind.EVENTS, "禁令", ["ban or sanction"]),
        (OptionKind.EVENTS, "x, " * 40 + "ban", []),
    ],
)
async def test_in_a_list_the_last_piece_is_completed_and_the_others_stay(
    store: SqlStore, kind: OptionKind, typed: str, expected: list[str]
) -> None:
    assert await values(store, kind, typed) == expected


async def test_with_nothing_typed_every_event_is_suggested(store: SqlStore) -> None:
    assert len(await values(store, OptionKind.EVENTS, "")) == 15


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("", [DEAL, BAN, PHONE, OLD]),
        ("#abcdefghi3", [BAN]),
        ("foldable pho", [PHONE]),
        ("drops", [DEAL]),
        ("https://wire.example/deal", []),
        ("penguins", []),
    ],
)
async def test_a_story_is_suggested_by_its_id_with_its_headline(
    store: SqlStore, typed: str, ids: list[str]
) -> None:
    found = await suggest(make_call(store), OptionKind.STORY, typed)

    assert [one.value for one in found] == [f"#{story_id}" for story_id in ids]
    assert all(one.label in HEADLINES for one in found)


HEADLINES = {
    "Huawei fails to get AT&T to sell its phones",
    "Huawei ban looms in Norway",
    "Xiaomi shows a foldable phone",
    "ZTE signs with Verizon",
}


async def test_a_subject_is_a_company_an_outlet_or_a_story(store: SqlStore) -> None:
    found = await suggest(make_call(store), OptionKind.SUBJECT, "")
    wire = await suggest(make_call(store), OptionKind.SUBJECT, "example")

    kinds = {one.label.rpartition("(")[2] for one in found}
    assert kinds == {"company)", "outlet)", "story)"}
    assert [(one.label, one.value) for one in wire] == [("Example Wire (outlet)", "Example Wire")]


async def test_what_can_be_unmuted_is_what_is_muted_there(store: SqlStore) -> None:
    other = replace(HERE, channel="c2")
    ran_out = Mute(MuteKind.COMPANY, "oppo", NOW)
    made = (
        Mute(MuteKind.COMPANY, "zte"),
        Mute(MuteKind.OUTLET, "Example Wire"),
        Mute(MuteKind.PAIR, "huawei+att"),
        Mute(MuteKind.STORY, BAN),
        ran_out,
    )
    await store.subscribe(Subscription(HERE, mutes=made), now=NOW)
    await store.subscribe(Subscription(other, mutes=(Mute(MuteKind.COMPANY, "xiaomi"),)), now=NOW)

    here = await values(store, OptionKind.MUTED, "")
    there = await suggest(make_call(store, channel="c2"), OptionKind.MUTED, "")

    assert here == ["ZTE", "Example Wire", "Huawei × AT&T", f"#{BAN}"]
    assert [(one.label, one.value) for one in there] == [("Xiaomi (company)", "Xiaomi")]
    assert await values(store, OptionKind.MUTED, "norway") == [f"#{BAN}"]
    assert await values(store, OptionKind.MUTED, "", THERE) == []
    for said in here:
        assert (await unmute(make_call(store, subject=said))).title == "No longer muted"


async def test_a_feed_is_suggested_by_address_or_by_number_where_that_says_too_much(
    store: SqlStore,
) -> None:
    for url, owner in (
        ("https://mine.example/rss?key=1", "discord/g1"),
        ("https://theirs.example/rss?key=secret", "discord/g2"),
        (f"https://long.example/{'x' * 100}", "discord/g1"),
    ):
        spec = FeedSpec(url, title=url.split("/")[2])
        await store.add_feed(spec, origin=FeedOrigin.ADDED, now=NOW, added_by=owner)

    found = await suggest(make_call(store), OptionKind.FEED, "")

    assert [one.value for one in found] == [
        "#4",
        "https://mine.example/rss?key=1",
        "#3",
        "https://wire.example/rss",
    ]
    assert "secret" not in " ".join(one.label for one in found)
    assert await values(store, OptionKind.FEED, "theirs") == ["#3"]
    assert await values(store, OptionKind.FEED, "https://wire") == ["https://wire.example/rss"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "UTC"),
        ("ber", "Europe/Berlin"),
        ("berm", "Atlantic/Bermuda"),
        ("berl", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("Asia/Sh", "Asia/Shanghai"),
        ("beijing", "Asia/Shanghai"),
        ("PST", "America/Los_Angeles"),
        ("berlni", "Europe/Berlin"),
    ],
)
async def test_a_time_zone_is_found_by_its_place(store: SqlStore, typed: str, first: str) -> None:
    assert (await values(store, OptionKind.TIME_ZONE, typed))[0] == first


async def test_a_watch_of_this_workspace_is_suggested(store: SqlStore) -> None:
    assert await values(store, OptionKind.WATCH, "") == ["Fairphone"]
    assert await values(store, OptionKind.WATCH, "shift") == ["Fairphone"]


@pytest.mark.parametrize("kind", [OptionKind.TEXT, OptionKind.WHOLE, OptionKind.CHANNEL])
async def test_other_options_have_no_suggestions(store: SqlStore, kind: OptionKind) -> None:
    assert await values(store, kind, "hua") == []


@given(typed=st.text(max_size=400), kind=st.sampled_from(OptionKind))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_typed_the_suggestions_fit(
    store: SqlStore, typed: str, kind: OptionKind
) -> None:
    found = await suggest(make_call(store), kind, typed)

    assert len(found) <= MOST
    assert all(0 < len(text) <= LENGTH for one in found for text in (one.label, one.value))
    assert len({one.value for one in found}) == len(found)
