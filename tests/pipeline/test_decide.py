from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.catalogue import load_catalogue
from bot.matching import Matcher
from bot.model import CONSOLE, Entry, Event, Feed, Story, Subscription, Tie, TieKind
from bot.pipeline.decide import Desk
from bot.pipeline.listing import hash_text
from bot.ports import KnownEntry, PollOutcome
from bot.stories import OPENED, OutletNames
from tests.builders import NOW, entry, feed

CATALOGUE = load_catalogue(Path(__file__).parents[2] / "config")
MATCHER, OUTLETS = Matcher(CATALOGUE), OutletNames(CATALOGUE.outlets)
LIVE = feed(first_poll_done=True)
OTHER = feed("https://journal.example/rss", title="Meridian Journal", id=2, first_poll_done=True)
NEWS = entry(
    "Huawei fails to get AT&T to sell its phones in the US",
    summary="AT&T walked away from a plan to sell the Mate 10 Pro, two people said.",
)
ECHO = entry(
    "AT&T walks away from plan to sell Huawei phones in US",
    summary="AT&T will not sell the Mate 10 Pro of Huawei after all.",
    link="https://journal.example/att",
)
NOISE = entry("Village bakes its longest apple tart", summary="It measured nine metres.")


@pytest.fixture
def desk() -> Desk:
    return Desk(MATCHER, OUTLETS)


def decide(
    desk: Desk, source: Feed, entries: Sequence[Entry], candidates: Sequence[Story] = ()
) -> PollOutcome:
    decision = desk.begin(candidates)
    for one in entries:
        decision.file(desk.judge(source, one, now=NOW))
    return decision.outcome(source, subscriptions=[Subscription(CONSOLE)], now=NOW)


def edit(desk: Desk, before: Entry, after: Entry, *, story: Story | None) -> PollOutcome:
    assert before.published_at is not None
    memory = KnownEntry(7, hash_text(before), before.published_at, NOW, story.id if story else "")
    decision = desk.begin([story] if story else [])
    decision.file(desk.judge(LIVE, after, known=memory, now=NOW))
    return decision.outcome(LIVE, subscriptions=[Subscription(CONSOLE)], now=NOW)


def test_news_opens_a_story_and_is_owed_once(desk: Desk) -> None:
    outcome = decide(desk, LIVE, [NEWS])

    (story,) = outcome.stories
    (delivery,) = outcome.deliveries
    assert (story.makers, story.carriers, story.is_pair) == (("huawei",), ("att",), True)
    assert story.event is Event.DEAL_OFF
    assert (delivery.story_id, delivery.revision) == (story.id, 1)
    assert outcome.new[0].story_id == story.id


def test_noise_is_kept_for_search_and_owed_to_nobody(desk: Desk) -> None:
    outcome = decide(desk, LIVE, [NOISE])

    assert [one.entry.title for one in outcome.new] == [NOISE.title]
    assert (outcome.new[0].story_id, outcome.stories, outcome.deliveries) == ("", (), ())


def test_the_first_poll_is_history(desk: Desk) -> None:
    outcome = decide(desk, replace(LIVE, first_poll_done=False), [NEWS])

    assert [story.is_history for story in outcome.stories] == [True]
    assert outcome.deliveries == ()


def test_the_first_poll_may_be_posted_where_the_operator_says_so() -> None:
    desk = Desk(MATCHER, OUTLETS, post_first_poll=True)

    outcome = decide(desk, replace(LIVE, first_poll_done=False), [NEWS])

    assert len(outcome.deliveries) == 1


def test_another_outlet_joins_and_the_same_delivery_is_owed_again(desk: Desk) -> None:
    first = decide(desk, LIVE, [NEWS])

    second = decide(desk, OTHER, [ECHO], first.stories)

    (story,) = second.stories
    assert story.id == first.stories[0].id
    assert [report.outlet for report in story.also_covered_by] == ["Meridian Journal"]
    assert second.deliveries[0].id == first.deliveries[0].id
    assert second.deliveries[0].revision == 2


def test_two_reports_in_one_document_make_one_story(desk: Desk) -> None:
    outcome = decide(desk, LIVE, [NEWS, ECHO])

    assert len(outcome.stories) == len(outcome.deliveries) == 1
    assert {one.story_id for one in outcome.new} == {outcome.stories[0].id}


