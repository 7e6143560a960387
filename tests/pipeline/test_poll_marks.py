"""Polls read only what changed since the last one, and lose nothing by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Feed, Fetched, ParsedFeed, Validators
from bot.pipeline.report import PollResult
from bot.ports import Parser, PollOutcome
from bot.store import SqlStore
from tests.builders import NOW
from tests.pipeline.lab import BROKEN, ECHO, NEWS, NOISE, WIRE, Item, Newsroom, make_poller, rss
from tests.servers.feeds import redirect

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIE = replace(NOISE, id="pie", title="Village bakes a pie")


class Readings:
    """The real parser; keeps what it was given and what it gave."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self.seen: list[bytes] = []
        self.read: list[ParsedFeed] = []

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        self.seen.append(seen)
        self.read.append(await self._parser.parse(fetched, seen=seen))
        return self.read[-1]

    @property
    def titles(self) -> list[str]:
        """Of the entries of the last document that were read."""
        return [entry.title for entry in self.read[-1].entries]


class FullStore(SqlStore):
    """The store, on a disk that takes nothing any more."""

    async def commit_poll(self, outcome: PollOutcome) -> None:
        raise OSError("no room on the disk")


@pytest.fixture
def readings(room: Newsroom) -> Readings:
    """The room's poller reads through it."""
    readings = Readings(room.parser)
    room.poller = make_poller(room.store, room.fetcher, readings, room.clock)
    return readings


async def test_only_what_changed_is_read(room: Newsroom, readings: Readings) -> None:
    await room.go_live(WIRE, PIE, NOISE)
    marks = (await room.feed()).marks

    report = await room.publish(NEWS, PIE, NOISE)

    assert readings.seen == [b"", marks]
    assert (readings.titles, readings.read[-1].unchanged) == ([NEWS.title], 2)
    assert (report.new, report.flagged) == (1, 1)
    assert (await room.feed()).marks == readings.read[-1].marks != marks


async def test_an_edit_is_seen_among_what_is_unchanged(room: Newsroom, readings: Readings) -> None:
    await room.go_live(WIRE, PIE, NOISE)

    report = await room.publish(PIE, replace(NOISE, summary="It measured ten metres."))

    assert (report.new, report.edited) == (0, 1)
    assert readings.titles == [NOISE.title]


async def test_once_a_day_all_is_read_and_marked_as_listed(
    room: Newsroom, readings: Readings
) -> None:
    await room.go_live(WIRE, PIE, NOISE)
    for number in range(1, 4):
        room.clock.move(days=1)
        await room.publish(replace(NEWS, id=f"{number}"), PIE, NOISE)

    assert readings.seen == [b""] * 4
    assert await room.store.forget_entries(room.clock() - timedelta(hours=1)) == 0


async def test_marks_are_committed_with_the_entries_they_stand_for(
    room: Newsroom, readings: Readings
) -> None:
    await room.go_live()
    room.server.put(WIRE, rss(NEWS, NOISE))
    before = await room.feed()
    full = FullStore(room.store.database)
    poller = make_poller(full, room.fetcher, room.parser, room.clock)

    with pytest.raises(OSError, match="disk"):
        await poller.poll(before)

    assert (await room.feed()).marks == before.marks
    assert (await room.poll()).new == 1


async def test_an_entry_that_left_and_returns_is_known(room: Newsroom, readings: Readings) -> None:
    await room.go_live(WIRE, NEWS, NOISE)
    await room.publish(NOISE)

    report = await room.publish(NEWS, NOISE)

    assert readings.titles == [NEWS.title]  # it was in no mark of the document before
    assert (report.result, report.new) == (PollResult.UNCHANGED, 0)


async def test_marks_of_another_format_have_all_read_anew(
    room: Newsroom, readings: Readings
) -> None:
    await room.go_live(WIRE, PIE, NOISE)
    room.server.put(WIRE, rss(NEWS, PIE, NOISE))

    report = await room.poller.poll(replace(await room.feed(), marks=b"\xff of a later release"))

    assert (report.new, readings.read[-1].unchanged) == (1, 0)
    assert (await room.feed()).marks == readings.read[-1].marks


async def test_a_feed_that_moved_brings_nothing_twice(room: Newsroom, readings: Readings) -> None:
    await room.go_live(WIRE, PIE, NOISE)
    room.server.put("/new", rss(PIE, NOISE))
    room.server.put(WIRE, redirect(room.server.url("/new"), status=308))
    for _ in range(9):
        await room.poll(WIRE)
        room.clock.move(days=1)
        if any(asked.path == "/new" for asked in room.server.asked[-1:]):
            break
    room.clock.move(days=8)
    await room.poll(WIRE)

    report = await room.publish(NEWS, PIE, NOISE, path="/new")

    assert report.new == 1
    assert len(await room.titles()) == 3


