"""Hubs from our side: asking, being verified, pushes, renewals, refusals and the end of it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from bot.fetching import HttpFetcher, WebHubAsker
from bot.model import HubState, HubSubscription
from bot.pipeline import hubs
from bot.ports import PollOutcome
from bot.scheduling.workers import ParserPool
from tests.builders import NOW
from tests.fetching.lab import LOCAL_NAMES, ScriptedResolver, limits
from tests.pipeline.lab import ECHO, NEWS, NOISE, rss
from tests.servers.hub import HubServer
from tests.web.lab import PUBLIC, open_hub_room, set_state

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY_S = 86_400.0


@pytest.mark.parametrize("is_sync", [False, True])
async def test_a_feed_that_names_a_hub_is_subscribed_to_and_verified(
    tmp_path: Path, pool: ParserPool, is_sync: bool
) -> None:
    async with open_hub_room(tmp_path, pool, is_sync=is_sync) as room:
        await room.offer()
        await room.tend()
        held = await room.subscription()
        await room.tend()  # there is nothing more to ask

    (asked,) = room.hub.asked
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == room.topic
    assert asked["hub.callback"] == f"{PUBLIC}/websub/{held.token}"
    assert float(asked["hub.lease_seconds"]) == 10 * DAY_S
    assert len(asked["hub.secret"]) >= 40
    assert len(held.token) >= 40
    assert asked["hub.secret"] not in asked["hub.callback"]
    assert (held.state, held.failures) == (HubState.HELD, 0)
    assert held.lease_until is not None
    assert (held.lease_until - NOW).total_seconds() == 10 * DAY_S


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_what_is_pushed_and_signed_is_filed_at_once(
    tmp_path: Path, pool: ParserPool, method: str
) -> None:
    async with open_hub_room(tmp_path, pool, method=method) as room:
        await room.subscribe()
        polls = room.news.server.counts["/wire"]
        statuses = await room.hub.push(room.topic, rss(NEWS).body)
        titles, owed = await room.news.titles(), await room.news.deliveries()

    assert statuses == [202]
    assert titles == [NOISE.title, NEWS.title]
    assert len(owed) == 1
    assert room.wakes == 1
    assert room.news.server.counts["/wire"] == polls  # nobody asked the feed itself


UNSIGNED = (
    None,
    "sha256=",
    "sha256=" + "0" * 64,
    "sha256=\xe9",
    "md5=d41d8cd98f00b204e9800998ecf8427e",
    "0" * 64,
)


async def test_a_push_without_the_right_signature_is_taken_and_ignored(
    tmp_path: Path, pool: ParserPool, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        for signature in UNSIGNED:
            statuses = await room.hub.push(room.topic, rss(NEWS).body, X_Hub_Signature=signature)
            assert statuses == [202]  # whoever guesses is not told
        titles = await room.news.titles()

    assert titles == [NOISE.title]
    assert caplog.text.count("not signed as it should be; ignored") == len(UNSIGNED)
    assert held.secret not in caplog.text
    assert held.token not in caplog.text


async def test_the_signature_of_another_document_or_feed_does_not_pass(
    tmp_path: Path, pool: ParserPool
) -> None:
    body = rss(NEWS).body
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        for forged in (
            room.hub.sign(rss(ECHO).body, held.secret),
            room.hub.sign(body, "another secret"),
        ):
            await room.hub.push(room.topic, body, X_Hub_Signature=forged)

        assert await room.news.titles() == [NOISE.title]


async def test_a_push_and_a_poll_of_one_document_file_it_once(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        await room.subscribe()
        document = rss(NEWS, NOISE)
        room.news.server.put("/wire", document)
        await asyncio.gather(
            room.news.poll(),
            *(room.hub.push(room.topic, document.body) for _ in range(4)),
            room.news.poll(),
        )

        assert sorted(await room.news.titles()) == sorted([NOISE.title, NEWS.title])
        assert len(await room.news.deliveries()) == 1


async def test_a_broken_document_changes_nothing(tmp_path: Path, pool: ParserPool) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        await room.subscribe()
        before = await room.news.feed()
        assert await room.hub.push(room.topic, b"<html>We will be back soon") == [202]

        assert await room.news.feed() == before


@pytest.mark.parametrize("state", [HubState.ASKED, HubState.REFUSED, HubState.LEAVING])
async def test_nothing_is_taken_from_a_hub_that_was_not_verified(
    tmp_path: Path, pool: ParserPool, state: HubState
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        await room.subscribe()
        await set_state(room, state)
        (status,) = await room.hub.push(room.topic, rss(NEWS).body)

        assert status == (202 if state is HubState.ASKED else 410)
        assert await room.news.titles() == [NOISE.title]


async def test_a_lease_is_renewed_before_it_ends_and_keeps_its_address(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool, lease_s=100_000) as room:
        first = await room.subscribe()
        room.news.clock.move(seconds=79_000)
        await room.tend()
        assert len(room.hub.asked) == 1
        room.news.clock.move(seconds=2_000)
        await room.tend()
        second = await room.subscription()

        assert len(room.hub.asked) == 2
        assert (second.token, second.secret) == (first.token, first.secret)
        assert (second.state, second.failures) == (HubState.HELD, 0)
        assert second.lease_until is not None
        assert first.lease_until is not None
        assert (second.lease_until - first.lease_until).total_seconds() == 81_000
        await room.hub.push(room.topic, rss(NEWS).body)
        assert NEWS.title in await room.news.titles()


async def test_what_is_held_goes_on_while_its_renewal_fails(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool, lease_s=100_000) as room:
        await room.subscribe()
        room.hub.status = 500
        room.news.clock.move(seconds=81_000)
        await room.tend()
        held = await room.subscription()

        assert (held.state, held.failures) == (HubState.HELD, 1)
        assert "answered 500" in held.error
        assert await room.hub.push(room.topic, rss(NEWS).body) == [202]
        assert NEWS.title in await room.news.titles()


async def test_a_hub_that_fails_is_asked_ever_less_often(tmp_path: Path, pool: ParserPool) -> None:
    waits = []
    async with open_hub_room(tmp_path, pool, status=500) as room:
        await room.offer()
        for _ in range(12):
            await room.tend()
            asked = await room.subscription()
            waits.append((asked.next_try_at - room.news.clock()).total_seconds())
            await room.tend()  # too early: nobody is asked
            room.news.clock.move(seconds=waits[-1])
        assert len(room.hub.asked) == 12
        room.hub.status = 202
        await room.tend()

        assert (await room.subscription()).state is HubState.HELD
    assert waits[:3] == [600.0, 1200.0, 2400.0]
    assert waits[-1] == DAY_S


async def test_the_wish_of_a_busy_hub_is_kept(tmp_path: Path, pool: ParserPool) -> None:
    ways = {"status": 429, "headers": {"Retry-After": "7200"}}
    async with open_hub_room(tmp_path, pool, **ways) as room:
        await room.offer()
        await room.tend()
        asked = await room.subscription()

    assert (asked.next_try_at - NOW).total_seconds() == 7200


async def test_a_hub_that_does_not_verify_is_asked_again(tmp_path: Path, pool: ParserPool) -> None:
    async with open_hub_room(tmp_path, pool, verifies=False) as room:
        await room.offer()
        await room.tend()
        assert (await room.subscription()).state is HubState.ASKED
        room.hub.verifies = True
        room.news.clock.move(seconds=600)
        await room.tend()

        assert (await room.subscription()).state is HubState.HELD
        assert len({asked["hub.callback"] for asked in room.hub.asked}) == 1


async def test_a_refusal_is_kept_for_a_week(tmp_path: Path, pool: ParserPool) -> None:
    async with open_hub_room(tmp_path, pool, denies="not\nhere") as room:
        await room.offer()
        await room.tend()
        refused = await room.subscription()
        room.news.clock.move(days=6)
        await room.tend()
        assert len(room.hub.asked) == 1
        room.hub.denies = ""
        room.news.clock.move(days=1)
        await room.tend()

        assert (await room.subscription()).state is HubState.HELD
    assert refused.state is HubState.REFUSED
    assert refused.error.endswith("refused: nothere")
    assert [status for status, _ in room.hub.said] == [200, 200]


async def test_a_hub_may_end_a_subscription_that_it_held(tmp_path: Path, pool: ParserPool) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        callback = f"{PUBLIC}/websub/{held.token}"
        status, _ = await room.hub.call_back(callback, mode="denied", topic=room.topic)

        assert status == 200
        assert (await room.subscription()).state is HubState.REFUSED
        assert await room.hub.push(room.topic, rss(NEWS).body) == [410]


async def test_a_removed_feed_is_unsubscribed_and_forgotten(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        await room.news.store.remove_feed((await room.news.feed()).url)
        await room.tend()

        assert room.hub.asked[-1]["hub.mode"] == "unsubscribe"
        assert "hub.secret" not in room.hub.asked[-1]
        assert room.hub.held == {}
        assert await room.news.store.find_hub_or_none(held.token) is None
        await room.tend()
        assert len(room.hub.asked) == 2


async def test_a_hub_that_will_not_let_go_is_left_to_its_lease(
    tmp_path: Path, pool: ParserPool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    async with open_hub_room(tmp_path, pool) as room:
        held = await room.subscribe()
        room.hub.status = 500
        await room.news.store.remove_feed((await room.news.feed()).url)
        for _ in range(6):
            await room.tend()
            room.news.clock.move(days=1)

        assert [a["hub.mode"] for a in room.hub.asked] == ["subscribe", *["unsubscribe"] * 3]
        assert await room.news.store.find_hub_or_none(held.token) is None
        assert await room.hub.push(room.topic, rss(NEWS).body) == [410]
    assert caplog.text.count("; what it still pushes of ") == 3
    assert "which is polled" not in caplog.text


async def test_a_feed_that_changes_its_hub_leaves_the_one_and_asks_the_other(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room, HubServer() as other:
        first = await room.subscribe()
        other.proxy, other.topics = room.hub.proxy, room.hub.topics
        await room.offer(hub=other.url)
        await room.tend()
        await other.settle()

        assert room.hub.asked[-1]["hub.mode"] == "unsubscribe"
        (asked,) = other.asked
        assert asked["hub.mode"] == "subscribe"
        assert first.token not in asked["hub.callback"]
        assert list(other.held) == [asked["hub.callback"]]


async def test_a_strangers_feed_leads_to_no_hub_on_the_operators_machines(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room:
        await room.offer()
        resolver = ScriptedResolver(LOCAL_NAMES)
        async with HttpFetcher(limits(), resolver=resolver) as fetcher:
            asker = WebHubAsker(fetcher.exchange, fetcher.strangers, clock=room.news.clock)
            desk = hubs.HubDesk(
                room.news.store, asker, take=room.news.poller.take, base=PUBLIC,
                clock=room.news.clock,
            )  # fmt: skip
            feed = await room.news.feed()
            # its document stands at a name now, and still names a hub in figures
            moved = replace(feed, spec=replace(feed.spec, url="http://wire.example/rss"))
            await desk._begin(moved)
        await room.tend()

        assert room.hub.asked == []


class BreaksOnce:
    """Asks nobody, and has a defect the first time."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, subscription: HubSubscription, **_: object) -> None:
        self.asked.append(subscription.topic)
        if len(self.asked) == 1:
            raise RuntimeError("a defect")


