from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.catalogue import load_catalogue
from bot.commands import stories
from bot.commands.recent import find_recent
from bot.commands.stories import (
    ShownStory,
    find_telling_or_none,
    show_story,
    tell_merge,
    tell_split,
)
from bot.commands.views import FILED_UNSAID
from bot.commands.why import find_why
from bot.errors import InputInvalid
from bot.matching import Matcher
from bot.matching.watches import company_of
from bot.model import Platform, Posts, Story, Tie, TieKind, Watch
from bot.store import SqlStore, open_store
from bot.stories import Repair
from tests.builders import NOW, coverage, story
from tests.conftest import ROOT
from tests.contract.polls import add_feed, new_entry, outcome

CATALOGUE = load_catalogue(ROOT / "config")
DAY = timedelta(days=1)
KEPT, MERGED, OLDEST, TURN = "abcdefghi2", "abcdefghi3", "abcdefghi4", "abcdefghi5"


def hung(story_id: str, kind: TieKind, on: str) -> Story:
    made = story(story_id, headline=f"Headline of {story_id}")
    return replace(made, tie=Tie(kind, on, f"Headline of {on}", None))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """KEPT with two reports, into which MERGED went after OLDEST went into that."""
    async with await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as opened:
        feed = await add_feed(opened)
        new = [new_entry(f"Report {n}", story_id=KEPT, filed=f"reason {n}") for n in (1, 2)]
        kept = story(KEPT, headline=f"Headline of {KEPT}")
        merged = hung(MERGED, TieKind.MERGED, KEPT)
        oldest = hung(OLDEST, TieKind.MERGED, MERGED)
        turn = hung(TURN, TieKind.DENIED, KEPT)
        await opened.commit_poll(outcome(feed, *new, stories=(kept, merged, oldest, turn)))
        yield opened


async def ask(store: SqlStore, story_id: str, workspace: str | None = None) -> ShownStory:
    return await show_story(
        store,
        CATALOGUE,
        story_id,
        close_after=5 * DAY,
        platform=None if workspace is None else Platform.SLACK,
        workspace=workspace or "",
    )


@pytest.mark.parametrize("said", [KEPT, f" #{KEPT.upper()} "])
async def test_a_story_is_shown_with_its_reports_and_what_hangs_on_it(
    store: SqlStore, said: str
) -> None:
    shown = await ask(store, said)

    assert (shown.message.story_id, shown.told_in) == (KEPT, None)
    assert [(e.title, e.filed) for e in shown.entries] == [
        ("Report 1", "reason 1"),
        ("Report 2", "reason 2"),
    ]
    assert shown.closes_at == NOW + 5 * DAY
    assert [one.story_id for one in shown.turned_by] == [TURN]
    assert [one.story_id for one in shown.merged] == [MERGED]
    assert not shown.has_more


async def test_a_merged_story_names_the_one_that_tells_it_in_the_end(store: SqlStore) -> None:
    shown = await ask(store, OLDEST)

    assert shown.entries == ()
    assert shown.told_in is not None
    assert shown.told_in.story_id == KEPT


async def test_an_id_that_nobody_knows_is_answered_with_advice(store: SqlStore) -> None:
    with pytest.raises(InputInvalid, match=r'No story has the id "zzz".*newsbot recent'):
        await ask(store, "zzz")


async def test_reports_are_bounded(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "MAX_REPORTS", 1)

    shown = await ask(store, KEPT)

    assert (len(shown.entries), shown.has_more) == (1, True)


async def test_what_only_others_watch_is_not_shown(store: SqlStore) -> None:
    watch = Watch("Fairphone", platform=Platform.SLACK, workspace="T1")
    company = company_of(watch)
    await store.save_watch(watch, now=NOW)
    feed = (await store.find_feeds())[0]
    theirs = story(
        "theirs", others=(company.id,), watched=(company.id,), is_relevant=False, makers=(),
        carriers=(), is_pair=False, tie=Tie(TieKind.DENIED, "shared", "H", None),
    )  # fmt: skip
    shared = story("shared", others=(company.id,))
    await store.commit_poll(outcome(feed, stories=(theirs, shared)))

    mine, other, operator = [await ask(store, "shared", who) for who in ("T1", "T2", None)]

    assert mine.message.others == operator.message.others == ("Fairphone",)
    assert other.message.others == ()
    assert [len(one.turned_by) for one in (mine, other, operator)] == [1, 0, 1]
    assert (await ask(store, "theirs", "T1")).message.story_id == "theirs"
    with pytest.raises(InputInvalid, match="No story"):
        await ask(store, "theirs", "T2")


