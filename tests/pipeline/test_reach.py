"""Feeds that could not be reached: one line each, or one for all where the network is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

from bot.errors import FeedUnreachable, Trouble
from bot.pipeline.due import PollRules
from bot.pipeline.outage import Outage
from bot.pipeline.reach import Reach
from bot.ports import traced, tracing
from tests.builders import NOW, feed
from tests.pipeline.lab import BROKEN, Newsroom, rss
from tests.servers.feeds import FeedServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTS = tuple(f"127.0.0.{number}" for number in range(11, 17))
DOWN = "no feed can be reached, the first of "
SEEMS = "the network of this machine seems to be down"
BACK = "the network is back: "
ROW = "failure 1 in a row"
UNREACHED = FeedUnreachable("https://a.example/rss: no connection; asked again later")


@pytest.fixture(autouse=True)
def info(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.INFO, logger="bot"):
        yield


async def poll_all(room: Newsroom, *paths: str) -> None:
    """At the same time, as a start does; nothing more will be asked soon."""
    await asyncio.gather(*(room.poll(path) for path in paths))
    room.poller.close()


async def add_closed(room: Newsroom, hosts: tuple[str, ...] = HOSTS) -> list[str]:
    """Feeds at ``hosts``, of which no port is open any more."""
    async with FeedServer(hosts=hosts) as server:
        urls = [server.url(f"/{host}", host=host) for host in hosts]
    for url in urls:
        await room.add(url)
    return [f"/{host}" for host in hosts]


async def test_without_a_network_one_line_says_so_in_place_of_one_a_feed(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    paths = await add_closed(room)

    await poll_all(room, *paths)
    await poll_all(room, *paths)

    (said,) = caplog.messages
    assert f"{DOWN}{len(HOSTS)}: http://127.0.0.1" in said
    assert SEEMS in said


async def test_the_first_answer_says_that_the_network_is_back(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    paths = await add_closed(room)
    await poll_all(room, *paths)
    caplog.clear()

    await room.go_live()
    await poll_all(room, paths[0])

    back, failed = [text for text in caplog.messages if "1 new" not in text]
    assert back.startswith(BACK)
    assert "failure 2 in a row" in failed


async def test_beside_feeds_that_answer_dead_ones_are_no_outage(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    paths = await add_closed(room)
    for number in range(3):
        room.server.put(f"/well/{number}", rss())
        await room.add(room.server.url(f"/well/{number}"))

    await poll_all(room, *paths, *[f"/well/{number}" for number in range(3)])

    assert DOWN not in caplog.text
    assert BACK not in caplog.text
    assert caplog.text.count(ROW) == len(paths)


async def test_one_host_that_fails_is_told_of_by_its_feed(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    await poll_all(room, *await add_closed(room, HOSTS[:1]))

    assert caplog.text.count(ROW) == 1


async def test_what_a_server_answered_is_told_in_an_outage_too(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    paths = await add_closed(room)
    await poll_all(room, *paths)
    room.server.put("/broken", BROKEN)
    await room.add(room.server.url("/broken"))

    await room.poll("/broken")

    assert "/broken: answered 500" in caplog.messages[-1]


class Ids(logging.Handler):
    """Keeps the ids of the polls that lines are written of."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(traced()["poll"])


async def test_a_line_that_waited_has_the_id_of_its_own_poll() -> None:
    reach = Reach(Outage())
    ids = Ids()
    log = logging.getLogger("bot.pipeline.reach")
    log.addHandler(ids)
    try:
        for poll in ("one", "two"):
            with tracing(poll=poll):
                reach.note_failure(UNREACHED, "asked again at noon")
        assert ids.seen == []
        reach.note_answer("Wire")
    finally:
        log.removeHandler(ids)

    assert ids.seen == ["one", "two"]


async def test_an_outage_known_from_before_the_start_is_told_at_the_first_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outage = Outage(NOW)
    reach = Reach(outage)

    failed = feed(failures=9, trouble=Trouble.NAME, failing_since=NOW)
    outage.note_failure(failed, rules=PollRules(), now=NOW)
    reach.note_failure(UNREACHED, "asked again at noon")
    reach.tell()

    assert [text.startswith(DOWN) for text in caplog.messages] == [True]
