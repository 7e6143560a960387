"""The store's contract: stories by kind and by words. Every test runs on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import Event
from bot.ports import StoryQuery
from bot.store import SqlStore
from tests.builders import NOW, coverage, story
from tests.contract.polls import add_feed, commit_stories, new_entry, outcome

DAY = timedelta(days=1)


async def find(store: SqlStore, *words: str, events: tuple[Event, ...] = ()) -> set[str]:
    query = StoryQuery(since=NOW - DAY, words=words, events=events)
    return {found.id for found in await store.find_stories(query)}


@pytest.fixture(autouse=True)
async def stories(store: SqlStore) -> None:
    await commit_stories(
        store,
        story(
            "shops",
            headline="Élan Télécom öffnet Läden",
            summary="Mehr als 50% der Kunden kommen wieder.",
            event=Event.LAUNCH,
            coverage=(coverage(title="Magasins"), coverage("B", title="Новые ТЕЛЕФОНЫ у Ёлки")),
        ),
        story(
            "deal",
            headline="Carrier signs a deal",
            summary="It took 500 days.",
            event=Event.DEAL,
            coverage=(coverage(title="Deal of the_year"),),
        ),
        story("dull", headline="Other", summary="", coverage=()),
    )


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("carrier",), {"deal"}),
        (("CARRIER", "days"), {"deal"}),  # one in the headline, one in the summary
        (("rrie",), {"deal"}),
        (("carrier", "shops"), set()),
        (("magasins", "télécom"), {"shops"}),  # in a report, in the headline
        (("LÄDEN",), {"shops"}),
        (("élan",), {"shops"}),
        (("ÉLAN", "телефоны"), {"shops"}),
        (("ёлки",), {"shops"}),
        (("50%",), {"shops"}),  # no wildcard: 500 would be found as well
        (("the_year",), {"deal"}),
        (("e_y",), {"deal"}),
        (("n_y",), set()),
        (("\\",), set()),
        ((), {"shops", "deal", "dull"}),
    ],
)
async def test_every_word_stands_somewhere_in_the_story(
    store: SqlStore, words: tuple[str, ...], ids: set[str]
) -> None:
    assert await find(store, *words) == ids


async def test_words_of_two_reports_count_together(store: SqlStore) -> None:
    assert await find(store, "magasins", "новые") == {"shops"}


async def test_stories_are_found_by_their_kind(store: SqlStore) -> None:
    assert await find(store, events=(Event.DEAL, Event.LAUNCH)) == {"deal", "shops"}
    assert await find(store, "carrier", events=(Event.LAUNCH,)) == set()


async def test_titles_are_found_in_any_case(store: SqlStore) -> None:
    feed = await add_feed(store)
    await store.commit_poll(outcome(feed, new_entry("Öffnet ein ÄHRENFELD")))

    (found,) = await store.find_entries_saying(["ährenf", "öFF"], in_story=False, limit=9)

    assert found.title == "Öffnet ein ÄHRENFELD"
