"""The life of a story through the whole newsroom: it grows, turns, and is decided anew."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.delivery.drain import Drain
from bot.delivery.office import PostOffice
from bot.errors import StoriesMoved
from bot.fetching import HttpFetcher
from bot.model import DeliveryState, Event, Platform, Story, Tie, TieKind
from bot.pipeline.poll import DECIDED_AT_MOST
from bot.pipeline.telling import Teller
from bot.scheduling.workers import ParserPool
from bot.store import SqlStore, open_store
from bot.summaries import make_message
from tests.builders import NOW
from tests.contract.polls import add_feed, outcome, reports
from tests.delivery.senders import KeepingSender
from tests.fetching.lab import limits
from tests.pipeline.lab import (
    CATALOGUE,
    ECHO,
    NEWS,
    NOISE,
    STORIES,
    WIRE,
    Item,
    Newsroom,
    make_poller,
    open_newsroom,
    rss,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

GATHER = timedelta(seconds=8)
OUTLETS = ("Example Wire", "Meridian Journal", "Pocket Line", "Evening Field", "Civic Courier")

DEAL = Item("deal", "Huawei to sell the Mate 10 Pro through AT&T, sources say")
OFF = Item("off", "AT&T backs out of its plan for the Huawei Mate 10 Pro")
OFF_TOO = Item("off-too", "Huawei's deal with AT&T collapses at the last minute")
WEIGHED = Item("weighed", "US weighs ban on sales of chips to ZTE")
BAN = Item("ban", "US bans ZTE from buying American chips")
LIFTED = Item("lifted", "US lifts ban on sales of chips to ZTE")


@dataclass
class Desks:
    """A newsroom that gathers, five outlets that are live, and a sender at its end."""

    room: Newsroom
    sender: KeepingSender

    async def tell(self, outlet: int, *items: Item) -> None:
        """One outlet publishes, and what is due is sent; a second passes."""
        self.room.clock.move(seconds=1)
        now = self.room.clock()
        dated = [replace(item, published_at=now) for item in items]
        self.room.server.put(f"/{outlet}", rss(*dated, title=OUTLETS[outlet]))
        await self.room.poll(f"/{outlet}")
        await self.send()

    async def send(self) -> None:
        await Drain(
            PostOffice(
                store=self.room.store,
                senders=[self.sender],
                render=partial(make_message, catalogue=CATALOGUE),
                clock=self.room.clock,
                gather=GATHER,
            )
        ).drain()

    async def wait(self) -> None:
        """Until everything that was gathered is sent."""
        self.room.clock.now += GATHER
        await self.send()

    async def stories(self) -> dict[str, Story]:
        """All of them, by headline."""
        found = await self.room.store.find_stories(STORIES)
        return {story.headline: story for story in found}

    @property
    def shown(self) -> list[tuple[str, int, bool, str]]:
        """Each send: headline, number of outlets, whether it edits, and what it answers."""
        return [
            (message.headline, 1 + len(message.also), bool(delivery.message_ref), answered)
            for (delivery, message), answered in zip(
                self.sender.sent, self.sender.answered, strict=True
            )
        ]


@pytest_asyncio.fixture(loop_scope="module")
async def desks(tmp_path: Path, parser: ParserPool) -> AsyncIterator[Desks]:
    async with open_newsroom(tmp_path, parser, gather=GATHER) as room:
        for number, outlet in enumerate(OUTLETS):
            await room.go_live(f"/{number}", title=outlet)
        yield Desks(room, KeepingSender(Platform.CONSOLE))


# Growing


async def test_a_story_that_grows_in_seconds_is_one_post_and_one_edit(desks: Desks) -> None:
    titles = (
        OFF.title,
        "AT&T drops plan to sell Huawei phones",
        "Huawei loses deal with AT&T to sell phones",
        "AT&T backs out of Huawei phone deal",
    )
    for outlet, title in enumerate(titles):
        await desks.tell(outlet, Item(f"off-{outlet}", title))
    assert desks.shown == [(OFF.title, 1, False, "")]

    await desks.wait()

    assert desks.shown[1:] == [(OFF.title, 4, True, "")]
    (story,) = (await desks.stories()).values()
    assert [told.outlet for told in story.coverage] == list(OUTLETS[:4])
    await desks.wait()
    assert len(desks.shown) == 2


async def test_an_edited_headline_edits_the_post_and_its_event(desks: Desks) -> None:
    await desks.tell(0, Item("att", "Huawei and AT&T agree to sell the Mate 10 Pro"))
    await desks.tell(0, Item("att", "AT&T backs out of its plan for the Huawei Mate 10 Pro"))
    await desks.wait()

    (story,) = (await desks.stories()).values()
    assert (story.headline, story.event, story.tie) == (OFF.title, Event.DEAL_OFF, None)
    assert [(headline, is_edit) for headline, _, is_edit, _ in desks.shown] == [
        ("Huawei and AT&T agree to sell the Mate 10 Pro", False),
        (OFF.title, True),
    ]
    assert desks.sender.sent[1][1].event is Event.DEAL_OFF


# Turning


async def test_a_deal_that_is_off_is_a_reply_to_the_deal(desks: Desks) -> None:
    await desks.tell(0, DEAL)
    await desks.tell(1, OFF)

    stories = await desks.stories()
    first, turn = stories[DEAL.title], stories[OFF.title]
    assert turn.tie == Tie(TieKind.REVERSED, first.id, DEAL.title, first.link)
    assert len(first.coverage) == len(turn.coverage) == 1
    assert desks.shown == [
        (DEAL.title, 1, False, ""),
        (OFF.title, 1, False, f"ref of {first.id}"),
    ]
    (filed,) = await desks.room.store.find_entries_of(turn.id, limit=9)
    assert filed.filed == f"reversed “{DEAL.title}”"


async def test_a_deal_and_its_end_in_one_document_are_a_post_and_a_reply(desks: Desks) -> None:
    await desks.tell(0, OFF, DEAL)  # the newest first, as feeds list them

    stories = await desks.stories()
    first = stories[DEAL.title]
    assert [(shown[0], shown[3]) for shown in desks.shown] == [
        (DEAL.title, ""),
        (OFF.title, f"ref of {first.id}"),
    ]


async def test_the_same_outlet_may_tell_the_turn(desks: Desks) -> None:
    await desks.tell(0, DEAL)
    await desks.tell(0, OFF, DEAL)

    first = (await desks.stories())[DEAL.title]
    assert desks.shown[1:] == [(OFF.title, 1, False, f"ref of {first.id}")]


async def test_a_second_report_of_the_turn_edits_the_reply(desks: Desks) -> None:
    await desks.tell(0, DEAL)
    await desks.tell(1, OFF)
    await desks.tell(2, OFF_TOO)
    await desks.wait()

    assert [(shown[:3]) for shown in desks.shown] == [
        (DEAL.title, 1, False),
        (OFF.title, 1, False),
        (OFF.title, 2, True),
    ]
    assert len(await desks.stories()) == 2


async def test_a_late_report_of_the_deal_joins_the_deal(desks: Desks) -> None:
    await desks.tell(0, DEAL)
    await desks.tell(1, OFF)
    await desks.tell(2, Item("late", "AT&T will sell the Mate 10 Pro of Huawei from February"))
    await desks.wait()

    stories = await desks.stories()
    assert {headline: len(story.coverage) for headline, story in stories.items()} == {
        DEAL.title: 2,
        OFF.title: 1,
    }
    assert desks.shown[-1] == (DEAL.title, 2, True, "")


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (DEAL, "AT&T denies report that it will sell Huawei phones", TieKind.DENIED),
        (WEIGHED, BAN.title, TieKind.CONFIRMED),
        (BAN, LIFTED.title, TieKind.REVERSED),
    ],
)
async def test_a_turn_is_told_as_what_it_is(
    desks: Desks, first: Item, second: str, kind: TieKind
) -> None:
    await desks.tell(0, first)
    await desks.tell(1, Item("turn", second))

    turn = (await desks.stories())[second]
    assert turn.tie is not None
    assert (turn.tie.kind, turn.tie.headline) == (kind, first.title)
    assert desks.sender.answered == ["", f"ref of {turn.tie.story_id}"]


async def test_a_ban_weighed_and_imposed_and_lifted_is_one_thread(desks: Desks) -> None:
    for outlet, item in enumerate((WEIGHED, BAN, LIFTED)):
        await desks.tell(outlet, item)

    stories = await desks.stories()
    ban, lifted = stories[BAN.title].tie, stories[LIFTED.title].tie
    assert ban is not None
    assert lifted is not None
    assert (ban.kind, ban.headline) == (TieKind.CONFIRMED, WEIGHED.title)
    assert (lifted.kind, lifted.headline) == (TieKind.REVERSED, BAN.title)


async def test_a_confirmed_launch_date_is_no_turn(desks: Desks) -> None:
    await desks.tell(0, Item("a", "OnePlus 12 could launch globally on January 23, leak says"))
    await desks.tell(1, Item("b", "OnePlus confirms launch date of the OnePlus 12: January 23"))
    await desks.wait()

    assert {story.tie for story in (await desks.stories()).values()} == {None}
    assert set(desks.sender.answered) == {""}


async def test_a_turn_of_a_story_that_was_history_is_posted_by_itself(desks: Desks) -> None:
    await desks.room.go_live(WIRE, replace(DEAL, published_at=NOW - timedelta(hours=3)))

    await desks.tell(1, OFF)

    turn = (await desks.stories())[OFF.title]
    assert turn.tie is not None
    assert desks.shown == [(OFF.title, 1, False, "")]


# Deciding anew


class Rival(SqlStore):
    """The store of one process; another one writes the stories that this one just read."""

    def __init__(self, store: SqlStore, other: SqlStore, times: Iterator[int]) -> None:
        super().__init__(store.database)
        self.other = other
        self.times = times
        self.read_at: list[int] = []  # the version of the story at each reading

    async def find_candidates(self, terms: Collection[str], **how: Any) -> tuple[Story, ...]:
        found = await super().find_candidates(terms, **how)
        self.read_at += [story.version for story in found]
        if (number := next(self.times, None)) is not None:
            theirs = tuple(
                replace(
                    story,
                    coverage=(*story.coverage, *reports(f"Rival {number}")),
                    revision=story.revision + 1,
                    updated_at=story.updated_at + timedelta(microseconds=1),
                )
                for story in found
            )
            feed = await add_feed(self.other, "https://rival.example/rss")
            await self.other.commit_poll(outcome(feed, stories=theirs))
        return found


@pytest.mark.parametrize("moves", [1, DECIDED_AT_MOST - 1])
async def test_a_poll_decides_anew_where_another_process_wrote_its_story(
    room: Newsroom, tmp_path: Path, moves: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await room.go_live()
    await room.publish(NEWS, NOISE)
    async with (
        await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as other,
        HttpFetcher(limits(), clock=room.clock) as fetcher,
    ):
        rival = Rival(room.store, other, iter(range(moves)))
        poller = make_poller(rival, fetcher, room.parser, room.clock)
        await room.go_live("/second", title="Meridian Journal")
        room.server.put("/second", rss(ECHO))

        report = await poller.poll(await room.feed("/second"))

    assert (report.new, report.flagged) == (1, 1)
    assert rival.read_at == [*range(1, moves + 2)]
    (story,) = await room.store.find_stories(STORIES)
    assert [told.outlet for told in story.coverage] == [
        "Example Wire", *(f"Rival {n}" for n in range(moves)), "Meridian Journal",
    ]  # fmt: skip
    (owed,) = await room.deliveries()
    assert (owed.state, owed.revision) == (DeliveryState.OWED, 2 + moves)
    assert sum("was written since it was read" in text for text in caplog.messages) == moves


async def test_a_poll_that_always_comes_second_is_left_for_the_next_time(
    room: Newsroom, tmp_path: Path
) -> None:
    await room.go_live()
    await room.publish(NEWS, NOISE)
    await room.go_live("/second", title="Meridian Journal")
    before = await room.feed("/second"), await room.titles(), await room.deliveries()
    room.server.put("/second", rss(ECHO))
    async with (
        await open_store(f"sqlite:///{tmp_path}/newsbot.sqlite3") as other,
        HttpFetcher(limits(), clock=room.clock) as fetcher,
    ):
        rival = Rival(room.store, other, iter(range(99)))
        poller = make_poller(rival, fetcher, room.parser, room.clock)
        with pytest.raises(StoriesMoved):
            await poller.poll(before[0])

    assert len(rival.read_at) == DECIDED_AT_MOST
    after = await room.feed("/second"), await room.titles(), await room.deliveries()
    assert after == before
    assert (await room.poll("/second")).flagged == 1  # nothing is lost


# Telling


class Reader:
    """Notes which articles it is asked for; what it gives is their text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked: list[str] = []
        self.found_in: list[str] = []

    async def read(self, link: str, *, found_in: str) -> str:
        self.asked.append(link)
        self.found_in.append(found_in)
        return self.text


async def test_history_is_told_without_asking_for_articles(room: Newsroom) -> None:
    reader = Reader("AT&T told Huawei on Monday that it will not sell the Mate 10 Pro.")
    async with HttpFetcher(limits(), clock=room.clock) as fetcher:
        teller = Teller(reader)
        poller = make_poller(room.store, fetcher, room.parser, room.clock, teller)
        old = replace(NEWS, summary="")
        room.server.put(WIRE, rss(old, NOISE))
        await room.add()
        await poller.poll(await room.feed())
        assert reader.asked == []

        news = Item("zte", "ZTE and Verizon part ways over phones")
        room.server.put(WIRE, rss(news, old, NOISE, replace(NOISE, id="pie", title="A pie")))
        await poller.poll(await room.feed())

    assert reader.asked == ["https://wire.example/zte"]  # and not for what is no news
    assert reader.found_in == [room.server.url(WIRE)]
    stories = {story.headline: story.summary for story in await room.store.find_stories(STORIES)}
    assert stories[NEWS.title] == ""