HIDDEN, NEXT = "abcdefghi6", "abcdefghi7"
"""A story that only T1 watches, and one that is news to all and turns it."""


@pytest.fixture
async def divided(store: SqlStore) -> SqlStore:
    """NEXT tells of HIDDEN in its tie, and in why its reports are in there."""
    watch = Watch("Orange", platform=Platform.SLACK, workspace="T1")
    await store.save_watch(watch, now=NOW)
    feed = (await store.find_feeds())[0]
    hidden = story(
        HIDDEN, headline="Shops to merge", is_relevant=False, watched=(company_of(watch).id,)
    )
    filed = (
        "denied “Shops to merge for good”",
        f"the operator: merged #{HIDDEN} “Shops to unite” into this story",
        "the operator: split off “Orange to merge shops”",
        "Wire joined “Next”: both say shops",
    )
    reasons = ("Huawei in the title", "Orange in the title", f"as #{HIDDEN} has it")
    new = [
        replace(new_entry(f"Next {n}", story_id=NEXT, filed=line), reasons=reasons)
        for n, line in enumerate(filed)
    ]
    tie = Tie(TieKind.DENIED, HIDDEN, "Shops to merge for good", "https://wire.example/shops")
    turn = story(NEXT, headline="Next", tie=tie, reasons=(*filed, f"of #{HIDDEN}", "edited"))
    pointer = story("pointer", tie=replace(tie, kind=TieKind.MERGED))
    await store.commit_poll(outcome(feed, *new, stories=(hidden, turn, pointer)))
    return store


@pytest.mark.parametrize("workspace", ["T1", "T2", None])
async def test_the_record_tells_nothing_of_what_only_others_watch(
    divided: SqlStore, workspace: str | None
) -> None:
    platform = Platform.SLACK if workspace else None
    shown = await ask(divided, NEXT, workspace)
    why = await find_why(
        divided, Matcher(CATALOGUE), asked=NEXT, platform=platform, workspace=workspace or ""
    )

    assert why.story is not None
    assert shown.entries == why.story.entries
    assert shown.message == why.story.message
    filed = [entry.filed for entry in shown.entries]
    assert filed[3] == "Wire joined “Next”: both say shops"
    if workspace == "T2":
        assert filed[:3] == [FILED_UNSAID] * 3
        assert {entry.reasons for entry in shown.entries} == {("Huawei in the title",)}
        assert shown.message.tie is None
        assert why.story.history == ("edited",)
    else:
        assert HIDDEN in filed[1]
        assert {len(entry.reasons) for entry in shown.entries} == {3}
        assert shown.message.tie is not None
        assert why.story.history == (f"of #{HIDDEN}", "edited")


async def test_a_merged_story_leads_nobody_to_one_that_only_others_see(divided: SqlStore) -> None:
    mine, other = await ask(divided, "pointer", "T1"), await ask(divided, "pointer", "T2")

    assert mine.told_in is not None
    assert mine.told_in.story_id == HIDDEN
    assert (other.told_in, other.message.tie) == (None, None)


async def test_recent_ties_no_story_to_one_that_only_others_see(divided: SqlStore) -> None:
    ties = {}
    for workspace in ("T1", "T2"):
        recent = await find_recent(
            divided, CATALOGUE, platform=Platform.SLACK, workspace=workspace, now=NOW
        )
        ties[workspace] = {m.story_id: m.tie for m in recent.messages if m.story_id != TURN}

    assert ties["T1"][NEXT] is not None
    assert ties["T2"] == {KEPT: None, NEXT: None}


