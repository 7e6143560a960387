"""A poll that is looked at: what is counted, and by which id its lines are found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.matching import Matcher
from bot.model import Fetched, ParsedFeed, Platform
from bot.parsing import parse_feed
from bot.pipeline.decide import Desk
from bot.pipeline.due import PollRules
from bot.pipeline.poll import Poller
from bot.ports import Stage
from bot.stories import OutletNames
from bot.telemetry.metrics import Metrics
from bot.telemetry.observed import NoPollMeter, ObservedFetcher, ObservedParser, ObservedPoller
from tests.pipeline.lab import (
    CATALOGUE,
    ECHO,
    HTML,
    NEWS,
    NOISE,
    WIRE,
    Newsroom,
    open_newsroom,
    rss,
)
from tests.telemetry.lines import objects, start
from tests.telemetry.samples import read


class PlainParser:
    """Reads in this process; a worker of its own would only take its time to start."""

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        assert fetched.body is not None
        return parse_feed(
            fetched.body, url=fetched.url, content_type=fetched.content_type, seen=seen
        )


class BrokenParser(PlainParser):
    """Has a defect."""

    async def parse(self, fetched: Fetched, *, seen: bytes = b"") -> ParsedFeed:
        raise RuntimeError("a defect of ours")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with open_newsroom(tmp_path, PlainParser()) as opened:
        yield opened


def observe(room: Newsroom, metrics: Metrics | None = None) -> ObservedPoller:
    """The room's polls as the program looks at them."""
    meter = metrics or NoPollMeter()
    poller = Poller(
        store=room.store,
        fetcher=ObservedFetcher(room.fetcher, meter),
        parser=ObservedParser(room.parser, meter),
        desk=Desk(Matcher(CATALOGUE), OutletNames(CATALOGUE.outlets)),
        rules=PollRules(adaptive=False),
        clock=room.clock,
        meter=meter,
    )
    return ObservedPoller(poller, meter, clock=room.clock)


async def test_what_a_poll_found_is_counted(room: Newsroom) -> None:
    metrics = Metrics(platforms=[Platform.CONSOLE])
    polls = observe(room, metrics)
    room.server.put(WIRE, rss(NOISE), rss(NEWS, ECHO, NOISE))
    await room.add()
    await polls.poll(await room.feed())
    report = await polls.poll(await room.feed())
    same = await polls.poll(await room.feed())

    counted = read(metrics)
    assert (report.filed.opened, report.flagged, same.new) == (report.filed.opened[:1], 2, 0)
    assert counted["polls_total{result=changed}"] == 2
    assert counted["polls_total{result=unchanged}"] == 1
    assert counted["fetches_total{outcome=document}"] == 2
    assert counted["fetches_total{outcome=unchanged}"] == 1
    assert counted["parses_total{outcome=read}"] == 2
    assert counted["entries_new_total"] == 3
    assert counted["entries_flagged_total"] == 2
    assert counted["story_changes_total{change=opened}"] == 1
    assert counted["poll_seconds_count"] == counted["poll_lateness_seconds_count"] == 3
    took = {stage: counted.get(f"poll_stage_seconds_count{{stage={stage}}}") for stage in Stage}
    assert took == {"fetch": 3, "parse": 2, "match": 2, "summarise": 1, "decide": 2, "commit": 3}


async def test_a_feed_that_gives_nothing_is_counted_by_its_cause(room: Newsroom) -> None:
    metrics = Metrics()
    polls = observe(room, metrics)
    room.server.put("/page", HTML)
    for path in ("/missing", "/page"):
        await room.add(room.server.url(path))
        await polls.poll(await room.feed(path))

    counted = read(metrics)
    assert counted["polls_total{result=failed}"] == 2
    assert counted["fetches_total{outcome=missing}"] == 1
    assert counted["parses_total{outcome=page}"] == 1


async def test_lateness_counts_from_when_a_feed_fell_due(room: Newsroom) -> None:
    metrics = Metrics()
    room.server.put(WIRE, rss(NOISE))
    await room.add()
    polls = observe(room, metrics)  # what was due before waited for the start
    room.clock.move(seconds=40)
    await polls.poll(await room.feed())

    assert read(metrics)["poll_lateness_seconds_sum"] == 40


async def test_each_poll_has_an_id_and_names_the_story_it_opened(room: Newsroom) -> None:
    stream = start("json", "debug")
    polls = observe(room)
    room.server.put(WIRE, rss(NOISE), rss(NEWS, NOISE))
    await room.add()
    await polls.poll(await room.feed())
    report = await polls.poll(await room.feed())

    (story_id,) = report.filed.opened
    said = [line for line in objects(stream) if line["logger"].startswith("bot.")]
    assert len({line["poll"] for line in said}) == 2
    (of_story,) = [line for line in said if story_id in line["message"]]
    assert of_story["message"] == f"Example Wire: 1 new, 0 edited, 1 flagged; opened {story_id}"
    of_poll = [line["message"] for line in said if line["poll"] == of_story["poll"]]
    assert [message.split(" after ")[0].split(" in ")[0] for message in of_poll[:2]] == [
        f"Example Wire: {len(rss(NEWS, NOISE).body)} bytes",
        "read 1 entries and passed over 1 known ones",
    ]


async def test_a_defect_is_counted_and_says_in_which_poll_it_was(room: Newsroom) -> None:
    metrics = Metrics()
    room.parser = BrokenParser()
    room.server.put(WIRE, rss(NOISE))
    await room.add()

    with pytest.raises(RuntimeError, match="a defect of ours") as broke:
        await observe(room, metrics).poll(await room.feed())

    assert read(metrics)["polls_total{result=broken}"] == 1
    assert broke.value.__notes__[0].startswith("poll=")


async def test_two_bots_in_one_process_count_apart(room: Newsroom) -> None:
    first, second = Metrics(), Metrics()
    room.server.put(WIRE, rss(NOISE))
    await room.add()
    await observe(room, first).poll(await room.feed())

    assert read(first)["polls_total{result=changed}"] == 1
    assert "polls_total{result=changed}" not in read(second)


async def test_no_address_is_ever_a_label(room: Newsroom) -> None:
    metrics = Metrics(platforms=tuple(Platform))
    await room.add(room.server.url("/feed?key=hunter2hunter2"))
    await observe(room, metrics).poll(await room.feed("/feed?key=hunter2hunter2"))

    text = metrics.expose("")[0].decode()
    assert "polls_total" in text
    assert "hunter2" not in text
    assert "http" not in text