async def test_a_hub_that_cannot_be_asked_holds_up_no_other(
    tmp_path: Path, pool: ParserPool, caplog: pytest.LogCaptureFixture
) -> None:
    asker = BreaksOnce()
    async with open_hub_room(tmp_path, pool) as room:
        await room.offer()
        await room.news.go_live("/second")
        wire = await room.news.feed()
        second = replace(await room.news.feed("/second"), hub=wire.hub, topic="https://b.example/")
        await room.news.store.commit_poll(PollOutcome(feed=second, at=NOW))
        desk = hubs.HubDesk(
            room.news.store, asker, take=room.news.poller.take, base=PUBLIC, clock=room.news.clock
        )
        await desk.tend()

    assert sorted(asker.asked) == sorted([wire.topic, second.topic])
    assert "a hub could not be asked" in caplog.text


async def test_a_redirect_of_a_hub_is_followed_where_the_form_is_kept(
    tmp_path: Path, pool: ParserPool
) -> None:
    async with open_hub_room(tmp_path, pool) as room, HubServer() as old:
        old.status, old.headers = 307, {"Location": room.hub.url}
        await room.offer(hub=old.url)
        await room.tend()
        assert len(room.hub.asked) == 1
        assert (await room.subscription()).state is HubState.HELD


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_other_redirects_of_a_hub_are_failures(
    tmp_path: Path, pool: ParserPool, status: int
) -> None:
    async with open_hub_room(tmp_path, pool) as room, HubServer() as old:
        old.status, old.headers = status, {"Location": room.hub.url}
        await room.offer(hub=old.url)
        await room.tend()

        assert (len(old.asked), len(room.hub.asked)) == (1, 0)