async def test_a_document_that_was_cut_short_vouches_for_nothing(room: Newsroom) -> None:
    await room.go_live(WIRE, NOISE)
    whole = rss(NEWS, PIE, NOISE)
    cut = whole.body[: whole.body.index(b"<title>" + PIE.title.encode())]
    room.server.put(WIRE, replace(whole, body=cut, etag='"same"'))
    await room.poll()
    doubtful = await room.feed()

    room.server.put(WIRE, replace(whole, etag='"same"'))
    report = await room.poll()

    assert doubtful.flaw
    assert (doubtful.validators, doubtful.body_hash) == (Validators(), "")
    assert room.server.asked[-1].status == 200
    assert PIE.title in await room.titles()
    assert report.feed.flaw == ""
    assert [owed.revision for owed in await room.deliveries()] == [1]


async def test_a_document_that_is_always_flawed_is_asked_for_like_any_other(
    room: Newsroom,
) -> None:
    document = rss(NOISE)
    broken = replace(document, body=document.body.removesuffix(b"</channel></rss>"))
    room.server.put(WIRE, broken)
    await room.add()

    statuses = []
    for _ in range(4):
        await room.poll()
        statuses.append(room.server.asked[-1].status)

    assert (await room.feed()).flaw
    assert statuses == [200, 200, 304, 304]


async def test_what_a_feed_is_known_by_is_written_with_each_answer(room: Newsroom) -> None:
    link = f'<{room.server.url("/hub")}>; rel="hub", <https://wire.example/topic>; rel="self"'
    room.server.put(WIRE, rss(NOISE, headers={"Link": link}))
    await room.add()
    await room.poll()
    first = await room.feed()
    room.clock.move(minutes=10)
    await room.poll()

    second = await room.feed()
    assert (first.hub, first.topic) == (room.server.url("/hub"), "https://wire.example/topic")
    assert room.server.asked[-1].status == 304
    assert (second.hub, second.answered_at) == (first.hub, NOW + timedelta(minutes=10))

    room.server.put(WIRE, rss(PIE, NOISE))
    await room.poll()
    assert (await room.feed()).hub == ""


# What a hub pushes


def pushed(room: Newsroom, *items: Item) -> Fetched:
    return Fetched(url=room.server.url(WIRE), body=rss(*items).body, content_type="text/xml")


async def test_what_is_pushed_is_news_at_once_and_no_news_to_the_next_poll(
    room: Newsroom,
) -> None:
    await room.go_live()
    before = await room.feed()
    room.clock.move(minutes=3)

    report = await room.poller.take(before, pushed(room, NEWS))
    after = await room.publish(NEWS, NOISE)

    assert (report.result, report.new, report.flagged) == (PollResult.CHANGED, 1, 1)
    assert (after.result, after.new) == (PollResult.UNCHANGED, 0)
    (owed,) = await room.deliveries()
    assert owed.revision == 1


async def test_a_push_leaves_what_the_next_poll_goes_by(room: Newsroom) -> None:
    await room.go_live(WIRE, PIE, NOISE)
    before = await room.feed()
    room.clock.move(minutes=3)

    await room.poller.take(before, pushed(room, NEWS))

    after = await room.feed()
    kept = ("validators", "marks", "body_hash", "next_due_at", "fetched_whole_at", "polled_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert after.changed_at == after.answered_at == after.flagged_at == room.clock()


async def test_a_push_that_takes_its_time_leaves_what_a_poll_wrote_meanwhile(
    room: Newsroom,
) -> None:
    await room.go_live(WIRE, PIE, NOISE)
    read = await room.feed()
    room.clock.move(hours=1)
    room.server.put(WIRE, BROKEN)
    await room.poll()
    failed = await room.feed()

    await room.poller.take(read, pushed(room, NEWS))

    after = await room.feed()
    assert failed.failures == 1
    kept = ("failures", "error", "trouble", "failing_since", "next_due_at", "polled_at")
    assert [getattr(after, name) for name in kept] == [getattr(failed, name) for name in kept]
    assert after.changed_at == after.answered_at == after.flagged_at == room.clock()


async def test_an_id_that_all_entries_share_loses_none_that_is_pushed(room: Newsroom) -> None:
    def shared(*items: Item) -> bytes:
        body = rss(*items).body
        for item in items:
            body = body.replace(f">{item.id}</guid>".encode(), b">one for all</guid>")
        return body

    document = rss(PIE, NOISE)
    room.server.put(WIRE, replace(document, body=shared(PIE, NOISE)))
    await room.add()
    await room.poll()
    for item in (NEWS, ECHO):
        alone = replace(pushed(room), body=shared(item))
        await room.poller.take(await room.feed(), alone)
    room.server.put(WIRE, replace(document, body=shared(ECHO, NEWS, PIE, NOISE)))
    await room.poll()

    assert sorted(await room.titles()) == sorted(i.title for i in (ECHO, NEWS, PIE, NOISE))


async def test_a_push_that_cannot_be_read_is_a_failure_of_nobody(room: Newsroom) -> None:
    await room.go_live()
    before: Feed = await room.feed()

    report = await room.poller.take(before, Fetched(url=before.url, body=b"<html>", max_age_s=1))

    assert (report.result, report.feed) == (PollResult.FAILED, before)
    assert await room.feed() == before