async def test_why_leads_from_a_merged_story_to_the_one_that_tells_it(store: SqlStore) -> None:
    matcher = Matcher(CATALOGUE)

    merged = await find_why(store, matcher, asked=f"#{MERGED}")
    plain = await find_why(store, matcher, asked=KEPT)

    assert merged.story is not None
    assert plain.story is not None
    assert merged.story.asked is not None
    assert merged.story.asked.story_id == MERGED
    assert plain.story.asked is None
    assert replace(merged.story, asked=None) == plain.story


async def test_recent_lists_the_story_that_tells_and_not_those_merged(store: SqlStore) -> None:
    recent = await find_recent(store, CATALOGUE, now=NOW)

    assert {message.story_id for message in recent.messages} == {KEPT, TURN}


async def test_a_story_that_nobody_merged_tells_itself(store: SqlStore) -> None:
    kept = await store.find_story_or_none(KEPT)

    assert await find_telling_or_none(store, kept) is kept
    assert await find_telling_or_none(store, None) is None


# In words


def test_a_merge_is_told_with_what_people_will_see() -> None:
    kept = story(KEPT, headline="A", coverage=(coverage(), coverage("Meridian")))
    repair = Repair(kept, hung(MERGED, TieKind.MERGED, KEPT), (), "so")

    assert tell_merge(repair, {KEPT: Posts(edited=1), MERGED: Posts(edited=2, dropped=1)}) == (
        f"Merged: #{MERGED} “Headline of {MERGED}” is told in #{KEPT} “A” now, 2 outlets in all.",
        f"The post of #{KEPT} is edited to what it says now.",
        f"The 2 posts of #{MERGED} point to #{KEPT}.",
        f"#{MERGED} was not posted yet, and will not be.",
        "A running bot does that within seconds, else the next run does.",
    )


def test_a_merge_that_nobody_sees_says_so() -> None:
    repair = Repair(story(KEPT), hung(MERGED, TieKind.MERGED, KEPT), (), "so")

    assert tell_merge(repair, {KEPT: Posts(), MERGED: Posts()})[1:] == (
        "No post of it is there or owed, so people see nothing of this.",
    )


def test_those_that_were_merged_before_are_told_of() -> None:
    kept, asked = story(KEPT, headline="A"), story(OLDEST, headline="Old")
    tied = (hung(TURN, TieKind.DENIED, KEPT), hung(OLDEST, TieKind.MERGED, KEPT))
    repair = Repair(kept, hung(MERGED, TieKind.MERGED, KEPT), tied, "so")

    first, _, last, _ = tell_merge(repair, {}, asked=asked)

    assert first == f"#{OLDEST} “Old” was merged before; #{KEPT} “A” tells it."
    assert last == f"#{OLDEST} “Headline of {OLDEST}”, merged before, is told in #{KEPT} now."


def test_a_split_is_told_with_what_people_will_see() -> None:
    repair = Repair(story(KEPT, headline="A"), story("new", headline="N"), (), "so", (4,))

    assert tell_split(repair, {KEPT: Posts(edited=2, dropped=1), "new": Posts(owed=2)}) == (
        f"Split: 1 report left #{KEPT} “A” and is story #new “N” now.",
        f"The 2 posts of #{KEPT} are edited to what it says now.",
        f"#{KEPT} is not posted where nobody wants what is left of it.",
        "#new is posted in 2 places.",
        "A running bot does that within seconds, else the next run does.",
    )


def test_a_story_that_comes_back_is_told_as_such() -> None:
    back = story(MERGED, headline="B", version=3)
    repair = Repair(story(KEPT, headline="A"), back, (), "so", (4, 5), is_swapped=True)

    lines = tell_split(repair, {MERGED: Posts(edited=1)})

    assert lines[:3] == (
        f"Example Wire opened #{KEPT}, so it stays there and the others leave.",
        f"Split: 2 reports left #{KEPT} “A” and are story #{MERGED} “B” again.",
        f"The post of #{MERGED} is edited to what it says now.",
    )