def test_a_report_is_held_against_a_story_as_the_last_one_left_it(desk: Desk) -> None:
    told_again = entry("Tuesday was a bad day for Huawei in America", summary=NEWS.summary)
    copied = entry(told_again.title, summary="", keys=("guid:copied",))

    outcome = decide(desk, LIVE, [NEWS, told_again, copied])
    alone = decide(desk, LIVE, [NEWS, copied])

    assert (len(outcome.stories), len(alone.stories)) == (1, 2)


def test_a_live_report_of_a_history_story_is_posted(desk: Desk) -> None:
    history = decide(desk, replace(LIVE, first_poll_done=False), [NEWS]).stories

    outcome = decide(desk, OTHER, [ECHO], history)

    assert [story.is_history for story in outcome.stories] == [False]
    assert len(outcome.deliveries) == 1


def test_an_edited_headline_edits_the_post(desk: Desk) -> None:
    story = decide(desk, LIVE, [NEWS]).stories[0]
    after = replace(NEWS, title="AT&T drops Huawei phones at the last minute")

    outcome = edit(desk, NEWS, after, story=story)

    assert outcome.stories[0].headline == after.title
    assert [one.revision for one in outcome.deliveries] == [2]
    assert [(one.id, one.is_text_changed, one.story_id) for one in outcome.edited] == [
        (7, True, story.id)
    ]


def test_a_rewritten_date_edits_no_post(desk: Desk) -> None:
    story = decide(desk, LIVE, [NEWS]).stories[0]

    outcome = edit(desk, NEWS, replace(NEWS, published_at=NOW), story=story)

    assert outcome.deliveries == ()
    assert [one.is_text_changed for one in outcome.edited] == [False]


def test_an_edit_that_makes_an_entry_news_is_posted(desk: Desk) -> None:
    outcome = edit(desk, replace(NEWS, title="Breaking", summary="More soon."), NEWS, story=None)

    assert len(outcome.stories) == len(outcome.deliveries) == 1
    assert outcome.edited[0].story_id == outcome.stories[0].id


def test_an_edit_without_a_date_keeps_the_day_it_was_seen(desk: Desk) -> None:
    after = replace(NOISE, title="Village bakes a tart", published_at=None)

    outcome = edit(desk, NOISE, after, story=None)

    assert outcome.edited[0].published_at == NOISE.published_at


def test_every_entry_says_why_it_is_filed_as_it_is(desk: Desk) -> None:
    opened, joined, noise = decide(desk, LIVE, [NEWS, ECHO, NOISE]).new

    assert (opened.filed, noise.filed) == (OPENED, "")
    assert joined.filed.startswith(f"Example Wire joined “{NEWS.title}”: both say ")
    assert opened.reasons[0] == "Huawei in the title, character 1: maker; the name itself"
    assert noise.reasons == ()


def test_reasons_follow_an_edit_and_the_filing_stays(desk: Desk) -> None:
    story = decide(desk, LIVE, [NEWS]).stories[0]

    (dropped,) = edit(desk, NEWS, replace(NOISE, keys=NEWS.keys), story=story).edited
    (again,) = edit(desk, NOISE, NEWS, story=None).edited

    assert (dropped.story_id, dropped.reasons, dropped.filed) == (story.id, (), "")
    assert again.filed == OPENED
    assert again.reasons == decide(desk, LIVE, [NEWS]).new[0].reasons


def test_deciding_twice_gives_the_same_ids(desk: Desk) -> None:
    assert decide(desk, LIVE, [NEWS]) == decide(desk, LIVE, [NEWS])


def test_a_merged_story_is_joined_by_nothing(desk: Desk) -> None:
    """It may be at hand all the same, for the sake of an entry that was in it."""
    (story,) = decide(desk, LIVE, [NEWS]).stories
    merged = replace(story, tie=Tie(TieKind.MERGED, "another", "Another story", None))

    outcome = decide(desk, OTHER, [ECHO], [merged])

    (opened,) = outcome.stories
    assert opened.id != merged.id
    assert outcome.new[0].story_id == opened.id
